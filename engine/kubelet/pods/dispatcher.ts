/** Takes pods from the sources and keeps a worker for each; keeps two pods of one static name from running at once. */
import type { Pod } from '#engine/api/kinds'
import type { KubeletContext } from '../context'
import { fullName, gracePeriod, isMirror, isStatic, klogName, uidOf } from './names'
import type { PodStore } from './store'
import { type EvictionStatus, type PodSteps, PodWorker } from './worker'

export interface DispatchHooks {
  /** Undefined lets the pod run; otherwise why the node refuses it. */
  admit(pod: Pod, others: readonly Pod[]): EvictionStatus | undefined
  reject(pod: Pod, why: EvictionStatus): void
  /** The mirror of a static pod has changed. */
  mirrorChanged(pod: Pod): void
  /** A mirror whose static pod is no more. */
  orphanMirror(mirror: Pod): void
  /** Nothing of the pod runs and its source does not know it any more. */
  gone(pod: Pod): void
  /** The object has changed in something that volumes show. */
  changed(next: Pod, previous: Pod): void
}

/** How often a kubelet looks for pods to begin or to clean up. */
const housekeepingMs = 2000
const staticRetryMs = 10_000

export class PodDispatcher {
  private readonly workers = new Map<string, PodWorker>()
  private readonly staticNames = new Map<string, string>()
  private readonly removed = new Set<string>()
  private filePods = new Map<string, Pod>()
  fileReady = false

  constructor(
    private readonly context: KubeletContext,
    private readonly store: PodStore,
    private readonly steps: PodSteps,
    private readonly hooks: DispatchHooks,
  ) {}

  worker(uid: string): PodWorker | undefined {
    return this.workers.get(uid)
  }

  kick(uid: string): void {
    this.workers.get(uid)?.kick()
  }

  kickAll(): void {
    for (const worker of this.workers.values()) worker.kick()
  }

  /** All static pods, as the files say now. */
  setFilePods(pods: readonly Pod[]): void {
    this.fileReady = true
    const next = new Map(pods.map((pod) => [uidOf(pod), pod]))
    const before = this.filePods
    this.filePods = next
    for (const [uid, pod] of before) if (!next.has(uid)) this.remove(pod)
    for (const [uid, pod] of next) if (!before.has(uid)) this.add(pod)
  }

  /** A pod of the API server, new or changed. */
  apply(pod: Pod): void {
    if (isMirror(pod)) return this.applyMirror(pod)
    const before = this.store.get(uidOf(pod))
    this.store.set(pod)
    if (before) this.hooks.changed(pod, before)
    const worker = this.workers.get(uidOf(pod))
    if (!worker) return this.add(pod)
    if (pod.metadata.deletionTimestamp !== undefined) {
      worker.update(pod)
      return worker.terminate(gracePeriod(pod))
    }
    if (before && onlyStatusChanged(before, pod)) worker.replace(pod)
    else worker.update(pod)
  }

  /** A pod of the API server has been deleted there. */
  delete(pod: Pod): void {
    if (isMirror(pod)) {
      this.store.remove(pod)
      const own = this.store.staticOf(pod)
      if (own) this.kick(uidOf(own))
      return
    }
    this.remove(pod)
  }

  finished(pod: Pod): void {
    const uid = uidOf(pod)
    this.releaseName(pod)
    if (this.removed.delete(uid)) this.forget(pod)
    this.bringBack(uid)
  }

  /** A manifest that came back while its pod was being stopped: the same pod starts again at the next housekeeping. */
  private bringBack(uid: string): void {
    if (!this.filePods.has(uid)) return
    this.context.clock.after(housekeepingMs, () => {
      const pod = this.filePods.get(uid)
      if (pod && !this.workers.has(uid)) this.add(pod)
    })
  }

  private applyMirror(mirror: Pod): void {
    this.store.set(mirror)
    const own = this.store.staticOf(mirror)
    if (own) {
      this.hooks.mirrorChanged(own)
      if (mirror.metadata.deletionTimestamp !== undefined) this.kick(uidOf(own))
    } else if (this.fileReady && !this.pendingStatic(mirror)) this.hooks.orphanMirror(mirror)
  }

  private pendingStatic(mirror: Pod): boolean {
    const name = fullName(mirror)
    return [...this.filePods.values()].some((pod) => fullName(pod) === name)
  }

  private add(pod: Pod): void {
    const uid = uidOf(pod)
    if (this.removed.has(uid)) return
    this.store.set(pod)
    if (isStatic(pod) && !this.mayStart(pod)) return
    const others = [...this.workers.values()].filter((worker) => worker.phase === 'syncing').map((worker) => worker.current)
    const finished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
    const refusal = pod.metadata.deletionTimestamp !== undefined || finished ? undefined : this.hooks.admit(pod, others)
    if (refusal) return this.hooks.reject(pod, refusal)
    const worker = new PodWorker(this.context, this.steps, pod)
    this.workers.set(uid, worker)
    if (pod.metadata.deletionTimestamp !== undefined) worker.terminate(gracePeriod(pod))
    else if (finished) worker.terminate(undefined)
    else worker.kick()
  }

  /** The one before of the same name must be gone first; asked again after a while, as a kubelet does. */
  private mayStart(pod: Pod): boolean {
    const name = fullName(pod)
    const holder = this.staticNames.get(name)
    if (holder === undefined || holder === uidOf(pod)) {
      this.staticNames.set(name, uidOf(pod))
      return true
    }
    this.context.klog.info('pod_workers.go:1161', 'Pod cannot start yet', { pod: klogName(pod), podUID: uidOf(pod) })
    this.context.clock.after(staticRetryMs * (1 + this.context.process.random.next() * 0.1), () => {
      if (this.filePods.get(uidOf(pod)) === pod && !this.workers.has(uidOf(pod))) this.add(pod)
    })
    return false
  }

  private remove(pod: Pod): void {
    const uid = uidOf(pod)
    const worker = this.workers.get(uid)
    if (!worker || worker.phase === 'finished') return this.forget(pod)
    this.removed.add(uid)
    worker.terminate(Math.max(isStatic(pod) ? 0 : 1, gracePeriod(pod)))
  }

  private releaseName(pod: Pod): void {
    if (this.staticNames.get(fullName(pod)) === uidOf(pod)) this.staticNames.delete(fullName(pod))
  }

  private forget(pod: Pod): void {
    this.releaseName(pod)
    this.workers.delete(uidOf(pod))
    this.store.remove(pod)
    this.hooks.gone(pod)
  }
}

/** Own status coming back is no reason to look at the pod again. */
function onlyStatusChanged(before: Pod, after: Pod): boolean {
  if (before.metadata.generation !== after.metadata.generation || before.metadata.generation === undefined) return before.spec === after.spec
  const { labels, annotations, deletionTimestamp } = after.metadata
  return deletionTimestamp === before.metadata.deletionTimestamp && JSON.stringify(labels) === JSON.stringify(before.metadata.labels) && JSON.stringify(annotations) === JSON.stringify(before.metadata.annotations) && sameGates(before, after)
}

/** Readiness gates are conditions that others set. */
function sameGates(before: Pod, after: Pod): boolean {
  const gates = after.spec?.readinessGates ?? []
  if (gates.length === 0) return true
  const of = (pod: Pod): string => JSON.stringify(gates.map((gate) => pod.status?.conditions?.find((condition) => condition.type === gate.conditionType)?.status))
  return of(before) === of(after)
}
