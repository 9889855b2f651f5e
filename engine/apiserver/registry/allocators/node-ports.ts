/** Node ports: taken are those of the services there are, and those of requests that are being stored. */
import type { ServerServices } from '#engine/apiserver/services'
import { AllocationError } from './cluster-ips'

interface Port { readonly port?: number; readonly nodePort?: number; readonly protocol?: string }

const pending = new WeakMap<ServerServices, Set<number>>()

export interface Range { readonly first: number; readonly last: number }

export function rangeOf(services: ServerServices): Range {
  const [first = '30000', last = '32767'] = services.settings.serviceNodePortRange.split('-')
  return { first: Number(first), last: Number(last) }
}

async function takenBy(services: ServerServices): Promise<Set<number>> {
  const taken = new Set<number>(pending.get(services) ?? [])
  for (const service of await services.reader.list('services')) {
    for (const item of (service.spec?.ports ?? []) as Port[]) if (item.nodePort) taken.add(item.nodePort)
    if (service.spec?.healthCheckNodePort) taken.add(service.spec.healthCheckNodePort as number)
  }
  return taken
}

/** One operation: what it takes is given back unless it is kept. */
export class NodePortOperation {
  private readonly mine: number[] = []

  private constructor(private readonly services: ServerServices, private readonly taken: Set<number>, private readonly dryRun: boolean) {}

  static async begin(services: ServerServices, dryRun: boolean): Promise<NodePortOperation> {
    return new NodePortOperation(services, await takenBy(services), dryRun)
  }

  /** Throws AllocationError. */
  take(port: number): void {
    const { first, last } = rangeOf(this.services)
    if (port < first || port > last) throw new AllocationError(`provided port is not in the valid range. The range of valid ports is ${first}-${last}`)
    if (this.taken.has(port)) throw new AllocationError('provided port is already allocated')
    this.keep(port)
  }

  takeAny(): number {
    if (this.dryRun) return this.guess()
    const { first, last } = rangeOf(this.services)
    const size = last - first + 1
    const offset = size < 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128)
    for (const [from, count] of [[first + offset, size - offset], [first, offset]] as const) {
      if (count <= 0) continue
      const start = this.services.random.integer(count)
      for (let step = 0; step < count; step++) {
        const port = from + ((start + step) % count)
        if (this.taken.has(port)) continue
        this.keep(port)
        return port
      }
    }
    throw new AllocationError('range is full')
  }

  /** A dry run answers with a number, not with a promise. */
  private guess(): number {
    const port = (this.mine.length === 0 ? 32768 : Math.max(...this.mine)) + 1
    this.mine.push(port)
    return port
  }

  private keep(port: number): void {
    this.mine.push(port)
    this.taken.add(port)
    if (this.dryRun) return
    let set = pending.get(this.services)
    if (!set) pending.set(this.services, (set = new Set()))
    set.add(port)
  }

  /** The object is stored, or it is not: either way the services tell from here on. */
  finish(): void {
    const set = pending.get(this.services)
    for (const port of this.mine) set?.delete(port)
  }
}
