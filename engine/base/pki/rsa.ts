/** RSA (RFC 8017): PKCS#1 v1.5 and PSS signatures, OAEP left out because nothing here needs it. */
import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, fromHex } from '#engine/base/bytes'
import type { Random } from '#engine/base/random'
import { bytesToInteger, integerToBytes, inverseMod, powerMod, randomPrime } from '#engine/base/pki/numbers'

export type HashName = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512'

export interface RsaPublicKey {
  readonly type: 'rsa'
  readonly n: bigint
  readonly e: bigint
}

export interface RsaPrivateKey extends RsaPublicKey {
  readonly d: bigint
  readonly p: bigint
  readonly q: bigint
}

const hashes = { md5, sha1, sha256, sha384, sha512 }

/** DigestInfo headers of RFC 8017, section 9.2. */
const digestHeaders: Readonly<Record<HashName, string>> = {
  md5: '3020300c06082a864886f70d020505000410',
  sha1: '3021300906052b0e03021a05000414',
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
}

export function digest(name: HashName, bytes: Uint8Array): Uint8Array {
  return hashes[name](bytes)
}

export function rsaSize(key: RsaPublicKey): number {
  return Math.ceil(key.n.toString(16).length / 2)
}

export function rsaBits(key: RsaPublicKey): number {
  return key.n.toString(2).length
}

const publicExponent = 65537n

export function generateRsaKey(bits: number, random: Random): RsaPrivateKey {
  for (;;) {
    const p = randomPrime(bits / 2, publicExponent, random)
    const q = randomPrime(bits / 2, publicExponent, random)
    if (p !== q) return rsaKeyOf(p, q)
  }
}

/** The key of two different primes, neither of which is one more than a multiple of 65537. */
export function rsaKeyOf(p: bigint, q: bigint): RsaPrivateKey {
  return { type: 'rsa', n: p * q, e: publicExponent, d: inverseMod(publicExponent, (p - 1n) * (q - 1n)), p, q }
}

export function rsaSign(key: RsaPrivateKey, hash: HashName, message: Uint8Array): Uint8Array {
  const size = rsaSize(key)
  return integerToBytes(privatePower(key, bytesToInteger(pkcs1Padded(hash, message, size))), size)
}

export function rsaVerify(key: RsaPublicKey, hash: HashName, message: Uint8Array, signature: Uint8Array): boolean {
  const size = rsaSize(key)
  if (signature.length !== size) return false
  return powerMod(bytesToInteger(signature), key.e, key.n) === bytesToInteger(pkcs1Padded(hash, message, size))
}

export function rsaPssVerify(key: RsaPublicKey, hash: HashName, message: Uint8Array, signature: Uint8Array, saltLength: number): boolean {
  const bits = rsaBits(key) - 1
  const size = Math.ceil(bits / 8)
  const encoded = integerToBytes(powerMod(bytesToInteger(signature), key.e, key.n), size)
  const digestOfMessage = digest(hash, message)
  const length = digestOfMessage.length
  if (encoded[size - 1] !== 0xbc || size < length + saltLength + 2) return false
  const masked = encoded.subarray(0, size - length - 1)
  const expected = encoded.subarray(size - length - 1, size - 1)
  const block = xor(masked, mask(hash, expected, masked.length))
  block[0] = (block[0] ?? 0) & (0xff >> (8 * size - bits))
  const salt = block.subarray(block.length - saltLength)
  if (block[block.length - saltLength - 1] !== 1) return false
  const actual = digest(hash, concatBytes([new Uint8Array(8), digestOfMessage, salt]))
  return actual.every((byte, index) => byte === expected[index])
}

function mask(hash: HashName, seed: Uint8Array, length: number): Uint8Array {
  const parts: Uint8Array[] = []
  for (let counter = 0, have = 0; have < length; counter++) {
    const part = digest(hash, concatBytes([seed, integerToBytes(BigInt(counter), 4)]))
    parts.push(part)
    have += part.length
  }
  return concatBytes(parts).subarray(0, length)
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0))
}

function pkcs1Padded(hash: HashName, message: Uint8Array, size: number): Uint8Array {
  const info = concatBytes([fromHex(digestHeaders[hash]), digest(hash, message)])
  const out = new Uint8Array(size).fill(0xff)
  out[0] = 0
  out[1] = 1
  out[size - info.length - 1] = 0
  out.set(info, size - info.length)
  return out
}

/** By the Chinese remainder theorem: four times cheaper than with d itself. */
function privatePower(key: RsaPrivateKey, value: bigint): bigint {
  const a = powerMod(value % key.p, key.d % (key.p - 1n), key.p)
  const b = powerMod(value % key.q, key.d % (key.q - 1n), key.q)
  const difference = (((a - b) % key.p) + key.p) % key.p
  return b + key.q * ((difference * inverseMod(key.q, key.p)) % key.p)
}

/** PKCS#1 v1.5 decryption (RSAES), for tools; undefined on bad padding. */
export function rsaDecrypt(key: RsaPrivateKey, bytes: Uint8Array): Uint8Array | undefined {
  const size = rsaSize(key)
  const padded = integerToBytes(privatePower(key, bytesToInteger(bytes)), size)
  const end = padded.indexOf(0, 2)
  return padded[0] === 0 && padded[1] === 2 && end >= 10 ? padded.slice(end + 1) : undefined
}
