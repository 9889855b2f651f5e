import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadCatalog } from '#app/host/catalog'

/** Even a slow computer is through long before. */
const limitMs = 600_000

/** All labs on three seeds, each step of a solution left out on each of them, as an author proves them: by the command line, on all processors. Needs a build. */
describe('every lab is fair', () => {
  const home = mkdtempSync(join(tmpdir(), 'seatrial-labs-'))
  let lines: readonly string[] = []
  let trouble = ''

  beforeAll(async () => {
    const root = fileURLToPath(new URL('../../', import.meta.url))
    const options = { cwd: root, env: { ...process.env, SEATRIAL_HOME: home }, timeout: limitMs }
    await new Promise<void>((resolve) => {
      execFile(process.execPath, ['bin/seatrial.mjs', 'lab', 'verify', '--seeds', '3', '--every-step'], options, (error, stdout, stderr) => {
        lines = stdout.split('\n')
        trouble = `${stderr}${error?.killed ? `ended after ${limitMs / 1000} s` : ''}`
        resolve()
      })
    })
  }, limitMs + 10_000)
  afterAll(() => rmSync(home, { recursive: true, force: true }))

  /** A verdict with the complaints below it. */
  const verdict = (lab: string, seed: string): string => {
    const at = lines.findIndex((line) => line.includes(` ${lab} ${seed} `))
    const rest = lines.slice(at + 1)
    const end = rest.findIndex((line) => !line.startsWith('       '))
    return at < 0 ? `no verdict: ${trouble}` : [lines[at], ...rest.slice(0, end)].join('\n')
  }

  for (const lab of loadCatalog())
    it(`${lab.id}: ${lab.title}`, () => {
      for (const seed of ['seed-1', 'seed-2', 'seed-3']) expect(verdict(lab.id, seed)).toMatch(/^fair {3}/)
    })
})
