/** Probes of containers: one timer per probe of a running container; verdicts for liveness, startup and readiness. */
import type { Container, ContainerStatus as ApiContainerStatus, Pod, Probe } from '#engine/api/kinds'
import type { ContainerStatus } from '#engine/cri/api'
import { millis } from '#engine/cri/api'
import type { KubeletContext } from '../context'
import { klogName, uidOf } from '../pods/names'
import { findContainer, isRunning, type RuntimePod } from '../runtime/podstatus'
import { containerReference } from '../runtime/reference'
import { allContainers, isSidecar } from '../runtime/restart'
import { type ProbeResult, runProbe } from './run'

export type ProbeKind = 'liveness' | 'readiness' | 'startup'

interface Worker {
  readonly kind: ProbeKind
  readonly probe: Probe
  readonly container: Container
  readonly containerId: string
  pod: Pod
  podIp: string
  startedAtMs: number
  /** The verdict in force. */
  verdict: boolean
  run: number
  last: ProbeResult['kind'] | undefined
  timer: { cancel(): void } | undefined
  stopped: boolean
  /** After a failed liveness or startup probe nothing is asked until the container is anew. */
  onHold: boolean
}

export class Prober {
  private readonly workers = new Map<string, Worker>()
  private readonly pods = new Map<string, Set<string>>()
  private readonly bornAtMs: number

  constructor(
    private readonly context: KubeletContext,
    private readonly changed: (uid: string) => void,
    /** What the API was told last of a container. */
    private readonly told: (uid: string, container: string) => ApiContainerStatus | undefined = () => undefined,
  ) {
    this.bornAtMs = context.clock.now()
  }

  add(pod: Pod): void {
    const uid = uidOf(pod)
    if (!this.pods.has(uid)) this.pods.set(uid, new Set())
  }

  remove(pod: Pod): void {
    const uid = uidOf(pod)
    for (const key of this.pods.get(uid) ?? []) this.stop(key)
    this.pods.delete(uid)
  }

  /** While a pod ends, only its readiness is still asked. */
  stopLiveness(pod: Pod): void {
    for (const key of [...(this.pods.get(uidOf(pod)) ?? [])]) if (this.workers.get(key)?.kind !== 'readiness') this.stop(key)
  }

  /** Starts probes of containers that run now, ends those of containers that do not. */
  observe(pod: Pod, runtime: RuntimePod): void {
    const uid = uidOf(pod)
    const keys = this.pods.get(uid)
    if (!keys) return
    const live = new Set<string>()
    const podIp = pod.spec?.hostNetwork ? (this.context.nodeIps[0] ?? '') : (runtime.sandboxes[0]?.network.ip ?? '')
    for (const container of probed(pod)) {
      const status = findContainer(runtime, container.name)
      if (status && isRunning(status)) this.observeContainer({ pod, podIp, container, status }, keys, live)
    }
    for (const key of [...keys]) if (!live.has(key)) this.stop(key)
  }

  private observeContainer(of: { pod: Pod; podIp: string; container: Container; status: ContainerStatus }, keys: Set<string>, live: Set<string>): void {
    const { pod, podIp, container, status } = of
    for (const [kind, probe] of probesOf(container)) {
      const key = `${status.id}/${kind}`
      live.add(key)
      const worker = this.workers.get(key)
      if (worker) Object.assign(worker, { pod, podIp })
      else this.begin(key, keys, { kind, probe, container, containerId: status.id, pod, podIp, startedAtMs: millis(status.startedAt) })
    }
  }

  failed(kind: 'liveness' | 'startup', containerId: string): boolean {
    const worker = this.workers.get(`${containerId}/${kind}`)
    return worker !== undefined && worker.onHold && !worker.verdict
  }

  started(pod: Pod, container: Container, status: ContainerStatus): boolean {
    if (!isRunning(status)) return false
    if (!container.startupProbe) return true
    return this.workers.get(`${status.id}/startup`)?.verdict ?? this.before(uidOf(pod), container.name, millis(status.startedAt), 'started')
  }

  ready(uid: string, container: Container, status: ContainerStatus): boolean {
    if (!container.readinessProbe) return true
    return this.workers.get(`${status.id}/readiness`)?.verdict ?? this.before(uid, container.name, millis(status.startedAt), 'ready')
  }

  /** After a snapshot a container is what it was until a probe says otherwise; a kubelet that starts knows nothing. */
  private before(uid: string, container: string, startedAtMs: number, what: 'ready' | 'started'): boolean {
    if (!this.context.process.resumed || startedAtMs >= this.bornAtMs) return false
    return this.told(uid, container)?.[what] ?? true
  }

  private begin(key: string, keys: Set<string>, parts: Pick<Worker, 'kind' | 'probe' | 'container' | 'containerId' | 'pod' | 'podIp' | 'startedAtMs'>): void {
    const worker: Worker = { ...parts, verdict: parts.kind === 'liveness' || this.before(uidOf(parts.pod), parts.container.name, parts.startedAtMs, parts.kind === 'startup' ? 'started' : 'ready'), run: 0, last: undefined, timer: undefined, stopped: false, onHold: false }
    this.workers.set(key, worker)
    keys.add(key)
    const initial = (worker.probe.initialDelaySeconds ?? 0) * 1000
    const age = this.context.clock.now() - worker.startedAtMs
    this.schedule(worker, Math.max(firstDelayMs, initial - age))
  }

  private stop(key: string): void {
    const worker = this.workers.get(key)
    if (worker) {
      worker.stopped = true
      worker.timer?.cancel()
    }
    this.workers.delete(key)
    for (const keys of this.pods.values()) keys.delete(key)
  }

  private schedule(worker: Worker, ms: number): void {
    worker.timer?.cancel()
    worker.timer = this.context.clock.after(ms, () => this.context.process.background(() => this.tick(worker)))
  }

  private async tick(worker: Worker): Promise<void> {
    if (worker.stopped || worker.onHold) return
    // Until a startup probe has passed, the others wait for it.
    if (this.waitsForStart(worker)) return this.schedule(worker, periodMs(worker.probe))
    if (worker.kind === 'startup' && worker.verdict) return
    const result = await runProbe(this.context, worker)
    if (worker.stopped) return
    this.judge(worker, result)
    if (!worker.onHold && !(worker.kind === 'startup' && worker.verdict)) this.schedule(worker, periodMs(worker.probe))
  }

  private waitsForStart(worker: Worker): boolean {
    if (worker.kind === 'startup' || !worker.container.startupProbe) return false
    return !(this.workers.get(`${worker.containerId}/startup`)?.verdict ?? false)
  }

  private judge(worker: Worker, result: ProbeResult): void {
    this.report(worker, result)
    if (result.kind === 'unknown') return
    if (worker.last === result.kind) worker.run++
    else Object.assign(worker, { last: result.kind, run: 1 })
    const threshold = result.kind === 'failure' ? (worker.probe.failureThreshold ?? 3) : (worker.probe.successThreshold ?? 1)
    if (worker.run < threshold) return
    const verdict = result.kind === 'success'
    const change = verdict !== worker.verdict
    worker.verdict = verdict
    if (!verdict && worker.kind !== 'readiness') worker.onHold = true
    if (change || worker.onHold) this.changed(uidOf(worker.pod))
  }

  private report(worker: Worker, result: ProbeResult): void {
    if (result.kind === 'success') return
    const title = `${worker.kind.charAt(0).toUpperCase()}${worker.kind.slice(1)}`
    const reference = containerReference(worker.pod, worker.container.name)
    if (result.kind === 'unknown') {
      this.context.klog.error('prober.go:105', result.output, 'Probe errored', { probeType: title, pod: klogName(worker.pod), podUID: uidOf(worker.pod), containerName: worker.container.name })
      this.context.events.event(reference, 'Warning', 'Unhealthy', `${title} probe errored and resulted in unknown state: ${result.output}`)
      return
    }
    this.context.klog.info('prober.go:111', 'Probe failed', { probeType: title, pod: klogName(worker.pod), podUID: uidOf(worker.pod), containerName: worker.container.name, probeResult: 'failure', output: result.output })
    this.context.events.event(reference, 'Warning', 'Unhealthy', `${title} probe failed: ${result.output}`)
  }
}

/** Containers that may be probed: the regular ones and sidecars. */
function probed(pod: Pod): Container[] {
  return allContainers(pod).filter(({ kind, container }) => kind === 'regular' || (kind === 'init' && isSidecar(container))).map(({ container }) => container)
}

/** A probe is first asked a moment after its container has started. */
const firstDelayMs = 150

function periodMs(probe: Probe): number {
  return (probe.periodSeconds ?? 10) * 1000
}

function probesOf(container: Container): [ProbeKind, Probe][] {
  const out: [ProbeKind, Probe][] = []
  if (container.startupProbe) out.push(['startup', container.startupProbe])
  if (container.readinessProbe) out.push(['readiness', container.readinessProbe])
  if (container.livenessProbe) out.push(['liveness', container.livenessProbe])
  return out
}
