/** An etcd member as its clients see it: alone it answers from its store, in a cluster it goes by what the members agree on. */
import {
  type ClusterControl, type DeleteRangeRequest, type DeleteRangeResponse, type Etcd, EtcdError, type LeaseStatus, type Member, type MemberStatus, type PutRequest, type PutResponse,
  type RangeRequest, type RangeResponse, type ResponseHeader, type TxnRequest, type TxnResponse, type Watch, type WatchRequest,
} from '#engine/etcd/api'
import type { ClusterRecord } from '#engine/etcd/snapshot'
import { type EtcdOptions, EtcdStore } from '#engine/etcd/store'
import { memberIdOf } from './identity'
import { Members } from './members'
import type { Command, MemberChange, PeerLink } from './messages'
import { Raft } from './raft'

export interface MemberOptions extends Omit<EtcdOptions, 'cluster' | 'term' | 'leaseRunOut'> {
  readonly name: string
  readonly peerUrls: readonly string[]
  readonly clientUrls: readonly string[]
  readonly link: PeerLink
  /** The cluster this member is new in, or the one it was in before. */
  readonly cluster?: ClusterRecord
  /** A cluster of its own, whatever was before. */
  readonly forceNew: boolean
  readonly hurried: boolean
  background(run: () => Promise<void>): void
  removed(): void
  say(message: string, fields: Readonly<Record<string, unknown>>): void
}

export class EtcdMember implements Etcd, ClusterControl {
  private store: EtcdStore
  readonly raft: Raft
  private readonly membership: Members

  constructor(private readonly options: MemberOptions) {
    this.store = this.open(options.snapshot, options.identity)
    const { forceNew } = options
    const cluster = options.cluster ?? this.store.record
    const self: Member = { id: this.store.memberId, name: options.name, peerUrls: options.peerUrls, clientUrls: options.clientUrls, isLearner: false }
    this.membership = new Members(cluster && !forceNew ? cluster.members : [self])
    this.raft = new Raft({
      id: this.store.memberId, clock: options.clock, random: options.random, link: options.link, members: this.membership, at: cluster?.at ?? { index: 3, term: 2 }, term: (cluster?.term ?? 2) + (this.electsItself(options) ? 1 : 0), hurried: options.hurried,
      perform: (command) => this.perform(command), snapshot: () => this.store.snapshotBytes(), restore: (bytes) => this.restore(bytes),
      persist: () => options.persist?.(), background: (run) => options.background(run), removed: () => options.removed(), say: (message, fields) => options.say(message, fields),
    })
  }

  /** A member alone that begins again is elected anew, by itself; one that comes back with its machine never left. */
  private electsItself({ snapshot, hurried }: MemberOptions): boolean {
    return snapshot !== undefined && !hurried && this.membership.all().length === 1
  }

  get id(): string {
    return this.store.memberId
  }

  get clusterId(): string {
    return this.store.clusterId
  }

  /** Takes its part; a member of several tells its name once it is heard. */
  start(): void {
    this.raft.start()
    const known = this.membership.get(this.id)
    if (known && known.name === this.options.name && known.clientUrls.join() === this.options.clientUrls.join()) return
    this.options.background(() => this.publish())
  }

  stop(): void {
    this.raft.stop()
    this.store.stop()
  }

  snapshotBytes(): Uint8Array {
    return this.store.snapshotBytes()
  }

  range(request: RangeRequest): Promise<RangeResponse> {
    return this.raft.isAlone ? this.store.range(request) : this.raft.readIndex().then(() => this.store.range(request))
  }

  put(request: PutRequest): Promise<PutResponse> {
    return this.change({ kind: 'put', request }, () => this.store.put(request))
  }

  deleteRange(request: DeleteRangeRequest): Promise<DeleteRangeResponse> {
    return this.change({ kind: 'deleteRange', request }, () => this.store.deleteRange(request))
  }

  txn(request: TxnRequest): Promise<TxnResponse> {
    return this.change({ kind: 'txn', request }, () => this.store.txn(request))
  }

  watch(request: WatchRequest, signal?: AbortSignal): Watch {
    return this.store.watch(request, signal)
  }

  progress(watchId: string): Promise<void> {
    return this.store.progress(watchId)
  }

  compact(revision: number): Promise<ResponseHeader> {
    return this.change({ kind: 'compact', revision }, () => this.store.compact(revision))
  }

  leaseGrant(ttlSeconds: number, id?: number): Promise<{ readonly id: number; readonly ttlSeconds: number }> {
    if (this.raft.isAlone) return this.store.leaseGrant(ttlSeconds, id)
    const { random } = this.options
    return this.change({ kind: 'leaseGrant', ttlSeconds, id: id ?? random.integer(2 ** 31) * 2 ** 20 + random.integer(2 ** 20) }, () => this.store.leaseGrant(ttlSeconds, id))
  }

  leaseRevoke(id: number): Promise<void> {
    return this.change({ kind: 'leaseRevoke', id }, () => this.store.leaseRevoke(id))
  }

  leaseKeepAlive(id: number): Promise<{ readonly ttlSeconds: number }> {
    return this.atLeader({ verb: 'keepAlive', id, keys: false }, () => this.store.leaseKeepAlive(id))
  }

  leaseTimeToLive(id: number, keys: boolean): Promise<LeaseStatus> {
    return this.atLeader({ verb: 'timeToLive', id, keys }, () => this.store.leaseTimeToLive(id, keys))
  }

  leases(): Promise<readonly number[]> {
    return this.store.leases()
  }

  async status(): Promise<MemberStatus> {
    const own = await this.store.status()
    if (this.raft.isAlone) return own
    const index = this.raft.last().index
    const leader = this.raft.leaderId
    return { ...own, leader: leader ?? '0', raftIndex: index, raftAppliedIndex: this.raft.applied.index, isLearner: this.membership.get(this.id)?.isLearner === true, errors: leader === undefined ? ['etcdserver: no leader'] : [] }
  }

  async members(): Promise<readonly Member[]> {
    if (!this.raft.isAlone) await this.raft.readIndex()
    return this.membership.all()
  }

  snapshot(): Promise<Uint8Array> {
    return this.store.snapshot()
  }

  defragment(): Promise<void> {
    return this.store.defragment()
  }

  async memberAdd(peerUrls: readonly string[], isLearner: boolean): Promise<{ readonly member: Member; readonly members: readonly Member[] }> {
    const member: Member = { id: memberIdOf(peerUrls, '', this.options.clock.now()), name: '', peerUrls, clientUrls: [], isLearner }
    return { member, members: await this.reconfigure({ verb: 'add', member }) }
  }

  async memberRemove(id: string): Promise<readonly Member[]> {
    const rest = this.membership.voters().filter((member) => member.id !== id)
    // Who is left must be able to agree.
    if (this.membership.get(id)?.isLearner === false && rest.filter((member) => member.name !== '').length < Math.floor(rest.length / 2) + 1) throw new EtcdError('FailedPrecondition', 'etcdserver: re-configuration failed due to not enough started members')
    return this.reconfigure({ verb: 'remove', id })
  }

  memberUpdate(id: string, peerUrls: readonly string[]): Promise<readonly Member[]> {
    return this.reconfigure({ verb: 'update', id, peerUrls })
  }

  async memberPromote(id: string): Promise<readonly Member[]> {
    const member = this.membership.get(id)
    if (member?.isLearner && this.raft.isLeader && !this.raft.isInSync(id)) throw new EtcdError('FailedPrecondition', 'etcdserver: can only promote a learner member which is in sync with leader')
    return this.reconfigure({ verb: 'promote', id })
  }

  moveLeader(target: string): Promise<void> {
    return this.raft.handOver(target)
  }

  private async publish(): Promise<void> {
    for (;;) {
      try {
        return void (await this.reconfigure({ verb: 'publish', id: this.id, name: this.options.name, clientUrls: this.options.clientUrls }))
      } catch (error) {
        if (!(error instanceof EtcdError)) throw error
        await this.options.clock.sleep(500)
      }
    }
  }

  private async reconfigure(change: MemberChange): Promise<readonly Member[]> {
    // Alone it counts its changes in the store; from here on the members count together.
    if (this.raft.isAlone) this.raft.applied = { index: Math.max(this.raft.applied.index, this.store.raftIndex), term: this.raft.term }
    return (await this.raft.propose({ kind: 'members', change })) as readonly Member[]
  }

  private change<T>(command: Command, alone: () => Promise<T>): Promise<T> {
    return this.raft.isAlone ? alone() : (this.raft.propose(command) as Promise<T>)
  }

  private atLeader<T>(take: { verb: 'keepAlive' | 'timeToLive'; id: number; keys: boolean }, here: () => Promise<T>): Promise<T> {
    return this.raft.isAlone ? here() : (this.raft.atLeader(take, here) as Promise<T>)
  }

  /** Makes a change that counts. */
  private perform(command: Command): Promise<unknown> {
    const { store } = this
    switch (command.kind) {
      case 'put': return store.put(command.request)
      case 'deleteRange': return store.deleteRange(command.request)
      case 'txn': return store.txn(command.request)
      case 'compact': return store.compact(command.revision)
      case 'leaseGrant': return store.leaseGrant(command.ttlSeconds, command.id)
      case 'leaseRevoke': return store.leaseRevoke(command.id)
      case 'members': return this.applyChange(command.change)
      case 'nothing':
        store.renewLeases()
        return Promise.resolve(null)
    }
  }

  private applyChange(change: MemberChange): Promise<readonly Member[]> {
    try {
      const members = this.membership.apply(change)
      this.options.persist?.()
      if (change.verb === 'remove' && change.id === this.id) this.options.background(() => this.leave())
      return Promise.resolve(members)
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  /** Not at once: who asked for it is to hear that it is done. */
  private async leave(): Promise<void> {
    await this.options.clock.sleep(1000)
    this.options.removed()
  }

  private restore(bytes: Uint8Array): void {
    const before = this.store
    this.store = this.open(bytes, { clusterId: before.clusterId, memberId: before.memberId })
    before.stop()
    const record = this.store.record
    if (record) this.membership.replace(record.members)
    this.options.persist?.()
  }

  private open(snapshot: Uint8Array | undefined, identity: EtcdOptions['identity']): EtcdStore {
    const { clock, random, name, version, persist, quotaBytes } = this.options
    return new EtcdStore({
      clock, random, name, ...(version === undefined ? {} : { version }), ...(persist ? { persist } : {}), ...(quotaBytes === undefined ? {} : { quotaBytes }), ...(snapshot ? { snapshot } : {}), ...(identity ? { identity } : {}),
      cluster: () => (this.membership.all().length > 1 || this.raft.term > 2 || this.store.record ? { members: this.membership.all(), term: this.raft.term, at: this.raft.applied } : undefined),
      term: () => this.raft.term,
      leaseRunOut: (id) => this.runOut(id),
    })
  }

  /** Of several members the leader ends leases, by a word to all. */
  private runOut(id: number): boolean {
    if (this.raft.isAlone) return false
    if (this.raft.isLeader) void this.raft.propose({ kind: 'leaseRevoke', id }).catch(() => undefined)
    return true
  }
}
