/** The kubelet put together: a list of its parts, and the order in which they start. */
import type { ContainerStatus, Pod, Service } from '#engine/api/kinds'
import { equalJson } from '#engine/api/object'
import { Informer } from '#engine/client/informer'
import { nodes, pods, secrets, services } from '#engine/client/resources'
import type { KubeletContext } from './context'
import type { ServingFiles } from './certificates/serving'
import { type AdmissionInputs, admitPod } from './pods/admission'
import { PodDispatcher } from './pods/dispatcher'
import { FileSource } from './pods/filesource'
import { MirrorClient } from './pods/mirror'
import { klogName, uidOf } from './pods/names'
import { preempted, preemptFor } from './pods/preemption'
import { PodStore } from './pods/store'
import { PodSync } from './pods/sync'
import type { EvictionStatus } from './pods/worker'
import { Prober } from './prober/manager'
import { ImageGarbage } from './images/garbage'
import { ImagePuller } from './images/puller'
import { EvictionManager } from './eviction/manager'
import { pullSecrets } from './images/credentials'
import { KubeletInputs } from './inputs'
import { NodeManager } from './node/manager'
import { type MachineFacts, readMachine } from './node/machine'
import { checkReservations } from './node/reserved'
import { refusedAtShutdown, ShutdownManager } from './node/shutdown'
import { Gatherer } from './node/gather'
import { Allocation } from './runtime/allocation'
import { Garbage } from './runtime/garbage'
import { RuntimeHealth } from './runtime/health'
import { LogRotation } from './runtime/logrotation'
import { Hooks } from './runtime/hooks'
import { RuntimeManager } from './runtime/manager'
import { PodCgroups } from './runtime/podcgroups'
import { podReference } from './runtime/reference'
import { announceGates, announceManagers, tellFailedList } from './startwords'
import { StatusMaker } from './status/maker'
import { StatusManager } from './status/manager'
import { emptyDirPlugin } from './volumes/emptydir'
import { hostPathPlugin } from './volumes/hostpath'
import { imageVolumePlugin } from './volumes/image'
import { VolumeManager } from './volumes/manager'
import { ObjectCache } from './volumes/objects'
import { persistentPlugins } from './volumes/persistent'
import { projectionPlugins } from './volumes/projections'
import { TokenManager } from './volumes/tokens'

/** A changed ConfigMap reaches its volumes within this time: the kubelet looks at each pod about once a minute. */
const refreshMs = 45_000
const mirrorsWaitMs = 2000

export class Kubelet {
  readonly store = new PodStore()
  readonly status: StatusManager
  readonly health: RuntimeHealth
  readonly node: NodeManager
  readonly runtime: RuntimeManager
  readonly dispatcher: PodDispatcher
  readonly volumes: VolumeManager
  readonly objects: ObjectCache
  readonly servingCertificate: string
  readonly servingKey: string
  private readonly machine: MachineFacts
  private readonly tokens: TokenManager
  private readonly probes: Prober
  private readonly garbage: Garbage
  private readonly images: ImageGarbage
  private readonly eviction: EvictionManager
  private readonly shutdown: ShutdownManager
  private serviceList: () => readonly Service[] = () => []
  private tellListed: () => void = () => undefined
  private readonly podsListed = new Promise<void>((resolve) => (this.tellListed = resolve))

  constructor(
    readonly context: KubeletContext,
    serving: ServingFiles,
  ) {
    const { process } = context
    this.servingCertificate = serving.certificate
    this.servingKey = serving.key
    const machine = readMachine(process)
    this.machine = machine
    this.health = new RuntimeHealth(context, { podChanged: (uid) => this.dispatcher.kick(uid), relist: () => this.relist(), changed: () => this.readinessChanged() })
    this.shutdown = new ShutdownManager(context, {
      pods: () => this.store.all(), event: (reason, message) => this.node.event(reason, message), changed: () => this.node.update(),
      terminate: async (pod, grace, why) => {
        const worker = this.dispatcher.worker(uidOf(pod))
        worker?.terminate(grace, why)
        await worker?.whenStopped()
      },
    })
    const gatherer = new Gatherer(context, machine, this.health, () => this.shutdown.error())
    this.node = new NodeManager(context, () => gatherer.gather())
    this.objects = new ObjectCache(context, (uids) => this.refresh(uids))
    this.tokens = new TokenManager(context, (uid) => this.refresh(new Set([uid]), 0))
    this.probes = new Prober(context, (uid) => this.dispatcher.kick(uid), (uid, container) => this.toldOf(uid, container))
    const inputs = new KubeletInputs(context, { objects: this.objects, machine, services: () => this.serviceList(), volumes: () => this.volumes, allocatable: () => gatherer.allocatable(), podIps: (pod) => this.podIps(pod) })
    this.volumes = new VolumeManager(context, [
      ...projectionPlugins(context, { objects: this.objects, tokens: this.tokens, fields: (pod) => inputs.fields(pod), allocatable: () => gatherer.allocatable() }),
      hostPathPlugin(process.files),
      imageVolumePlugin((pod, volume) => puller.ensure(pod, volume)),
      ...persistentPlugins(context),
      emptyDirPlugin(context),
    ])
    const puller = new ImagePuller(context, pullSecrets(async (namespace, name) => (context.client ? context.client.of(secrets).get(namespace, name).catch(() => undefined) : undefined)))
    const hooks = new Hooks(context, (pod) => Promise.resolve(this.podIps(pod)[0] ?? ''))
    this.runtime = new RuntimeManager(context, puller, this.probes, hooks, inputs)
    this.status = new StatusManager(context, this.store)
    const allocation = new Allocation(context, (uid) => this.store.all().filter((pod) => uidOf(pod) !== uid && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed'), () => gatherer.allocatable())
    const maker = new StatusMaker(context, this.runtime, this.probes, (pod) => this.withKnownStatus(pod), allocation)
    const mirrors = new MirrorClient(context, () => Promise.resolve(this.node.node()))
    const sync = new PodSync(context, {
      store: this.store, runtime: this.runtime, volumes: this.volumes, probes: this.probes, status: this.status, maker, mirrors, cgroups: new PodCgroups(context), allocation,
      networkError: () => this.health.networkError(), onFinished: (pod) => this.dispatcher.finished(pod),
    })
    this.garbage = new Garbage(context, this.store)
    this.images = new ImageGarbage(context, { nodeEvent: (reason, message) => this.node.event(reason, message, 'Warning') })
    const rotation = new LogRotation(context)
    this.eviction = new EvictionManager(context, {
      nodeKnown: () => this.node.node() !== undefined, pods: () => this.store.all(), volumePath: (pod, volume) => this.volumes.path(pod, volume), pressure: gatherer.pressure,
      evict: (pod, why) => this.dispatcher.worker(uidOf(pod))?.terminate(0, why),
      pressureChanged: (kind, under) => this.pressureChanged(kind, under), nodeEvent: (reason, message) => this.node.event(reason, message, 'Warning'),
      removeUnusedImages: () => this.images.removeUnused(), rotateLogs: (pod) => rotation.check(pod, this.status.get(uidOf(pod))),
    })
    this.dispatcher = new PodDispatcher(context, this.store, sync, {
      admit: (pod, others) => this.admit(pod, others, { node: this.node.node(), allocatable: gatherer.allocatable(), config: context.config }),
      reject: (pod, why) => {
        context.klog.info('kubelet.go:2436', 'Pod admission denied', { podUID: uidOf(pod), pod: klogName(pod), reason: why.reason, message: why.message })
        context.events.event(podReference(pod), 'Warning', why.reason, why.message)
        this.status.set(pod, { ...pod.status, phase: 'Failed', reason: why.reason, message: `Pod was rejected: ${why.message}`, startTime: new Date(Math.floor(context.clock.now() / 1000) * 1000).toISOString().replace('.000', '') })
      },
      mirrorChanged: (pod) => this.status.resend(uidOf(pod)),
      orphanMirror: (mirror) => context.process.background(async () => void (await mirrors.delete(mirror))),
      gone: (pod) => this.gone(pod),
      changed: (next, previous) => {
        if (!equalJson(next.metadata.labels ?? {}, previous.metadata.labels ?? {}) || !equalJson(next.metadata.annotations ?? {}, previous.metadata.annotations ?? {})) this.refresh(new Set([uidOf(next)]))
      },
    })
  }

  private admit(pod: Pod, others: readonly Pod[], inputs: AdmissionInputs): EvictionStatus | undefined {
    const refusal = this.shutdown.error() === undefined ? admitPod(pod, others, inputs) : refusedAtShutdown
    if (refusal) return refusal
    const { victims, failure } = preemptFor(pod, others, inputs)
    for (const victim of victims) {
      this.context.events.event(podReference(victim), 'Warning', preempted.reason, preempted.message)
      this.dispatcher.worker(uidOf(victim))?.terminate(0, preempted)
    }
    if (failure === undefined) return undefined
    this.context.klog.info('predicate.go:185', 'Failed to admit pod, unexpected error while attempting to recover from admission failure', { pod: klogName(pod), err: failure })
    return { reason: 'UnexpectedAdmissionError', message: `Unexpected error while attempting to recover from admission failure: ${failure}` }
  }

  /** Starts everything, `serve` its ports; resolves when the kubelet runs. What fails here ends it. */
  async start(serve: () => Promise<void>): Promise<void> {
    const { context } = this
    const { klog, config } = context
    context.process.files.mkdirAll(config.podLogsDir, 0o750)
    klog.info('kubelet.go:482', 'Attempting to sync node with API server')
    if (config.staticPodPath !== '') this.followFiles()
    else this.dispatcher.fileReady = true
    if (context.client) {
      klog.info('kubelet.go:394', 'Adding apiserver pod source')
      klog.info('apiserver.go:42', 'Waiting for node sync before watching apiserver pods')
    }
    const version = await context.cri.runtime.Version({ version: '0.1.0' })
    klog.info('kuberuntime_manager.go:294', 'Container runtime initialized', { containerRuntime: version.runtimeName, version: version.runtimeVersion, apiVersion: version.runtimeApiVersion })
    announceGates(klog)
    await this.health.check()
    klog.info('server.go:1257', 'Started kubelet')
    if (!context.process.resumed) this.node.event('Starting', 'Starting kubelet.')
    await serve()
    announceManagers(klog, config)
    checkReservations(context, this.machine)
    if (!context.process.resumed) for (const [reason, message] of nodeStartEvents) this.node.event(reason, message.replace('NODE', context.nodeName))
    this.health.start()
    this.eviction.start()
    this.images.start()
    this.node.start()
    this.shutdown.start()
    if (context.client) this.followApi()
  }

  /** After a snapshot the mirrors tell what was known of the static pods: they are waited for, unless the API is down. */
  private followFiles(): void {
    const { client, clock, process } = this.context
    const source = new FileSource(this.context, (list) => this.dispatcher.setFilePods(list))
    if (!client || !process.resumed) return source.start()
    process.background(async () => {
      await Promise.race([this.podsListed, clock.sleep(mirrorsWaitMs)])
      source.start()
    })
  }

  private followApi(): void {
    const { context } = this
    const { client, process, clock, klog, nodeName } = context
    if (!client) return
    const stop = new AbortController()
    process.dying.addEventListener('abort', () => stop.abort(), { once: true })
    const source = { clock, random: process.random }
    const serviceInformer = new Informer(client, services, source, { onError: tellFailedList(klog, 'Service') })
    this.serviceList = () => serviceInformer.store.list()
    serviceInformer.start(stop.signal)
    const nodeInformer = new Informer(client, nodes, source, { fieldSelector: `metadata.name=${nodeName}`, onError: tellFailedList(klog, 'Node') })
    nodeInformer.addHandlers({ added: (node) => this.nodeSeen(node), updated: (node) => this.nodeSeen(node), deleted: () => this.node.observe(undefined) })
    nodeInformer.start(stop.signal)
    const podInformer = new Informer(client, pods, source, { fieldSelector: `spec.nodeName=${nodeName}` })
    podInformer.addHandlers({ added: (pod) => this.dispatcher.apply(pod), updated: (pod) => this.dispatcher.apply(pod), deleted: (pod) => this.dispatcher.delete(pod) })
    process.background(async () => {
      await nodeInformer.whenSynced()
      await serviceInformer.whenSynced()
      klog.info('apiserver.go:52', 'Watching apiserver')
      podInformer.start(stop.signal)
      await podInformer.whenSynced()
      this.tellListed()
      klog.info('desired_state_of_world_populator.go:154', 'Finished populating initial desired state of world')
      await this.garbage.removeOrphans()
    })
  }

  private podCidr = ''

  private nodeSeen(node: Parameters<NodeManager['observe']>[0]): void {
    this.node.observe(node)
    const cidr = node?.spec?.podCIDR ?? ''
    if (cidr === this.podCidr) return
    const { klog, cri, process } = this.context
    klog.info('kuberuntime_manager.go:2062', 'Updating runtime config through cri with podcidr', { CIDR: cidr })
    klog.info('kubelet_network.go:47', 'Updating Pod CIDR', { originalPodCIDR: this.podCidr, newPodCIDR: cidr })
    this.podCidr = cidr
    process.background(async () => {
      await cri.runtime.UpdateRuntimeConfig({ runtimeConfig: { networkConfig: { podCidr: cidr } } }).catch(() => undefined)
    })
  }

  private pressureChanged(kind: 'memory' | 'disk', under: boolean): void {
    const [bad, good] = kind === 'memory' ? ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'] : ['NodeHasDiskPressure', 'NodeHasNoDiskPressure']
    const reason = under ? bad : good
    this.node.event(reason, `Node ${this.context.nodeName} status is now: ${reason}`)
    this.node.update()
  }

  private async relist(): Promise<void> {
    await this.context.cri.runtime.ListPodSandbox({})
    this.dispatcher.kickAll()
  }

  private readinessChanged(): void {
    this.node.update()
    if (this.health.networkError() === undefined) this.dispatcher.kickAll()
  }

  private refresh(uids: ReadonlySet<string>, afterMs = refreshMs): void {
    for (const uid of uids) {
      if (!this.store.get(uid)) continue
      this.volumes.refreshSoon(uid, afterMs, (known) => this.store.get(known))
      this.dispatcher.kick(uid)
    }
  }

  private podIps(pod: Pod): readonly string[] {
    const status = this.status.get(uidOf(pod)) ?? this.store.apiPod(pod)?.status
    return (status?.podIPs ?? []).map(({ ip }) => ip ?? '')
  }

  private toldOf(uid: string, container: string): ContainerStatus | undefined {
    const pod = this.store.get(uid)
    const status = pod && this.store.apiPod(pod)?.status
    return [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find(({ name }) => name === container)
  }

  /** The pod with the freshest status: the API's, else the kubelet's own. */
  private withKnownStatus(pod: Pod): Pod {
    const own = this.status.get(uidOf(pod))
    const api = this.store.apiPod(pod)?.status
    const status = own ? { ...api, ...own, conditions: mergeConditions(api?.conditions, own.conditions) } : api
    return status ? ({ ...pod, status } as Pod) : pod
  }

  private gone(pod: Pod): void {
    this.status.forget(uidOf(pod))
    this.objects.release(pod)
    this.tokens.forget(pod)
    const mirror = this.store.mirrorOf(pod)
    this.context.process.background(async () => {
      await this.garbage.removePod(pod)
      if (mirror && this.context.client && !this.store.staticOf(mirror)) await new MirrorClient(this.context, () => Promise.resolve(this.node.node())).delete(mirror)
    })
  }
}

/** Conditions that others set come from the API, the kubelet's own from its last status. */
function mergeConditions(api: NonNullable<Pod['status']>['conditions'], own: NonNullable<Pod['status']>['conditions']): NonNullable<NonNullable<Pod['status']>['conditions']> {
  const mine = new Set((own ?? []).map((condition) => condition.type))
  return [...(own ?? []).map((condition) => (ownTypes.has(condition.type) ? condition : (api?.find((item) => item.type === condition.type) ?? condition))), ...(api ?? []).filter((condition) => !mine.has(condition.type))]
}

const ownTypes = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled', 'PodResizePending', 'PodResizeInProgress'])

const nodeStartEvents: readonly (readonly [string, string])[] = [
  ['NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods'],
  ['NodeHasSufficientMemory', 'Node NODE status is now: NodeHasSufficientMemory'],
  ['NodeHasNoDiskPressure', 'Node NODE status is now: NodeHasNoDiskPressure'],
  ['NodeHasSufficientPID', 'Node NODE status is now: NodeHasSufficientPID'],
]
