/** Bearer tokens: service accounts' JWTs, bootstrap tokens, the static token file. */
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import type { Clock } from '#engine/base/clock'
import { jwtSignedBy, parseJwt, type Jwt } from '#engine/base/pki/jwt'
import type { PublicKey } from '#engine/base/pki/keys'
import type { KubeObject } from '#engine/api/object'
import type { UserInfo } from '#engine/apiserver/authentication/user'
import type { ObjectReader } from '#engine/apiserver/services'

export interface TokenOptions {
  /** `--service-account-issuer`; the first signs. */
  readonly issuers: readonly string[]
  /** Asked anew each time, so that a rotated file counts. */
  readonly serviceAccountKeys: () => readonly PublicKey[]
  readonly audiences: readonly string[]
  readonly bootstrap: boolean
  /** `--token-auth-file`: user by token. */
  readonly static: ReadonlyMap<string, UserInfo>
}

export type TokenResult = { readonly user: UserInfo; readonly audiences: readonly string[] } | { readonly error: string } | undefined

const legacyIssuer = 'kubernetes/serviceaccount'

export class TokenAuthenticator {
  private readonly signed = new Map<string, Jwt>()

  constructor(
    private readonly clock: Clock,
    private readonly options: TokenOptions,
    private readonly reader: () => ObjectReader,
  ) {}

  /** undefined where no kind of token matches; `audiences` are those that may be meant, default the server's own. */
  async authenticate(token: string, audiences: readonly string[] | undefined): Promise<TokenResult> {
    const fixed = this.options.static.get(token)
    if (fixed) return { user: fixed, audiences: audiences ?? this.options.audiences }
    const bootstrap = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token)
    if (bootstrap && this.options.bootstrap) return this.byBootstrap(bootstrap[1] as string, bootstrap[2] as string)
    const jwt = this.signed.get(token) ?? parseJwt(token)
    return jwt ? this.byJwt(token, jwt, audiences ?? this.options.audiences) : undefined
  }

  private async byJwt(token: string, jwt: Jwt, audiences: readonly string[]): Promise<TokenResult> {
    const { claims } = jwt
    const legacy = claims['iss'] === legacyIssuer
    if (!legacy && !this.options.issuers.includes(String(claims['iss']))) return undefined
    if (!this.signed.has(token)) {
      if (!this.options.serviceAccountKeys().some((key) => jwtSignedBy(jwt, key))) return { error: 'invalid bearer token' }
      if (this.signed.size > 5000) this.signed.clear()
      this.signed.set(token, jwt)
    }
    return legacy ? this.byLegacyClaims(claims, token) : this.byClaims(claims, audiences)
  }

  private async byClaims(claims: Jwt['claims'], audiences: readonly string[]): Promise<TokenResult> {
    const now = this.clock.now() / 1000
    if (typeof claims['exp'] === 'number' && claims['exp'] < now) return { error: 'invalid bearer token, service account token has expired' }
    if (typeof claims['nbf'] === 'number' && claims['nbf'] > now + 60) return { error: 'invalid bearer token, service account token is not valid yet' }
    const given = Array.isArray(claims['aud']) ? (claims['aud'] as string[]) : [String(claims['aud'] ?? '')]
    const common = given.filter((audience) => audiences.includes(audience))
    if (common.length === 0) return { error: `invalid bearer token, token audiences ${JSON.stringify(given)} is invalid for the target audiences ${JSON.stringify(audiences)}` }
    const bound = claims['kubernetes.io'] as BoundClaims | undefined
    if (!bound?.namespace || !bound.serviceaccount) return { error: 'invalid bearer token' }
    const problem = await this.boundProblem(bound)
    if (problem) return { error: `invalid bearer token, ${problem}` }
    return { user: serviceAccountUser(bound, claims['jti']), audiences: common }
  }

  private async boundProblem(bound: BoundClaims): Promise<string | undefined> {
    const reader = this.reader()
    const account = await reader.get('serviceaccounts', bound.namespace, bound.serviceaccount.name)
    if (!account) return `serviceaccounts ${JSON.stringify(bound.serviceaccount.name)} not found`
    if (account.metadata.uid !== bound.serviceaccount.uid) return `service account UID (${account.metadata.uid ?? ''}) does not match claim (${bound.serviceaccount.uid})`
    if (isGone(account, this.clock.now())) return 'service account has been deleted'
    for (const [claim, resource] of [['secret', 'secrets'], ['pod', 'pods'], ['node', 'nodes']] as const) {
      const reference = bound[claim]
      if (!reference || (claim === 'node' && bound.pod)) continue
      const object = await reader.get(resource, claim === 'node' ? '' : bound.namespace, reference.name)
      if (!object) return `${resource} ${JSON.stringify(reference.name)} not found`
      if (object.metadata.uid !== reference.uid) return `the ${claim} UID (${object.metadata.uid ?? ''}) does not match claim (${reference.uid})`
      if (isGone(object, this.clock.now())) return `${claim} has been deleted`
    }
    return undefined
  }

  private async byLegacyClaims(claims: Jwt['claims'], token: string): Promise<TokenResult> {
    const text = (name: string): string => String(claims[`kubernetes.io/serviceaccount/${name}`] ?? '')
    const namespace = text('namespace')
    const secret = await this.reader().get('secrets', namespace, text('secret.name'))
    if (!secret || dataOf(secret, 'token') !== token) return { error: 'invalid bearer token, Token has been invalidated' }
    const account = await this.reader().get('serviceaccounts', namespace, text('service-account.name'))
    if (!account || account.metadata.uid !== text('service-account.uid')) return { error: 'invalid bearer token' }
    return { user: serviceAccountUser({ namespace, serviceaccount: { name: text('service-account.name'), uid: text('service-account.uid') } }, undefined), audiences: this.options.audiences }
  }

  private async byBootstrap(id: string, secretText: string): Promise<TokenResult> {
    const secret = await this.reader().get('secrets', 'kube-system', `bootstrap-token-${id}`)
    if (!secret || secret.metadata.deletionTimestamp || secret['type'] !== 'bootstrap.kubernetes.io/token') return { error: 'invalid bearer token' }
    if (dataOf(secret, 'token-id') !== id || dataOf(secret, 'token-secret') !== secretText || dataOf(secret, 'usage-bootstrap-authentication') !== 'true') return { error: 'invalid bearer token' }
    const expiration = dataOf(secret, 'expiration')
    if (expiration !== '' && Date.parse(expiration) < this.clock.now()) return { error: 'invalid bearer token' }
    const extra = dataOf(secret, 'auth-extra-groups').split(',').map((group) => group.trim()).filter((group) => group !== '')
    return { user: { username: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...extra] }, audiences: this.options.audiences }
  }
}

interface Reference {
  readonly name: string
  readonly uid: string
}

interface BoundClaims {
  readonly namespace: string
  readonly serviceaccount: Reference
  readonly pod?: Reference
  readonly node?: Reference
  readonly secret?: Reference
}

function serviceAccountUser(bound: BoundClaims, id: unknown): UserInfo {
  const extra: Record<string, string[]> = {}
  if (bound.pod) {
    extra['authentication.kubernetes.io/pod-name'] = [bound.pod.name]
    extra['authentication.kubernetes.io/pod-uid'] = [bound.pod.uid]
  }
  if (bound.node) {
    extra['authentication.kubernetes.io/node-name'] = [bound.node.name]
    if (bound.node.uid) extra['authentication.kubernetes.io/node-uid'] = [bound.node.uid]
  }
  if (id !== undefined) extra['authentication.kubernetes.io/credential-id'] = [`JTI=${String(id)}`]
  return {
    username: `system:serviceaccount:${bound.namespace}:${bound.serviceaccount.name}`, uid: bound.serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${bound.namespace}`], ...(Object.keys(extra).length > 0 ? { extra } : {}),
  }
}

/** Past its deletion by more than the leeway that terminating pods have. */
function isGone(object: KubeObject, nowMs: number): boolean {
  const { deletionTimestamp } = object.metadata
  return deletionTimestamp !== undefined && Date.parse(deletionTimestamp) + 60_000 < nowMs
}

function dataOf(secret: KubeObject, key: string): string {
  const value = (secret['data'] as Record<string, string> | undefined)?.[key]
  return value === undefined ? '' : decodeUtf8(fromBase64(value))
}
