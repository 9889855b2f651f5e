/** split -n: a file in so many chunks. */
import { concatBytes } from '#engine/base/bytes'

export interface Chunking {
  readonly kind: 'bytes' | 'lines' | 'robin'
  readonly count: number
  /** `K/N`: only this one, to standard output. */
  readonly only?: number
}

export function parseChunks(text: string): Chunking {
  const match = /^(?:([lr])\/)?(?:(\d+)\/)?(\d+)$/.exec(text)
  const kind = match?.[1] === 'l' ? 'lines' : match?.[1] === 'r' ? 'robin' : 'bytes'
  return { kind, count: Number(match?.[3] ?? 1), ...(match?.[2] === undefined ? {} : { only: Number(match[2]) }) }
}

/** Equal parts, the last takes what is left; by lines, a line belongs to the part in which it begins. */
export function chunksOf(bytes: Uint8Array, count: number, lines: boolean): Uint8Array[] {
  const step = Math.floor(bytes.length / count)
  const ends = Array.from({ length: count }, (_, index) => (index === count - 1 ? bytes.length : (index + 1) * step)).map((end) => (lines ? lineEnd(bytes, end) : end))
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : (ends[index - 1] as number), end))
}

/** Where the line ends that a boundary falls into. */
function lineEnd(bytes: Uint8Array, boundary: number): number {
  if (boundary === 0 || boundary >= bytes.length || bytes[boundary - 1] === 10) return boundary
  const end = bytes.indexOf(10, boundary)
  return end < 0 ? bytes.length : end + 1
}

/** Lines dealt out in turn. */
export function roundRobin(bytes: Uint8Array, count: number): Uint8Array[] {
  const hands: Uint8Array[][] = Array.from({ length: count }, () => [])
  let from = 0
  for (let turn = 0; from < bytes.length; turn++) {
    const end = bytes.indexOf(10, from)
    const next = end < 0 ? bytes.length : end + 1
    hands[turn % count]?.push(bytes.subarray(from, next))
    from = next
  }
  return hands.map((hand) => concatBytes(hand))
}
