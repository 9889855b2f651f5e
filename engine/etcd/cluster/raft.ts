/**
 * One member's part in the agreement: it leads, follows, or looks for somebody to follow. A leader is known to live by its stream; who loses it waits an
 * election timeout and asks for votes.
 */
import type { Clock } from '#engine/base/clock'
import type { Random } from '#engine/base/random'
import { EtcdError, type Member } from '#engine/etcd/api'
import { electionMs, Leadership } from './leadership'
import type { RaftHost } from './host'
import type { Members } from './members'
import type { Command, Entry, FollowMessage, PeerCalls, PeerLink, Position } from './messages'

export interface RaftOptions {
  readonly id: string
  readonly clock: Clock
  readonly random: Random
  readonly link: PeerLink
  readonly members: Members
  readonly at: Position
  readonly term: number
  /** A member of a cluster that comes back with its machines' snapshot: nobody is to wait for it. */
  readonly hurried: boolean
  perform(command: Command): Promise<unknown>
  snapshot(): Uint8Array
  restore(bytes: Uint8Array): void
  persist(): void
  /** In the background, until the process dies. */
  background(run: () => Promise<void>): void
  removed(): void
  say(message: string, fields: Readonly<Record<string, unknown>>): void
}

const keptEntries = 5000

export class Raft implements RaftHost {
  term: number
  leaderId: string | undefined
  applied: Position
  readonly pending: Entry[] = []
  private leadership: Leadership | undefined
  private votedFor: { readonly term: number; readonly id: string } | undefined
  private readonly recent: Entry[] = []
  private announced: ((leader: string) => void) | undefined
  private readonly awaiting = new Set<() => void>()
  private stopped = false
  private following: AbortController | undefined

  constructor(private readonly options: RaftOptions) {
    this.applied = options.at
    this.term = options.term
  }

  get id(): string {
    return this.options.id
  }

  get clock(): Clock {
    return this.options.clock
  }

  get members(): Members {
    return this.options.members
  }

  get isLeader(): boolean {
    return this.leadership !== undefined
  }

  /** Nobody else has a say: what this member does counts at once. */
  get isAlone(): boolean {
    return this.leadership !== undefined && this.members.all().length === 1
  }

  start(): void {
    if (this.members.voters().length === 1 && this.members.voters()[0]?.id === this.id) this.lead()
    else this.options.background(() => this.seek())
  }

  stop(): void {
    this.stopped = true
    this.following?.abort()
    this.leadership?.stop()
  }

  last(): Position {
    return this.pending.at(-1) ?? this.applied
  }

  /** By the leader, wherever it is; waits for one. */
  async propose(command: Command): Promise<unknown> {
    const leader = await this.leader()
    if (leader === this.id && this.leadership) return this.leadership.propose(command)
    return this.remote(leader, 'propose', command)
  }

  /** Resolves once this member knows all that the leader knew when it was asked. */
  async readIndex(): Promise<void> {
    if (this.isAlone) return
    const until = this.clock.now() + 7000
    for (;;) {
      const leader = await this.leader()
      const answer = leader === this.id ? this.handle.read({}) : await this.options.link.call(this.memberOf(leader), 'read', {}).catch((error: unknown) => this.nothing(error))
      if (answer) return this.untilApplied(answer.index)
      if (this.clock.now() >= until) throw new EtcdError('Unavailable', 'etcdserver: request timed out')
      await this.clock.sleep(200)
    }
  }

  async atLeader(take: PeerCalls['lease']['take'], here: () => Promise<unknown>): Promise<unknown> {
    const leader = await this.leader()
    return leader === this.id ? here() : this.remote(leader, 'lease', take)
  }

  /** Hands the lead to another voter, which then asks for votes at once. */
  async handOver(target: string): Promise<void> {
    const member = this.members.get(target)
    if (!this.leadership || !member || member.isLearner || !this.leadership.isInSync(target)) throw new EtcdError('FailedPrecondition', 'etcdserver: bad leader transferee')
    await this.options.link.call(member, 'handover', {})
  }

  isInSync(id: string): boolean {
    return this.leadership?.isInSync(id) === true
  }

  since(at: Position): readonly Entry[] | undefined {
    if (at.index === this.applied.index && at.term === this.applied.term) return []
    const place = this.recent.findIndex((entry) => entry.index === at.index && entry.term === at.term)
    return place < 0 ? undefined : this.recent.slice(place + 1)
  }

  snapshot(): Uint8Array {
    return this.options.snapshot()
  }

  apply(entry: Entry): Promise<unknown> {
    this.applied = { index: entry.index, term: entry.term }
    this.recent.push(entry)
    if (this.recent.length > keptEntries) this.recent.splice(0, keptEntries / 2)
    const outcome = this.options.perform(entry.command)
    outcome.catch(() => undefined)
    for (const wake of [...this.awaiting]) wake()
    return outcome
  }

  /** What other members ask. */
  readonly handle = {
    leader: (): PeerCalls['leader']['give'] => ({ leader: this.leaderId, term: this.term }),
    ack: ({ id, index }: PeerCalls['ack']['take']): null => (this.leadership?.ack(id, index), null),
    vote: (take: PeerCalls['vote']['take']): PeerCalls['vote']['give'] => this.vote(take),
    lead: ({ id, term }: PeerCalls['lead']['take']): null => {
      if (term < this.term) return null
      this.rise(term)
      this.announced?.(id)
      return null
    },
    handover: (): null => {
      this.options.background(() => this.campaign(true))
      return null
    },
    read: (_take: Record<string, never>): PeerCalls['read']['give'] => (this.leadership?.hasQuorum() ? { index: this.applied.index } : null),
  }

  /** A follower's stream; undefined where this member does not lead. */
  serve(id: string, at: Position, signal: AbortSignal | undefined): AsyncIterable<FollowMessage> | undefined {
    return this.members.get(id) ? this.leadership?.serve(id, at, signal) : undefined
  }

  private vote({ id, last, term, handover }: PeerCalls['vote']['take']): PeerCalls['vote']['give'] {
    // Who hears a leader sees no need for another.
    if (this.leaderId !== undefined && !handover) return { granted: false, term: this.term }
    if (term > this.term) this.rise(term)
    const own = this.last()
    const upToDate = last.term > own.term || (last.term === own.term && last.index >= own.index)
    const free = this.votedFor === undefined || this.votedFor.term < term || this.votedFor.id === id
    const granted = term >= this.term && free && upToDate
    if (granted) this.votedFor = { term, id }
    if (granted) this.options.persist()
    return { granted, term: this.term }
  }

  /** A later term: whoever led before does no longer. */
  private rise(term: number): void {
    if (term <= this.term) return
    this.term = term
    if (!this.leadership) return
    this.options.say(`${this.id} stepped down to follower since a higher term was seen`, { term })
    this.leadership.stop()
    this.leadership = undefined
    this.leaderId = undefined
    this.options.background(() => this.seek())
  }

  lostQuorum(): void {
    if (!this.leadership) return
    this.options.say(`${this.id} stepped down to follower since quorum is not active`, { term: this.term })
    this.leadership = undefined
    this.leaderId = undefined
    this.options.background(() => this.seek())
  }

  private lead(): void {
    this.leadership = new Leadership(this, this.term)
    this.leaderId = this.id
    for (const wake of [...this.awaiting]) wake()
    for (const member of this.members.all()) if (member.id !== this.id) this.options.background(async () => void (await this.options.link.call(member, 'lead', { id: this.id, term: this.term }).catch((error: unknown) => this.nothing(error))))
    if (this.members.all().length > 1) void this.leadership.propose({ kind: 'nothing' }).catch(() => undefined)
    this.leadership.advance()
  }

  /** Looks for a leader and follows it; without one it offers itself. */
  private async seek(): Promise<void> {
    while (!this.leadership && !this.stopped) {
      const found = (await this.askForLeader()) ?? (await this.waitForLeader())
      if (found !== undefined && found !== this.id) await this.follow(found)
      else if (!this.leadership && this.members.get(this.id)?.isLearner === false) await this.campaign(false)
    }
  }

  private async askForLeader(): Promise<string | undefined> {
    const others = this.members.all().filter((member) => member.id !== this.id)
    const answers = await Promise.all(others.map((member) => this.options.link.call(member, 'leader', {}).catch((error: unknown) => this.nothing(error))))
    const [best] = answers.filter((answer) => answer?.leader !== undefined).sort((a, b) => (b?.term ?? 0) - (a?.term ?? 0))
    return best?.leader
  }

  /** An election timeout, drawn anew each time, so that not all offer themselves at once. */
  private async waitForLeader(): Promise<string | undefined> {
    const waitMs = (this.options.hurried ? 5 : electionMs) * (1 + this.options.random.next())
    const told = new Promise<string>((resolve) => (this.announced = resolve))
    const found = await Promise.race([told, this.clock.sleep(waitMs).then(() => undefined)])
    this.announced = undefined
    return found
  }

  private async campaign(handover: boolean): Promise<void> {
    if (this.leadership || this.stopped || !(await this.reachesMajority())) return
    const term = ++this.term
    this.votedFor = { term, id: this.id }
    this.options.persist()
    this.options.say(`${this.id} became candidate at term ${term}`, {})
    const others = this.members.voters().filter((member) => member.id !== this.id)
    const answers = await Promise.all(others.map((member) => this.options.link.call(member, 'vote', { id: this.id, last: this.last(), term, handover }).catch((error: unknown) => this.nothing(error))))
    const votes = 1 + answers.filter((answer) => answer?.granted).length
    const higher = Math.max(0, ...answers.map((answer) => answer?.term ?? 0))
    if (higher > this.term) this.rise(higher)
    if (this.term !== term || votes < this.members.majority()) return
    this.options.say(`${this.id} became leader at term ${term}`, {})
    this.lead()
  }

  /** Who could not win does not stand: the term stays what it is. */
  private async reachesMajority(): Promise<boolean> {
    const others = this.members.voters().filter((member) => member.id !== this.id)
    const answers = await Promise.all(others.map((member) => this.options.link.call(member, 'leader', {}).catch((error: unknown) => this.nothing(error))))
    return 1 + answers.filter((answer) => answer !== undefined).length >= this.members.majority()
  }

  private async follow(leader: string): Promise<void> {
    const member = this.members.get(leader)
    if (!member) return void (await this.clock.sleep(100))
    const stop = new AbortController()
    this.following = stop
    try {
      const stream = await this.options.link.follow(member, { id: this.id, at: this.applied }, stop.signal)
      this.pending.length = 0
      this.leaderId = leader
      for (const wake of [...this.awaiting]) wake()
      for await (const message of stream) {
        this.take(message, member)
        if (this.leadership) break
      }
    } catch (error) {
      this.nothing(error)
      if (error instanceof EtcdError && error.code === 'NotFound') return this.options.removed()
      await this.clock.sleep(100)
    } finally {
      stop.abort()
      if (this.leaderId === leader) this.leaderId = undefined
    }
  }

  private take(message: FollowMessage, leader: Member): void {
    if (message.kind === 'snapshot') {
      this.options.restore(message.bytes)
      this.applied = message.at
      this.recent.length = 0
      this.ack(leader)
    } else if (message.kind === 'entry') {
      if (message.entry.index <= this.last().index) return
      this.pending.push(message.entry)
      if (message.entry.term > this.term) this.term = message.entry.term
      this.ack(leader)
    } else for (let entry = this.pending[0]; entry && entry.index <= message.index; entry = this.pending[0]) void this.apply(this.pending.shift() as Entry)
  }

  private ack(leader: Member): void {
    const index = this.last().index
    this.options.background(async () => void (await this.options.link.call(leader, 'ack', { id: this.id, index }).catch((error: unknown) => this.nothing(error))))
  }

  /** Waits for somebody to lead. */
  private async leader(): Promise<string> {
    const until = this.clock.now() + 7000
    while (this.leaderId === undefined) {
      const leftMs = until - this.clock.now()
      if (leftMs <= 0) throw new EtcdError('Unavailable', 'etcdserver: request timed out')
      await this.woken(leftMs)
    }
    return this.leaderId
  }

  private async untilApplied(index: number): Promise<void> {
    while (this.applied.index < index) await this.woken(1000)
  }

  private woken(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel()
        this.awaiting.delete(done)
        resolve()
      }
      const timer = this.clock.after(limitMs, done)
      this.awaiting.add(done)
    })
  }

  private async remote(leader: string, call: 'propose' | 'lease', take: never | Command | PeerCalls['lease']['take']): Promise<unknown> {
    const outcome = await this.options.link.call(this.memberOf(leader), call, take as never).catch((error: unknown) => {
      this.nothing(error)
      throw new EtcdError('Unavailable', 'etcdserver: leader changed')
    })
    if ('code' in outcome) throw new EtcdError(outcome.code as EtcdError['code'], outcome.message)
    return outcome.value
  }

  private memberOf(id: string): Member {
    const member = this.members.get(id)
    if (!member) throw new EtcdError('Unavailable', 'etcdserver: no leader')
    return member
  }

  private nothing(error: unknown): undefined {
    if ((error as Error).name === 'ProcessKilled') throw error
    return undefined
  }
}
