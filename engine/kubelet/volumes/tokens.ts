/** Service account tokens of pods: requested, kept, and asked anew when four fifths of their time are over. */
import { parseJwt } from '#engine/base/pki/jwt'
import type { Pod } from '#engine/api/kinds'
import { serviceAccounts } from '#engine/client/resources'
import type { KubeletContext } from '../context'
import { uidOf } from '../pods/names'

interface Times { readonly issuedAtMs: number; readonly expiresAtMs: number; readonly expirationSeconds: number }
interface TokenClaims { readonly iat: number; readonly exp: number; readonly 'kubernetes.io': { readonly pod?: { readonly uid: string }; readonly serviceaccount?: { readonly name: string } } }

interface Kept { readonly token: string; readonly refreshAtMs: number; readonly expiresAtMs: number }

export class TokenManager {
  private readonly kept = new Map<string, Kept>()

  constructor(
    private readonly context: KubeletContext,
    /** Called when a pod's token is due to be renewed. */
    private readonly due: (uid: string) => void,
  ) {}

  /** `standing` is what the pod's volume holds already: after a snapshot that is the token, as long as it is the pod's own. */
  async token(pod: Pod, audience: string, expirationSeconds: number, standing: () => string | undefined): Promise<string> {
    const key = `${uidOf(pod)}/${audience}/${expirationSeconds}`
    const known = this.kept.get(key) ?? (this.context.process.resumed ? this.takeUp(pod, key, standing(), expirationSeconds) : undefined)
    const now = this.context.clock.now()
    if (known && now < known.refreshAtMs) return known.token
    try {
      return await this.request(pod, key, audience, expirationSeconds)
    } catch (error) {
      if (known && now < known.expiresAtMs) return known.token
      throw new Error(`failed to fetch token: ${(error as Error).message}`)
    }
  }

  forget(pod: Pod): void {
    const uid = uidOf(pod)
    for (const key of this.kept.keys()) if (key.startsWith(`${uid}/`)) this.kept.delete(key)
  }

  private async request(pod: Pod, key: string, audience: string, expirationSeconds: number): Promise<string> {
    const { client, clock } = this.context
    if (!client) throw new Error('cannot use TokenManager when kubelet is in standalone mode')
    const account = pod.spec?.serviceAccountName || 'default'
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: audience === '' ? null : [audience], expirationSeconds, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid } },
    }
    const answer = await client.of(serviceAccounts).post(pod.metadata.namespace ?? '', account, 'token', body)
    const { token, expirationTimestamp } = answer['status'] as { token: string; expirationTimestamp: string }
    const expiresAtMs = Date.parse(expirationTimestamp)
    this.keep(pod, key, token, { issuedAtMs: clock.now(), expiresAtMs, expirationSeconds })
    return token
  }

  private keep(pod: Pod, key: string, token: string, { issuedAtMs, expiresAtMs, expirationSeconds }: Times): Kept {
    const { clock } = this.context
    const refreshAtMs = issuedAtMs + Math.min(expiresAtMs - issuedAtMs, expirationSeconds * 1000, 24 * 3_600_000) * 0.8
    const kept = { token, expiresAtMs, refreshAtMs }
    this.kept.set(key, kept)
    clock.after(Math.max(0, refreshAtMs - clock.now()) + 1000, () => {
      if (this.kept.get(key)?.token === token) this.due(uidOf(pod))
    })
    return kept
  }

  /** The token that stands in a pod's volume, where it was made for this very pod and account. */
  private takeUp(pod: Pod, key: string, token: string | undefined, expirationSeconds: number): Kept | undefined {
    const claims = (token === undefined ? undefined : parseJwt(token)?.claims) as Partial<TokenClaims> | undefined
    const bound = claims?.['kubernetes.io']
    if (token === undefined || typeof claims?.iat !== 'number' || typeof claims.exp !== 'number') return undefined
    if (bound?.pod?.uid !== pod.metadata.uid || bound?.serviceaccount?.name !== (pod.spec?.serviceAccountName || 'default')) return undefined
    return this.keep(pod, key, token, { issuedAtMs: claims.iat * 1000, expiresAtMs: claims.exp * 1000, expirationSeconds })
  }
}
