/** An etcd client over whatever carries HTTP objects: it adds nothing but the method's path and the errors' type. */
import { encodeUtf8 } from '#engine/base/bytes'
import { type HttpRequest, type HttpResponse, valueBody } from '#engine/base/http'
import {
  type ClusterControl, EtcdError, type DeleteRangeRequest, type DeleteRangeResponse, type Etcd, type LeaseStatus, type Member, type MemberStatus, type PutRequest,
  type PutResponse, type RangeRequest, type RangeResponse, type ResponseHeader, type TxnRequest, type TxnResponse, type Watch, type WatchRequest, type WatchResponse,
} from '#engine/etcd/api'

export type Send = (request: HttpRequest) => Promise<HttpResponse>

export class EtcdClient implements Etcd, ClusterControl {
  private watches = 0

  /** `clientId` keeps the watches of several clients of one server apart. */
  constructor(
    private readonly send: Send,
    private readonly clientId = 'client',
  ) {}

  range(request: RangeRequest): Promise<RangeResponse> {
    return this.call('KV/Range', request)
  }

  put(request: PutRequest): Promise<PutResponse> {
    return this.call('KV/Put', request)
  }

  deleteRange(request: DeleteRangeRequest): Promise<DeleteRangeResponse> {
    return this.call('KV/DeleteRange', request)
  }

  txn(request: TxnRequest): Promise<TxnResponse> {
    return this.call('KV/Txn', request)
  }

  watch(request: WatchRequest, signal?: AbortSignal): Watch {
    const watchId = `${this.clientId}-${++this.watches}`
    return {
      [Symbol.asyncIterator]: () => this.events({ ...request, watchId }, signal),
      requestProgress: () => void this.progress(watchId).catch(() => undefined),
    }
  }

  progress(watchId: string): Promise<void> {
    return this.call('Watch/Progress', { watchId })
  }

  compact(revision: number): Promise<ResponseHeader> {
    return this.call('KV/Compact', { revision })
  }

  leaseGrant(ttlSeconds: number, id?: number): Promise<{ readonly id: number; readonly ttlSeconds: number }> {
    return this.call('Lease/LeaseGrant', { ttlSeconds, id })
  }

  leaseRevoke(id: number): Promise<void> {
    return this.call('Lease/LeaseRevoke', { id })
  }

  leaseKeepAlive(id: number): Promise<{ readonly ttlSeconds: number }> {
    return this.call('Lease/LeaseKeepAlive', { id })
  }

  leaseTimeToLive(id: number, keys: boolean): Promise<LeaseStatus> {
    return this.call('Lease/LeaseTimeToLive', { id, keys })
  }

  leases(): Promise<readonly number[]> {
    return this.call('Lease/LeaseLeases', {})
  }

  status(): Promise<MemberStatus> {
    return this.call('Maintenance/Status', {})
  }

  members(): Promise<readonly Member[]> {
    return this.call('Cluster/MemberList', {})
  }

  memberAdd(peerUrls: readonly string[], isLearner: boolean): Promise<{ readonly member: Member; readonly members: readonly Member[] }> {
    return this.call('Cluster/MemberAdd', { peerUrls, isLearner })
  }

  memberRemove(id: string): Promise<readonly Member[]> {
    return this.call('Cluster/MemberRemove', { id })
  }

  memberUpdate(id: string, peerUrls: readonly string[]): Promise<readonly Member[]> {
    return this.call('Cluster/MemberUpdate', { id, peerUrls })
  }

  memberPromote(id: string): Promise<readonly Member[]> {
    return this.call('Cluster/MemberPromote', { id })
  }

  moveLeader(target: string): Promise<void> {
    return this.call('Maintenance/MoveLeader', { target })
  }

  snapshot(): Promise<Uint8Array> {
    return this.call('Maintenance/Snapshot', {})
  }

  defragment(): Promise<void> {
    return this.call('Maintenance/Defragment', {})
  }

  private events(request: WatchRequest, signal: AbortSignal | undefined): AsyncIterator<WatchResponse> {
    let inner: AsyncIterator<unknown> | undefined
    const open = async (): Promise<IteratorResult<WatchResponse>> => {
      const response = await this.send(message('/etcdserverpb.Watch/Watch', request, signal))
      const values = response.body.values
      if (!values) throw new EtcdError('Unavailable', 'transport is closing')
      inner = values[Symbol.asyncIterator]()
      return inner.next() as Promise<IteratorResult<WatchResponse>>
    }
    return {
      next: () => (inner ? (inner.next() as Promise<IteratorResult<WatchResponse>>) : open()),
      return: () => (inner?.return?.() ?? Promise.resolve()).then(() => ({ done: true, value: undefined })),
    }
  }

  private call<T>(method: string, body: unknown): Promise<T> {
    return this.send(message(`/etcdserverpb.${method}`, body)).then((response) => answered(response) as T)
  }
}

function answered(response: HttpResponse): unknown {
  // A server that speaks something else (TLS, say) breaks off before gRPC has begun.
  if (response.status !== 200) throw new EtcdError('Unavailable', 'connection error: desc = "error reading server preface: EOF"')
  const status = response.headers['grpc-status']
  if (status !== undefined && status !== '0') throw new EtcdError(status as EtcdError['code'], response.headers['grpc-message'] ?? status)
  return response.body.value
}

function message(path: string, value: unknown, signal?: AbortSignal): HttpRequest {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/grpc' },
    body: valueBody(value, (content) => encodeUtf8(JSON.stringify(content))),
    ...(signal ? { signal } : {}),
  }
}
