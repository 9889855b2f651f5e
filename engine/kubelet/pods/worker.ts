/**
 * One worker per pod: syncs it whenever something about it has changed, and brings it down in order when it is to go: stop the
 * containers, then let go of volumes and cgroups, then forget it. Never two steps of a pod at once.
 */
import type { Pod } from '#engine/api/kinds'
import { errorText, RpcError } from '#engine/cri/rpc'
import type { KubeletContext } from '../context'
import { klogName, uidOf } from './names'

export type PodPhase = 'syncing' | 'terminating' | 'terminated' | 'finished'

/** What one sync has come to. */
export interface SyncOutcome {
  readonly failed: boolean
  /** What failed, as the log sums it up. */
  readonly errors?: readonly string[]
  /** After a failure: try again no later than this. */
  readonly retryAtMs?: number | undefined
  /** The pod has come to its end by itself. */
  readonly terminal: boolean
  /** Look at the pod again at this time, whatever happens. */
  readonly lookAtMs?: number | undefined
}

export interface PodSteps {
  sync(pod: Pod): Promise<SyncOutcome>
  terminating(pod: Pod, grace: number | undefined, evicted: EvictionStatus | undefined): Promise<void>
  terminated(pod: Pod): Promise<void>
  finished(pod: Pod): void
}

export interface EvictionStatus { readonly reason: string; readonly message: string }

const failureBackoffMs = 10_000

export class PodWorker {
  phase: PodPhase = 'syncing'
  private complained: { readonly text: string; readonly atMs: number } | undefined
  private running = false
  private wanted = false
  private timer: { cancel(): void } | undefined
  private grace: number | undefined
  private evicted: EvictionStatus | undefined
  private shortenGrace: (() => void) | undefined
  private readonly waiting: (() => void)[] = []

  constructor(
    private readonly context: KubeletContext,
    private readonly steps: PodSteps,
    private pod: Pod,
  ) {}

  get current(): Pod {
    return this.pod
  }

  update(pod: Pod): void {
    this.pod = pod
    this.kick()
  }

  /** The same pod, seen later: no reason to look at it. */
  replace(pod: Pod): void {
    this.pod = pod
  }

  /** The pod is to stop. A shorter grace than before counts. */
  terminate(grace: number | undefined, evicted?: EvictionStatus): void {
    if (this.phase === 'finished') return
    if (evicted) this.evicted = evicted
    if (grace !== undefined && (this.grace === undefined || grace < this.grace)) {
      this.grace = grace
      if (this.phase === 'terminating') this.shortenGrace?.()
    }
    if (this.phase === 'syncing') this.phase = 'terminating'
    this.kick()
  }

  /** Until nothing of it runs any more. */
  whenStopped(): Promise<void> {
    if (this.phase === 'terminated' || this.phase === 'finished') return Promise.resolve()
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  kick(): void {
    this.wanted = true
    if (this.running || this.phase === 'finished') return
    this.running = true
    this.context.process.background(() => this.run())
  }

  private async run(): Promise<void> {
    while (this.wanted && !this.isFinished()) {
      this.wanted = false
      this.timer?.cancel()
      try {
        await this.step()
      } catch (error) {
        if ((error as Error).name === 'ProcessKilled') throw error
        this.complain(error instanceof RpcError ? error.message : errorText(error))
        this.retryIn(this.backoff())
      }
    }
    this.running = false
  }

  private isFinished(): boolean {
    return this.phase === 'finished'
  }

  private async step(): Promise<void> {
    if (this.phase === 'syncing') {
      const outcome = await this.steps.sync(this.pod)
      const errors = outcome.errors ?? []
      if (errors.length > 0) this.complain(errors.length === 1 ? (errors[0] as string) : `[${errors.join(', ')}]`)
      if (outcome.terminal && this.phase === 'syncing') {
        this.phase = 'terminating'
        this.wanted = true
      } else this.plan(outcome)
      return
    }
    if (this.phase === 'terminating') {
      await this.terminating()
      this.phase = 'terminated'
      for (const resolve of this.waiting.splice(0)) resolve()
    }
    if (this.phase === 'terminated') {
      await this.steps.terminated(this.pod)
      this.phase = 'finished'
      this.timer?.cancel()
      this.steps.finished(this.pod)
    }
  }

  /** When to look at the pod again, if nothing makes it sooner. */
  private plan({ failed, retryAtMs, lookAtMs }: SyncOutcome): void {
    const left = (atMs: number | undefined): number => (atMs === undefined ? Infinity : Math.max(0, atMs - this.context.clock.now()) + 1)
    const waitMs = Math.min(failed ? Math.min(this.backoff(), left(retryAtMs)) : Infinity, left(lookAtMs))
    if (waitMs !== Infinity) this.retryIn(waitMs)
  }

  /** A second, shorter stop beside the first makes it end earlier: the runtime takes the shorter grace. */
  private async terminating(): Promise<void> {
    const stop = this.steps.terminating(this.pod, this.grace, this.evicted)
    const sooner = new Promise<void>((resolve) => {
      this.shortenGrace = () => resolve(this.steps.terminating(this.pod, this.grace, this.evicted))
    })
    await Promise.race([stop, sooner])
    this.shortenGrace = undefined
  }

  private backoff(): number {
    return failureBackoffMs * (1 + this.context.process.random.next() * 0.5)
  }

  private retryIn(ms: number): void {
    this.timer?.cancel()
    this.timer = this.context.clock.after(ms, () => this.kick())
  }

  /** Two syncs in one moment are one to a kubelet. */
  private complain(text: string): void {
    const now = this.context.clock.now()
    if (this.complained?.text === text && this.complained.atMs === now) return
    this.complained = { text, atMs: now }
    this.context.klog.error('pod_workers.go:1324', text, 'Error syncing pod, skipping', { pod: klogName(this.pod), podUID: uidOf(this.pod) })
  }
}
