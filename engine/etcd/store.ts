/** One etcd member: MVCC, transactions, watches and leases behind the v3 API. Durable state is what `persist` is told of. */
import type { Clock } from '#engine/base/clock'
import type { Random } from '#engine/base/random'
import { decodeUtf8, toHex } from '#engine/base/bytes'
import {
  EtcdError, type Compare, type DeleteRangeRequest, type DeleteRangeResponse, type Etcd, type KeyValue, type LeaseStatus, type Member,
  type MemberStatus, type Operation, type OperationResponse, type PutRequest, type PutResponse, type RangeRequest, type RangeResponse,
  type ResponseHeader, sizeOf, type TxnRequest, type TxnResponse, type Watch, type WatchEvent, type WatchRequest, type WatchResponse,
} from '#engine/etcd/api'
import { type ClusterRecord, decodeSnapshot, encodeSnapshot } from './snapshot'
import { Leases } from './leases'
import { Mvcc } from './mvcc'
import { Watcher } from './watchers'

const requestLimit = 1.5 * 1024 * 1024

export interface EtcdOptions {
  readonly clock: Clock
  readonly random: Random
  readonly name?: string
  readonly version?: string
  readonly peerUrls?: readonly string[]
  readonly clientUrls?: readonly string[]
  /** Bytes of an earlier snapshot, to go on from. Throws EtcdError on bytes that are none. */
  readonly snapshot?: Uint8Array
  /** Told after each commit: the data on disk is to be the store's `snapshotBytes()` of now. */
  readonly persist?: () => void
  /** Bytes of values after which writes fail with NOSPACE; etcd's default is 2 GiB. */
  readonly quotaBytes?: number
  /** Who it is, where others have decided that. */
  readonly identity?: { readonly clusterId: string; readonly memberId: string }
  /** What the cluster it belongs to has to remember. */
  readonly cluster?: () => ClusterRecord | undefined
  readonly term?: () => number
  /** A lease has run out; true where the leader sees to it. */
  readonly leaseRunOut?: (id: number) => boolean
}

export class EtcdStore implements Etcd {
  private mvcc = new Mvcc()
  private readonly leaseTable: Leases
  private readonly watchers = new Set<Watcher>()
  readonly clusterId: string
  readonly memberId: string
  /** What the snapshot said of the cluster. */
  readonly record: ClusterRecord | undefined
  raftIndex = 3
  private liveBytes = 0

  constructor(private readonly options: EtcdOptions) {
    this.leaseTable = new Leases(options.clock, (keys) => {
      this.commit(() => keys.flatMap((key) => this.deleteKey(key) ?? []))
    }, options.leaseRunOut)
    const loaded = options.snapshot ? decodeSnapshot(options.snapshot) : undefined
    this.clusterId = options.identity?.clusterId ?? loaded?.clusterId ?? toHex(options.random.bytes(8))
    this.memberId = options.identity?.memberId ?? loaded?.memberId ?? toHex(options.random.bytes(8))
    this.record = loaded?.cluster
    if (!loaded) return
    this.mvcc.revision = loaded.revision
    this.mvcc.compactedRevision = loaded.revision - 1
    this.raftIndex = loaded.raftIndex
    for (const lease of loaded.leases) this.leaseTable.grant(lease.id, lease.ttlSeconds, lease.remainingMs)
    for (const kv of loaded.kvs) {
      this.mvcc.load(kv)
      this.liveBytes += sizeOf(kv.value)
      if (kv.lease !== 0 && this.leaseTable.ids().includes(kv.lease)) this.leaseTable.attach(kv.lease, kv.key)
    }
  }

  range(request: RangeRequest): Promise<RangeResponse> {
    return this.now(() => this.rangeNow(request))
  }

  put(request: PutRequest): Promise<PutResponse> {
    return this.now(() => {
      let response: PutResponse | undefined
      this.commit(() => {
        const result = this.putNow(request)
        response = result.response
        return [result.event]
      })
      return { ...(response as PutResponse), header: this.header() }
    })
  }

  deleteRange(request: DeleteRangeRequest): Promise<DeleteRangeResponse> {
    return this.now(() => {
      let deleted: WatchEvent[] = []
      this.commit(() => (deleted = this.deleteNow(request)))
      return this.deleteResponse(request, deleted)
    })
  }

  txn(request: TxnRequest): Promise<TxnResponse> {
    return this.now(() => {
      let response: TxnResponse | undefined
      this.commit(() => {
        const events: WatchEvent[] = []
        response = this.txnNow(request, events)
        return events
      })
      return { ...(response as TxnResponse), header: this.header() }
    })
  }

  watch(request: WatchRequest, signal?: AbortSignal): Watch {
    const watcher = new Watcher(request)
    const replayed = this.replay(request, watcher)
    if (replayed) this.watchers.add(watcher)
    return {
      [Symbol.asyncIterator]: () => this.consume(watcher, signal),
      requestProgress: () => watcher.push({ header: this.header(), events: [] }),
      end: () => {
        this.watchers.delete(watcher)
        watcher.end()
      },
    }
  }

  progress(watchId: string): Promise<void> {
    return this.now(() => {
      for (const watcher of this.watchers) if (watcher.id === watchId) watcher.push({ header: this.header(), events: [] })
    })
  }

  compact(revision: number): Promise<ResponseHeader> {
    return this.now(() => {
      this.mvcc.compact(revision)
      return this.header()
    })
  }

  leaseGrant(ttlSeconds: number, id?: number): Promise<{ readonly id: number; readonly ttlSeconds: number }> {
    return this.now(() => {
      const chosen = id && id > 0 ? id : this.options.random.integer(2 ** 31) * 2 ** 20 + this.options.random.integer(2 ** 20)
      this.leaseTable.grant(chosen, ttlSeconds)
      this.options.persist?.()
      return { id: chosen, ttlSeconds }
    })
  }

  leaseRevoke(id: number): Promise<void> {
    return this.now(() => this.leaseTable.revoke(id))
  }

  leaseKeepAlive(id: number): Promise<{ readonly ttlSeconds: number }> {
    return this.now(() => ({ ttlSeconds: this.leaseTable.keepAlive(id) }))
  }

  leaseTimeToLive(id: number, keys: boolean): Promise<LeaseStatus> {
    return this.now(() => this.leaseTable.timeToLive(id, keys))
  }

  leases(): Promise<readonly number[]> {
    return this.now(() => this.leaseTable.ids())
  }

  status(): Promise<MemberStatus> {
    return this.now(() => ({
      header: this.header(),
      version: this.options.version ?? '3.6.6',
      dbSize: 16_384 + Math.ceil((this.liveBytes * 1.6) / 4096) * 4096,
      dbSizeInUse: 16_384 + Math.ceil(this.liveBytes / 4096) * 4096,
      leader: this.memberId,
      raftIndex: this.raftIndex,
      raftAppliedIndex: this.raftIndex,
      isLearner: false,
      errors: [],
    }))
  }

  members(): Promise<readonly Member[]> {
    const { name = 'default', peerUrls = ['http://localhost:2380'], clientUrls = ['http://localhost:2379'] } = this.options
    return this.now(() => [{ id: this.memberId, name, peerUrls, clientUrls, isLearner: false }])
  }

  snapshot(): Promise<Uint8Array> {
    return this.now(() => this.snapshotBytes())
  }

  defragment(): Promise<void> {
    return this.now(() => undefined)
  }

  renewLeases(): void {
    this.leaseTable.renewAll()
  }

  /** What is to stand on disk. */
  snapshotBytes(): Uint8Array {
    const cluster = this.options.cluster?.()
    return encodeSnapshot({
      ...(cluster ? { cluster } : {}),
      clusterId: this.clusterId,
      memberId: this.memberId,
      revision: this.mvcc.revision,
      raftIndex: this.raftIndex,
      leases: this.leaseTable.ids().map((id) => {
        const { ttlSeconds, grantedTtlSeconds } = this.leaseTable.timeToLive(id, false)
        return { id, ttlSeconds: grantedTtlSeconds, remainingMs: ttlSeconds * 1000 }
      }),
      kvs: this.mvcc.live(),
    })
  }

  /** Ends all watches and timers: the member is going down. */
  stop(): void {
    this.leaseTable.stop()
    for (const watcher of this.watchers) watcher.end()
  }

  /** Offers what the watch has missed; false where that is compacted and the watch ends at once. */
  private replay(request: WatchRequest, watcher: Watcher): boolean {
    const start = request.startRevision ?? 0
    if (start > 0 && start <= this.mvcc.compactedRevision) {
      watcher.push({ header: this.header(), events: [], compactRevision: this.mvcc.compactedRevision })
      watcher.end()
      return false
    }
    const missed = start > 0 && start <= this.mvcc.revision ? this.mvcc.eventsFrom(start, (key) => watcher.matches(key)) : []
    if (missed.length > 0) watcher.offer(this.header(), missed)
    return true
  }

  private async *consume(watcher: Watcher, signal: AbortSignal | undefined): AsyncGenerator<WatchResponse> {
    const end = (): void => watcher.end()
    signal?.addEventListener('abort', end, { once: true })
    if (signal?.aborted) watcher.end()
    try {
      for (;;) {
        const response = await watcher.next()
        if (!response) return
        yield response
      }
    } finally {
      this.watchers.delete(watcher)
      signal?.removeEventListener('abort', end)
    }
  }

  /** Throws what the store refuses as a rejected promise, so that local and remote callers see the same. */
  private now<T>(run: () => T): Promise<T> {
    return new Promise((resolve) => resolve(run()))
  }

  header(): ResponseHeader {
    return { clusterId: this.clusterId, memberId: this.memberId, revision: this.mvcc.revision, raftTerm: this.options.term?.() ?? 2 }
  }

  /** Runs writes at the next revision; without any, the revision stays. */
  private commit(write: () => WatchEvent[]): void {
    this.mvcc.revision++
    let events: WatchEvent[] = []
    try {
      events = write()
    } finally {
      if (events.length === 0) this.mvcc.revision--
    }
    if (events.length === 0) return
    this.raftIndex++
    const header = this.header()
    for (const watcher of this.watchers) {
      const wanted = wantedBy(watcher, events)
      if (wanted.length > 0) watcher.offer(header, wanted)
    }
    this.options.persist?.()
  }

  private rangeNow(request: RangeRequest): RangeResponse {
    const { kvs, count } = this.mvcc.range(request)
    if (request.countOnly) return { header: this.header(), kvs: [], more: false, count }
    if (request.sort) sortPairs(kvs, request.sort)
    const limit = request.limit && request.limit > 0 ? request.limit : kvs.length
    const shown = kvs.slice(0, limit)
    const out = request.keysOnly ? shown.map((kv) => ({ ...kv, value: { bytes: new Uint8Array(0) } })) : shown
    return { header: this.header(), kvs: out, more: kvs.length > limit, count }
  }

  private putNow(request: PutRequest): { event: WatchEvent; response: PutResponse } {
    if (request.key === '') throw new EtcdError('InvalidArgument', 'etcdserver: key is not provided')
    const previous = this.mvcc.current(request.key)
    const size = sizeOf(request.value)
    if (size > requestLimit && request.value.bytes.length > requestLimit) throw new EtcdError('InvalidArgument', 'etcdserver: request is too large')
    this.liveBytes += size - (previous ? sizeOf(previous.value) : 0)
    if (this.liveBytes > (this.options.quotaBytes ?? 2 ** 31)) throw new EtcdError('ResourceExhausted', 'etcdserver: mvcc: database space exceeded')
    const lease = request.lease ?? 0
    if (previous && previous.lease !== lease) this.leaseTable.detach(previous.lease, request.key)
    this.leaseTable.attach(lease, request.key)
    const event = this.mvcc.put(request.key, request.value, lease)
    return { event, response: { header: this.header(), ...(request.previous && previous ? { previous } : {}) } }
  }

  private deleteNow(request: DeleteRangeRequest): WatchEvent[] {
    return [...this.mvcc.keysOf(request.key, request.rangeEnd)].flatMap((key) => this.deleteKey(key) ?? [])
  }

  private deleteKey(key: string): WatchEvent | undefined {
    const event = this.mvcc.delete(key)
    if (!event?.previous) return event
    this.liveBytes -= sizeOf(event.previous.value)
    this.leaseTable.detach(event.previous.lease, key)
    return event
  }

  private deleteResponse(request: DeleteRangeRequest, events: readonly WatchEvent[]): DeleteRangeResponse {
    return { header: this.header(), deleted: events.length, previous: request.previous ? events.flatMap((event) => event.previous ?? []) : [] }
  }

  private txnNow(request: TxnRequest, events: WatchEvent[]): TxnResponse {
    const succeeded = request.compare.every((compare) => holds(compare, this.mvcc.current(compare.key)))
    const responses = (succeeded ? request.success : request.failure).map((operation) => this.operate(operation, events))
    return { header: this.header(), succeeded, responses }
  }

  private operate(operation: Operation, events: WatchEvent[]): OperationResponse {
    if ('range' in operation) return { range: this.rangeNow(operation.range) }
    if ('txn' in operation) return { txn: this.txnNow(operation.txn, events) }
    if ('put' in operation) {
      const { event, response } = this.putNow(operation.put)
      events.push(event)
      return { put: response }
    }
    const deleted = this.deleteNow(operation.deleteRange)
    events.push(...deleted)
    return { deleteRange: this.deleteResponse(operation.deleteRange, deleted) }
  }
}

const none: readonly WatchEvent[] = []

/** Dozens watch, and most transactions have one event, of one or two of them. */
function wantedBy(watcher: Watcher, events: readonly WatchEvent[]): readonly WatchEvent[] {
  let count = 0
  for (const event of events) if (watcher.matches(event.kv.key)) count++
  if (count === 0) return none
  return count === events.length ? events : events.filter((event) => watcher.matches(event.kv.key))
}

function holds(compare: Compare, kv: KeyValue | undefined): boolean {
  const actual = comparable(compare.target, kv)
  if (actual === undefined) return false
  switch (compare.result) {
    case '=':
      return actual === compare.operand
    case '!=':
      return actual !== compare.operand
    case '<':
      return actual < compare.operand
    case '>':
      return actual > compare.operand
  }
}

function comparable(target: Compare['target'], kv: KeyValue | undefined): number | string | undefined {
  if (target === 'value') return kv ? decodeUtf8(kv.value.bytes) : undefined
  if (!kv) return 0
  const numbers = { version: kv.version, create: kv.createRevision, mod: kv.modRevision, lease: kv.lease }
  return numbers[target]
}

function sortPairs(kvs: KeyValue[], sort: NonNullable<RangeRequest['sort']>): void {
  const sign = sort.order === 'descend' ? -1 : 1
  kvs.sort((a, b) => {
    const left = sort.target === 'key' ? a.key : (comparable(sort.target, a) ?? '')
    const right = sort.target === 'key' ? b.key : (comparable(sort.target, b) ?? '')
    return left < right ? -sign : left > right ? sign : 0
  })
}
