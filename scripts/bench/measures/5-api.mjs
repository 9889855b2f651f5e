// The API server over HTTPS: reads and writes by 1, 4 and 16 clients, watchers, long lists, a long manifest.
import { Agent, request } from 'node:https'
import { processorSeconds, quantile } from '../room.mjs'

const pause = 'registry.k8s.io/pause:3.10'
const callsPerRun = 1500

/** Many calls, each of `clients` waiting for its answer before its next; milliseconds of each, and how many a second. */
async function rush(api, clients, calls, one) {
  const times = []
  let next = 0
  const begun = performance.now()
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    for (let call = next++; call < calls; call = next++) {
      const sent = performance.now()
      const { status, text } = await one(api, call, client)
      if (status >= 300) throw new Error(`${status}: ${text.slice(0, 200)}`)
      times.push(performance.now() - sent)
    }
  }))
  return { times, perSecond: (calls * 1000) / (performance.now() - begun) }
}

const configMaps = '/api/v1/namespaces/default/configmaps'
const configMap = (name, value) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value: String(value) } })

const kinds = {
  reads: (api, _call, client) => api.call('GET', `${configMaps}/bench-${client % 4}`),
  updates: (api, call, client) => api.call('PUT', `${configMaps}/bench-${client}`, configMap(`bench-${client}`, call)),
  creations: (api, call) => api.call('POST', configMaps, configMap(`made-${process.hrtime.bigint()}-${call}`, call)),
}

async function prepared(room) {
  const cluster = await room.shared()
  for (let client = 0; client < 16; client++) await cluster.api.call('POST', configMaps, configMap(`bench-${client}`, 0))
  return cluster
}

function rushes(kind) {
  return [1, 4, 16].map((clients) => ({
    name: `API ${kind}, ${clients} client${clients === 1 ? '' : 's'}: p99`, unit: 'ms', ...(clients === 4 ? { most: 10 } : {}),
    run: async (room) => {
      const { api, pid } = await prepared(room)
      await rush(api, clients, 300, kinds[kind])
      const before = processorSeconds(pid)
      const { times, perSecond } = await rush(api, clients, callsPerRun, kinds[kind])
      const each = ((processorSeconds(pid) - before) * 1000) / callsPerRun
      return { value: quantile(times, 0.99), note: `p50 ${quantile(times, 0.5).toFixed(2)} ms, ${perSecond.toFixed(0)} a second; ${each.toFixed(2)} ms of processor time a call` }
    },
  }))
}

/** Pods that nobody schedules: only the API server has work with them. */
const pod = (name) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { round: '0' } }, spec: { schedulerName: 'nobody', containers: [{ name: 'c', image: pause }] } })

async function makePods(api, namespace, count) {
  await api.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  for (let wait = 0; wait < 100 && (await api.call('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)).status !== 200; wait++) await new Promise((resolve) => setTimeout(resolve, 50))
  return rush(api, 16, count, (_api, call) => api.call('POST', `/api/v1/namespaces/${namespace}/pods`, pod(`pod-${call}`)))
}

/** A watch that counts its events; `reached` resolves once there were so many. */
function watcher(api, path) {
  const agent = new Agent({ ...api.agent.options, keepAlive: false })
  let seen = 0
  let wanted = Infinity
  let done
  const open = new Promise((resolve, reject) => {
    const sent = request({ host: api.url.hostname, port: api.url.port, path, agent }, (answer) => {
      resolve()
      answer.on('data', (chunk) => {
        for (const byte of chunk) if (byte === 10) seen++
        if (seen >= wanted) done()
      })
      answer.on('error', () => undefined)
    })
    sent.on('error', reject)
    sent.end()
  })
  const reached = (count) => new Promise((resolve) => {
    wanted = count
    done = resolve
    if (seen >= wanted) resolve()
  })
  return { open, reached, end: () => agent.destroy() }
}

async function watched(room) {
  const { api, pid } = await room.shared()
  const namespace = 'watched'
  await makePods(api, namespace, 1000)
  const list = JSON.parse((await api.call('GET', `/api/v1/namespaces/${namespace}/pods?limit=1`)).text)
  const watchers = Array.from({ length: 50 }, () => watcher(api, `/api/v1/namespaces/${namespace}/pods?watch=true&resourceVersion=${list.metadata.resourceVersion}`))
  await Promise.all(watchers.map(({ open }) => open))
  const begun = performance.now()
  const before = processorSeconds(pid)
  const all = Promise.all(watchers.map(({ reached }) => reached(1000)))
  const merge = { 'content-type': 'application/merge-patch+json' }
  const { times } = await rush(api, 4, 1000, (_api, call) => api.call('PATCH', `/api/v1/namespaces/${namespace}/pods/pod-${call}`, { metadata: { labels: { round: '1' } } }, merge))
  await all
  const seconds = (performance.now() - begun) / 1000
  for (const { end } of watchers) end()
  await api.call('DELETE', `/api/v1/namespaces/${namespace}`)
  return { value: 50_000 / seconds, note: `${seconds.toFixed(2)} s for 1,000 changes, ${(processorSeconds(pid) - before).toFixed(2)} s of processor time; a change took p50 ${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms` }
}

async function listed(room) {
  const { api } = await room.shared()
  const { perSecond } = await makePods(api, 'many', 5000)
  const path = '/api/v1/namespaces/many/pods'
  const timed = async (call) => {
    const begun = performance.now()
    await call()
    return performance.now() - begun
  }
  const whole = []
  for (let run = 0; run < 5; run++) whole.push(await timed(() => api.call('GET', path)))
  const table = await timed(() => api.call('GET', path, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }))
  const chunks = await timed(async () => {
    for (let token = ''; token !== undefined; ) token = JSON.parse((await api.call('GET', `${path}?limit=500&continue=${token}`)).text).metadata.continue
  })
  await api.call('DELETE', '/api/v1/namespaces/many')
  return { value: quantile(whole, 0.5), note: `as a table ${table.toFixed(0)} ms, in chunks of 500 ${chunks.toFixed(0)} ms; made at ${perSecond.toFixed(0)} pods a second` }
}

async function applied(room) {
  await room.shared()
  const object = '---\\napiVersion: v1\\nkind: ConfigMap\\nmetadata:\\n  name: applied-%d\\n  labels: {app: bench}\\ndata:\\n  a: b\\n'
  const run = (script) => {
    const begun = performance.now()
    room.cli('exec', 'controlplane', '--', 'bash', '-c', script)
    return (performance.now() - begun) / 1000
  }
  run(`for i in $(seq 200); do printf '${object}' $i; done > /tmp/applied.yaml`)
  const first = run('kubectl apply -f /tmp/applied.yaml')
  const again = run('kubectl apply -f /tmp/applied.yaml')
  const server = run('kubectl apply --server-side --force-conflicts -f /tmp/applied.yaml')
  return { value: first, note: `again ${again.toFixed(2)} s, server-side ${server.toFixed(2)} s` }
}

export const measures = [
  ...rushes('reads'), ...rushes('updates'), ...rushes('creations'),
  { name: 'API: events to 50 watchers of 1,000 changing pods', unit: '/s', run: watched },
  { name: 'API: list of 5,000 pods', unit: 'ms', run: listed },
  { name: 'kubectl apply of a manifest of 200 objects', unit: 's', run: applied },
]
