/** Serves a store by HTTP objects: the path is the gRPC method, the body's value the message. */
import { encodeUtf8 } from '#engine/base/bytes'
import { type HttpHandler, type HttpRequest, type HttpResponse, valueBody, valuesBody, whenGone } from '#engine/base/http'
import { type ClusterControl, EtcdError, type Etcd } from '#engine/etcd/api'

type Method = (etcd: Etcd & ClusterControl, message: never) => Promise<unknown>

const methods: Readonly<Record<string, Method>> = {
  '/etcdserverpb.KV/Range': (etcd, message) => etcd.range(message),
  '/etcdserverpb.KV/Put': (etcd, message) => etcd.put(message),
  '/etcdserverpb.KV/DeleteRange': (etcd, message) => etcd.deleteRange(message),
  '/etcdserverpb.KV/Txn': (etcd, message) => etcd.txn(message),
  '/etcdserverpb.KV/Compact': (etcd, message: { revision: number }) => etcd.compact(message.revision),
  '/etcdserverpb.Lease/LeaseGrant': (etcd, message: { ttlSeconds: number; id?: number }) => etcd.leaseGrant(message.ttlSeconds, message.id),
  '/etcdserverpb.Lease/LeaseRevoke': (etcd, message: { id: number }) => etcd.leaseRevoke(message.id),
  '/etcdserverpb.Lease/LeaseKeepAlive': (etcd, message: { id: number }) => etcd.leaseKeepAlive(message.id),
  '/etcdserverpb.Lease/LeaseTimeToLive': (etcd, message: { id: number; keys: boolean }) => etcd.leaseTimeToLive(message.id, message.keys),
  '/etcdserverpb.Lease/LeaseLeases': (etcd) => etcd.leases(),
  '/etcdserverpb.Watch/Progress': (etcd, message: { watchId: string }) => etcd.progress(message.watchId),
  '/etcdserverpb.Cluster/MemberList': (etcd) => etcd.members(),
  '/etcdserverpb.Cluster/MemberAdd': (etcd, message: { peerUrls: readonly string[]; isLearner: boolean }) => etcd.memberAdd(message.peerUrls, message.isLearner),
  '/etcdserverpb.Cluster/MemberRemove': (etcd, message: { id: string }) => etcd.memberRemove(message.id),
  '/etcdserverpb.Cluster/MemberUpdate': (etcd, message: { id: string; peerUrls: readonly string[] }) => etcd.memberUpdate(message.id, message.peerUrls),
  '/etcdserverpb.Cluster/MemberPromote': (etcd, message: { id: string }) => etcd.memberPromote(message.id),
  '/etcdserverpb.Maintenance/MoveLeader': (etcd, message: { target: string }) => etcd.moveLeader(message.target),
  '/etcdserverpb.Maintenance/Status': (etcd) => etcd.status(),
  '/etcdserverpb.Maintenance/Snapshot': (etcd) => etcd.snapshot(),
  '/etcdserverpb.Maintenance/Defragment': (etcd) => etcd.defragment(),
}

/** `ailing` says why the member is of no use, where it is not. */
export function etcdHandler(etcd: Etcd & ClusterControl, ailing: () => string | undefined = () => undefined): HttpHandler {
  return async (request) => {
    if (request.headers['content-type'] !== 'application/grpc') return plain(request, ailing)
    if (request.path === '/etcdserverpb.Watch/Watch') {
      const watch = etcd.watch(request.body.value as never)
      whenGone(request, () => watch.end?.())
      return { status: 200, headers: {}, body: valuesBody(watch, encode) }
    }
    const method = methods[request.path]
    if (!method) return grpcError('Unimplemented', `unknown method ${request.path}`)
    try {
      return { status: 200, headers: { 'grpc-status': '0' }, body: valueBody(await method(etcd, request.body.value as never), encode) }
    } catch (error) {
      if (error instanceof EtcdError) return grpcError(error.code, error.message)
      throw error
    }
  }
}

/** What etcd answers to curl on its client port: health, version and metrics. */
export function plain(request: HttpRequest, ailing: () => string | undefined = () => undefined): HttpResponse {
  const json = (value: unknown): HttpResponse => ({ status: 200, headers: { 'content-type': 'application/json' }, body: valueBody(value, encode) })
  const path = request.path.split('?')[0]
  const ill = ailing()
  if (path === '/health') return ill === undefined ? json({ health: 'true', reason: '' }) : { ...json({ health: 'false', reason: ill }), status: 503 }
  if (path === '/livez' || (path === '/readyz' && ill === undefined)) return text(200, 'ok\n')
  if (path === '/readyz') return text(503, '[+]data_corruption ok\n[+]serializable_read ok\n[-]linearizable_read failed: etcdserver: request timed out\n')
  if (path === '/version') return json({ etcdserver: '3.6.6', etcdcluster: '3.6.0', storage: '3.6.0' })
  if (path === '/metrics') return text(200, '# HELP etcd_server_has_leader Whether or not a leader exists. 1 is existence, 0 is not.\n# TYPE etcd_server_has_leader gauge\netcd_server_has_leader 1\n')
  return text(404, '404 page not found\n')
}

function text(status: number, content: string): HttpResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: valueBody(content, (value) => encodeUtf8(String(value))) }
}

function grpcError(code: string, message: string): HttpResponse {
  return { status: 200, headers: { 'grpc-status': code, 'grpc-message': message }, body: valueBody(null, encode) }
}

function encode(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : encodeUtf8(`${JSON.stringify(value)}\n`)
}
