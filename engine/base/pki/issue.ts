/** Certificates in the shapes a cluster issues them: authorities, servers and clients, as client-go and kubeadm make them. */
import type { Random } from '#engine/base/random'
import { buildCertificate, type Certificate } from '#engine/base/pki/certificate'
import { authorityKeyId, basicConstraints, type ExtendedKeyUsage, extendedKeyUsage, type Extension, keyIdOf, type KeyUsage, keyUsage, subjectAltName, subjectKeyId } from '#engine/base/pki/extensions'
import { type PrivateKey, type PublicKey, publicOf } from '#engine/base/pki/keys'
import { goName, type Name } from '#engine/base/pki/name'
import { bytesToInteger } from '#engine/base/pki/numbers'

export interface Authority {
  readonly certificate: Certificate
  readonly key: PrivateKey
}

/** A positive serial number of 63 bits, as client-go draws it. */
export function randomSerial(random: Random): bigint {
  return (bytesToInteger(random.bytes(8)) & 0x7fffffffffffffffn) | 1n
}

/** A self-signed authority as client-go's NewSelfSignedCACert: ten years, key usages, its common name also as DNS name. */
export function selfSignedAuthority(commonName: string, key: PrivateKey, options: { notBefore: number; notAfter: number; random: Random; organizations?: readonly string[] }): Certificate {
  const id = keyIdOf(publicOf(key))
  const name = goName({ commonName, ...(options.organizations ? { organizations: options.organizations } : {}) })
  return buildCertificate({
    serial: randomSerial(options.random), subject: name, issuer: name, notBefore: options.notBefore, notAfter: options.notAfter, publicKey: publicOf(key),
    extensions: [keyUsage(['digitalSignature', 'keyEncipherment', 'keyCertSign']), basicConstraints({ ca: true }), subjectKeyId(id), subjectAltName({ dns: [commonName] })],
  }, key)
}

export interface LeafRequest {
  readonly subject: Name
  readonly publicKey: PublicKey
  readonly usages: readonly ExtendedKeyUsage[]
  readonly keyUsages?: readonly KeyUsage[]
  readonly dns?: readonly string[]
  readonly ips?: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
  readonly serial: bigint
}

/** A certificate signed by an authority, with the extensions in the order Go's x509 writes them. */
export function issueCertificate(authority: Authority, request: LeafRequest): Certificate {
  const names = (request.dns?.length ?? 0) + (request.ips?.length ?? 0) > 0
  const usages = request.keyUsages ?? ['digitalSignature', 'keyEncipherment']
  const extensions: Extension[] = [
    ...(usages.length > 0 ? [keyUsage(usages)] : []),
    ...(request.usages.length > 0 ? [extendedKeyUsage(request.usages)] : []),
    basicConstraints({ ca: false }),
    authorityKeyId(authority.certificate.subjectKeyId ?? keyIdOf(authority.certificate.publicKey)),
    ...(names ? [subjectAltName({ dns: request.dns ?? [], ips: request.ips ?? [] })] : []),
  ]
  const { subject, publicKey, notBefore, notAfter, serial } = request
  return buildCertificate({ serial, subject, issuer: authority.certificate.subject, notBefore, notAfter, publicKey, extensions }, authority.key)
}
