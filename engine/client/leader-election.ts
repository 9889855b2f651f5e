/** One of many is the leader: a Lease that its holder renews and others take once it has gone stale. */
import type { Clock } from '#engine/base/clock'
import type { Lease } from '#engine/api/kinds'
import { isReason } from '#engine/api/status'
import type { Client } from '#engine/client/client'
import { leases } from '#engine/client/resources'
import { microTime } from '#engine/client/time'

export interface ElectionOptions {
  readonly namespace: string
  readonly name: string
  readonly identity: string
  readonly leaseDurationMs: number
  readonly renewDeadlineMs: number
  readonly retryPeriodMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The lease as it stands, where it is ours and fresh: nothing has to be acquired. */
  readonly held?: Lease
  /** The lease became ours. */
  readonly onElected?: () => void
  readonly onRenewed?: () => void
  /** Another holds it. */
  readonly onLeader?: (identity: string) => void
  readonly onError?: (error: unknown, phase: 'acquire' | 'renew') => void
}

export class LeaderElection {
  /** What was last seen of another's lease, and when on our clock: its own times are never compared with ours. */
  private observed: { renewTime: string | undefined; holder: string; at: number } | undefined
  private reported = ''
  private held: Lease | undefined

  constructor(
    private readonly client: Client,
    private readonly options: ElectionOptions,
  ) {}

  /** Waits to become the leader. */
  async acquire(): Promise<void> {
    if (this.options.held) return void this.won(this.options.held)
    for (;;) {
      if (await this.attempt('acquire')) return
      await this.options.clock.sleep(this.options.retryPeriodMs, this.options.signal)
    }
  }

  /** Renews until that has failed for the renew deadline (resolves), or the signal (rejects). */
  async hold(): Promise<void> {
    let renewedAt = this.options.clock.now()
    for (;;) {
      await this.options.clock.sleep(this.options.retryPeriodMs, this.options.signal)
      if (await this.inTime(this.attempt('renew'))) renewedAt = this.options.clock.now()
      else if (this.options.clock.now() - renewedAt >= this.options.renewDeadlineMs) return
    }
  }

  /** Gives the lease up, so that another need not wait. */
  async release(): Promise<void> {
    const { namespace, name, identity, clock } = this.options
    const lease = await this.client.of(leases).get(namespace, name)
    if (lease.spec?.holderIdentity !== identity) return
    const now = microTime(clock.now())
    await this.client.of(leases).update({ ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now } })
  }

  /** A server that does not answer counts as a failure once the deadline is over. */
  private inTime(attempt: Promise<boolean>): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.options.clock.after(this.options.renewDeadlineMs, () => resolve(false))
      void attempt.then((won) => {
        timer.cancel()
        resolve(won)
      })
    })
  }

  private async attempt(phase: 'acquire' | 'renew'): Promise<boolean> {
    try {
      return await this.tryOnce()
    } catch (error) {
      if (!this.options.signal.aborted) this.options.onError?.(error, phase)
      return false
    }
  }

  private async tryOnce(): Promise<boolean> {
    const { namespace, name } = this.options
    if (this.held) return this.renew(this.held)
    let lease: Lease
    try {
      lease = await this.client.of(leases).get(namespace, name)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      return this.won(await this.client.of(leases).create({ metadata: { namespace, name }, spec: this.spec(0) }))
    }
    return this.contend(lease)
  }

  private async contend(lease: Lease): Promise<boolean> {
    const current = lease.spec ?? {}
    const holder = current.holderIdentity ?? ''
    const mine = holder === this.options.identity
    if (holder !== '' && !mine && this.isFresh(holder, current.renewTime)) {
      this.report(holder)
      return false
    }
    const spec = this.spec((current.leaseTransitions ?? 0) + (mine ? 0 : 1))
    const acquired = mine && current.acquireTime ? { acquireTime: current.acquireTime } : {}
    return this.won(await this.client.of(leases).update({ ...lease, spec: { ...current, ...spec, ...acquired } }))
  }

  /** By our own clock: how long ago its record last changed. */
  private isFresh(holder: string, renewTime: string | undefined): boolean {
    const now = this.options.clock.now()
    if (!this.observed || this.observed.renewTime !== renewTime || this.observed.holder !== holder) this.observed = { renewTime, holder, at: now }
    return this.observed.at + this.options.leaseDurationMs > now
  }

  /** Renews without reading first; if somebody wrote between, the next attempt reads. */
  private async renew(lease: Lease): Promise<boolean> {
    this.held = undefined
    return this.won(await this.client.of(leases).update({ ...lease, spec: { ...lease.spec, renewTime: microTime(this.options.clock.now()) } }))
  }

  private won(lease: Lease): true {
    const { identity } = this.options
    this.held = lease
    this.options.onRenewed?.()
    if (this.reported !== identity) {
      this.reported = identity
      this.options.onElected?.()
    }
    return true
  }

  private report(holder: string): void {
    if (this.reported === holder) return
    this.reported = holder
    this.options.onLeader?.(holder)
  }

  private spec(transitions: number): NonNullable<Lease['spec']> {
    const now = microTime(this.options.clock.now())
    return { holderIdentity: this.options.identity, leaseDurationSeconds: Math.round(this.options.leaseDurationMs / 1000), acquireTime: now, renewTime: now, leaseTransitions: transitions }
  }
}
