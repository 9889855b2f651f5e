/** What `kubectl get pods` shows: the STATUS of a pod is told from its phase, its containers and its deletion. */
import { ageOf } from '#engine/api/duration'
import type { KubeObject } from '#engine/api/object'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import type { Column } from '#engine/apiserver/registry/resource'

interface Terminated { readonly exitCode?: number; readonly signal?: number; readonly reason?: string; readonly finishedAt?: string }
interface ContainerState { readonly waiting?: { readonly reason?: string }; readonly running?: object; readonly terminated?: Terminated }
interface ContainerStatus {
  readonly name: string
  readonly restartCount?: number
  readonly ready?: boolean
  readonly started?: boolean
  readonly state?: ContainerState
  readonly lastState?: ContainerState
}
interface Condition { readonly type: string; readonly status: string; readonly reason?: string }

export interface PodSummary {
  readonly ready: string
  readonly status: string
  readonly restarts: number
  /** When a container last ended before it was started again; empty when none did. */
  readonly lastRestart: string
}

const podSpec = 'io.k8s.api.core.v1.PodSpec'
const podStatus = 'io.k8s.api.core.v1.PodStatus'

export const podColumns: readonly Column[] = [
  nameColumn,
  column('Ready', (pod) => summarizePod(pod).ready, { says: 'The aggregate readiness state of this pod for accepting traffic.' }),
  column('Status', (pod) => summarizePod(pod).status, { says: 'The aggregate status of the containers in this pod.' }),
  column('Restarts', restartsCell, { says: 'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.' }),
  ageColumn,
  column('IP', (pod) => pod.status?.podIPs?.[0]?.ip || '<none>', { wide: true, docOf: `${podStatus}#podIP` }),
  column('Node', (pod) => pod.spec?.nodeName || '<none>', { wide: true, docOf: `${podSpec}#nodeName` }),
  column('Nominated Node', (pod) => pod.status?.nominatedNodeName || '<none>', { wide: true, docOf: `${podStatus}#nominatedNodeName` }),
  column('Readiness Gates', readinessGatesCell, { wide: true, docOf: `${podSpec}#readinessGates` }),
]

function restartsCell(pod: KubeObject, nowMs: number): string {
  const { restarts, lastRestart } = summarizePod(pod)
  return restarts !== 0 && lastRestart !== '' ? `${restarts} (${ageOf(lastRestart, nowMs)} ago)` : String(restarts)
}

function readinessGatesCell(pod: KubeObject): string {
  const gates = (pod.spec?.readinessGates ?? []) as { conditionType: string }[]
  if (gates.length === 0) return '<none>'
  const met = gates.filter((gate) => conditionsOf(pod).find((item) => item.type === gate.conditionType)?.status === 'True')
  return `${met.length}/${gates.length}`
}

const cache = new WeakMap<KubeObject, PodSummary>()

/** Objects in the cache are shared and never change, so what was computed for one row serves all its cells and readers. */
export function summarizePod(pod: KubeObject): PodSummary {
  let summary = cache.get(pod)
  if (!summary) cache.set(pod, (summary = new Summary(pod).result()))
  return summary
}

function conditionsOf(pod: KubeObject): readonly Condition[] {
  return (pod.status?.conditions ?? []) as Condition[]
}

class Summary {
  private readonly sidecars: ReadonlySet<string>
  private readonly total: number
  private ready = 0
  private restarts = 0
  private sidecarRestarts = 0
  private last = ''
  private lastSidecar = ''
  private status: string

  constructor(private readonly pod: KubeObject) {
    const init = (pod.spec?.initContainers ?? []) as { name: string; restartPolicy?: string }[]
    this.sidecars = new Set(init.filter((item) => item.restartPolicy === 'Always').map((item) => item.name))
    this.total = ((pod.spec?.containers ?? []) as unknown[]).length + this.sidecars.size
    this.status = (pod.status?.reason || pod.status?.phase || '') as string
    if (conditionsOf(pod).some((item) => item.type === 'PodScheduled' && item.reason === 'SchedulingGated')) this.status = 'SchedulingGated'
  }

  result(): PodSummary {
    const initializing = this.walkInitContainers()
    if (!initializing || conditionsOf(this.pod).some((item) => item.type === 'Initialized' && item.status === 'True')) this.walkContainers()
    const deleted = this.pod.metadata.deletionTimestamp !== undefined
    const phase = this.pod.status?.phase as string
    if (deleted && this.pod.status?.reason === 'NodeLost') this.status = 'Unknown'
    else if (deleted && phase !== 'Failed' && phase !== 'Succeeded') this.status = 'Terminating'
    return { ready: `${this.ready}/${this.total}`, status: this.status, restarts: this.restarts, lastRestart: this.last }
  }

  /** True when an init container is not through yet. */
  private walkInitContainers(): boolean {
    const statuses = (this.pod.status?.initContainerStatuses ?? []) as ContainerStatus[]
    for (const [index, container] of statuses.entries()) {
      this.countInit(container)
      const terminated = container.state?.terminated
      if (terminated && (terminated.exitCode ?? 0) === 0) continue
      if (this.sidecars.has(container.name) && container.started) {
        if (container.ready) this.ready++
        continue
      }
      const waiting = container.state?.waiting?.reason
      if (terminated) this.status = `Init:${terminated.reason || endText(terminated)}`
      else if (waiting && waiting !== 'PodInitializing') this.status = `Init:${waiting}`
      else this.status = `Init:${index}/${((this.pod.spec?.initContainers ?? []) as unknown[]).length}`
      return true
    }
    return false
  }

  private countInit(container: ContainerStatus): void {
    const ended = container.lastState?.terminated?.finishedAt ?? ''
    this.restarts += container.restartCount ?? 0
    this.last = later(this.last, ended)
    if (!this.sidecars.has(container.name)) return
    this.sidecarRestarts += container.restartCount ?? 0
    this.lastSidecar = later(this.lastSidecar, ended)
  }

  private walkContainers(): void {
    this.restarts = this.sidecarRestarts
    this.last = this.lastSidecar
    let running = false
    let errorStatus = ''
    const statuses = (this.pod.status?.containerStatuses ?? []) as ContainerStatus[]
    for (const container of [...statuses].reverse()) {
      this.restarts += container.restartCount ?? 0
      this.last = later(this.last, container.lastState?.terminated?.finishedAt ?? '')
      const { waiting, terminated, running: runs } = container.state ?? {}
      if (waiting?.reason) this.status = waiting.reason
      else if (terminated) {
        this.status = terminated.reason || endText(terminated)
        if ((terminated.exitCode ?? 0) !== 0) errorStatus = this.status
      } else if (container.ready && runs) {
        running = true
        this.ready++
      }
    }
    if (this.status === 'Completed') this.status = this.completedStatus(running, errorStatus)
  }

  /** Some containers are through: is the pod? */
  private completedStatus(running: boolean, errorStatus: string): string {
    if (running && conditionsOf(this.pod).some((item) => item.type === 'Ready' && item.status === 'True')) return 'Running'
    if (errorStatus !== '') return errorStatus
    return running ? 'NotReady' : 'Completed'
  }
}

function endText(terminated: Terminated): string {
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode ?? 0}`
}

function later(a: string, b: string): string {
  if (a === '' || b === '') return a || b
  return Date.parse(b) > Date.parse(a) ? b : a
}
