/** Leadership of a daemon as its flags ask for it. */
import type { Klog } from '#engine/base/klog'
import type { Process } from '#engine/linux/abi/process'
import type { Lease } from '#engine/api/kinds'
import { type Client, timedClient } from '#engine/client/client'
import { CoreEventRecorder } from '#engine/client/events'
import { LeaderElection } from '#engine/client/leader-election'
import { leases } from '#engine/client/resources'
import { parseTime } from '#engine/client/time'
import { unlessNotFound } from '#engine/client/retry'
import type { HealthCheck } from '#engine/programs/common/component/serving'

export interface LeadingOptions {
  readonly enabled: boolean
  readonly namespace: string
  readonly name: string
  readonly leaseDurationMs: number
  readonly renewDeadlineMs: number
  readonly retryPeriodMs: number
  /** The component its events come from. */
  readonly component: string
}

export class Leading {
  private renewedAt: number | undefined
  private readonly identity: string

  constructor(
    private readonly process: Process,
    private readonly client: Client,
    private readonly log: Klog,
    private readonly options: LeadingOptions,
  ) {
    this.identity = `${process.uname().nodename}_${process.random.uuid()}`
  }

  /** Ill once the lease is over and not renewed. */
  readonly health: HealthCheck = {
    name: 'leaderElection',
    check: () => (this.renewedAt !== undefined && this.process.clock.now() - this.renewedAt > this.options.leaseDurationMs + 20_000 ? `failed election to renew leadership on lease ${this.options.name}` : undefined),
  }

  /** Waits until it is ready and for the leadership, runs `lead` beside it, and ends when it is lost: exit code 1. Asked to end, it ends at once: 0. */
  run(lead: () => Promise<void>, ready = Promise.resolve()): Promise<number> {
    const { process, log } = this
    const asked = new Promise<number>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const)
        process.handle(signal, () => {
          log.info('server.go:291', 'Requested to terminate, exiting')
          resolve(0)
        })
    })
    return Promise.race([asked, ready.then(() => (this.options.enabled ? this.elected(lead) : this.alone(lead)))])
  }

  private async alone(lead: () => Promise<void>): Promise<number> {
    await lead()
    await forever(this.process)
    return 0
  }

  private async elected(lead: () => Promise<void>): Promise<number> {
    const { process, log } = this
    const election = await this.election()
    log.line('I', 'leaderelection.go:257', `attempting to acquire leader lease ${this.lease}...`)
    await election.acquire()
    log.line('I', 'leaderelection.go:271', `successfully acquired lease ${this.lease}`)
    process.background(lead)
    await election.hold()
    log.line('E', 'leaderelection.go:436', `error retrieving resource lock ${this.lease}: context deadline exceeded`)
    log.line('I', 'leaderelection.go:297', `failed to renew lease ${this.lease}: context deadline exceeded`)
    log.line('E', 'leaderelection.go:302', 'leader election lost')
    return 1
  }

  private get lease(): string {
    return `${this.options.namespace}/${this.options.name}`
  }

  private async election(): Promise<LeaderElection> {
    const { process, client, log, options } = this
    const former = process.resumed ? await this.formerLease() : undefined
    const identity = former?.spec?.holderIdentity ?? this.identity
    const events = new CoreEventRecorder(client, process.clock, { component: options.component })
    return new LeaderElection(timedClient(client, Math.max(1, options.renewDeadlineMs / 2000), `${options.name} (linux/amd64) kubernetes/leader-election`), {
      namespace: options.namespace, name: options.name, identity, clock: process.clock, signal: process.dying,
      ...(former && this.isFresh(former) ? { held: former } : {}),
      leaseDurationMs: options.leaseDurationMs, renewDeadlineMs: options.renewDeadlineMs, retryPeriodMs: options.retryPeriodMs,
      onElected: () => {
        this.renewedAt = process.clock.now()
        if (!process.resumed) events.event({ kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', namespace: options.namespace, name: options.name }, 'Normal', 'LeaderElection', `${identity} became leader`)
      },
      onRenewed: () => (this.renewedAt = process.clock.now()),
      onLeader: (holder) => log.line('I', 'leaderelection.go:402', `lease is held by ${holder} and has not yet expired`),
      onError: (error) => log.line('E', 'leaderelection.go:448', `error retrieving resource lock ${this.lease}: ${(error as Error).message}`),
    })
  }

  /** A machine that wakes from a snapshot goes on as who it was: it need not wait for its own lease to lapse. */
  private async formerLease(): Promise<Lease | undefined> {
    try {
      const lease = await unlessNotFound(this.client.of(leases).get(this.options.namespace, this.options.name))
      return lease?.spec?.holderIdentity?.startsWith(`${this.process.uname().nodename}_`) ? lease : undefined
    } catch {
      // The server is not there yet: then the lease has to be contended for as usual.
      return undefined
    }
  }

  /** It was renewed before the snapshot as often as it is, and will be again long before anybody doubts it. */
  private isFresh(lease: Lease): boolean {
    const ageMs = this.process.clock.now() - (parseTime(lease.spec?.renewTime) ?? 0)
    return ageMs >= 0 && ageMs + this.options.retryPeriodMs < this.options.renewDeadlineMs
  }
}

/** Until the process dies. */
export function forever(process: Process): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (process.dying.aborted) reject(process.dying.reason as Error)
    process.dying.addEventListener('abort', () => reject(process.dying.reason as Error), { once: true })
  })
}
