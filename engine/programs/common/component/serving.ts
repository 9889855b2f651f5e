/** The secure port of a daemon: health checks for everybody, the rest for whom the API server lets. */
import { prettied } from '#engine/apiserver/chain/respond'
import { goAddress } from '#engine/linux/net/address'
import { encodeUtf8 } from '#engine/base/bytes'
import { emptyBody, type HttpRequest, type HttpResponse, textBody, valueBody } from '#engine/base/http'
import type { Klog } from '#engine/base/klog'
import { parseCertificate, certificatePem, parseCertificatesPem } from '#engine/base/pki/certificate'
import { issueCertificate, randomSerial, selfSignedAuthority } from '#engine/base/pki/issue'
import { generateEc, privateKeyPem, publicOf } from '#engine/base/pki/keys'
import { commonName, goName, organizations } from '#engine/base/pki/name'
import { verifyChain } from '#engine/base/pki/verify'
import { isErrno } from '#engine/linux/abi/errno'
import type { Listener } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import { failure } from '#engine/api/status'
import type { Client } from '#engine/client/client'
import { subjectAccessReviews, tokenReviews } from '#engine/client/resources'
import { CommandFailed, versionOf } from '#engine/programs/common/component/component'
import type { Flags } from '#engine/programs/common/cobra/flags'

export interface HealthCheck {
  readonly name: string
  /** Asked only by this endpoint; otherwise by all. */
  readonly only?: 'livez' | 'readyz'
  /** The reason of ill health, or undefined. */
  check(): string | undefined
}

export interface Serving {
  readonly name: string
  readonly checks: readonly HealthCheck[]
  /** Asks the API server who a token is and what they may. */
  readonly delegate: Client
  readonly metrics: () => string
  /** Further paths: the value is answered as JSON or text. */
  readonly paths?: Readonly<Record<string, () => unknown>>
  /** Answers what the port does not know itself; the caller has been let in. */
  readonly handle?: (request: HttpRequest, path: string) => Promise<HttpResponse | undefined>
  /** PEM of the authorities of a front proxy, whose word about the user counts. */
  readonly proxyRoots?: () => string | undefined
}

/** Starts to listen; undefined with `--secure-port=0`. */
export function serveSecurely(process: Process, flags: Flags, log: Klog, serving: Serving): Listener | undefined {
  const port = flags.number('secure-port')
  if (port === 0) return undefined
  const identity = identityOf(process, flags, serving.name)
  const address = flags.string('bind-address')
  try {
    const listener = process.net.serveHttp({ address: goAddress(address), port }, async (request) => prettied(request, await answer(process, flags, serving, request)), { tls: { identity, clientCertificates: 'request' } })
    log.line('I', 'secure_serving.go:211', `Serving securely on ${goAddress(address).includes(':') ? `[${goAddress(address)}]` : address}:${port}`)
    return listener
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new CommandFailed(`failed to create listener: failed to listen on ${address}:${port}: listen tcp ${address}:${port}: bind: ${error.message.toLowerCase()}`)
  }
}

function identityOf(process: Process, flags: Flags, name: string): () => { certificate: string; key: string } {
  const certificateFile = flags.string('tls-cert-file')
  const keyFile = flags.string('tls-private-key-file')
  if (certificateFile !== '' && keyFile !== '') {
    const read = (): { certificate: string; key: string } => ({ certificate: process.files.readText(certificateFile), key: process.files.readText(keyFile) })
    read()
    return read
  }
  let made: { certificate: string; key: string } | undefined
  return () => (made ??= selfSigned(process, name))
}

/** A year's certificate of an authority of its own, as client-go generates one in memory. */
interface Pair {
  readonly certificate: string
  readonly key: string
}

/** Nobody trusts such a certificate: a daemon that comes back in a fork may have the one it had. */
const pairs = new Map<string, Pair>()
const pairsLimit = 32
const dayMs = 24 * 3_600_000

function selfSigned(process: Process, name: string): Pair {
  const place = `${process.uname().nodename} ${name} ${process.pid} ${Math.floor(process.clock.now() / dayMs)}`
  const known = pairs.get(place)
  if (known) return known
  if (pairs.size >= pairsLimit) pairs.clear()
  const made = makePair(process, name)
  pairs.set(place, made)
  return made
}

function makePair(process: Process, name: string): Pair {
  const now = process.clock.now()
  const notBefore = now - 3_600_000
  const notAfter = now + 365 * 24 * 3_600_000
  const authorityKey = generateEc('P-256', process.random)
  const authority = selfSignedAuthority(`localhost-ca@${Math.floor(now / 1000)}`, authorityKey, { notBefore, notAfter, random: process.random })
  const key = generateEc('P-256', process.random)
  const leaf = issueCertificate({ certificate: authority, key: authorityKey }, { subject: goName({ commonName: `localhost@${Math.floor(now / 1000)}` }), publicKey: publicOf(key), usages: ['serverAuth'], dns: ['localhost', name], ips: ['127.0.0.1'], notBefore, notAfter, serial: randomSerial(process.random) })
  return { certificate: certificatePem(leaf) + certificatePem(authority), key: privateKeyPem(key) }
}

async function answer(process: Process, flags: Flags, serving: Serving, request: HttpRequest): Promise<HttpResponse> {
  const path = request.path.split('?')[0] ?? '/'
  if (!isOpen(flags, path)) {
    const refused = await authorize(process, flags, serving, request, path)
    if (refused) return refused
  }
  const health = /^\/(healthz|livez|readyz)(?:\/(.*))?$/.exec(path)
  if (health) return healthAnswer(serving.checks.filter((entry) => (entry.only ?? health[1]) === health[1]), health[1] ?? '', health[2], request.path.includes('verbose'))
  if (path === '/metrics') return text(200, serving.metrics(), 'text/plain; version=0.0.4; charset=utf-8')
  if (path === '/version') return json(200, { gitVersion: versionOf(process), platform: 'linux/amd64' })
  const handled = await serving.handle?.(request, path)
  if (handled) return handled
  const extra = serving.paths?.[path]
  return extra ? json(200, extra()) : text(404, '404 page not found\n')
}

function isOpen(flags: Flags, path: string): boolean {
  return flags.list('authorization-always-allow-paths').some((entry) => entry === path || (entry.endsWith('/*') && path.startsWith(entry.slice(0, -1))))
}

function healthAnswer(checks: readonly HealthCheck[], endpoint: string, only: string | undefined, verbose: boolean): HttpResponse {
  const all = [{ name: 'ping', check: () => undefined }, ...checks]
  const chosen = only ? all.filter((check) => check.name === only) : all
  if (chosen.length === 0) return text(404, '404 page not found\n')
  const results = chosen.map((entry) => ({ name: entry.name, failed: entry.check() !== undefined }))
  const failed = results.some((result) => result.failed)
  if (!failed && !verbose) return text(200, 'ok')
  const lines = results.map(({ name, failed: bad }) => (bad ? `[-]${name} failed: reason withheld` : `[+]${name} ok`))
  return text(failed ? 500 : 200, `${lines.join('\n')}\n${endpoint} check ${failed ? 'failed' : 'passed'}\n`)
}

interface Caller {
  readonly user: string
  readonly groups: readonly string[]
}

async function authorize(process: Process, flags: Flags, serving: Serving, request: HttpRequest, path: string): Promise<HttpResponse | undefined> {
  const { delegate } = serving
  const caller = proxyCaller(process, serving, request) ?? certificateCaller(process, flags, request) ?? (await tokenCaller(delegate, request))
  if (caller === undefined) return json(401, failure(401, 'Unauthorized', 'Unauthorized').status)
  const resource = resourceOf(path)
  const verb = resource && request.method === 'GET' ? (resource.name ? 'get' : 'list') : request.method.toLowerCase()
  if (caller.groups.includes('system:masters')) return undefined
  const allowed = await mayRead(delegate, caller, verb, path, resource)
  if (allowed) return undefined
  return json(403, failure(403, 'Forbidden', `forbidden: User ${JSON.stringify(caller.user)} cannot ${verb} path ${JSON.stringify(path)}`, {}).status)
}

interface Asked {
  readonly group: string
  readonly resource: string
  readonly namespace?: string
  readonly name?: string
}

/** What of an API a path is about. */
function resourceOf(path: string): Asked | undefined {
  const match = /^\/apis\/([^/]+)\/[^/]+(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/.exec(path)
  if (!match) return undefined
  const [, group = '', namespace, resource = '', name] = match
  return { group, resource, ...(namespace ? { namespace } : {}), ...(name ? { name } : {}) }
}

/** The user a front proxy names, if it shows a certificate of its authority. */
function proxyCaller(process: Process, serving: Serving, request: HttpRequest): Caller | undefined {
  const user = request.headers['x-remote-user']
  const roots = serving.proxyRoots?.()
  if (user === undefined || roots === undefined || !trusted(process, request, roots)) return undefined
  return { user, groups: (request.headers['x-remote-group'] ?? '').split(',').map((group) => group.trim()).filter((group) => group !== '') }
}

function trusted(process: Process, request: HttpRequest, roots: string): boolean {
  const [leaf, ...rest] = request.peer?.certificates ?? []
  if (!leaf) return false
  try {
    verifyChain(parseCertificate(leaf), { roots: parseCertificatesPem(roots), intermediates: rest.map(parseCertificate), now: process.clock.now(), usage: 'clientAuth' })
    return true
  } catch {
    // Somebody else's certificate: its bearer has to prove himself otherwise.
    return false
  }
}

function certificateCaller(process: Process, flags: Flags, request: HttpRequest): Caller | undefined {
  const [leafDer] = request.peer?.certificates ?? []
  const rootsFile = flags.string('client-ca-file')
  if (!leafDer || rootsFile === '' || !process.files.exists(rootsFile) || !trusted(process, request, process.files.readText(rootsFile))) return undefined
  const leaf = parseCertificate(leafDer)
  return { user: commonName(leaf.subject), groups: [...organizations(leaf.subject), 'system:authenticated'] }
}

async function tokenCaller(delegate: Client, request: HttpRequest): Promise<Caller | undefined> {
  const token = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '')?.[1]
  if (token === undefined) return { user: 'system:anonymous', groups: ['system:unauthenticated'] }
  const review = await delegate.of(tokenReviews).create({ metadata: {}, spec: { token } })
  const status = review['status'] as { authenticated?: boolean; user?: { username: string; groups?: string[] } } | undefined
  return status?.authenticated && status.user ? { user: status.user.username, groups: status.user.groups ?? [] } : undefined
}

async function mayRead(delegate: Client, caller: Caller, verb: string, path: string, asked: Asked | undefined): Promise<boolean> {
  try {
    const review = await delegate.of(subjectAccessReviews).create({ metadata: {}, spec: { user: caller.user, groups: [...caller.groups], ...(asked ? { resourceAttributes: { ...asked, verb } } : { nonResourceAttributes: { path, verb } }) } })
    return (review['status'] as { allowed?: boolean } | undefined)?.allowed === true
  } catch {
    // Who cannot be asked about is not let in.
    return false
  }
}

function text(status: number, content: string, type = 'text/plain; charset=utf-8'): HttpResponse {
  return { status, headers: { 'content-type': type, 'x-content-type-options': 'nosniff' }, body: content === '' ? emptyBody : textBody(content) }
}

function json(status: number, value: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: valueBody(value, (content) => encodeUtf8(JSON.stringify(content))) }
}
