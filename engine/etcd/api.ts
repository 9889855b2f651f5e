/**
 * etcd v3's messages (etcdserverpb, mvccpb), camel-cased. Keys are strings (Kubernetes' and etcdctl's are UTF-8), values
 * bytes. Beside its bytes a value may carry the object they encode, so that writer and readers in one simulation need not
 * parse: such an object is shared and never mutated.
 */
export interface Value {
  readonly bytes: Uint8Array
  readonly object?: unknown
  /** About how long the bytes are, never less, where they are not made yet; always the same number. */
  readonly size?: number
}

export function sizeOf(value: Value): number {
  return value.size ?? value.bytes.length
}

export interface KeyValue {
  readonly key: string
  readonly createRevision: number
  readonly modRevision: number
  readonly version: number
  readonly value: Value
  /** 0 without a lease. */
  readonly lease: number
}

export interface ResponseHeader {
  readonly clusterId: string
  readonly memberId: string
  readonly revision: number
  readonly raftTerm: number
}

export interface RangeRequest {
  readonly key: string
  /** Exclusive; absent for one key, `\0` for everything from `key` on. */
  readonly rangeEnd?: string
  readonly limit?: number
  /** Read at this revision; absent for now. */
  readonly revision?: number
  readonly keysOnly?: boolean
  readonly countOnly?: boolean
  readonly sort?: { readonly target: 'key' | 'version' | 'create' | 'mod' | 'value'; readonly order: 'ascend' | 'descend' }
}

export interface RangeResponse {
  readonly header: ResponseHeader
  readonly kvs: readonly KeyValue[]
  readonly more: boolean
  readonly count: number
}

export interface PutRequest {
  readonly key: string
  readonly value: Value
  readonly lease?: number
  readonly previous?: boolean
}

export interface PutResponse {
  readonly header: ResponseHeader
  readonly previous?: KeyValue
}

export interface DeleteRangeRequest {
  readonly key: string
  readonly rangeEnd?: string
  readonly previous?: boolean
}

export interface DeleteRangeResponse {
  readonly header: ResponseHeader
  readonly deleted: number
  readonly previous: readonly KeyValue[]
}

export interface Compare {
  readonly key: string
  readonly target: 'version' | 'create' | 'mod' | 'value' | 'lease'
  readonly result: '=' | '!=' | '<' | '>'
  /** A number, or text for `value`. A missing key has version, create and mod revision 0. */
  readonly operand: number | string
}

export type Operation =
  | { readonly range: RangeRequest }
  | { readonly put: PutRequest }
  | { readonly deleteRange: DeleteRangeRequest }
  | { readonly txn: TxnRequest }

export interface TxnRequest {
  readonly compare: readonly Compare[]
  readonly success: readonly Operation[]
  readonly failure: readonly Operation[]
}

export type OperationResponse =
  | { readonly range: RangeResponse }
  | { readonly put: PutResponse }
  | { readonly deleteRange: DeleteRangeResponse }
  | { readonly txn: TxnResponse }

export interface TxnResponse {
  readonly header: ResponseHeader
  readonly succeeded: boolean
  readonly responses: readonly OperationResponse[]
}

export interface WatchRequest {
  readonly key: string
  readonly rangeEnd?: string
  /** Events from this revision on; absent for those after now. */
  readonly startRevision?: number
  readonly previous?: boolean
  readonly progressNotify?: boolean
  /** Chosen by the client, unique among its watches; names the watch for `requestProgress`. */
  readonly watchId?: string
}

/** A running watch. Consumed once. */
export interface Watch extends AsyncIterable<WatchResponse> {
  /** Asks for a response without events that carries the current revision, after all earlier events. */
  requestProgress(): void
  /** Ends it without a signal, where that can be done from outside. */
  end?(): void
}

export interface WatchEvent {
  readonly type: 'put' | 'delete'
  /** For a delete: the key and the revision of the deletion, without a value. */
  readonly kv: KeyValue
  readonly previous?: KeyValue
}

export interface WatchResponse {
  readonly header: ResponseHeader
  readonly events: readonly WatchEvent[]
  /** Set when the start revision is gone: the watch has ended. */
  readonly compactRevision?: number
}

export interface LeaseStatus {
  readonly id: number
  readonly ttlSeconds: number
  readonly grantedTtlSeconds: number
  readonly keys: readonly string[]
}

export interface MemberStatus {
  readonly header: ResponseHeader
  readonly version: string
  readonly dbSize: number
  readonly dbSizeInUse: number
  readonly leader: string
  readonly raftIndex: number
  readonly raftAppliedIndex: number
  readonly isLearner: boolean
  readonly errors: readonly string[]
}

export interface Member {
  readonly id: string
  readonly name: string
  readonly peerUrls: readonly string[]
  readonly clientUrls: readonly string[]
  readonly isLearner: boolean
}

/** Changes of who belongs to the cluster. Each answers with the members as they then are. */
export interface ClusterControl {
  memberAdd(peerUrls: readonly string[], isLearner: boolean): Promise<{ readonly member: Member; readonly members: readonly Member[] }>
  memberRemove(id: string): Promise<readonly Member[]>
  memberUpdate(id: string, peerUrls: readonly string[]): Promise<readonly Member[]>
  memberPromote(id: string): Promise<readonly Member[]>
  moveLeader(target: string): Promise<void>
}

/** An error of the store in gRPC's terms: `etcdserver: mvcc: required revision has been compacted`. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError'

  constructor(
    readonly code: 'OutOfRange' | 'NotFound' | 'InvalidArgument' | 'Unavailable' | 'DeadlineExceeded' | 'FailedPrecondition' | 'ResourceExhausted' | 'PermissionDenied' | 'Unknown',
    message: string,
  ) {
    super(message)
  }
}

/** What a client can ask. The store itself implements it; `client.ts` does over a connection. */
export interface Etcd {
  range(request: RangeRequest): Promise<RangeResponse>
  put(request: PutRequest): Promise<PutResponse>
  deleteRange(request: DeleteRangeRequest): Promise<DeleteRangeResponse>
  txn(request: TxnRequest): Promise<TxnResponse>
  /** Ends when the consumer returns, the signal is aborted, or with `compactRevision`. Throws EtcdError when the server is gone. */
  watch(request: WatchRequest, signal?: AbortSignal): Watch
  /** Progress of a watch by its `watchId`; nothing where there is none. */
  progress(watchId: string): Promise<void>
  compact(revision: number): Promise<ResponseHeader>
  leaseGrant(ttlSeconds: number, id?: number): Promise<{ readonly id: number; readonly ttlSeconds: number }>
  leaseRevoke(id: number): Promise<void>
  leaseKeepAlive(id: number): Promise<{ readonly ttlSeconds: number }>
  leaseTimeToLive(id: number, keys: boolean): Promise<LeaseStatus>
  leases(): Promise<readonly number[]>
  status(): Promise<MemberStatus>
  members(): Promise<readonly Member[]>
  /** The bytes of a snapshot file. */
  snapshot(): Promise<Uint8Array>
  defragment(): Promise<void>
}
