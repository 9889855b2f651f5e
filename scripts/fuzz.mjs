// Hostile requests to the API server: node scripts/fuzz.mjs [count=100000] [first seed=1]. Ends with 1 where one crashed it, hung or took a second.
import { mkdirSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { buildSync } from 'esbuild'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const [count = '100000', from = '1'] = process.argv.slice(2)
mkdirSync('.cache/fuzz', { recursive: true })
buildSync({ entryPoints: ['test/proof/fuzz.ts'], bundle: true, platform: 'node', format: 'esm', outfile: '.cache/fuzz/fuzz.mjs', logLevel: 'error' })
const { fuzz } = await import(pathToFileURL('.cache/fuzz/fuzz.mjs').href)

const begun = performance.now()
const report = await fuzz(Number(from), Number(count), 1000, (done) => process.stderr.write(`\r${done} requests`))
process.stderr.write('\n')
const codes = [...report.codes].sort(([a], [b]) => a - b).map(([code, times]) => `${code}: ${times}`).join(', ')
process.stdout.write(`${report.requests} hostile requests in ${((performance.now() - begun) / 1000).toFixed(0)} s; slowest answer ${report.slowestMs.toFixed(0)} ms; answers ${codes}\n`)
const kinds = new Map()
for (const item of report.faults) {
  const kind = item.fault.replace(/\d+/g, 'N').slice(0, 160)
  kinds.set(kind, [...(kinds.get(kind) ?? []), item])
}
for (const items of kinds.values()) process.stdout.write(`${items.length} x, first seed ${items[0].seed}: ${items[0].request}\n    ${items[0].fault}\n`)
process.exit(report.faults.length > 0 ? 1 : 0)
