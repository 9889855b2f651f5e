/** Keys of the three families and their files: PKCS#1, SEC 1, PKCS#8 and SubjectPublicKeyInfo. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { toHex } from '#engine/base/bytes'
import type { Random } from '#engine/base/random'
import { bits, Der, DerError, explicit, integer, nil, octets, oid, sequence } from '#engine/base/pki/der'
import { decodePem, encodePem, type PemBlock } from '#engine/base/pki/pem'
import { generateRsaKey, type RsaPrivateKey, type RsaPublicKey } from '#engine/base/pki/rsa'
import { inverseMod } from '#engine/base/pki/numbers'

export type CurveName = 'P-256' | 'P-384' | 'P-521'

export interface EcPublicKey {
  readonly type: 'ec'
  readonly curve: CurveName
  /** Uncompressed: 04 X Y. */
  readonly point: Uint8Array
}

export interface EcPrivateKey extends EcPublicKey {
  readonly secret: Uint8Array
}

export interface EdPublicKey {
  readonly type: 'ed25519'
  readonly point: Uint8Array
}

export interface EdPrivateKey extends EdPublicKey {
  readonly secret: Uint8Array
}

export type PublicKey = RsaPublicKey | EcPublicKey | EdPublicKey
export type PrivateKey = RsaPrivateKey | EcPrivateKey | EdPrivateKey

/** Where RSA keys come from: DER of PKCS#1 or PKCS#8. */
export interface KeySource {
  rsa(bits: number): Uint8Array
  /** A PKCS#1 v1.5 signature, where the host has them faster; the same bytes as `rsaSign` gives. */
  signRsa?(key: RsaPrivateKey, hash: 'sha256' | 'sha384' | 'sha512', message: Uint8Array): Uint8Array
}

export const curves = { 'P-256': p256, 'P-384': p384, 'P-521': p521 }
const curveOids: Readonly<Record<CurveName, string>> = { 'P-256': '1.2.840.10045.3.1.7', 'P-384': '1.3.132.0.34', 'P-521': '1.3.132.0.35' }
const rsaOid = '1.2.840.113549.1.1.1'
const ecOid = '1.2.840.10045.2.1'
const edOid = '1.3.101.112'

export function generateRsa(bitLength: number, random: Random, source?: KeySource): RsaPrivateKey {
  if (!source) return generateRsaKey(bitLength, random)
  const key = parsePrivateKeyDer(source.rsa(bitLength))
  if (key.type !== 'rsa') throw new DerError('the key source gave a key of another kind')
  return key
}

export function generateEc(curve: CurveName, random: Random): EcPrivateKey {
  for (;;) {
    const secret = random.bytes(curves[curve].lengths.secretKey as number)
    if (curve === 'P-521') secret[0] = (secret[0] ?? 0) & 1
    if (curves[curve].utils.isValidSecretKey(secret)) return ecFromSecret(curve, secret)
  }
}

export function ecFromSecret(curve: CurveName, secret: Uint8Array): EcPrivateKey {
  return { type: 'ec', curve, secret, point: curves[curve].getPublicKey(secret, false) }
}

export function generateEd25519(random: Random): EdPrivateKey {
  const secret = random.bytes(32)
  return { type: 'ed25519', secret, point: ed25519.getPublicKey(secret) }
}

export function publicOf(key: PrivateKey | PublicKey): PublicKey {
  if (key.type === 'rsa') return { type: 'rsa', n: key.n, e: key.e }
  return key.type === 'ec' ? { type: 'ec', curve: key.curve, point: key.point } : { type: 'ed25519', point: key.point }
}

export function samePublicKey(a: PublicKey, b: PublicKey): boolean {
  if (a.type === 'rsa') return b.type === 'rsa' && a.n === b.n && a.e === b.e
  return b.type === a.type && toHex(a.point) === toHex(b.point)
}

export function encodePublicKey(key: PublicKey): Uint8Array {
  if (key.type === 'rsa') return sequence(sequence(oid(rsaOid), nil()), bits(encodePkcs1Public(key)))
  if (key.type === 'ec') return sequence(sequence(oid(ecOid), oid(curveOids[key.curve])), bits(key.point))
  return sequence(sequence(oid(edOid)), bits(key.point))
}

export function encodePkcs1Public(key: RsaPublicKey): Uint8Array {
  return sequence(integer(key.n), integer(key.e))
}

/** The bits of the public key as its certificate holds them: what key identifiers are the SHA-1 of. */
export function publicKeyBits(key: PublicKey): Uint8Array {
  return key.type === 'rsa' ? encodePkcs1Public(key) : key.point
}

export function parsePublicKeyDer(bytes: Uint8Array): PublicKey {
  const root = Der.parse(bytes)
  const algorithm = root.child(0)
  const keyBits = root.child(1).bitBytes()
  switch (algorithm.child(0).oid()) {
    case rsaOid:
      return parsePkcs1Public(keyBits)
    case ecOid:
      return ecPublic(curveOf(algorithm.child(1).oid()), keyBits)
    case edOid:
      return { type: 'ed25519', point: keyBits.slice() }
    default:
      throw new DerError('unknown public key algorithm')
  }
}

function parsePkcs1Public(bytes: Uint8Array): RsaPublicKey {
  const node = Der.parse(bytes)
  return { type: 'rsa', n: node.child(0).integer(), e: node.child(1).integer() }
}

function ecPublic(curve: CurveName, point: Uint8Array): EcPublicKey {
  return { type: 'ec', curve, point: point.slice() }
}

function curveOf(dotted: string): CurveName {
  const found = (Object.keys(curveOids) as CurveName[]).find((name) => curveOids[name] === dotted)
  if (!found) throw new DerError('unsupported elliptic curve')
  return found
}

/** PKCS#1: what `RSA PRIVATE KEY` holds. */
export function encodePkcs1(key: RsaPrivateKey): Uint8Array {
  return sequence(integer(0), integer(key.n), integer(key.e), integer(key.d), integer(key.p), integer(key.q), integer(key.d % (key.p - 1n)), integer(key.d % (key.q - 1n)), integer(inverseMod(key.q, key.p)))
}

/** SEC 1: what `EC PRIVATE KEY` holds. */
export function encodeSec1(key: EcPrivateKey, withCurve = true): Uint8Array {
  return sequence(integer(1), octets(key.secret), ...(withCurve ? [explicit(0, oid(curveOids[key.curve]))] : []), explicit(1, bits(key.point)))
}

export function encodePkcs8(key: PrivateKey): Uint8Array {
  if (key.type === 'rsa') return sequence(integer(0), sequence(oid(rsaOid), nil()), octets(encodePkcs1(key)))
  if (key.type === 'ec') return sequence(integer(0), sequence(oid(ecOid), oid(curveOids[key.curve])), octets(encodeSec1(key, false)))
  return sequence(integer(0), sequence(oid(edOid)), octets(octets(key.secret)))
}

/** PKCS#1, SEC 1 or PKCS#8, told apart by their shape. */
export function parsePrivateKeyDer(bytes: Uint8Array): PrivateKey {
  const root = Der.parse(bytes)
  if (root.child(1).tag === 0x02) return rsaPrivate(root)
  if (root.child(1).tag === 0x04) return sec1Private(root, undefined)
  const algorithm = root.child(1)
  const inner = Der.parse(root.child(2).content)
  switch (algorithm.child(0).oid()) {
    case rsaOid:
      return rsaPrivate(inner)
    case ecOid:
      return sec1Private(inner, curveOf(algorithm.child(1).oid()))
    case edOid:
      return { type: 'ed25519', secret: inner.content.slice(), point: ed25519.getPublicKey(inner.content) }
    default:
      throw new DerError('unknown private key algorithm')
  }
}

function rsaPrivate(node: Der): RsaPrivateKey {
  const number = (index: number): bigint => node.child(index).integer()
  return { type: 'rsa', n: number(1), e: number(2), d: number(3), p: number(4), q: number(5) }
}

function sec1Private(node: Der, known: CurveName | undefined): EcPrivateKey {
  const named = node.context(0)
  const curve = known ?? (named ? curveOf(named.child(0).oid()) : undefined)
  if (!curve) throw new DerError('missing elliptic curve')
  return ecFromSecret(curve, node.child(1).content.slice())
}

const privateLabels = new Set(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY'])

/** As OpenSSL 3 and client-go write keys: `pkcs8` is `PRIVATE KEY`, `traditional` names the family. */
export function privateKeyPem(key: PrivateKey, form: 'pkcs8' | 'traditional' = 'pkcs8'): string {
  if (form === 'traditional' && key.type === 'rsa') return encodePem('RSA PRIVATE KEY', encodePkcs1(key))
  if (form === 'traditional' && key.type === 'ec') return encodePem('EC PRIVATE KEY', encodeSec1(key))
  return encodePem('PRIVATE KEY', encodePkcs8(key))
}

export function publicKeyPem(key: PublicKey | PrivateKey): string {
  return encodePem('PUBLIC KEY', encodePublicKey(publicOf(key)))
}

const keyCache = new Map<string, PrivateKey>()

/** The first private key of a PEM text. Throws DerError where there is none. */
export function parsePrivateKeyPem(pem: string): PrivateKey {
  const known = keyCache.get(pem)
  if (known) return known
  const found = decodePem(pem).find((each) => privateLabels.has(each.label))
  if (!found) throw new DerError('no private key in PEM')
  const key = parsePrivateKeyDer(found.bytes)
  if (keyCache.size >= 256) keyCache.clear()
  keyCache.set(pem, key)
  return key
}

export function isPrivateKeyBlock(block: PemBlock): boolean {
  return privateLabels.has(block.label)
}

/** Public keys of a PEM text: `PUBLIC KEY` and `RSA PUBLIC KEY` blocks, and the public halves of private keys. */
export function parsePublicKeysPem(pem: string): PublicKey[] {
  return decodePem(pem).flatMap((each): PublicKey[] => {
    if (each.label === 'PUBLIC KEY') return [parsePublicKeyDer(each.bytes)]
    if (each.label === 'RSA PUBLIC KEY') return [parsePkcs1Public(each.bytes)]
    return isPrivateKeyBlock(each) ? [publicOf(parsePrivateKeyDer(each.bytes))] : []
  })
}
