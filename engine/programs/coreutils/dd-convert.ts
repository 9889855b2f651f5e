/** What conv= does to the bytes on their way. */
import { concatBytes } from '#engine/base/bytes'

export type Conversion = (block: Uint8Array) => Uint8Array

/** The conversions of a block, in dd's order. */
export function conversionOf(conv: ReadonlySet<string>, ibs: number): Conversion {
  const steps: Conversion[] = []
  if (conv.has('sync')) steps.push((block) => (block.length < ibs ? concatBytes([block, new Uint8Array(ibs - block.length).fill(conv.has('block') || conv.has('unblock') ? 32 : 0)]) : block))
  if (conv.has('swab')) steps.push(swapped)
  if (conv.has('ucase')) steps.push((block) => block.map((byte) => (byte >= 97 && byte <= 122 ? byte - 32 : byte)))
  if (conv.has('lcase')) steps.push((block) => block.map((byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte)))
  return (block) => steps.reduce((bytes, step) => step(bytes), block)
}

function swapped(block: Uint8Array): Uint8Array {
  return block.map((byte, index) => block[index ^ 1] ?? byte)
}

/** Lines become records of one length and back; works on the whole stream. */
export function recordsOf(conv: ReadonlySet<string>, cbs: number): Conversion | undefined {
  if (cbs === 0) return undefined
  if (conv.has('block')) return (bytes) => blocked(bytes, cbs)
  return conv.has('unblock') ? (bytes) => unblocked(bytes, cbs) : undefined
}

function blocked(bytes: Uint8Array, cbs: number): Uint8Array {
  const out: Uint8Array[] = []
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(10, from)
    const line = bytes.subarray(from, Math.min(end < 0 ? bytes.length : end, from + cbs))
    out.push(line, new Uint8Array(cbs - line.length).fill(32))
    from = end < 0 ? bytes.length : end + 1
  }
  return concatBytes(out)
}

function unblocked(bytes: Uint8Array, cbs: number): Uint8Array {
  const out: Uint8Array[] = []
  for (let from = 0; from < bytes.length; from += cbs) {
    let end = Math.min(from + cbs, bytes.length)
    while (end > from && bytes[end - 1] === 32) end--
    out.push(bytes.subarray(from, end), Uint8Array.of(10))
  }
  return concatBytes(out)
}
