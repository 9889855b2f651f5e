/** Blowfish. Its tables are the digits of pi, which are computed when first needed. */
export interface BlowfishState {
  readonly p: Int32Array
  readonly s: Int32Array
}

const words = 18 + 1024
const bits = BigInt(words * 32)

let tables: Int32Array | undefined

/** The arc tangent of 1/x, scaled. */
function arctangent(x: bigint, scale: bigint): bigint {
  let power = scale / x
  let sum = power
  for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
    power /= x * x
    sum += (sign * power) / n
  }
  return sum
}

function digits(): Int32Array {
  if (tables) return tables
  const guard = 64n
  const scale = 1n << (bits + guard)
  const pi = 16n * arctangent(5n, scale) - 4n * arctangent(239n, scale)
  const hex = ((pi - 3n * scale) >> guard).toString(16).padStart(words * 8, '0')
  tables = Int32Array.from({ length: words }, (_, index) => Number.parseInt(hex.slice(index * 8, index * 8 + 8), 16))
  return tables
}

export function freshState(): BlowfishState {
  return { p: digits().slice(0, 18), s: digits().slice(18) }
}

/** Enciphers the two halves at `block` in place. */
export function encipher({ p, s }: BlowfishState, block: Int32Array, at = 0): void {
  let left = block[at] as number
  let right = block[at + 1] as number
  for (let i = 0; i < 16; i += 2) {
    left ^= p[i] as number
    right ^= ((((s[left >>> 24] as number) + (s[256 + ((left >>> 16) & 255)] as number)) ^ (s[512 + ((left >>> 8) & 255)] as number)) + (s[768 + (left & 255)] as number)) | 0
    right ^= p[i + 1] as number
    left ^= ((((s[right >>> 24] as number) + (s[256 + ((right >>> 16) & 255)] as number)) ^ (s[512 + ((right >>> 8) & 255)] as number)) + (s[768 + (right & 255)] as number)) | 0
  }
  block[at] = right ^ (p[17] as number)
  block[at + 1] = left ^ (p[16] as number)
}

/** Mixes a key, and where there is one a salt, into the state. */
export function expand(state: BlowfishState, key: Int32Array, salt?: Int32Array): void {
  for (let i = 0; i < 18; i++) state.p[i] = (state.p[i] as number) ^ (key[i % key.length] as number)
  const block = new Int32Array(2)
  let turn = 0
  for (const table of [state.p, state.s]) {
    for (let i = 0; i < table.length; i += 2) {
      if (salt) {
        block[0] = (block[0] as number) ^ (salt[turn & 3] as number)
        block[1] = (block[1] as number) ^ (salt[(turn + 1) & 3] as number)
        turn += 2
      }
      encipher(state, block)
      table[i] = block[0] as number
      table[i + 1] = block[1] as number
    }
  }
}
