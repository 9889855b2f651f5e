/** RSA keys from the host's own cryptography: hundreds of times faster than computing them in the engine. */
import { generateKeyPairSync } from 'node:crypto'

export class HostKeys {
  rsa(bits: number): Uint8Array {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits, privateKeyEncoding: { type: 'pkcs1', format: 'der' }, publicKeyEncoding: { type: 'pkcs1', format: 'der' } })
    return new Uint8Array(privateKey)
  }
}
