/** A serving identity for loopback, for homes that put a real protocol in front of the cluster. */
import { certificatePem } from '#engine/base/pki/certificate'
import { issueCertificate, randomSerial, selfSignedAuthority } from '#engine/base/pki/issue'
import { generateRsa, privateKeyPem, publicOf, type KeySource } from '#engine/base/pki/keys'
import { goName } from '#engine/base/pki/name'
import { SeededRandom } from '#engine/base/random'

export interface GatewayIdentity {
  /** PEM of the authority, which clients are told to trust. */
  readonly authority: string
  readonly certificate: string
  readonly key: string
  readonly expiresAtMs: number
}

const yearMs = 365 * 86_400_000

export function gatewayIdentity(keys: KeySource, nowMs: number): GatewayIdentity {
  const random = new SeededRandom(`gateway ${nowMs}`)
  const validity = { notBefore: nowMs - 86_400_000, notAfter: nowMs + yearMs }
  const authorityKey = generateRsa(2048, random, keys)
  const authority = { key: authorityKey, certificate: selfSignedAuthority('seatrial-gateway', authorityKey, { ...validity, random }) }
  const key = generateRsa(2048, random, keys)
  const leaf = issueCertificate(authority, {
    subject: goName({ commonName: 'kube-apiserver' }), publicKey: publicOf(key), usages: ['serverAuth'], dns: ['localhost', 'kubernetes'], ips: ['127.0.0.1'], ...validity, serial: randomSerial(random),
  })
  return { authority: certificatePem(authority.certificate), certificate: certificatePem(leaf), key: privateKeyPem(key), expiresAtMs: validity.notAfter }
}
