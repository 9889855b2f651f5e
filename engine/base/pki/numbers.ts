/** Arithmetic on big integers for RSA. */
import { fromHex } from '#engine/base/bytes'
import type { Random } from '#engine/base/random'

export function bytesToInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n
  let hex = '0x'
  for (const byte of bytes) hex += byte < 16 ? `0${byte.toString(16)}` : byte.toString(16)
  return BigInt(hex)
}

export function integerToBytes(value: bigint, length: number): Uint8Array {
  return fromHex(value.toString(16).padStart(length * 2, '0'))
}

/** base^exponent mod modulus, in windows of four bits. */
export function powerMod(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const digits = exponent.toString(16)
  const table = [1n % modulus, base % modulus]
  for (let i = 2; i < 16; i++) table.push(((table[i - 1] as bigint) * (table[1] as bigint)) % modulus)
  let result = 1n
  for (const digit of digits) {
    for (let i = 0; i < 4; i++) result = (result * result) % modulus
    const value = Number.parseInt(digit, 16)
    if (value > 0) result = (result * (table[value] as bigint)) % modulus
  }
  return result
}

export function inverseMod(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [((value % modulus) + modulus) % modulus, modulus, 1n, 0n]
  while (b > 0n) {
    const quotient = a / b
    ;[a, b] = [b, a % b]
    ;[x, y] = [y, x - quotient * y]
  }
  return ((x % modulus) + modulus) % modulus
}

const smallPrimes = primesBelow(2000)

function primesBelow(limit: number): bigint[] {
  const out: number[] = []
  for (let candidate = 3; candidate < limit; candidate += 2) if (!out.some((prime) => candidate % prime === 0)) out.push(candidate)
  return out.map(BigInt)
}

/** A random prime of exactly `bits` bits, its two highest set, with p - 1 prime to `exponent`. */
export function randomPrime(bits: number, exponent: bigint, random: Random): bigint {
  const top = 3n << BigInt(bits - 2)
  for (;;) {
    const candidate = (bytesToInteger(random.bytes(bits / 8)) % (1n << BigInt(bits))) | top | 1n
    if (smallPrimes.some((prime) => candidate % prime === 0n)) continue
    if ((candidate - 1n) % exponent === 0n) continue
    if (isProbablePrime(candidate, random)) return candidate
  }
}

/** Miller-Rabin; for random candidates of 512 bits and more, eight rounds leave less than 2^-80. */
function isProbablePrime(candidate: bigint, random: Random): boolean {
  let odd = candidate - 1n
  let twos = 0
  while ((odd & 1n) === 0n) {
    odd >>= 1n
    twos++
  }
  for (let round = 0; round < 8; round++) {
    const base = 2n + (bytesToInteger(random.bytes(32)) % (candidate - 3n))
    if (!passes(powerMod(base, odd, candidate), candidate, twos)) return false
  }
  return true
}

function passes(start: bigint, candidate: bigint, twos: number): boolean {
  let value = start
  if (value === 1n || value === candidate - 1n) return true
  for (let i = 1; i < twos; i++) {
    value = (value * value) % candidate
    if (value === candidate - 1n) return true
  }
  return false
}
