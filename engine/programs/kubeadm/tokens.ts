/** Bootstrap tokens: Secrets of type bootstrap.kubernetes.io/token in kube-system. */
import type { KubeObject } from '#engine/api/object'
import { decodeUtf8, encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import type { Random } from '#engine/base/random'
import type { BootstrapTokenSettings } from './configuration'
import { durationMs } from './configuration'

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'
export const tokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/
export const tokenIdPattern = /^[a-z0-9]{6}$/

export function generateToken(random: Random): string {
  const letters = (count: number): string => Array.from({ length: count }, () => alphabet.charAt(random.integer(alphabet.length))).join('')
  return `${letters(6)}.${letters(16)}`
}

export function tokenSecret(token: BootstrapTokenSettings, nowMs: number): KubeObject {
  const [, id = '', secret = ''] = tokenPattern.exec(token.token) ?? []
  const ttlMs = durationMs(token.ttl) ?? 0
  const data: Record<string, string> = { 'token-id': id, 'token-secret': secret }
  if (token.description) data['description'] = token.description
  if (ttlMs > 0) data['expiration'] = `${new Date(nowMs + ttlMs).toISOString().slice(0, 19)}Z`
  for (const usage of token.usages) data[`usage-bootstrap-${usage}`] = 'true'
  if (token.groups.length > 0) data['auth-extra-groups'] = token.groups.join(',')
  const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, toBase64(encodeUtf8(value))]))
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' }, type: 'bootstrap.kubernetes.io/token', data: encoded }
}

export interface TokenView {
  readonly token: string
  readonly expiration: string | undefined
  readonly usages: readonly string[]
  readonly description: string
  readonly groups: readonly string[]
}

/** What a Secret says as a token; undefined where it is malformed. */
export function viewToken(secret: KubeObject): TokenView | undefined {
  const data = (secret['data'] ?? {}) as Record<string, string>
  const text = (key: string): string => (data[key] === undefined ? '' : decodeUtf8(fromBase64(data[key])))
  if (text('token-id') === '' || text('token-secret') === '') return undefined
  const usages = ['authentication', 'signing'].filter((usage) => text(`usage-bootstrap-${usage}`) === 'true')
  const groups = text('auth-extra-groups')
  return {
    token: `${text('token-id')}.${text('token-secret')}`,
    expiration: text('expiration') || undefined,
    usages,
    description: text('description'),
    groups: groups === '' ? [] : groups.split(','),
  }
}

/** Why a token to be created is refused, in kubeadm's words. */
export function tokenErrors(token: BootstrapTokenSettings): string[] {
  const errors: string[] = []
  const list = (values: readonly string[]): string => JSON.stringify(values)
  const unknown = token.usages.find((usage) => usage !== 'signing' && usage !== 'authentication')
  if (unknown !== undefined) errors.push(`bootstrapTokens.0.usages: Invalid value: ${list(token.usages)}: invalid bootstrap token usage string: ${unknown}, valid usage options: signing,authentication`)
  if (!token.usages.includes('authentication') && token.groups.length > 0)
    errors.push(`bootstrapTokens.0.groups: Invalid value: ${list(token.groups)}: token groups cannot be specified unless --usages includes "authentication"`)
  for (const group of token.usages.includes('authentication') ? token.groups : [])
    if (!/^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/.test(group))
      errors.push(`bootstrapTokens.0.groups: Invalid value: ${list(token.groups)}: bootstrap group "${group}" is invalid (must match \\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\\z)`)
  return errors
}
