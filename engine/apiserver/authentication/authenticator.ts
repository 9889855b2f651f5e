/** Who is asking: client certificates, bearer tokens, the front proxy's headers, or nobody. */
import { toHex } from '#engine/base/bytes'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Clock } from '#engine/base/clock'
import type { HttpRequest } from '#engine/base/http'
import { parseCertificate, parseCertificatesPem, type Certificate } from '#engine/base/pki/certificate'
import { commonName, organizations } from '#engine/base/pki/name'
import { verifyChain } from '#engine/base/pki/verify'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { TokenAuthenticator } from './tokens'

export interface CertificateAuthentication {
  /** PEM of `--client-ca-file`, asked each time the file may have changed. */
  readonly clientCa?: () => string | undefined
  readonly requestHeader?: {
    readonly ca: () => string | undefined
    readonly allowedNames: readonly string[]
    readonly usernameHeaders: readonly string[]
    readonly groupHeaders: readonly string[]
    readonly extraHeadersPrefix: readonly string[]
  }
  readonly anonymous: boolean
  /** Requests of nobody in particular are let in for these paths alone. */
  readonly anonymousPaths?: readonly string[]
}

export type Authentication = { readonly user: UserInfo } | { readonly error: string }

const anonymousUser: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] }

export class RequestAuthenticator {
  private readonly verified = new WeakMap<Uint8Array, { user: UserInfo; notAfter: number; roots: string }>()
  private readonly roots = new Map<string, readonly Certificate[]>()

  constructor(
    private readonly clock: Clock,
    private readonly options: CertificateAuthentication,
    private readonly tokens: TokenAuthenticator,
    private readonly log: (line: string) => void,
  ) {}

  /** At once but for tokens. */
  authenticate(request: HttpRequest): Authentication | Promise<Authentication> {
    const proxied = this.byFrontProxy(request)
    if (proxied) return { user: proxied }
    const chain = request.peer?.certificates ?? []
    if (chain.length > 0 && this.options.clientCa) {
      const result = this.byCertificate(chain, this.options.clientCa() ?? '')
      if (result) return result
    }
    const authorization = request.headers['authorization']
    const match = /^bearer\s+(\S+)$/i.exec((authorization ?? '').trim())
    return match ? this.byToken(match[1] ?? '') : this.asNobody(request)
  }

  private asNobody(request: HttpRequest): Authentication {
    const { anonymous, anonymousPaths } = this.options
    const allowed = anonymous && (!anonymousPaths || anonymousPaths.includes(request.path.split('?')[0] ?? ''))
    return allowed ? { user: anonymousUser } : { error: 'Unauthorized' }
  }

  private async byToken(token: string): Promise<Authentication> {
    const result = await this.tokens.authenticate(token, undefined)
    if (result && 'user' in result) return { user: authenticated(result.user) }
    if (result) this.log(`E "Unable to authenticate the request" err="[${result.error}]"`)
    return { error: result?.error ?? 'invalid bearer token' }
  }

  private byCertificate(chain: readonly Uint8Array[], pem: string): Authentication | undefined {
    const leafBytes = chain[0] as Uint8Array
    const known = this.verified.get(leafBytes)
    if (known && known.roots === pem && known.notAfter > this.clock.now()) return { user: known.user }
    try {
      const leaf = parseCertificate(leafBytes)
      verifyChain(leaf, { roots: this.parsedRoots(pem), intermediates: chain.slice(1).map(parseCertificate), now: this.clock.now(), usage: 'clientAuth' })
      const user = authenticated(userOf(leaf))
      this.verified.set(leafBytes, { user, notAfter: leaf.notAfter, roots: pem })
      return { user }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      // Two verifiers have looked at it: the front proxy's, which gives the bare reason, and the clients', which names the certificate.
      this.log(`E "Unable to authenticate the request" err=${JSON.stringify(`[${message}, verifying certificate ${identifierOf(leafBytes)} failed: ${message}]`)}`)
      return { error: message }
    }
  }

  private byFrontProxy(request: HttpRequest): UserInfo | undefined {
    const options = this.options.requestHeader
    const leafBytes = request.peer?.certificates[0]
    if (!options || !leafBytes) return undefined
    const username = options.usernameHeaders.map((name) => request.headers[name.toLowerCase()]).find((value) => value)
    if (username === undefined) return undefined
    try {
      const leaf = parseCertificate(leafBytes)
      verifyChain(leaf, { roots: this.parsedRoots(options.ca() ?? ''), now: this.clock.now(), usage: 'clientAuth' })
      if (options.allowedNames.length > 0 && !options.allowedNames.includes(commonName(leaf.subject))) return undefined
    } catch {
      return undefined
    }
    return authenticated({ username, groups: options.groupHeaders.flatMap((name) => listOf(request.headers[name.toLowerCase()])), extra: extraOf(request, options.extraHeadersPrefix) })
  }

  private parsedRoots(pem: string): readonly Certificate[] {
    const known = this.roots.get(pem)
    if (known) return known
    const parsed = pem === '' ? [] : parseCertificatesPem(pem)
    if (this.roots.size > 8) this.roots.clear()
    this.roots.set(pem, parsed)
    return parsed
  }
}

function userOf(leaf: Certificate): UserInfo {
  return { username: commonName(leaf.subject), groups: organizations(leaf.subject), extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${toHex(sha256(leaf.der))}`] } }
}

export function authenticated(user: UserInfo): UserInfo {
  if (user.username === 'system:anonymous' || user.groups.includes('system:authenticated') || user.groups.includes('system:unauthenticated')) return user
  return { ...user, groups: [...user.groups, 'system:authenticated'] }
}

export function listOf(header: string | undefined): string[] {
  return header === undefined ? [] : header.split(',').map((part) => part.trim()).filter((part) => part !== '')
}

export function extraOf(request: HttpRequest, prefixes: readonly string[]): Record<string, string[]> {
  const out: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(request.headers))
    for (const prefix of prefixes) if (name.startsWith(prefix.toLowerCase())) out[decodeURIComponent(name.slice(prefix.length))] = listOf(value)
  return out
}

/** `SN=1, SKID=, AKID=53:6D:...`. */
function identifierOf(bytes: Uint8Array): string {
  try {
    const { serial, subjectKeyId, authorityKeyId } = parseCertificate(bytes)
    const hex = (id: Uint8Array | undefined): string => [...(id ?? [])].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':')
    return `SN=${String(serial)}, SKID=${hex(subjectKeyId)}, AKID=${hex(authorityKeyId)}`
  } catch {
    return 'SN=, SKID=, AKID='
  }
}
