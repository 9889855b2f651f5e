/** What members of a cluster say to each other. */
import type { DeleteRangeRequest, Member, PutRequest, TxnRequest } from '#engine/etcd/api'

/** A change that all members make in the same order. */
export type Command =
  | { readonly kind: 'put'; readonly request: PutRequest }
  | { readonly kind: 'deleteRange'; readonly request: DeleteRangeRequest }
  | { readonly kind: 'txn'; readonly request: TxnRequest }
  | { readonly kind: 'compact'; readonly revision: number }
  | { readonly kind: 'leaseGrant'; readonly ttlSeconds: number; readonly id: number }
  | { readonly kind: 'leaseRevoke'; readonly id: number }
  | { readonly kind: 'members'; readonly change: MemberChange }
  | { readonly kind: 'nothing' }

export type MemberChange =
  | { readonly verb: 'add'; readonly member: Member }
  | { readonly verb: 'remove' | 'promote'; readonly id: string }
  | { readonly verb: 'update'; readonly id: string; readonly peerUrls: readonly string[] }
  /** A member that has begun tells its name and where its clients find it. */
  | { readonly verb: 'publish'; readonly id: string; readonly name: string; readonly clientUrls: readonly string[] }

export interface Position {
  readonly index: number
  readonly term: number
}

export interface Entry extends Position {
  readonly command: Command
}

/** The leader's stream to a follower. */
export type FollowMessage =
  | { readonly kind: 'snapshot'; readonly bytes: Uint8Array; readonly at: Position }
  | { readonly kind: 'entry'; readonly entry: Entry }
  | { readonly kind: 'commit'; readonly index: number }

export interface PeerCalls {
  /** Who leads, as far as this member knows. */
  leader: { take: Record<string, never>; give: { readonly leader: string | undefined; readonly term: number } }
  ack: { take: { readonly id: string; readonly index: number }; give: null }
  vote: { take: { readonly id: string; readonly last: Position; readonly term: number; readonly handover: boolean }; give: { readonly granted: boolean; readonly term: number } }
  /** A new leader tells of itself. */
  lead: { take: { readonly id: string; readonly term: number }; give: null }
  handover: { take: Record<string, never>; give: null }
  propose: { take: Command; give: Outcome }
  /** The index up to which a member must have applied to answer as the leader would now. */
  read: { take: Record<string, never>; give: { readonly index: number } | null }
  lease: { take: { readonly verb: 'keepAlive' | 'timeToLive'; readonly id: number; readonly keys: boolean }; give: Outcome }
  members: { take: Record<string, never>; give: { readonly clusterId: string; readonly members: readonly Member[] } }
}

/** What came of something that another member did. */
export type Outcome = { readonly value: unknown } | { readonly code: string; readonly message: string }

/** The way to another member. Both reject where it cannot be reached. */
export interface PeerLink {
  call<K extends keyof PeerCalls>(member: Pick<Member, 'peerUrls'>, name: K, take: PeerCalls[K]['take']): Promise<PeerCalls[K]['give']>
  follow(leader: Member, who: { readonly id: string; readonly at: Position }, signal: AbortSignal): Promise<AsyncIterable<FollowMessage>>
}
