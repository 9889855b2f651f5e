/** EncryptionConfiguration: which provider writes a resource, which ones can read it. */
import { fromBase64 } from '#engine/base/bytes'
import type { Random } from '#engine/base/random'
import type { Transformer } from '#engine/apiserver/storage/codec'
import { aescbc, aesgcm, identity, secretbox, type Provider } from './providers'
import { ProviderChain } from './chain'

/** `message` is a field error, as the server prints it. */
export class EncryptionConfigError extends Error {
  override readonly name = 'EncryptionConfigError'
}

interface KeyedProvider {
  readonly keys?: readonly { readonly name?: string; readonly secret?: string }[]
}

interface Rule {
  readonly resources?: readonly string[]
  readonly providers?: readonly Readonly<Record<string, KeyedProvider>>[]
}

export function encryptionTransformers(document: unknown, random: Random): (resource: string) => Transformer | undefined {
  const config = document as { kind?: string; apiVersion?: string; resources?: readonly Rule[] } | null
  if (config?.kind !== 'EncryptionConfiguration') throw new EncryptionConfigError(`got unexpected config type: ${config?.apiVersion ?? ''}, Kind=${config?.kind ?? ''}`)
  const rules = config.resources ?? []
  if (rules.length === 0) throw new EncryptionConfigError('resources: Required value: at least one encryption provider config is required')
  const chains = rules.map((rule, index) => ({ resources: rule.resources ?? [], chain: new ProviderChain(providersOf(rule, `resources[${index}]`, random)) }))
  return (resource) => chains.find(({ resources }) => resources.some((pattern) => matches(pattern, resource)))?.chain
}

function matches(pattern: string, resource: string): boolean {
  if (pattern === resource || pattern === '*.*') return true
  if (!pattern.startsWith('*.')) return false
  const dot = resource.indexOf('.')
  return pattern.slice(2) === (dot < 0 ? '' : resource.slice(dot + 1))
}

function providersOf(rule: Rule, path: string, random: Random): Provider[] {
  if ((rule.resources ?? []).length === 0) throw new EncryptionConfigError(`${path}.resources: Required value: at least one encryption resource is required`)
  const given = rule.providers ?? []
  if (given.length === 0) throw new EncryptionConfigError(`${path}.providers: Required value: at least one provider is required`)
  return given.flatMap((entry, index) => Object.entries(entry).flatMap(([kind, options]) => provider(kind, options, `${path}.providers[${index}]`, random)))
}

function provider(kind: string, options: KeyedProvider | null, path: string, random: Random): Provider[] {
  if (kind === 'identity') return [identity()]
  if (kind === 'kms') throw new EncryptionConfigError(`${path}.kms: Forbidden: KMS providers are not supported by this simulated server`)
  const make = { aescbc, aesgcm, secretbox }[kind]
  if (!make) throw new EncryptionConfigError(`${path}: Invalid value: ${JSON.stringify(kind)}: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity`)
  const keys = options?.keys ?? []
  if (keys.length === 0) throw new EncryptionConfigError(`${path}.${kind}.keys: Required value: at least one key is required`)
  return [make(keys.map((key, index) => ({ name: keyName(key.name, `${path}.${kind}.keys[${index}]`), secret: secretOf(kind, key.secret, `${path}.${kind}.keys[${index}]`) })), random)]
}

function keyName(name: string | undefined, path: string): string {
  if (!name) throw new EncryptionConfigError(`${path}.name: Required value: key name must be provided`)
  if (name.includes(':')) throw new EncryptionConfigError(`${path}.name: Invalid value: ${JSON.stringify(name)}: key name must not contain a colon`)
  return name
}

function secretOf(kind: string, secret: string | undefined, path: string): Uint8Array {
  if (!secret) throw new EncryptionConfigError(`${path}.secret: Required value: secret must be provided`)
  let bytes: Uint8Array
  try {
    bytes = fromBase64(secret)
  } catch {
    throw new EncryptionConfigError(`${path}.secret: Invalid value: "REDACTED": secrets must be base64 encoded`)
  }
  const sizes = kind === 'secretbox' ? [32] : [16, 24, 32]
  if (!sizes.includes(bytes.length)) throw new EncryptionConfigError(`${path}.secret: Invalid value: "REDACTED": secret is not of the expected length, got ${bytes.length}, expected one of [${sizes.join(' ')}]`)
  return bytes
}
