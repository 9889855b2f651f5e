/**
 * Pods of Deployments on simulated nodes (kubelet, containerd, processes and all), created and Ready, time running ahead:
 * pods a second over the last thousand, and how that compares to the first.
 */
import type { HttpRequest } from '#engine/base/http'
import { fromBase64, decodeUtf8 } from '#engine/base/bytes'
import { buildCluster, type Cluster, profiles } from '#engine/cluster/index'
import { Client } from '#engine/client/client'
import { deployments } from '#engine/client/resources'
import { ClockDriver } from '#app/host/driver'
import { ClusterKeys } from '#app/host/keys'

const nodes = Number(process.argv[2] ?? 10)
const pods = Number(process.argv[3] ?? 1000)
const perStep = 1000
const limitMs = 60 * 60_000

const { machines, ...rest } = profiles.three
const worker = machines.find((machine) => machine.role === 'worker') as (typeof machines)[number]
const workers = Array.from({ length: nodes }, (_, index) => ({ ...worker, name: `node${String(index + 1).padStart(2, '0')}`, address: `172.30.1.${index + 11}`, memoryBytes: 64 * 1024 ** 3, processors: 32 }))
const profile = { ...rest, machines: [...machines.filter((machine) => machine.role === 'control-plane'), ...workers] }

const settle = (...[clock, done, limit]: Parameters<Parameters<typeof buildCluster>[1]>): Promise<boolean> => new ClockDriver(clock).settle(done, limit)
const cluster = await buildCluster({ profile, seed: 'pods', startMs: Date.UTC(2026, 0, 1), keys: new ClusterKeys() }, settle)
const client = clientOf(cluster)

await scaledTo('warm', nodes * 2)
const rates: number[] = []
const begun = process.cpuUsage()
for (let step = 0; step * perStep < pods; step++) {
  const started = performance.now()
  await scaledTo(`bench-${step}`, Math.min(perStep, pods - step * perStep))
  rates.push(Math.min(perStep, pods - step * perStep) / ((performance.now() - started) / 1000))
}
const { user, system } = process.cpuUsage(begun)
const [first = 0] = rates
const value = rates.at(-1) ?? 0
const note = `${((user + system) / 1000 / pods).toFixed(1)} ms of processor time a pod, ${(process.memoryUsage().rss / 1024 ** 2).toFixed(0)} MiB${rates.length > 1 ? `; the first thousand ${first.toFixed(0)} pods/s` : ''}`
process.stdout.write(`${JSON.stringify({ value, note })}\n`)
process.exit(0)

/** A Deployment of so many replicas, created and all of them available. */
async function scaledTo(name: string, replicas: number): Promise<void> {
  const labels = { app: name }
  await ahead(client.of(deployments).create({ metadata: { name, namespace: 'default' }, spec: { replicas, progressDeadlineSeconds: 3600, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } } } } as never))
  for (const until = cluster.clock.now() + limitMs; ; ) {
    const { status } = await ahead(client.of(deployments).get('default', name))
    if ((status?.availableReplicas ?? 0) >= replicas) return
    if (cluster.clock.now() > until) throw new Error(`${status?.availableReplicas ?? 0} of ${replicas} pods are available after ${limitMs / 60_000} virtual minutes`)
    const next = cluster.clock.now() + 250
    await settle(cluster.clock, () => cluster.clock.now() >= next, 250)
  }
}

async function ahead<T>(promise: Promise<T>): Promise<T> {
  let done = false
  promise.finally(() => (done = true)).catch(() => undefined)
  await settle(cluster.clock, () => done, 60_000)
  return promise
}

/** With the administrator's certificate, through the cluster's network, as kubectl would. */
function clientOf(from: Cluster): Client {
  const config = from.readFile('controlplane', '/etc/kubernetes/super-admin.conf') ?? ''
  const pem = decodeUtf8(fromBase64(/client-certificate-data: (\S+)/.exec(config)?.[1] ?? ''))
  const der = fromBase64((/-----BEGIN CERTIFICATE-----([\s\S]+?)-----END/.exec(pem)?.[1] ?? '').replace(/\s/g, ''))
  return new Client({ request: (request: HttpRequest) => from.apiRequest(request, { certificates: [der] }) })
}
