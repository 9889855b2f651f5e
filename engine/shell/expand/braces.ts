/** `a{b,c}d`, `{1..5}`, `{a..e..2}`: on the text of a word, before anything else. */
import { skipOneSafely } from '#engine/shell/syntax/scanner'

const maxWords = 1_000_000
const cache = new Map<string, readonly string[]>()

export class TooManyWords extends Error {}

export function expandBraces(text: string): readonly string[] {
  if (!text.includes('{') || !text.includes('}')) return [text]
  const known = cache.get(text)
  if (known) return known
  const words = expand(text)
  if (cache.size > 500) cache.clear()
  if (words.length < 100) cache.set(text, words)
  return words
}

function expand(text: string): string[] {
  for (let i = 0; i < text.length; ) {
    if (text[i] !== '{') {
      i = skipOneSafely(text, i)
      continue
    }
    const close = closing(text, i)
    if (close < 0) {
      i++
      continue
    }
    const parts = alternatives(text.slice(i + 1, close))
    if (!parts) {
      i++
      continue
    }
    return combine(text.slice(0, i), parts, expand(text.slice(close + 1)))
  }
  return [text]
}

function combine(before: string, parts: readonly string[], after: readonly string[]): string[] {
  if (parts.length * after.length > maxWords) throw new TooManyWords('brace expansion: cannot allocate memory')
  const out: string[] = []
  for (const part of parts) for (const rest of after) out.push(before + part + rest)
  return out
}

function closing(text: string, open: number): number {
  let depth = 0
  for (let i = open; i < text.length; ) {
    if (text[i] === '{') depth++
    else if (text[i] === '}' && --depth === 0) return i
    i = text[i] === '{' || text[i] === '}' ? i + 1 : skipOneSafely(text, i)
  }
  return -1
}

function alternatives(inside: string): string[] | undefined {
  const pieces: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i < inside.length; ) {
    const c = inside[i]
    if (c === '{') depth++
    else if (c === '}') depth--
    else if (c === ',' && depth === 0) {
      pieces.push(inside.slice(start, i))
      start = i + 1
    }
    i = c === '{' || c === '}' ? i + 1 : skipOneSafely(inside, i)
  }
  if (pieces.length === 0) return sequence(inside)
  pieces.push(inside.slice(start))
  return pieces.flatMap((piece) => expand(piece))
}

function sequence(inside: string): string[] | undefined {
  const numbers = /^([+-]?\d+)\.\.([+-]?\d+)(?:\.\.([+-]?\d+))?$/.exec(inside)
  if (numbers) return numberSequence(numbers[1] as string, numbers[2] as string, numbers[3])
  const letters = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.([+-]?\d+))?$/.exec(inside)
  if (!letters) return undefined
  const codes = steps(BigInt((letters[1] as string).charCodeAt(0)), BigInt((letters[2] as string).charCodeAt(0)), integer(letters[3] ?? '1') ?? 1n)
  return codes?.map((code) => {
    const c = String.fromCharCode(Number(code))
    return c === '\\' ? "''" : c === '`' ? '\\`' : c
  })
}

/** Ends that are no 64-bit numbers make no sequence. */
function numberSequence(from: string, to: string, by: string | undefined): string[] | undefined {
  const [first, last, step] = [integer(from), integer(to), integer(by ?? '1')]
  if (first === undefined || last === undefined || step === undefined) return undefined
  const width = [from, to].some((text) => /^[+-]?0\d/.test(text)) ? Math.max(from.length, to.length) : 0
  return steps(first, last, step)?.map((value) => {
    const digits = String(value < 0n ? -value : value)
    return value < 0n ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0')
  })
}

function integer(text: string): bigint | undefined {
  const value = BigInt(text.replace(/^\+/, ''))
  return BigInt.asIntN(64, value) === value ? value : undefined
}

/** Undefined where there would be more words than can be counted: the braces stay as they are. */
function steps(from: bigint, to: bigint, by: bigint): bigint[] | undefined {
  const step = (by < 0n ? -by : by) || 1n
  const count = (from <= to ? to - from : from - to) / step + 1n
  if (count > 2_147_483_647n) return undefined
  if (count > BigInt(maxWords)) throw new TooManyWords('brace expansion: cannot allocate memory')
  return Array.from({ length: Number(count) }, (_, index) => (from <= to ? from + BigInt(index) * step : from - BigInt(index) * step))
}
