/** Where lines end in a block of bytes. */

/** After so many lines; the end where there are fewer. */
export function endOfLines(bytes: Uint8Array, lines: number, terminator: number): number {
  let left = lines
  for (let at = bytes.indexOf(terminator); at >= 0; at = bytes.indexOf(terminator, at + 1)) if (--left === 0) return at + 1
  return bytes.length
}

export function countOf(bytes: Uint8Array, byte: number): number {
  let count = 0
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) count++
  return count
}

/** Where the last `count` lines begin. */
export function startOfLast(bytes: Uint8Array, count: number, terminator: number): number {
  if (count === 0) return bytes.length
  let left = count
  let at = bytes.length - 1
  if (bytes[at] === terminator) at--
  for (; at >= 0; at--) if (bytes[at] === terminator && --left === 0) return at + 1
  return 0
}
