/** JSON web tokens, signed and checked: RS256 and ES256 and their larger kin (RFC 7515, 7519). */
import { sha256 } from '@noble/hashes/sha2.js'
import { decodeUtf8, encodeUtf8, fromBase64Url, toBase64Url } from '#engine/base/bytes'
import { remembered } from '#engine/base/remembered'
import { encodePublicKey, type KeySource, type PrivateKey, type PublicKey, publicOf } from '#engine/base/pki/keys'
import { integerToBytes } from '#engine/base/pki/numbers'
import { rsaSign, rsaSize, type RsaPrivateKey, rsaVerify } from '#engine/base/pki/rsa'
import { ecSignRaw, ecVerifyRaw } from '#engine/base/pki/signature'

export type JwtAlgorithm = 'RS256' | 'RS384' | 'RS512' | 'ES256' | 'ES384' | 'ES512'

export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** The signed text: header and claims as they came. */
  readonly signed: string
  readonly signature: Uint8Array
}

/** As kube-apiserver names its keys: the unpadded base64url of SHA-256 over the public key's DER. */
export function keyId(key: PublicKey | PrivateKey): string {
  return toBase64Url(sha256(encodePublicKey(publicOf(key))))
}

export function jwtAlgorithm(key: PublicKey | PrivateKey): JwtAlgorithm {
  if (key.type === 'ec') return key.curve === 'P-256' ? 'ES256' : key.curve === 'P-384' ? 'ES384' : 'ES512'
  return 'RS256'
}

/** The header is `{"alg","kid"}`, with `kid` left out if empty; claims keep their order. */
export function signJwt(key: PrivateKey, claims: Readonly<Record<string, unknown>>, kid: string = keyId(key), source?: KeySource): string {
  const algorithm = jwtAlgorithm(key)
  const header = kid === '' ? { alg: algorithm } : { alg: algorithm, kid }
  const signed = `${encodePart(header)}.${encodePart(claims)}`
  const message = encodeUtf8(signed)
  if (key.type === 'ed25519') throw new Error('tokens are not signed with ed25519 keys')
  const signature = key.type === 'rsa' ? signRsa(key, hashOf(algorithm), message, source) : ecSignRaw(key, hashOf(algorithm), message)
  return `${signed}.${toBase64Url(signature)}`
}

function encodePart(value: object): string {
  return toBase64Url(encodeUtf8(JSON.stringify(value)))
}

function signRsa(key: RsaPrivateKey, hash: JwtHash, message: Uint8Array, source: KeySource | undefined): Uint8Array {
  return source?.signRsa ? source.signRsa(key, hash, message) : rsaSign(key, hash, message)
}

type JwtHash = 'sha256' | 'sha384' | 'sha512'

function hashOf(algorithm: string): JwtHash {
  return algorithm.endsWith('512') ? 'sha512' : algorithm.endsWith('384') ? 'sha384' : 'sha256'
}

/** The parts of a token, unchecked; undefined where it is none. */
export function parseJwt(token: string): Jwt | undefined {
  return partsOf(token) ?? undefined
}

const partsOf = remembered(2000, (token) => readParts(token) ?? null)

function readParts(token: string): Jwt | undefined {
  const parts = token.split('.')
  if (parts.length !== 3 || parts.some((part) => !/^[A-Za-z0-9_-]+$/.test(part))) return undefined
  try {
    const [header, claims, signature] = parts as [string, string, string]
    const value = { header: decodePart(header), claims: decodePart(claims), signed: `${header}.${claims}`, signature: fromBase64Url(signature) }
    return isRecord(value.header) && isRecord(value.claims) ? (value as Jwt) : undefined
  } catch {
    return undefined
  }
}

function decodePart(part: string): unknown {
  return JSON.parse(decodeUtf8(fromBase64Url(part)))
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Tokens that a key was found to have signed, by their text: they are shown again and again. */
const signed = new WeakMap<PublicKey, Set<string>>()
const mostSigned = 5000

/** Whether the key signed it. Times and audiences are the caller's to check. */
export function jwtSignedBy(token: Jwt, key: PublicKey): boolean {
  const known = signed.get(key) ?? new Set()
  const text = `${token.signed}.${toBase64Url(token.signature)}`
  if (known.has(text)) return true
  if (!isSignature(token, key)) return false
  if (known.size >= mostSigned) known.clear()
  signed.set(key, known.add(text))
  return true
}

function isSignature(token: Jwt, key: PublicKey): boolean {
  const algorithm = String(token.header.alg)
  const message = encodeUtf8(token.signed)
  if (key.type === 'rsa') return /^RS(256|384|512)$/.test(algorithm) && rsaVerify(key, hashOf(algorithm), message, token.signature)
  return key.type === 'ec' && algorithm === jwtAlgorithm(key) && ecVerifyRaw(key, hashOf(algorithm), message, token.signature)
}

/** A public key as JSON web key, as /openid/v1/jwks lists it. */
export function jwk(key: PublicKey): Record<string, string> {
  const common = { use: 'sig', kid: keyId(key), alg: jwtAlgorithm(key) }
  if (key.type === 'rsa') return { ...common, kty: 'RSA', n: toBase64Url(integerToBytes(key.n, rsaSize(key))), e: toBase64Url(integerToBytes(key.e, 3)) }
  const half = (key.point.length - 1) / 2
  if (key.type === 'ec') return { ...common, kty: 'EC', crv: key.curve, x: toBase64Url(key.point.slice(1, 1 + half)), y: toBase64Url(key.point.slice(1 + half)) }
  return { ...common, kty: 'OKP', crv: 'Ed25519', x: toBase64Url(key.point) }
}
