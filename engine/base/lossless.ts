/**
 * Text that keeps every byte: bytes that are no UTF-8 become lone surrogates U+DC80..U+DCFF and turn back into themselves,
 * so that filters (cat -v, sed, tr, sort) pass binary data through unharmed. The idea is Python's `surrogateescape`.
 */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

export function decodeLossless(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    return decodeSlowly(bytes)
  }
}

export function encodeLossless(text: string): Uint8Array {
  if (!/[\uDC80-\uDCFF]/.test(text)) return encoder.encode(text)
  const out: number[] = []
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) out.push(code)
    else if (code >= 0xdc80 && code <= 0xdcff) out.push(code & 0xff)
    else {
      const point = text.codePointAt(i) as number
      if (point > 0xffff) i++
      for (const byte of encoder.encode(String.fromCodePoint(point))) out.push(byte)
    }
  }
  return Uint8Array.from(out)
}

/** How many bytes the text is when written. */
export function byteLength(text: string): number {
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) length++
    else if (code < 0x800) length += 2
    else if (code >= 0xdc80 && code <= 0xdcff) length++
    else if (code >= 0xd800 && code < 0xdc00) {
      length += 4
      i++
    } else length += 3
  }
  return length
}

function decodeSlowly(bytes: Uint8Array): string {
  const parts: string[] = []
  let start = 0
  let at = 0
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at)
    if (length > 0) {
      at += length
      continue
    }
    if (at > start) parts.push(strict.decode(bytes.subarray(start, at)))
    parts.push(String.fromCharCode(0xdc00 + (bytes[at] as number)))
    at++
    start = at
  }
  if (at > start) parts.push(strict.decode(bytes.subarray(start, at)))
  return parts.join('')
}

/** Length of the well-formed character at `at`, 0 where the byte stands for itself. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first < 0x80) return 1
  const length = declaredLength(first)
  if (length === 0 || at + length > bytes.length) return 0
  for (let i = 1; i < length; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0
  return isOutOfRange(first, bytes[at + 1] as number) ? 0 : length
}

/** Length that the first byte of a longer character announces, 0 where it can start none. */
function declaredLength(first: number): number {
  if (first < 0xc2 || first >= 0xf5) return 0
  if (first < 0xe0) return 2
  return first < 0xf0 ? 3 : 4
}

/** Overlong forms, surrogates and what lies beyond the last code point. */
function isOutOfRange(first: number, second: number): boolean {
  return (first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f) || (first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)
}
