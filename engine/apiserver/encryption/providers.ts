/** The providers' ciphers. A value is `k8s:enc:KIND:v1:KEYNAME:` and the bytes. */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import type { Random } from '#engine/base/random'
import { cbc, gcm } from '@noble/ciphers/aes.js'
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js'

export interface ProviderKey {
  readonly name: string
  readonly secret: Uint8Array
}

export interface Provider {
  /** `k8s:enc:aescbc:v1:`; empty for identity. */
  readonly prefix: string
  encrypt(bytes: Uint8Array, key: string): Uint8Array
  /** Of the bytes after the prefix. Throws DecryptError. */
  decrypt(bytes: Uint8Array, key: string): Uint8Array
}

export class DecryptError extends Error {
  override readonly name = 'DecryptError'
}

export function identity(): Provider {
  return {
    prefix: '',
    encrypt: (bytes) => bytes,
    decrypt: (bytes) => {
      if (decodeUtf8(bytes.subarray(0, 8)) === 'k8s:enc:') throw new DecryptError('identity transformer tried to read encrypted data')
      return bytes
    },
  }
}

type Cipher = { seal(secret: Uint8Array, bytes: Uint8Array, key: string): Uint8Array; open(secret: Uint8Array, bytes: Uint8Array, key: string): Uint8Array }

function keyed(kind: string, words: string, keys: readonly ProviderKey[], cipher: Cipher): Provider {
  const prefix = `k8s:enc:${kind}:v1:`
  const first = keys[0] as ProviderKey
  return {
    prefix,
    encrypt: (bytes, key) => concatBytes([encodeUtf8(`${prefix}${first.name}:`), cipher.seal(first.secret, bytes, key)]),
    decrypt: (bytes, key) => {
      const colon = bytes.indexOf(58)
      const name = decodeUtf8(bytes.subarray(0, Math.max(0, colon)))
      const known = keys.find((item) => item.name === name)
      if (!known) throw new DecryptError(`no matching key was found for the provided ${words} transformer`)
      try {
        return cipher.open(known.secret, bytes.subarray(colon + 1), key)
      } catch {
        throw new DecryptError(kind === 'aescbc' ? 'invalid padding on input' : 'cipher: message authentication failed')
      }
    },
  }
}

export function aescbc(keys: readonly ProviderKey[], random: Random): Provider {
  return keyed('aescbc', 'AES', keys, {
    seal(secret, bytes) {
      const iv = random.bytes(16)
      return concatBytes([iv, cbc(secret, iv).encrypt(bytes)])
    },
    open: (secret, bytes) => cbc(secret, bytes.subarray(0, 16)).decrypt(bytes.subarray(16)),
  })
}

export function aesgcm(keys: readonly ProviderKey[], random: Random): Provider {
  return keyed('aesgcm', 'AES', keys, {
    seal(secret, bytes, key) {
      const nonce = random.bytes(12)
      return concatBytes([nonce, gcm(secret, nonce, encodeUtf8(key)).encrypt(bytes)])
    },
    open: (secret, bytes, key) => gcm(secret, bytes.subarray(0, 12), encodeUtf8(key)).decrypt(bytes.subarray(12)),
  })
}

export function secretbox(keys: readonly ProviderKey[], random: Random): Provider {
  return keyed('secretbox', 'Secretbox', keys, {
    seal(secret, bytes) {
      const nonce = random.bytes(24)
      return concatBytes([nonce, xsalsa20poly1305(secret, nonce).encrypt(bytes)])
    },
    open: (secret, bytes) => xsalsa20poly1305(secret, bytes.subarray(0, 24)).decrypt(bytes.subarray(24)),
  })
}
