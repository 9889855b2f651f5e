/** Service account tokens of pods: requested, kept, and asked anew when four fifths of their time are over. */
import type { Pod } from '#engine/api/kinds'
import { serviceAccounts } from '#engine/client/resources'
import type { KubeletContext } from '../context'
import { uidOf } from '../pods/names'

interface Kept { readonly token: string; readonly refreshAtMs: number; readonly expiresAtMs: number }

export class TokenManager {
  private readonly kept = new Map<string, Kept>()

  constructor(
    private readonly context: KubeletContext,
    /** Called when a pod's token is due to be renewed. */
    private readonly due: (uid: string) => void,
  ) {}

  async token(pod: Pod, audience: string, expirationSeconds: number): Promise<string> {
    const key = `${uidOf(pod)}/${audience}/${expirationSeconds}`
    const known = this.kept.get(key)
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
    const now = clock.now()
    const life = Math.min(expiresAtMs - now, expirationSeconds * 1000, 24 * 3_600_000)
    this.kept.set(key, { token, expiresAtMs, refreshAtMs: now + life * 0.8 })
    const uid = uidOf(pod)
    clock.after(life * 0.8 + 1000, () => {
      if (this.kept.get(key)?.token === token) this.due(uid)
    })
    return token
  }
}
