/** X.509 certificates (RFC 5280): parsed once, built and signed. */
import { bits, Der, DerError, explicit, integer, sequence, time } from '#engine/base/pki/der'
import { type AlternativeNames, type BasicConstraints, encodeExtensions, type Extension, type KeyUsage, parseExtensions, readAlternativeNames, readAuthorityKeyId, readBasicConstraints, readExtendedKeyUsage, readKeyUsage, readSubjectKeyId } from '#engine/base/pki/extensions'
import { encodePublicKey, parsePublicKeyDer, type PrivateKey, type PublicKey } from '#engine/base/pki/keys'
import { type Name, parseName } from '#engine/base/pki/name'
import { decodePem, encodePem } from '#engine/base/pki/pem'
import type { HashName } from '#engine/base/pki/rsa'
import { algorithmFor, encodeAlgorithm, parseAlgorithm, sign, type SignatureAlgorithm } from '#engine/base/pki/signature'

export interface Certificate {
  readonly der: Uint8Array
  /** The signed part. */
  readonly tbs: Uint8Array
  /** 1 or 3. */
  readonly version: number
  readonly serial: bigint
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
  readonly issuer: Name
  readonly subject: Name
  /** Milliseconds since the epoch. */
  readonly notBefore: number
  readonly notAfter: number
  readonly publicKey: PublicKey
  readonly extensions: readonly Extension[]
  readonly names: AlternativeNames
  readonly basicConstraints: BasicConstraints | undefined
  readonly keyUsage: readonly KeyUsage[] | undefined
  readonly extendedKeyUsage: readonly string[] | undefined
  readonly subjectKeyId: Uint8Array | undefined
  readonly authorityKeyId: Uint8Array | undefined
}

export interface CertificateTemplate {
  readonly serial: bigint
  readonly subject: Name
  readonly issuer: Name
  readonly notBefore: number
  readonly notAfter: number
  readonly publicKey: PublicKey
  /** In order. None makes a version 1 certificate. */
  readonly extensions: readonly Extension[]
}

const noNames: AlternativeNames = { dns: [], ips: [], emails: [], uris: [] }

/** Certificates by the bytes that they carry: sessions hand those on, and whoever gets them need not read them again. */
const byBytes = new WeakMap<Uint8Array, Certificate>()

/** Throws DerError. */
export function parseCertificate(der: Uint8Array): Certificate {
  const known = byBytes.get(der)
  if (known) return known
  const certificate = readCertificate(Uint8Array.from(der))
  byBytes.set(certificate.der, certificate)
  return certificate
}

function readCertificate(der: Uint8Array): Certificate {
  const root = Der.parse(der)
  const tbs = root.child(0)
  const version = tbs.context(0) && tbs.child(0).tag === 0xa0 ? Number(tbs.child(0).child(0).integer()) + 1 : 1
  const at = version > 1 || tbs.child(0).tag === 0xa0 ? 1 : 0
  const field = (index: number): Der => tbs.child(at + index)
  const extensionsNode = tbs.children.slice(at + 6).find((node) => node.tag === 0xa3)
  const extensions = extensionsNode ? parseExtensions(extensionsNode.child(0)) : []
  return {
    der: root.raw, tbs: tbs.raw, version, extensions,
    serial: field(0).integer(),
    signatureAlgorithm: parseAlgorithm(root.child(1)),
    signature: root.child(2).bitBytes(),
    issuer: parseName(field(2)),
    notBefore: field(3).child(0).time(),
    notAfter: field(3).child(1).time(),
    subject: parseName(field(4)),
    publicKey: parsePublicKeyDer(field(5).raw),
    names: readAlternativeNames(extensions) ?? noNames,
    basicConstraints: readBasicConstraints(extensions),
    keyUsage: readKeyUsage(extensions),
    extendedKeyUsage: readExtendedKeyUsage(extensions),
    subjectKeyId: readSubjectKeyId(extensions),
    authorityKeyId: readAuthorityKeyId(extensions),
  }
}

export function buildCertificate(template: CertificateTemplate, issuerKey: PrivateKey, hash?: HashName): Certificate {
  const algorithm = algorithmFor(issuerKey, hash)
  const tbs = sequence(
    ...(template.extensions.length > 0 ? [explicit(0, integer(2))] : []),
    integer(template.serial),
    encodeAlgorithm(algorithm),
    template.issuer.der,
    sequence(time(template.notBefore), time(template.notAfter)),
    template.subject.der,
    encodePublicKey(template.publicKey),
    ...(template.extensions.length > 0 ? [explicit(3, encodeExtensions(template.extensions))] : []),
  )
  return parseCertificate(sequence(tbs, encodeAlgorithm(algorithm), bits(sign(issuerKey, algorithm, tbs))))
}

export function certificatePem(certificate: Certificate): string {
  return encodePem('CERTIFICATE', certificate.der)
}

const pemCache = new Map<string, readonly Certificate[]>()

/** All certificates of a PEM text, in order; parsed once for the same text. Throws DerError on a broken one. */
export function parseCertificatesPem(pem: string): readonly Certificate[] {
  const known = pemCache.get(pem)
  if (known) return known
  const certificates = decodePem(pem).filter((block) => /^(X509 |TRUSTED )?CERTIFICATE$/.test(block.label)).map((block) => parseCertificate(block.bytes))
  if (pemCache.size >= 512) pemCache.clear()
  pemCache.set(pem, certificates)
  return certificates
}

/** The first one. Throws DerError where there is none. */
export function parseCertificatePem(pem: string): Certificate {
  const first = parseCertificatesPem(pem)[0]
  if (!first) throw new DerError('no certificate in PEM')
  return first
}
