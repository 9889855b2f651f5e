/** Proving one lab fair, the second time in a process. */
import { prove } from '#app/host/verify'

const id = process.argv[2] ?? ''
const timed = async (): Promise<number> => {
  const begun = performance.now()
  const { complaints } = await prove({ home: '/nonexistent', lab: id, seed: 'seed-1' })
  if (complaints.length > 0) throw new Error(`${id} is not fair: ${complaints.join('; ')}`)
  return (performance.now() - begun) / 1000
}
const first = await timed()
await timed()
const used = process.cpuUsage()
const value = await timed()
const { user, system } = process.cpuUsage(used)
process.stdout.write(`${JSON.stringify({ value, note: `${id}; ${((user + system) / 1e6).toFixed(1)} s of processor time; ${first.toFixed(1)} s the first time` })}\n`)
process.exit(0)
