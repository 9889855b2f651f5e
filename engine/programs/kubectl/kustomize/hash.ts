/** The suffix of generated names: a digest of what the object holds. */
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeUtf8 } from '#engine/base/bytes'
import { compactJson } from '#engine/api/jsonpath/evaluate'
import type { Data, Resource } from './resource'

/** Letters that spell no words. */
const replaced: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', 'a': 'm', 'e': 't' }

export function contentHash(resource: Resource): string {
  const digest = sha256(encodeUtf8(compactJson(hashed(resource))))
  const hex = Array.from(digest.subarray(0, 5), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/[013ae]/g, (letter) => replaced[letter] as string)
}

/** The name itself does not count. */
function hashed({ kind, object }: Resource): Data {
  const part = (field: string): Data => (typeof object[field] === 'object' && object[field] !== null ? { [field]: object[field] } : {})
  if (kind === 'ConfigMap') return { kind, name: '', data: object['data'] ?? '', ...part('binaryData') }
  if (kind === 'Secret') return { kind, type: object['type'] ?? '', name: '', data: object['data'] ?? '', ...part('stringData') }
  return object
}
