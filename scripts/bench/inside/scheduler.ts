/** The scheduler by itself: a hundred nodes, pods that wait, and an API that takes every binding at once. */
import { valueBody } from '#engine/base/http'
import type { HttpRequest, HttpResponse } from '#engine/base/http'
import { Klog } from '#engine/base/klog'
import { SeededRandom } from '#engine/base/random'
import { startTestServer } from '#engine/apiserver/testing'
import { Client } from '#engine/client/client'
import { Informers } from '#engine/client/informers'
import * as refs from '#engine/client/resources'
import { SeriesEventRecorder } from '#engine/client/series-events'
import { defaultConfig } from '#engine/scheduler/config'
import { Scheduler } from '#engine/scheduler/scheduler'

const count = Number(process.argv[2] ?? 5000)
const { clock, transport } = await startTestServer()
const server = transport()
let bound = 0
const ok: HttpResponse = { status: 201, headers: {}, body: valueBody({ kind: 'Status', apiVersion: 'v1', status: 'Success' }, () => new Uint8Array(0)) }
const stub = {
  request(request: HttpRequest): Promise<HttpResponse> {
    const isBinding = request.path.includes('/binding')
    if (isBinding) bound++
    return isBinding || (request.method === 'POST' && request.path.includes('/events')) ? Promise.resolve(ok) : server.request(request)
  },
}

const admin = new Client(server)
await admin.of(refs.namespaces).create({ metadata: { name: 'default' } }).catch(() => undefined)
await admin.of(refs.serviceAccounts).create({ metadata: { name: 'default', namespace: 'default' } }).catch(() => undefined)
const capacity = { cpu: '64', memory: '256Gi', pods: '250' }
for (let index = 0; index < 100; index++) {
  const name = `node${index}`
  await admin.of(refs.nodes).create({ metadata: { name, labels: { 'kubernetes.io/hostname': name } } })
  // Admission taints a new node; no controller is here to take that away.
  await admin.of(refs.nodes).patch('', name, 'merge', { spec: { taints: null } })
  await admin.of(refs.nodes).patch('', name, 'merge', { status: { capacity, allocatable: capacity, conditions: [{ type: 'Ready', status: 'True' }] } }, { subresource: 'status' })
}
for (let index = 0; index < count; index++) await admin.of(refs.pods).create({ metadata: { name: `pod${index}`, namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'nginx:1.27', resources: { requests: { cpu: '10m', memory: '10Mi' } } }] } })

const client = new Client(stub)
const random = new SeededRandom('scheduler')
const informers = new Informers(client, { clock, random })
const scheduler = new Scheduler({ client, informers, clock, random, log: new Klog(clock, 1, () => undefined), recorder: () => new SeriesEventRecorder(client, clock, 'default-scheduler', 'bench') }, defaultConfig())
const stop = new AbortController()
const begun = performance.now()
scheduler.start(stop.signal)
informers.start(stop.signal)
while (bound < count && performance.now() - begun < 120_000) {
  await new Promise((resolve) => setImmediate(resolve))
  if (bound < count) clock.runNext()
}
process.stdout.write(`${JSON.stringify({ value: bound / ((performance.now() - begun) / 1000) })}\n`)
process.exit(0)
