/** RSA from the host's own cryptography: keys hundreds of times faster than computing them in the engine, signatures ten times. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { encodePkcs1, type KeySource } from '#engine/base/pki/keys'
import type { RsaPrivateKey } from '#engine/base/pki/rsa'

/** The host's form of the engine's keys. */
const known = new WeakMap<RsaPrivateKey, KeyObject>()

export class HostKeys implements KeySource {
  rsa(bits: number): Uint8Array {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits, privateKeyEncoding: { type: 'pkcs1', format: 'der' }, publicKeyEncoding: { type: 'pkcs1', format: 'der' } })
    return new Uint8Array(privateKey)
  }

  signRsa(key: RsaPrivateKey, hash: 'sha256' | 'sha384' | 'sha512', message: Uint8Array): Uint8Array {
    return new Uint8Array(sign(hash, message, keyObject(key)))
  }
}

function keyObject(key: RsaPrivateKey): KeyObject {
  const before = known.get(key)
  if (before) return before
  const made = createPrivateKey({ key: Buffer.from(encodePkcs1(key)), format: 'der', type: 'pkcs1' })
  known.set(key, made)
  return made
}
