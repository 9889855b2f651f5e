/** etcd leases for objects that expire, shared by all that expire within the same minute. */
import type { Clock } from '#engine/base/clock'
import type { Etcd } from '#engine/etcd/api'

const reuseMs = 60_000
const maxObjects = 1000

export class Leases {
  private readonly current = new Map<number, { id: number; until: number; objects: number }>()

  constructor(
    private readonly etcd: Etcd,
    private readonly clock: Clock,
  ) {}

  async grant(ttlMs: number): Promise<number> {
    const known = this.current.get(ttlMs)
    if (known && known.until > this.clock.now() && known.objects < maxObjects) {
      known.objects++
      return known.id
    }
    const { id } = await this.etcd.leaseGrant(Math.ceil((ttlMs + reuseMs) / 1000))
    this.current.set(ttlMs, { id, until: this.clock.now() + reuseMs, objects: 1 })
    return id
  }
}
