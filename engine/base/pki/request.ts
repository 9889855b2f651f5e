/** Certificate signing requests (PKCS#10). */
import { bits, Der, DerError, explicit, implicit, integer, oid, sequence, set } from '#engine/base/pki/der'
import { type AlternativeNames, encodeExtensions, type Extension, parseExtensions, readAlternativeNames } from '#engine/base/pki/extensions'
import { encodePublicKey, parsePublicKeyDer, type PrivateKey, type PublicKey, publicOf } from '#engine/base/pki/keys'
import { type Name, parseName } from '#engine/base/pki/name'
import { decodePem, encodePem } from '#engine/base/pki/pem'
import type { HashName } from '#engine/base/pki/rsa'
import { algorithmFor, encodeAlgorithm, parseAlgorithm, sign, type SignatureAlgorithm, verify } from '#engine/base/pki/signature'

export interface CertificateRequest {
  readonly der: Uint8Array
  readonly tbs: Uint8Array
  readonly subject: Name
  readonly publicKey: PublicKey
  readonly extensions: readonly Extension[]
  readonly names: AlternativeNames
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signature: Uint8Array
}

const extensionRequest = '1.2.840.113549.1.9.14'

/** Throws DerError. */
export function parseRequest(der: Uint8Array): CertificateRequest {
  const root = Der.parse(der)
  const tbs = root.child(0)
  const attributes = tbs.context(0)?.children ?? []
  const wanted = attributes.find((node) => node.child(0).oid() === extensionRequest)
  const extensions = wanted ? parseExtensions(wanted.child(1).child(0)) : []
  return {
    der: root.raw, tbs: tbs.raw, extensions,
    subject: parseName(tbs.child(1)),
    publicKey: parsePublicKeyDer(tbs.child(2).raw),
    names: readAlternativeNames(extensions) ?? { dns: [], ips: [], emails: [], uris: [] },
    signatureAlgorithm: parseAlgorithm(root.child(1)),
    signature: root.child(2).bitBytes(),
  }
}

export function parseRequestPem(pem: string): CertificateRequest {
  const block = decodePem(pem).find((each) => /^(NEW )?CERTIFICATE REQUEST$/.test(each.label))
  if (!block) throw new DerError('no certificate request in PEM')
  return parseRequest(block.bytes)
}

export function buildRequest(subject: Name, key: PrivateKey, extensions: readonly Extension[], hash?: HashName): CertificateRequest {
  const algorithm = algorithmFor(key, hash)
  const attributes = extensions.length > 0 ? explicit(0, sequence(oid(extensionRequest), set(encodeExtensions(extensions)))) : emptyAttributes()
  const tbs = sequence(integer(0), subject.der, encodePublicKey(publicOf(key)), attributes)
  return parseRequest(sequence(tbs, encodeAlgorithm(algorithm), bits(sign(key, algorithm, tbs))))
}

/** OpenSSL writes the empty set of attributes as `A0 00`. */
function emptyAttributes(): Uint8Array {
  const out = implicit(0, new Uint8Array(0))
  out[0] = 0xa0
  return out
}

export function requestPem(request: CertificateRequest): string {
  return encodePem('CERTIFICATE REQUEST', request.der)
}

/** Whether the request was signed by the key it asks a certificate for. */
export function requestSignatureValid(request: CertificateRequest): boolean {
  return verify(request.publicKey, request.signatureAlgorithm, request.tbs, request.signature)
}
