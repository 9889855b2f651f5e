/** Signatures by algorithm identifier, as certificates, requests and tokens carry them. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { concatBytes } from '#engine/base/bytes'
import { Der, integer, nil, oid, sequence } from '#engine/base/pki/der'
import { curves, type EcPrivateKey, type EcPublicKey, type PrivateKey, type PublicKey } from '#engine/base/pki/keys'
import { bytesToInteger, integerToBytes } from '#engine/base/pki/numbers'
import { digest, type HashName, rsaPssVerify, rsaSign, rsaVerify } from '#engine/base/pki/rsa'

export interface SignatureAlgorithm {
  readonly oid: string
  /** OpenSSL's long name: `sha256WithRSAEncryption`. */
  readonly name: string
  readonly family: 'rsa' | 'rsa-pss' | 'ec' | 'ed25519'
  readonly hash: HashName
  /** PSS only. */
  readonly saltLength?: number
}

export const signatureAlgorithms: readonly SignatureAlgorithm[] = [
  { oid: '1.2.840.113549.1.1.11', name: 'sha256WithRSAEncryption', family: 'rsa', hash: 'sha256' },
  { oid: '1.2.840.113549.1.1.12', name: 'sha384WithRSAEncryption', family: 'rsa', hash: 'sha384' },
  { oid: '1.2.840.113549.1.1.13', name: 'sha512WithRSAEncryption', family: 'rsa', hash: 'sha512' },
  { oid: '1.2.840.113549.1.1.5', name: 'sha1WithRSAEncryption', family: 'rsa', hash: 'sha1' },
  { oid: '1.2.840.113549.1.1.4', name: 'md5WithRSAEncryption', family: 'rsa', hash: 'md5' },
  { oid: '1.2.840.113549.1.1.10', name: 'rsassaPss', family: 'rsa-pss', hash: 'sha256', saltLength: 32 },
  { oid: '1.2.840.10045.4.3.2', name: 'ecdsa-with-SHA256', family: 'ec', hash: 'sha256' },
  { oid: '1.2.840.10045.4.3.3', name: 'ecdsa-with-SHA384', family: 'ec', hash: 'sha384' },
  { oid: '1.2.840.10045.4.3.4', name: 'ecdsa-with-SHA512', family: 'ec', hash: 'sha512' },
  { oid: '1.3.101.112', name: 'ED25519', family: 'ed25519', hash: 'sha512' },
]

export function algorithmFor(key: PrivateKey | PublicKey, hash?: HashName): SignatureAlgorithm {
  const wanted = hash ?? (key.type === 'ec' && key.curve === 'P-384' ? 'sha384' : key.type === 'ec' && key.curve === 'P-521' ? 'sha512' : 'sha256')
  const found = signatureAlgorithms.find((each) => each.family === key.type && (key.type === 'ed25519' || each.hash === wanted))
  if (!found) throw new Error(`no signature algorithm for ${key.type} with ${wanted}`)
  return found
}

export function encodeAlgorithm(algorithm: SignatureAlgorithm): Uint8Array {
  return algorithm.family === 'rsa' ? sequence(oid(algorithm.oid), nil()) : sequence(oid(algorithm.oid))
}

export function parseAlgorithm(node: Der): SignatureAlgorithm {
  const dotted = node.child(0).oid()
  return signatureAlgorithms.find((each) => each.oid === dotted) ?? { oid: dotted, name: dotted, family: 'rsa', hash: 'sha256' }
}

export function sign(key: PrivateKey, algorithm: SignatureAlgorithm, message: Uint8Array): Uint8Array {
  if (key.type === 'rsa') return rsaSign(key, algorithm.hash, message)
  if (key.type === 'ed25519') return ed25519.sign(message, key.secret)
  return rawToDer(ecSignRaw(key, algorithm.hash, message))
}

export function verify(key: PublicKey, algorithm: SignatureAlgorithm, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.type === 'rsa') {
    if (algorithm.family === 'rsa-pss') return rsaPssVerify(key, algorithm.hash, message, signature, algorithm.saltLength ?? 32)
    return algorithm.family === 'rsa' && rsaVerify(key, algorithm.hash, message, signature)
  }
  if (key.type === 'ed25519') return algorithm.family === 'ed25519' && guarded(() => ed25519.verify(signature, message, key.point))
  return algorithm.family === 'ec' && guarded(() => ecVerifyRaw(key, algorithm.hash, message, derToRaw(signature, key)))
}

/** R and S side by side, as JSON web tokens carry them. */
export function ecSignRaw(key: EcPrivateKey, hash: HashName, message: Uint8Array): Uint8Array {
  return curves[key.curve].sign(digest(hash, message), key.secret, { prehash: false, lowS: false })
}

export function ecVerifyRaw(key: EcPublicKey, hash: HashName, message: Uint8Array, signature: Uint8Array): boolean {
  return guarded(() => curves[key.curve].verify(signature, digest(hash, message), key.point, { prehash: false, lowS: false }))
}

function rawToDer(raw: Uint8Array): Uint8Array {
  const half = raw.length / 2
  return sequence(integer(bytesToInteger(raw.subarray(0, half))), integer(bytesToInteger(raw.subarray(half))))
}

function derToRaw(bytes: Uint8Array, key: EcPublicKey): Uint8Array {
  const size = (key.point.length - 1) / 2
  const node = Der.parse(bytes)
  return concatBytes([integerToBytes(node.child(0).integer(), size), integerToBytes(node.child(1).integer(), size)])
}

/** A malformed signature is a wrong one. */
function guarded(check: () => boolean): boolean {
  try {
    return check()
  } catch {
    return false
  }
}
