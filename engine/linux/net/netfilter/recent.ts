/** The lists of `-m recent`: which address was seen when. */
import type { Match } from '#engine/linux/net/netfilter/rule'

type Recent = Extract<Match, { module: 'recent' }>

/** The kernel's default for entries of one list (ip_list_tot is 100; kube-proxy relies on more clients, so ours is larger). */
const listLimit = 4096

export class RecentLists {
  private readonly lists = new Map<string, Map<number, number>>()

  check(match: Recent, address: number, now: number): boolean {
    const list = this.list(match.name)
    const seenAt = list.get(address)
    switch (match.action) {
      case 'set':
        list.delete(address)
        list.set(address, now)
        if (list.size > listLimit) list.delete(list.keys().next().value as number)
        return true
      case 'remove':
        return list.delete(address)
      default: {
        const fresh = seenAt !== undefined && (match.seconds === undefined || now - seenAt <= match.seconds * 1000)
        if (!fresh && seenAt !== undefined && match.reap) list.delete(address)
        if (fresh && match.action === 'update') list.set(address, now)
        return fresh
      }
    }
  }

  private list(name: string): Map<number, number> {
    let list = this.lists.get(name)
    if (!list) this.lists.set(name, (list = new Map()))
    return list
  }
}
