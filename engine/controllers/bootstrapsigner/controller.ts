/** bootstrap-signer-controller: signs kube-public/cluster-info with every bootstrap token, so that joining nodes can trust it. */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8, toBase64Url } from '#engine/base/bytes'
import type { ConfigMap, Secret } from '#engine/api/kinds'
import { configMaps, secrets } from '#engine/client/resources'
import { bootstrapToken } from '#engine/controllers/bootstrap-tokens'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'

const prefix = 'jws-kubeconfig-'

export const bootstrapSignerController: Controller = {
  name: 'bootstrap-signer-controller',
  aliases: ['bootstrapsigner'],
  disabledByDefault: true,
  account: 'bootstrap-signer',
  start(context) {
    const maps = context.informers.of(configMaps)
    const secretInformer = context.informers.of(secrets)
    const queue = startQueue(context, 'bootstrap-signer-controller', informersOf(maps, secretInformer), async () => {
      const info = maps.store.get('kube-public', 'cluster-info')
      const kubeconfig = info?.data?.['kubeconfig']
      if (!info || kubeconfig === undefined) return
      const data = signedData(info.data as Record<string, string>, kubeconfig, secretInformer.store.list('kube-system'), context.clock.now())
      if (same(data, info.data as Record<string, string>)) return
      await context.client.of(configMaps).update({ ...info, data } as ConfigMap)
    }, { workers: 1 })
    const wake = (): void => queue.add('cluster-info')
    const ifInfo = (map: ConfigMap): void => { if (map.metadata.namespace === 'kube-public' && map.metadata.name === 'cluster-info') wake() }
    maps.addHandlers({ added: ifInfo, updated: ifInfo })
    const ifToken = (secret: Parameters<typeof bootstrapToken>[0]): void => { if (bootstrapToken(secret)) wake() }
    secretInformer.addHandlers({ added: ifToken, updated: ifToken, deleted: ifToken })
  },
}

/** A JWS without its payload. */
export function detachedSignature(content: string, id: string, secret: string): string {
  const header = toBase64Url(encodeUtf8(JSON.stringify({ alg: 'HS256', kid: id })))
  const signature = hmac(sha256, encodeUtf8(secret), encodeUtf8(`${header}.${toBase64Url(encodeUtf8(content))}`))
  return `${header}..${toBase64Url(signature)}`
}

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value)
}

/** What is in the map beside signatures, and a signature for every token that may sign. */
function signedData(data: Readonly<Record<string, string>>, kubeconfig: string, all: readonly Secret[], now: number): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [key, value] of Object.entries(data)) if (!key.startsWith(prefix)) out[key] = value
  for (const secret of all) {
    const token = bootstrapToken(secret)
    if (token?.signing && (token.expiresAt === undefined || token.expiresAt > now)) out[prefix + token.id] = detachedSignature(kubeconfig, token.id, token.secret)
  }
  return out
}
