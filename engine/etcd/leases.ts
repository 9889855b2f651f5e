/** Leases: keys attached to a lease are deleted when its time runs out without a keep-alive. */
import type { Clock, Timer } from '#engine/base/clock'
import { EtcdError, type LeaseStatus } from '#engine/etcd/api'

interface Lease {
  readonly id: number
  readonly ttlSeconds: number
  expiresAtMs: number
  readonly keys: Set<string>
  timer: Timer | undefined
}

export class Leases {
  private readonly leases = new Map<number, Lease>()

  constructor(
    private readonly clock: Clock,
    private readonly onExpire: (keys: readonly string[]) => void,
    /** A lease has run out; true where somebody else sees to it. */
    private readonly runOut: (id: number) => boolean = () => false,
  ) {}

  grant(id: number, ttlSeconds: number, remainingMs = ttlSeconds * 1000): void {
    if (this.leases.has(id)) throw new EtcdError('FailedPrecondition', 'etcdserver: lease already exists')
    const lease: Lease = { id, ttlSeconds, expiresAtMs: this.clock.now() + remainingMs, keys: new Set(), timer: undefined }
    this.leases.set(id, lease)
    this.schedule(lease)
  }

  revoke(id: number): void {
    const lease = this.get(id)
    lease.timer?.cancel()
    this.leases.delete(id)
    if (lease.keys.size > 0) this.onExpire([...lease.keys].sort())
  }

  keepAlive(id: number): number {
    const lease = this.get(id)
    lease.expiresAtMs = this.clock.now() + lease.ttlSeconds * 1000
    this.schedule(lease)
    return lease.ttlSeconds
  }

  timeToLive(id: number, keys: boolean): LeaseStatus {
    const lease = this.leases.get(id)
    if (!lease) return { id, ttlSeconds: -1, grantedTtlSeconds: 0, keys: [] }
    const ttlSeconds = Math.max(0, Math.floor((lease.expiresAtMs - this.clock.now()) / 1000))
    return { id, ttlSeconds, grantedTtlSeconds: lease.ttlSeconds, keys: keys ? [...lease.keys] : [] }
  }

  ids(): number[] {
    return [...this.leases.keys()]
  }

  attach(id: number, key: string): void {
    if (id !== 0) this.get(id).keys.add(key)
  }

  detach(id: number, key: string): void {
    this.leases.get(id)?.keys.delete(key)
  }

  /** All begin anew: who leads now does not know when they were kept alive last. */
  renewAll(): void {
    for (const id of this.leases.keys()) this.keepAlive(id)
  }

  stop(): void {
    for (const lease of this.leases.values()) lease.timer?.cancel()
  }

  private get(id: number): Lease {
    const lease = this.leases.get(id)
    if (!lease) throw new EtcdError('NotFound', 'etcdserver: requested lease not found')
    return lease
  }

  private schedule(lease: Lease): void {
    lease.timer?.cancel()
    lease.timer = this.clock.after(lease.expiresAtMs - this.clock.now(), () => {
      if (this.leases.has(lease.id) && !this.runOut(lease.id)) this.revoke(lease.id)
    })
  }
}
