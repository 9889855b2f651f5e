/** The steps of a pod's life, as its worker calls them. */
import type { ContainerStatus, Pod, PodStatus } from '#engine/api/kinds'
import type { KubeletContext } from '../context'
import type { Prober } from '../prober/manager'
import type { Allocation } from '../runtime/allocation'
import type { RuntimeManager } from '../runtime/manager'
import type { RuntimePod } from '../runtime/podstatus'
import { podReference } from '../runtime/reference'
import type { StatusManager } from '../status/manager'
import type { StatusMaker } from '../status/maker'
import type { VolumeManager } from '../volumes/manager'
import type { MirrorClient } from './mirror'
import { isStatic, klogName, uidOf } from './names'
import type { PodStore } from './store'
import type { EvictionStatus, PodSteps, SyncOutcome } from './worker'
import type { PodCgroups } from '../runtime/podcgroups'

export interface SyncParts {
  readonly store: PodStore
  readonly runtime: RuntimeManager
  readonly volumes: VolumeManager
  readonly probes: Prober
  readonly status: StatusManager
  readonly maker: StatusMaker
  readonly mirrors: MirrorClient
  readonly cgroups: PodCgroups
  readonly allocation: Allocation
  /** Why the pod network cannot be used, if it cannot. */
  networkError(): string | undefined
  /** Nothing of the pod is left. */
  onFinished(pod: Pod): void
}

/** A mirror pod that the API could not be told of is tried again by then. */
const resyncMs = 60_000

export class PodSync implements PodSteps {
  constructor(
    private readonly context: KubeletContext,
    private readonly parts: SyncParts,
  ) {}

  async sync(given: Pod): Promise<SyncOutcome> {
    const { parts } = this
    const uid = uidOf(given)
    parts.allocation.consider(given)
    const pod = parts.allocation.apply(given)
    let runtime = await parts.runtime.read(uid)
    if (hasOldDead(runtime)) {
      await parts.runtime.prune(runtime)
      runtime = await parts.runtime.read(uid)
    }
    const status = this.report(given, runtime, false)
    if (status.phase === 'Succeeded' || status.phase === 'Failed') return { failed: false, terminal: true }
    if (this.pastDeadline(pod, status)) return this.exceeded(pod, status)
    this.checkNetwork(pod)
    const shown = await this.mirror(pod)
    this.makeDirectories(pod)
    const waiting = await this.mount(pod)
    if (waiting) return { failed: true, ...waiting, retryAtMs: earliest(waiting.retryAtMs, deadlineOf(pod, status)), terminal: false }
    parts.cgroups.ensure(pod)
    parts.probes.add(pod)
    const outcome = await parts.runtime.sync(pod, runtime)
    runtime = await parts.runtime.read(uid)
    parts.probes.observe(pod, runtime)
    const resized = parts.allocation.inProgress(pod) && !outcome.failed && parts.runtime.sized(pod, runtime)
    if (resized) parts.allocation.settled(pod)
    // What was just started is told at the next look, which the runtime's event asks for: so ErrImagePull is seen before its back-off.
    if (resized || parts.runtime.restartsLater(pod)) this.report(given, runtime, false)
    const again = shown ? undefined : this.context.clock.now() + resyncMs
    return { ...outcome, terminal: false, lookAtMs: earliest(deadlineOf(pod, status), again) }
  }

  private checkNetwork(pod: Pod): void {
    const network = this.parts.networkError()
    if (network === undefined || pod.spec?.hostNetwork) return
    this.context.events.event(podReference(pod), 'Warning', 'NetworkNotReady', `network is not ready: ${network}`)
    throw new Error(`network is not ready: ${network}`)
  }

  private exceeded(pod: Pod, status: PodStatus): { failed: boolean; terminal: boolean } {
    const message = 'Pod was active on the node longer than the specified deadline'
    this.context.events.event(podReference(pod), 'Normal', 'DeadlineExceeded', message)
    this.parts.status.set(pod, { ...status, phase: 'Failed', reason: 'DeadlineExceeded', message })
    return { failed: false, terminal: true }
  }

  async terminating(pod: Pod, grace: number | undefined, evicted: EvictionStatus | undefined): Promise<void> {
    const { parts } = this
    const uid = uidOf(pod)
    const runtime = await parts.runtime.read(uid)
    this.report(pod, runtime, false, evicted)
    parts.probes.stopLiveness(pod)
    await parts.runtime.killPod(pod, runtime, grace)
    parts.probes.remove(pod)
    const ended = await parts.runtime.read(uid)
    const status = this.report(pod, ended, true, evicted)
    void status
  }

  async terminated(pod: Pod): Promise<void> {
    const { parts } = this
    const uid = uidOf(pod)
    const runtime = await parts.runtime.read(uid)
    this.report(pod, runtime, true)
    await parts.volumes.unmount(pod)
    parts.cgroups.remove(pod)
    parts.status.finish(pod)
  }

  finished(pod: Pod): void {
    this.parts.runtime.forget(pod)
    this.parts.allocation.forget(pod)
    this.parts.onFinished(pod)
  }

  /** Makes the status and hands it on; the API hears of a pod's end only once nothing of it runs any more. */
  private report(pod: Pod, runtime: RuntimePod, terminal: boolean, evicted?: EvictionStatus): PodStatus {
    const before = this.parts.status.get(uidOf(pod)) ?? (hasEnded(pod.status) ? pod.status : undefined)
    const ended = hasEnded(before)
    // A pod that was refused, or ended before this kubelet began, and of which nothing is left: there is nothing new to say.
    if (ended && !evicted && runtime.containers.length + runtime.sandboxes.length === 0) return before
    const made = this.parts.maker.make(this.parts.allocation.apply(pod), runtime, terminal)
    const status: PodStatus = { ...made, ...(ended ? endOf(before) : {}), ...(evicted ? this.evictedParts(pod, made, evicted) : {}) }
    const final = terminal ? withoutRunning(status) : status
    const early = !terminal && !ended && hasEnded(final) && runsStill(runtime)
    this.parts.status.set(pod, early ? asBefore(final, before) : final)
    return final
  }

  private evictedParts(pod: Pod, made: PodStatus, evicted: EvictionStatus): Partial<PodStatus> {
    const now = new Date(Math.floor(this.context.clock.now() / 1000) * 1000).toISOString().replace('.000', '')
    const target = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message: evicted.message, lastProbeTime: null as never, lastTransitionTime: now, ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }) }
    return { phase: 'Failed', reason: evicted.reason, message: evicted.message, conditions: [target, ...(made.conditions ?? []).filter((condition) => condition.type !== 'DisruptionTarget')] }
  }

  /** Of a static pod; false where the API shows no mirror, or a wrong one, and could not be told better. */
  private async mirror(pod: Pod): Promise<boolean> {
    const { mirrors, store } = this.parts
    if (!this.context.client || !isStatic(pod)) return true
    let mirror = store.mirrorOf(pod)
    if (mirror && (mirror.metadata.deletionTimestamp !== undefined || !mirrors.isMirrorOf(mirror, pod))) {
      this.context.klog.info('kubelet.go:2051', 'Trying to delete pod', { pod: klogName(mirror), podUID: mirror.metadata.uid ?? '' })
      if (!(await mirrors.delete(mirror))) return false
      store.remove(mirror)
      mirror = undefined
    }
    return mirror !== undefined || (await mirrors.create(pod))
  }

  private makeDirectories(pod: Pod): void {
    const directory = `${this.context.flags.rootDirectory}/pods/${uidOf(pod)}`
    const { files } = this.context.process
    for (const name of ['', '/volumes', '/plugins']) if (!files.exists(`${directory}${name}`)) files.mkdirAll(`${directory}${name}`, 0o750)
  }

  /** Undefined once all volumes are there. */
  private async mount(pod: Pod): Promise<Pick<SyncOutcome, 'errors' | 'retryAtMs'> | undefined> {
    const { missing, failures, retryAtMs, error } = await this.parts.volumes.mount(pod)
    for (const failure of failures) this.context.events.event(podReference(pod), 'Warning', failure.reason, failure.message)
    return missing.length > 0 ? { retryAtMs, ...(error === undefined ? {} : { errors: [error] }) } : undefined
  }

  private pastDeadline(pod: Pod, status: PodStatus): boolean {
    const at = deadlineOf(pod, status)
    return at !== undefined && this.context.clock.now() >= at
  }
}

/** How a pod ended is never said anew. */
function endOf({ phase, reason, message }: PodStatus): Partial<PodStatus> {
  return { ...(phase ? { phase } : {}), ...(reason === undefined ? {} : { reason, ...(message === undefined ? {} : { message }) }) }
}

function runsStill({ containers }: RuntimePod): boolean {
  return containers.some((container) => container.state === 'CONTAINER_RUNNING')
}

function hasEnded(status: PodStatus | undefined): status is PodStatus {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded'
}

/** The new state with the old phase and its reason. */
function asBefore(status: PodStatus, { phase = 'Pending', reason, message }: PodStatus = {}): PodStatus {
  const { reason: _reason, message: _message, ...rest } = status
  return { ...rest, phase, ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) }
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
}

/** When the pod has run as long as it may. */
function deadlineOf(pod: Pod, status: PodStatus): number | undefined {
  const seconds = pod.spec?.activeDeadlineSeconds
  if (seconds === undefined || seconds === null || !status.startTime) return undefined
  return Date.parse(status.startTime) + seconds * 1000
}

/** Some container has died more than once and left more than its last remains. */
function hasOldDead(runtime: RuntimePod): boolean {
  const dead = runtime.containers.filter((status) => status.state === 'CONTAINER_EXITED').map((status) => status.metadata.name)
  return new Set(dead).size < dead.length
}

/** At the end nothing runs any more, whatever the records say. */
function withoutRunning(status: PodStatus): PodStatus {
  const still = (item: ContainerStatus): ContainerStatus => (item.state?.running ? { ...item, ready: false, started: false } : item)
  const { initContainerStatuses: init } = status
  return { ...status, ...(init ? { initContainerStatuses: init.map(still) } : {}), containerStatuses: (status.containerStatuses ?? []).map(still) }
}
