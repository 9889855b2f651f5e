/** Bootstrap tokens, as they stand in secrets of kube-system. */
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import type { Secret } from '#engine/api/kinds'
import { parseTime } from '#engine/client/time'

export interface BootstrapToken {
  readonly id: string
  readonly secret: string
  readonly signing: boolean
  readonly expiresAt: number | undefined
}

export function bootstrapToken(secret: Secret): BootstrapToken | undefined {
  if (secret.type !== 'bootstrap.kubernetes.io/token' || secret.metadata.namespace !== 'kube-system') return undefined
  const field = (name: string): string => text(secret, name)
  const id = field('token-id')
  if (id === '' || field('token-secret') === '' || secret.metadata.name !== `bootstrap-token-${id}`) return undefined
  return { id, secret: field('token-secret'), signing: field('usage-bootstrap-signing') === 'true', expiresAt: parseTime(field('expiration')) }
}

function text(secret: Secret, name: string): string {
  const data = (secret.data as Record<string, string> | undefined)?.[name]
  return data === undefined ? '' : decodeUtf8(fromBase64(data))
}
