/** How long after a reset the API of a cluster answers again, with its clock driven as for a person. */
import { emptyBody } from '#engine/base/http'
import { ClusterHost } from '#app/host/cluster-host'
import { profileImage } from '#app/host/images'

const profile = 'three'
const image = await profileImage(profile, () => undefined)
const options = { profile, seed: 'reset', startMs: Date.now() } as const

async function answers(host: ClusterHost): Promise<boolean> {
  host.driver.enter()
  const response = await host.cluster.apiRequest({ method: 'GET', path: '/readyz', headers: {}, body: emptyBody }, { certificates: [] }).catch(() => undefined)
  return response?.status === 200
}

async function untilReady(host: ClusterHost): Promise<void> {
  while (!(await answers(host))) await new Promise((resolve) => setTimeout(resolve, 1))
}

const resets: number[] = []
const restores: number[] = []
const work: number[] = []
let scene = image
for (let round = 0; round < 9; round++) {
  const begun = performance.now()
  const used = process.cpuUsage()
  const host = ClusterHost.resume(options, scene)
  host.start()
  restores.push(performance.now() - begun)
  await untilReady(host)
  resets.push(performance.now() - begun)
  const { user, system } = process.cpuUsage(used)
  work.push((user + system) / 1000)
  await new Promise((resolve) => setTimeout(resolve, 1500))
  if (round === 0) scene = host.cluster.snapshot()
  host.stop()
}
const [first = 0, ...warm] = resets
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
process.stdout.write(`${JSON.stringify({ value: median(warm), restore: median(restores.slice(1)), first, work: median(work.slice(1)) })}\n`)
process.exit(0)
