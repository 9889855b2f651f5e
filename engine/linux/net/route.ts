/** The main routing table: longest prefix first, then the lower metric. */
import { contains, type Prefix } from '#engine/linux/net/address'
import type { Interface } from '#engine/linux/net/interface'

export interface Route {
  readonly destination: Prefix
  readonly device?: Interface
  readonly gateway?: number
  readonly source?: number
  readonly scope: 'global' | 'link' | 'host'
  readonly protocol: 'kernel' | 'boot' | 'static' | 'dhcp' | 'bird'
  readonly metric: number
  readonly type: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit'
  readonly onlink?: boolean
}

export class RouteTable {
  private routes: Route[] = []

  list(): readonly Route[] {
    return this.routes
  }

  /** False where an equal one stands. */
  add(route: Route): boolean {
    if (this.routes.some((each) => sameKey(each, route))) return false
    this.routes.push(route)
    this.routes.sort((a, b) => b.destination.length - a.destination.length || a.metric - b.metric)
    return true
  }

  replace(route: Route): void {
    this.routes = this.routes.filter((each) => !sameKey(each, route))
    this.add(route)
  }

  remove(matches: (route: Route) => boolean): boolean {
    const index = this.routes.findIndex(matches)
    if (index < 0) return false
    this.routes.splice(index, 1)
    return true
  }

  removeDevice(device: Interface): void {
    this.routes = this.routes.filter((each) => each.device !== device)
  }

  lookup(address: number): Route | undefined {
    return this.routes.find((each) => contains(each.destination, address) && (each.device === undefined || each.device.up))
  }
}

function sameKey(a: Route, b: Route): boolean {
  return a.destination.address === b.destination.address && a.destination.length === b.destination.length && a.metric === b.metric
}
