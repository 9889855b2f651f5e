import { describe, expect, it } from 'vitest'
import { Klog } from '#engine/base/klog'
import { SeededRandom } from '#engine/base/random'
import type { Pod } from '#engine/api/kinds'
import { startTestServer } from '#engine/apiserver/testing'
import { Client } from '#engine/client/client'
import { Informers } from '#engine/client/informers'
import * as refs from '#engine/client/resources'
import { SeriesEventRecorder } from '#engine/client/series-events'
import { apiTime } from '#engine/client/time'
import { defaultConfig } from '#engine/scheduler/config'
import { Scheduler } from '#engine/scheduler/scheduler'
import { defaultOptions } from '#engine/controllers/options'
import { startControllers } from '#engine/controllers/runner'
import { controllers } from '#engine/controllers/table'

/** A cluster in memory: API server, controllers, scheduler, and kubelets that just say that pods are ready. */
async function testCluster(nodeCount: number, options: { cpu?: string; pods?: string } = {}) {
  const { clock, transport, server } = await startTestServer()
  const stop = new AbortController()
  const lines: string[] = []
  const random = new SeededRandom('test')
  const log = new Klog(clock, 1, (line) => lines.push(line))
  const client = new Client(transport())
  const informersOf = (): Informers => new Informers(client, { clock, random }, { onErrorOf: (resource, error) => lines.push(`E ${resource.resource}: ${(error as Error).message}\n`) })
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve))
  }
  const advance = async (ms: number): Promise<void> => {
    const end = clock.now() + ms
    await settle()
    for (let next = clock.nextTimerAt(); next !== undefined && next <= end; next = clock.nextTimerAt()) {
      clock.runNext()
      await settle()
    }
    clock.advanceTo(end)
    await settle()
  }
  for (const name of ['default', 'kube-system', 'kube-node-lease']) await client.of(refs.namespaces).create({ metadata: { name } }).catch(() => undefined)
  await startControllers(controllers, { informers: informersOf(), clientFor: () => client, clock, random, log, options: { ...defaultOptions, rootCa: 'CA', allocateNodeCidrs: true, clusterCidrs: ['192.168.0.0/16'] }, signal: stop.signal })
  const schedulerInformers = informersOf()
  const recorder = new SeriesEventRecorder(client, clock, 'default-scheduler', 'default-scheduler-test')
  const scheduler = new Scheduler({ client, informers: schedulerInformers, clock, random, log, recorder: () => recorder }, defaultConfig())
  scheduler.start(stop.signal)
  schedulerInformers.start(stop.signal)
  for (let index = 0; index < nodeCount; index++) {
    const name = `node${index}`
    const capacity = { cpu: options.cpu ?? '4', memory: '8Gi', pods: options.pods ?? '110' }
    await client.of(refs.nodes).create({ metadata: { name, labels: { 'kubernetes.io/hostname': name } } })
    await client.of(refs.nodes).patch('', name, 'merge', { status: { capacity, allocatable: capacity, conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'ok', lastHeartbeatTime: apiTime(clock.now()), lastTransitionTime: apiTime(clock.now()) }] } }, { subresource: 'status' })
    await client.of(refs.leases).create({ metadata: { name, namespace: 'kube-node-lease' }, spec: { holderIdentity: name } })
  }
  const kubelets = informersOf()
  let address = 1
  const becomeReady = async (pod: Pod): Promise<void> => {
    if (!pod.spec?.nodeName) return
    const { namespace = '', name = '' } = pod.metadata
    if (pod.metadata.deletionTimestamp) return void (await client.of(refs.pods).delete(namespace, name, { gracePeriodSeconds: 0 }).catch(() => undefined))
    if (pod.status?.phase !== 'Pending') return
    const now = apiTime(clock.now())
    const ip = `192.168.${address >> 8}.${address++ & 255}`
    await client.of(refs.pods).patch(namespace, name, 'strategic', { status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], startTime: now, conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: now }] } }, { subresource: 'status' }).catch(() => undefined)
  }
  kubelets.of(refs.pods).addHandlers({ added: (pod) => void becomeReady(pod), updated: (pod) => void becomeReady(pod) })
  kubelets.start(stop.signal)
  await advance(100)
  return { client, clock, advance, settle, lines, scheduler, stop: () => { stop.abort(); server.stop() } }
}

const deployment = (name: string, replicas: number, extra: Record<string, unknown> = {}) => ({
  metadata: { name, namespace: 'default' },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx:1.26' }] } }, ...extra },
})

describe('controllers and scheduler against an API server in memory', () => {
  it('bring a deployment up, roll it forth and keep the old replica set', async () => {
    const cluster = await testCluster(3)
    await cluster.client.of(refs.deployments).create(deployment('web', 4) as never)
    await cluster.advance(2000)
    let web = await cluster.client.of(refs.deployments).get('default', 'web')
    expect(web.status).toMatchObject({ replicas: 4, readyReplicas: 4, availableReplicas: 4, updatedReplicas: 4, terminatingReplicas: 0 })
    expect(web.status?.conditions?.map((condition) => `${condition.type}=${condition.status} ${condition.reason ?? ''}`)).toEqual(['Available=True MinimumReplicasAvailable', 'Progressing=True NewReplicaSetAvailable'])
    await cluster.client.of(refs.deployments).patch('default', 'web', 'strategic', { spec: { template: { spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } } } })
    await cluster.advance(5000)
    web = await cluster.client.of(refs.deployments).get('default', 'web')
    expect(web.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2')
    const sets = await cluster.client.of(refs.replicaSets).list('default')
    expect(sets.items.map((set) => set.spec?.replicas).sort()).toEqual([0, 4])
    const events = (await cluster.client.of(refs.events).list('default')).items.map((event) => event.message ?? '')
    expect(events.filter((message) => message.startsWith('Scaled')).length).toBe(9)
    expect(cluster.lines.filter((line) => line.startsWith('E'))).toEqual([])
    cluster.stop()
  })

  it('say in the scheduler\'s words why a pod does not fit', async () => {
    const cluster = await testCluster(2)
    await cluster.client.of(refs.pods).create({ metadata: { name: 'big', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '64' } } }] } })
    await cluster.advance(1000)
    const pod = await cluster.client.of(refs.pods).get('default', 'big')
    expect(pod.status?.conditions?.[0]?.message).toBe('0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.')
    cluster.stop()
  })

  it.each([
    ['a label', { nodeSelector: { disk: 'ssd' } }, "2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."],
    ['a pod beside it', { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'nobody' } } }] } } }, "2 node(s) didn't match pod affinity rules. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."],
    ['a zone to spread over', { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'x' } } }] }, "2 node(s) didn't match pod topology spread constraints (missing required label). no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."],
    ['memory and processors', { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '40', memory: '900Gi' } } }] }, '2 Insufficient cpu, 2 Insufficient memory. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.'],
    ['a claim', { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'nothere' } }] }, 'persistentvolumeclaim "nothere" not found. not found'],
  ])('tell a pod that waits for %s what it lacks', async (_, spec, message) => {
    const cluster = await testCluster(2)
    await cluster.client.of(refs.pods).create({ metadata: { name: 'waits', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'x' }], ...spec } } as never)
    await cluster.advance(1000)
    const pod = await cluster.client.of(refs.pods).get('default', 'waits')
    expect(pod.status?.conditions?.[0]?.message).toBe(`0/2 nodes are available: ${message}`)
    cluster.stop()
  })

  it('schedule a pod once what it waits for is there', async () => {
    const cluster = await testCluster(1)
    await cluster.client.of(refs.pods).create({ metadata: { name: 'fast', namespace: 'default' }, spec: { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'c', image: 'x' }] } } as never)
    await cluster.client.of(refs.pods).create({ metadata: { name: 'gated', namespace: 'default' }, spec: { schedulingGates: [{ name: 'example.com/wait' }], containers: [{ name: 'c', image: 'x' }] } } as never)
    await cluster.advance(1000)
    expect((await cluster.client.of(refs.pods).get('default', 'gated')).status?.conditions?.[0]?.reason).toBe('SchedulingGated')
    await cluster.client.of(refs.nodes).patch('', 'node0', 'merge', { metadata: { labels: { disk: 'ssd' } } })
    await cluster.client.of(refs.pods).patch('default', 'gated', 'merge', { spec: { schedulingGates: [] } })
    await cluster.advance(15_000)
    for (const name of ['fast', 'gated']) expect((await cluster.client.of(refs.pods).get('default', name)).spec?.nodeName).toBe('node0')
    cluster.stop()
  })

  it('place three hundred pods of one deployment', async () => {
    const cluster = await testCluster(10, { cpu: '400', pods: '300' })
    await cluster.client.of(refs.deployments).create(deployment('many', 300) as never)
    await cluster.advance(30_000)
    const many = await cluster.client.of(refs.deployments).get('default', 'many')
    expect(many.status?.readyReplicas).toBe(300)
    cluster.stop()
  })

  it('make room for a pod of higher priority, and say so to the one that goes', async () => {
    const cluster = await testCluster(1, { cpu: '1' })
    await cluster.client.of(refs.priorityClasses).create({ metadata: { name: 'high' }, value: 1000, description: '' } as never)
    const pod = (name: string, extra: Record<string, unknown>) => ({ metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'x', resources: { requests: { cpu: '800m' } } }], ...extra } })
    await cluster.client.of(refs.pods).create(pod('low', {}) as never)
    await cluster.advance(1000)
    await cluster.client.of(refs.pods).create(pod('urgent', { priority: 1000, priorityClassName: 'high' }) as never)
    await cluster.advance(5000)
    expect((await cluster.client.of(refs.pods).get('default', 'urgent')).spec?.nodeName).toBe('node0')
    await expect(cluster.client.of(refs.pods).get('default', 'low')).rejects.toThrow('not found')
    const events = (await cluster.client.of(refs.events).list('default')).items
    expect(events.some((event) => event.reason === 'Preempted' && (event.message ?? '').startsWith('Preempted by pod '))).toBe(true)
    cluster.stop()
  })

  it('delete a deployment\'s replica sets and pods with it, and keep the owner while it waits in the foreground', async () => {
    const cluster = await testCluster(1)
    await cluster.client.of(refs.deployments).create(deployment('gone', 2) as never)
    await cluster.advance(2000)
    await cluster.client.of(refs.deployments).delete('default', 'gone', { propagationPolicy: 'Foreground' })
    expect((await cluster.client.of(refs.deployments).get('default', 'gone')).metadata.finalizers).toEqual(['foregroundDeletion'])
    await cluster.advance(5000)
    expect((await cluster.client.of(refs.pods).list('default')).items).toEqual([])
    await expect(cluster.client.of(refs.deployments).get('default', 'gone')).rejects.toThrow('not found')
    cluster.stop()
  })

  it('run an indexed job to its end, its indexes told, and leave alone what another controller manages', async () => {
    const cluster = await testCluster(1)
    const job = (name: string, spec: object) => ({ metadata: { name, namespace: 'default' }, spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } }, ...spec } })
    await cluster.client.of(refs.jobs).create(job('indexed', { completions: 3, parallelism: 3, completionMode: 'Indexed' }) as never)
    await cluster.client.of(refs.jobs).create(job('theirs', { managedBy: 'example.com/queue' }) as never)
    await cluster.advance(1000)
    const pods = (await cluster.client.of(refs.pods).list('default')).items
    expect(pods.map((pod) => pod.spec?.hostname).sort()).toEqual(['indexed-0', 'indexed-1', 'indexed-2'])
    for (const pod of pods) await cluster.client.of(refs.pods).patch('default', pod.metadata.name ?? '', 'strategic', { status: { phase: 'Succeeded' } }, { subresource: 'status' })
    await cluster.advance(5000)
    const done = await cluster.client.of(refs.jobs).get('default', 'indexed')
    expect(done.status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' })
    expect((done.status?.conditions ?? []).map((condition) => `${condition.type} ${condition.reason ?? ''}`)).toEqual(['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'])
    expect((await cluster.client.of(refs.jobs).get('default', 'theirs')).status ?? {}).toEqual({})
    cluster.stop()
  })

  it('keep a daemon on each node, and count a node by its oldest pod while a surge replaces it', async () => {
    const cluster = await testCluster(2)
    const template = (image: string) => ({ metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'c', image }] } })
    await cluster.client.of(refs.daemonSets).create({ metadata: { name: 'agent', namespace: 'default' }, spec: { selector: { matchLabels: { app: 'agent' } }, updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }, template: template('x:1') } } as never)
    await cluster.advance(3000)
    expect((await cluster.client.of(refs.daemonSets).get('default', 'agent')).status).toMatchObject({ desiredNumberScheduled: 2, numberReady: 2, updatedNumberScheduled: 2 })
    await cluster.client.of(refs.daemonSets).patch('default', 'agent', 'strategic', { spec: { template: template('x:2') } })
    await cluster.advance(20_000)
    const after = await cluster.client.of(refs.daemonSets).get('default', 'agent')
    expect(after.status).toMatchObject({ currentNumberScheduled: 2, numberAvailable: 2, updatedNumberScheduled: 2 })
    expect((await cluster.client.of(refs.pods).list('default')).items.map((pod) => pod.spec?.containers?.[0]?.image)).toEqual(['x:2', 'x:2'])
    cluster.stop()
  })

  it('evict what does not tolerate a taint, at once or after its seconds', async () => {
    const cluster = await testCluster(1)
    const pod = (name: string, tolerations: object[]) => ({ metadata: { name, namespace: 'default' }, spec: { nodeName: 'node0', tolerations, containers: [{ name: 'c', image: 'x' }] } })
    await cluster.client.of(refs.pods).create(pod('plain', []) as never)
    await cluster.client.of(refs.pods).create(pod('patient', [{ key: 'dedicated', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 }]) as never)
    await cluster.client.of(refs.pods).create(pod('welcome', [{ key: 'dedicated', operator: 'Exists' }]) as never)
    await cluster.advance(1000)
    await cluster.client.of(refs.nodes).patch('', 'node0', 'merge', { spec: { taints: [{ key: 'dedicated', value: 'db', effect: 'NoExecute' }] } })
    const names = async (): Promise<string[]> => (await cluster.client.of(refs.pods).list('default')).items.map((each) => each.metadata.name ?? '').sort()
    await cluster.advance(5000)
    expect(await names()).toEqual(['patient', 'welcome'])
    await cluster.advance(31_000)
    expect(await names()).toEqual(['welcome'])
    const events = (await cluster.client.of(refs.events).list('default')).items
    expect(events.filter((event) => event.reason === 'TaintManagerEviction').map((event) => event.message).sort()).toEqual(['Marking for deletion Pod default/patient', 'Marking for deletion Pod default/plain'])
    cluster.stop()
  })

  it('hold the failed pod of an index until its pause is over and another stands in its place', async () => {
    const cluster = await testCluster(1)
    await cluster.client.of(refs.jobs).create({ metadata: { name: 'j', namespace: 'default' }, spec: { completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 1, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } } } } as never)
    await cluster.advance(2000)
    const ofIndex = async (index: string): Promise<Pod[]> => (await cluster.client.of(refs.pods).list('default')).items.filter((pod) => pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index'] === index)
    const fail = async (pod: Pod | undefined): Promise<void> => {
      const finishedAt = apiTime(cluster.clock.now())
      await cluster.client.of(refs.pods).patch('default', pod?.metadata.name ?? '', 'merge', { status: { phase: 'Failed', containerStatuses: [{ name: 'c', image: 'x', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode: 1, finishedAt } } }] } }, { subresource: 'status' })
    }
    await fail((await ofIndex('1'))[0])
    await cluster.advance(5000)
    expect(await ofIndex('1')).toHaveLength(1)
    expect((await cluster.client.of(refs.jobs).get('default', 'j')).status?.failed).toBeUndefined()
    await cluster.advance(6000)
    const [, second] = (await ofIndex('1')).sort((a, b) => ((a.metadata.annotations?.['batch.kubernetes.io/job-index-failure-count'] ?? '') < (b.metadata.annotations?.['batch.kubernetes.io/job-index-failure-count'] ?? '') ? -1 : 1))
    expect(second?.metadata.annotations?.['batch.kubernetes.io/job-index-failure-count']).toBe('1')
    await cluster.advance(2000)
    expect((await cluster.client.of(refs.jobs).get('default', 'j')).status?.failed).toBe(1)
    await fail(second)
    await cluster.advance(3000)
    expect((await cluster.client.of(refs.jobs).get('default', 'j')).status).toMatchObject({ failed: 2, failedIndexes: '1' })
    cluster.stop()
  })
})
