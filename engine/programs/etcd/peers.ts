/** Members of a cluster over the network: calls as HTTP objects on the peer ports, by the peers' certificates. */
import { encodeUtf8 } from '#engine/base/bytes'
import { type HttpHandler, type HttpResponse, valueBody, valuesBody } from '#engine/base/http'
import { EtcdError, type Member } from '#engine/etcd/api'
import type { EtcdMember } from '#engine/etcd/cluster/member'
import type { FollowMessage, Outcome, PeerCalls, PeerLink, Position } from '#engine/etcd/cluster/messages'
import type { TlsClient } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { EtcdSettings } from './options'
import { targetOf } from './urls'

const dialMs = 2000

export function peerLink(process: Process, settings: EtcdSettings): PeerLink {
  const tls = (): TlsClient => {
    const read = (path: string): string | undefined => (path === '' ? undefined : process.files.readText(path))
    const [roots, certificate, key] = [read(settings.peerCaFile), read(settings.peerCertFile), read(settings.peerKeyFile)]
    return { ...(roots ? { roots } : {}), ...(certificate && key ? { certificate, key } : {}) }
  }
  const send = async (member: Pick<Member, 'peerUrls'>, path: string, value: unknown, signal?: AbortSignal): Promise<HttpResponse> => {
    const [url = ''] = member.peerUrls
    const secure = url.startsWith('https')
    return process.net.request(targetOf(url), { method: 'POST', path, headers: {}, body: valueBody(value, encode), ...(signal ? { signal } : {}) }, { timeoutMs: dialMs, ...(secure ? { tls: tls() } : {}) })
  }
  return {
    async call(member, name, take) {
      const response = await send(member, `/raft/${name}`, take)
      if (response.status !== 200) throw new EtcdError('Unavailable', `etcdserver: peer answered ${response.status}`)
      return response.body.value as never
    },
    async follow(leader, who, signal) {
      const response = await send(leader, '/raft/follow', who, signal)
      if (response.status === 410) throw new EtcdError('NotFound', 'the member has been permanently removed from the cluster')
      if (response.status !== 200 || !response.body.values) throw new EtcdError('Unavailable', 'etcdserver: not leader')
      return response.body.values as AsyncIterable<FollowMessage>
    },
  }
}

type Answers = { readonly [K in keyof PeerCalls]: (take: PeerCalls[K]['take']) => PeerCalls[K]['give'] | Promise<PeerCalls[K]['give']> }

/** What a member answers its peers. */
export function peerHandler(member: EtcdMember): HttpHandler {
  const { raft } = member
  const answers: Answers = {
    ...raft.handle,
    propose: (command) => outcome(() => raft.propose(command)),
    lease: ({ verb, id, keys }) => outcome(() => (verb === 'keepAlive' ? member.leaseKeepAlive(id) : member.leaseTimeToLive(id, keys))),
    members: () => ({ clusterId: member.clusterId, members: raft.members.all() }),
  }
  return async (request) => {
    if (request.path === '/members') return json(raft.members.all().map(({ id, name, peerUrls, clientUrls }) => ({ id: Number.parseInt(id, 16), peerURLs: peerUrls, name, clientURLs: clientUrls })))
    if (request.path === '/version') return json({ etcdserver: '3.6.6', etcdcluster: '3.6.0', storage: '3.6.0' })
    const name = request.path.replace('/raft/', '')
    if (name === 'follow') return follow(member, request.body.value as { id: string; at: Position }, request.signal)
    const answer = answers[name as keyof PeerCalls] as ((take: unknown) => unknown) | undefined
    return answer ? json(await answer(request.body.value)) : { status: 404, headers: {}, body: valueBody('404 page not found', encode) }
  }
}

function follow(member: EtcdMember, { id, at }: { id: string; at: Position }, signal: AbortSignal | undefined): HttpResponse {
  const stream = member.raft.serve(id, at, signal)
  if (stream) return { status: 200, headers: {}, body: valuesBody(stream, encode) }
  return { status: member.raft.members.get(id) ? 503 : 410, headers: {}, body: valueBody(null, encode) }
}

async function outcome(run: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await run() }
  } catch (error) {
    if (error instanceof EtcdError) return { code: error.code, message: error.message }
    throw error
  }
}

function json(value: unknown): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: valueBody(value, encode) }
}

function encode(value: unknown): Uint8Array {
  return encodeUtf8(`${JSON.stringify(value)}\n`)
}
