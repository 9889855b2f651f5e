/** The last two figures of everything: cpu is what has been used between them. */
export interface Point {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Cumulative core-seconds. */
  readonly cpuSeconds: number
  readonly memoryBytes: number
}

export interface Usage {
  readonly at: number
  readonly windowMs: number
  /** Billionths of a core. */
  readonly cpuNanoCores: number
  readonly memoryBytes: number
}

export interface Scrape {
  readonly node: Point | undefined
  /** By `namespace/pod`, then by container. */
  readonly pods: ReadonlyMap<string, ReadonlyMap<string, Point>>
}

export class MetricStore {
  private last = new Map<string, Scrape>()
  private previous = new Map<string, Scrape>()

  add(node: string, scrape: Scrape): void {
    const before = this.last.get(node)
    if (before) this.previous.set(node, before)
    this.last.set(node, scrape)
  }

  /** Nodes that are no more are forgotten. */
  keepOnly(nodes: ReadonlySet<string>): void {
    for (const name of [...this.last.keys()]) {
      if (nodes.has(name)) continue
      this.last.delete(name)
      this.previous.delete(name)
    }
  }

  get ready(): boolean {
    return this.previous.size > 0
  }

  node(name: string): Usage | undefined {
    const now = this.last.get(name)?.node
    const before = this.previous.get(name)?.node
    return now && before ? usage(now, before) : undefined
  }

  pod(node: string, key: string): { readonly at: number; readonly windowMs: number; readonly containers: ReadonlyMap<string, Usage> } | undefined {
    const now = this.last.get(node)?.pods.get(key)
    const before = this.previous.get(node)?.pods.get(key)
    if (!now || !before) return undefined
    const containers = new Map<string, Usage>()
    for (const [name, point] of now) {
      const earlier = before.get(name)
      const used = earlier && usage(point, earlier)
      if (!used) return undefined
      containers.set(name, used)
    }
    const [first] = containers.values()
    return first ? { at: first.at, windowMs: first.windowMs, containers } : undefined
  }
}

function usage(now: Point, before: Point): Usage | undefined {
  const windowMs = now.at - before.at
  // A counter that fell belongs to a container that was restarted.
  if (windowMs <= 0 || now.cpuSeconds < before.cpuSeconds) return undefined
  return { at: now.at, windowMs, cpuNanoCores: Math.round(((now.cpuSeconds - before.cpuSeconds) * 1e9) / (windowMs / 1000)), memoryBytes: now.memoryBytes }
}

const line = /^(\w+)(?:\{(.*)\})?\s+(\S+)(?:\s+(\d+))?$/

interface Sample {
  readonly name: string
  readonly labels: string
  readonly at: number
  readonly part: Partial<Point>
}

function sampleOf(row: string, now: number): Sample | undefined {
  const match = row.startsWith('#') ? null : line.exec(row)
  if (!match) return undefined
  const [, name = '', labels = '', value = '0', stamp] = match
  const at = stamp === undefined ? now : Number(stamp)
  if (name.endsWith('_cpu_usage_seconds_total')) return { name, labels, at, part: { cpuSeconds: Number(value) } }
  return name.endsWith('_memory_working_set_bytes') ? { name, labels, at, part: { memoryBytes: Number(value) } } : undefined
}

/** The text a kubelet answers at /metrics/resource. */
export function parseScrape(text: string, now: number): Scrape {
  const pods = new Map<string, Map<string, Point>>()
  let node: Point | undefined
  const merge = (known: Point | undefined, { at, part }: Sample): Point => ({ cpuSeconds: 0, memoryBytes: 0, ...known, ...part, at })
  for (const row of text.split('\n')) {
    const sample = sampleOf(row, now)
    if (sample?.name.startsWith('node_')) node = merge(node, sample)
    if (!sample?.name.startsWith('container_')) continue
    const label = (key: string): string => new RegExp(`${key}="([^"]*)"`).exec(sample.labels)?.[1] ?? ''
    const key = `${label('namespace')}/${label('pod')}`
    const containers = pods.get(key) ?? new Map<string, Point>()
    pods.set(key, containers)
    containers.set(label('container'), merge(containers.get(label('container')), sample))
  }
  return { node, pods }
}
