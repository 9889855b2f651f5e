/** From a key written into a terminal of the desk to its echo, in the host, with bash's line editor reading. */
import { ClusterHost } from '#app/host/cluster-host'
import { profileImage } from '#app/host/images'

const image = await profileImage('three', () => undefined)
const host = ClusterHost.resume({ profile: 'three', seed: 'echo', startMs: Date.now() }, image)
host.start()
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
await pause(3000)
let told: () => void = () => undefined
const terminal = host.cluster.openTerminal('base', { columns: 120, rows: 40 }, () => told())
await pause(1000)

const times: number[] = []
for (let key = 0; key < 400; key++) {
  const echoed = new Promise<void>((resolve) => (told = resolve))
  const begun = performance.now()
  host.driver.enter()
  terminal.write(new TextEncoder().encode(key % 40 === 39 ? '\u0015' : 'x'))
  await echoed
  times.push(performance.now() - begun)
  await pause(5)
}
times.sort((a, b) => a - b)
process.stdout.write(`${JSON.stringify({ value: times[Math.floor(times.length * 0.95)], half: times[times.length >> 1] })}\n`)
process.exit(0)
