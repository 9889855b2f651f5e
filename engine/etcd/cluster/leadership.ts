/** What a leader does: it numbers entries, hands them to its followers, and applies each once most voters hold it. */
import { EtcdError } from '#engine/etcd/api'
import type { Command, Entry, FollowMessage, Position } from './messages'
import { MessageQueue } from './queue'
import type { RaftHost } from './host'

interface Follower {
  readonly id: string
  readonly queue: MessageQueue<FollowMessage>
  acked: number
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** An election timeout beyond what a request may take: then it is given up, whatever becomes of it. */
export const requestTimeoutMs = 7000
export const electionMs = 1000

export class Leadership {
  private readonly followers = new Map<string, Follower>()
  private readonly waiting = new Map<number, Waiting>()
  private applying: Promise<void> = Promise.resolve()
  private stopped = false

  constructor(
    private readonly host: RaftHost,
    readonly term: number,
  ) {}

  /** Enough voters hear this leader. */
  hasQuorum(): boolean {
    const heard = this.host.members.voters().filter((member) => member.id === this.host.id || this.followers.has(member.id)).length
    return heard >= this.host.members.majority()
  }

  isInSync(id: string): boolean {
    const follower = this.followers.get(id)
    return follower !== undefined && follower.acked >= this.host.applied.index
  }

  propose(command: Command): Promise<unknown> {
    const entry: Entry = { index: this.host.last().index + 1, term: this.term, command }
    this.host.pending.push(entry)
    return new Promise((resolve, reject) => {
      const timer = this.host.clock.after(requestTimeoutMs, () => {
        this.waiting.delete(entry.index)
        reject(new EtcdError('Unavailable', 'etcdserver: request timed out'))
      })
      const done = (settle: (value: unknown) => void) => (value: unknown): void => {
        timer.cancel()
        settle(value)
      }
      this.waiting.set(entry.index, { resolve: done(resolve), reject: done(reject) })
      for (const follower of this.followers.values()) follower.queue.push({ kind: 'entry', entry })
      this.advance()
    })
  }

  /** A follower's stream, from where it stands: the entries it lacks, or everything. */
  async *serve(id: string, at: Position, signal: AbortSignal | undefined): AsyncGenerator<FollowMessage> {
    this.followers.get(id)?.queue.end()
    const follower: Follower = { id, queue: new MessageQueue(), acked: at.index }
    this.catchUp(follower, at)
    this.followers.set(id, follower)
    const end = (): void => follower.queue.end()
    signal?.addEventListener('abort', end, { once: true })
    try {
      for (let message = await follower.queue.next(); message; message = await follower.queue.next()) yield message
    } finally {
      signal?.removeEventListener('abort', end)
      if (this.followers.get(id) === follower) {
        this.followers.delete(id)
        this.host.clock.after(electionMs, () => this.check())
      }
    }
  }

  ack(id: string, index: number): void {
    const follower = this.followers.get(id)
    if (!follower || index <= follower.acked) return
    follower.acked = index
    this.advance()
  }

  /** Whom too few have heard for an election timeout leads no longer. What waits is left to its time. */
  private check(): void {
    if (this.stopped || this.hasQuorum()) return
    this.endStreams()
    this.host.lostQuorum()
  }

  private endStreams(): void {
    this.stopped = true
    for (const follower of this.followers.values()) follower.queue.end()
  }

  /** Nobody is led any more. */
  stop(): void {
    this.endStreams()
    for (const waiting of this.waiting.values()) waiting.reject(new EtcdError('Unavailable', 'etcdserver: leader changed'))
    this.waiting.clear()
  }

  /** Applies what most voters hold, in order. */
  advance(): void {
    const { host } = this
    for (let entry = host.pending[0]; entry && this.isHeld(entry.index); entry = host.pending[0]) {
      const next = entry
      host.pending.shift()
      for (const follower of this.followers.values()) follower.queue.push({ kind: 'commit', index: next.index })
      const outcome = host.apply(next)
      this.applying = this.applying.then(() => this.settle(next.index, outcome))
    }
  }

  private async settle(index: number, outcome: Promise<unknown>): Promise<void> {
    const waiting = this.waiting.get(index)
    this.waiting.delete(index)
    await outcome.then((value) => waiting?.resolve(value), (error: unknown) => waiting?.reject(error))
  }

  private isHeld(index: number): boolean {
    const { members, id } = this.host
    const holders = members.voters().filter((member) => member.id === id || (this.followers.get(member.id)?.acked ?? -1) >= index).length
    return holders >= members.majority()
  }

  private catchUp(follower: Follower, at: Position): void {
    const { host } = this
    const missed = host.since(at)
    if (missed) for (const entry of missed) follower.queue.push({ kind: 'entry', entry })
    else follower.queue.push({ kind: 'snapshot', bytes: host.snapshot(), at: host.applied })
    for (const entry of host.pending) follower.queue.push({ kind: 'entry', entry })
    follower.queue.push({ kind: 'commit', index: host.applied.index })
    if (!missed) follower.acked = -1
  }
}
