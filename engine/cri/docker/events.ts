/** What happened, for `docker events`: the last 256, and those to come. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { Clock } from '#engine/base/clock'
import { Broadcast } from '../queue'

const kept = 256

export interface DockerEvent {
  readonly status?: string
  readonly id?: string
  readonly from?: string
  readonly Type: 'container' | 'image' | 'network' | 'volume' | 'daemon'
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
  readonly scope: 'local'
  readonly time: number
  readonly timeNano: number
}

export type EventFilters = Readonly<Record<string, readonly string[]>>

export class EventLog {
  private readonly past: DockerEvent[] = []
  private readonly live = new Broadcast<DockerEvent>()

  constructor(private readonly clock: Clock) {}

  publish(type: DockerEvent['Type'], action: string, id: string, attributes: Readonly<Record<string, string>> = {}): void {
    const ms = this.clock.now()
    const legacy = type === 'container' ? { status: action, id, from: attributes['image'] ?? '' } : type === 'image' ? { status: action, id } : {}
    const event: DockerEvent = { ...legacy, Type: type, Action: action, Actor: { ID: id, Attributes: attributes }, scope: 'local', time: Math.floor(ms / 1000), timeNano: Math.floor(ms * 1e6) }
    this.past.push(event)
    if (this.past.length > kept) this.past.shift()
    this.live.publish(event)
  }

  /** From `sinceMs` (undefined: from now) until `untilMs` (undefined: for ever), a JSON line each. */
  async *lines(sinceMs: number | undefined, untilMs: number | undefined, filters: EventFilters, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const stop = new AbortController()
    signal?.addEventListener('abort', () => stop.abort(), { once: true })
    const line = (event: DockerEvent): Uint8Array => encodeUtf8(`${JSON.stringify(event)}\n`)
    const wanted = (event: DockerEvent): boolean => fits(event, filters) && (untilMs === undefined || event.time * 1000 <= untilMs)
    if (sinceMs !== undefined) for (const event of [...this.past]) if (event.timeNano / 1e6 >= sinceMs && wanted(event)) yield line(event)
    const left = untilMs === undefined ? undefined : untilMs - this.clock.now()
    if (left !== undefined && left <= 0) return
    const timer = left === undefined ? undefined : this.clock.after(left, () => stop.abort())
    try {
      for await (const event of this.live.subscribe(stop.signal)) if (wanted(event)) yield line(event)
    } finally {
      timer?.cancel()
    }
  }
}

function fits(event: DockerEvent, filters: EventFilters): boolean {
  const { Attributes: attributes } = event.Actor
  return Object.entries(filters).every(([name, values]) => {
    if (values.length === 0) return true
    if (name === 'event') return values.some((value) => event.Action === value || event.Action.startsWith(`${value}:`))
    if (name === 'type') return values.includes(event.Type)
    if (name === 'label') return values.some((value) => hasLabel(attributes, value))
    if (name === 'container') return event.Type === 'container' && values.some((value) => event.Actor.ID.startsWith(value) || attributes['name'] === value)
    if (name === 'image') return values.some((value) => event.Actor.ID === value || attributes['image'] === value || attributes['name'] === value)
    return values.some((value) => event.Type === name && (event.Actor.ID.startsWith(value) || attributes['name'] === value))
  })
}

export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const at = wanted.indexOf('=')
  return at < 0 ? labels[wanted] !== undefined : labels[wanted.slice(0, at)] === wanted.slice(at + 1)
}
