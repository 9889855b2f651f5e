/** What a further cluster of three nodes adds to the memory of a host: live data after collection. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ClusterHost } from '#app/host/cluster-host'
import { profileImage } from '#app/host/images'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const image = await profileImage('three', () => undefined)
const kept: ClusterHost[] = []

async function another(): Promise<number> {
  const host = ClusterHost.resume({ profile: 'three', seed: `further ${kept.length}`, startMs: image.atMs }, image)
  await host.driver.settle(() => false, 5000)
  kept.push(host)
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1024 ** 2
}

const first = await another()
const more = [await another(), await another(), await another()]
process.stdout.write(`${JSON.stringify({ value: ((more.at(-1) ?? first) - first) / more.length })}\n`)
process.exit(0)
