/** Who may ask 10250: a client certificate of the configured authority, or a token that the API server knows; then its right. */
import type { HttpHandler, HttpRequest, HttpResponse } from '#engine/base/http'
import { parseCertificate, parseCertificatesPem } from '#engine/base/pki/certificate'
import { commonName, organizations } from '#engine/base/pki/name'
import { verifyChain } from '#engine/base/pki/verify'
import type { Kubelet } from '../kubelet'
import { plain } from './answers'

interface User { readonly name: string; readonly groups: readonly string[] }

const allowedMs = 300_000
const deniedMs = 30_000
const maxCached = 1000

export function authenticator(kubelet: Kubelet, next: HttpHandler): HttpHandler {
  const cache = new Map<string, { allowed: boolean; reason: string; untilMs: number }>()
  return async (request) => {
    const user = await authenticate(kubelet, request)
    if (!user) return plain(401, 'Unauthorized')
    if (kubelet.context.config.authorizationMode === 'Webhook') {
      const refusal = await authorize(kubelet, cache, user, request)
      if (refusal) return refusal
    }
    return next(request)
  }
}

async function authenticate(kubelet: Kubelet, request: HttpRequest): Promise<User | undefined> {
  const byCertificate = fromCertificate(kubelet, request)
  if (byCertificate) return byCertificate
  const token = /^Bearer\s+(.+)$/i.exec(request.headers['authorization'] ?? '')?.[1]
  if (token !== undefined && kubelet.context.config.webhookAuthentication) {
    const user = await reviewToken(kubelet, token)
    if (user) return user
    return undefined
  }
  if (token !== undefined) return undefined
  return kubelet.context.config.anonymousAuthentication ? { name: 'system:anonymous', groups: ['system:unauthenticated'] } : undefined
}

function fromCertificate(kubelet: Kubelet, request: HttpRequest): User | undefined {
  const { config, process, clock } = kubelet.context
  const [leaf, ...intermediates] = request.peer?.certificates ?? []
  if (!leaf || config.clientCAFile === '') return undefined
  try {
    const certificate = parseCertificate(leaf)
    const roots = parseCertificatesPem(process.files.readText(config.clientCAFile))
    verifyChain(certificate, { roots, intermediates: intermediates.map((der) => parseCertificate(der)), now: clock.now(), usage: 'clientAuth' })
    return { name: commonName(certificate.subject) ?? '', groups: [...organizations(certificate.subject), 'system:authenticated'] }
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    kubelet.context.klog.error('server.go:312', (error as Error).message, 'Unable to authenticate the request due to an error')
    return undefined
  }
}

async function reviewToken(kubelet: Kubelet, token: string): Promise<User | undefined> {
  const { client, klog } = kubelet.context
  if (!client) return undefined
  try {
    const review = await client.json<{ status?: { authenticated?: boolean; user?: { username?: string; groups?: string[] } } }>('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token } })
    if (!review.status?.authenticated) return undefined
    return { name: review.status.user?.username ?? '', groups: review.status.user?.groups ?? [] }
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    klog.error('server.go:312', (error as Error).message, 'Unable to authenticate the request due to an error')
    return undefined
  }
}

const verbs: Readonly<Record<string, string>> = { POST: 'create', GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete', HEAD: 'get' }

/** Paths map to fine and coarse subresources of the node. */
function subresource(path: string): string {
  if (path.startsWith('/stats')) return 'stats'
  if (path.startsWith('/metrics')) return 'metrics'
  if (path.startsWith('/logs')) return 'log'
  if (path.startsWith('/spec')) return 'spec'
  if (path === '/healthz' || path.startsWith('/healthz/')) return 'healthz'
  if (path.startsWith('/configz')) return 'configz'
  if (path === '/pods' || path.startsWith('/runningpods')) return 'pods'
  return 'proxy'
}

const fine = new Set(['healthz', 'configz', 'pods'])

async function authorize(kubelet: Kubelet, cache: Map<string, { allowed: boolean; reason: string; untilMs: number }>, user: User, request: HttpRequest): Promise<HttpResponse | undefined> {
  const path = request.path.split('?')[0] ?? ''
  const verb = verbs[request.method] ?? request.method.toLowerCase()
  const wanted = subresource(path)
  const tries = fine.has(wanted) ? [wanted, 'proxy'] : [wanted]
  for (const name of tries) {
    const verdict = await review(kubelet, cache, user, verb, name)
    if (verdict === 'error') return plain(500, 'Authorization error (user=' + `${user.name}, verb=${verb}, resource=nodes, subresource=${name})`)
    if (verdict) return undefined
  }
  const last = tries.length > 1 ? `[${tries.join(' ')}]` : `(${wanted})`
  const text = tries.length > 1 ? `Forbidden (user=${user.name}, verb=${verb}, resource=nodes, subresource(s)=${last})` : `Forbidden (user=${user.name}, verb=${verb}, resource=nodes, subresource(s)=[${wanted}])`
  return plain(403, text)
}

async function review(kubelet: Kubelet, cache: Map<string, { allowed: boolean; reason: string; untilMs: number }>, user: User, verb: string, name: string): Promise<boolean | 'error'> {
  const { client, clock, nodeName, klog } = kubelet.context
  const key = `${user.name}\n${user.groups.join(',')}\n${verb}\n${name}`
  const known = cache.get(key)
  if (known && known.untilMs > clock.now()) return known.allowed
  if (!client) return 'error'
  try {
    const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {}, spec: { user: user.name, groups: [...user.groups], resourceAttributes: { verb, group: '', version: 'v1', resource: 'nodes', subresource: name, name: nodeName } } }
    const answer = await client.json<{ status?: { allowed?: boolean; reason?: string } }>('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', body)
    const allowed = answer.status?.allowed ?? false
    if (cache.size >= maxCached) cache.clear()
    cache.set(key, { allowed, reason: answer.status?.reason ?? '', untilMs: clock.now() + (allowed ? allowedMs : deniedMs) })
    return allowed
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    klog.error('server.go:346', (error as Error).message, 'Authorization error', { user: user.name, verb, resource: 'nodes', subresource: name })
    return 'error'
  }
}
