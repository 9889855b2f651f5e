/** Ranges of characters that take two columns. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f], [0x2e80, 0xa4cf], [0xac00, 0xd7a3], [0xf900, 0xfaff], [0xfe30, 0xfe6f], [0xff00, 0xff60], [0x1f300, 0x1faff],
]

/** Columns a text takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0
  for (const c of text) width += columns(c)
  return width
}

function columns(c: string): number {
  const code = c.codePointAt(0) as number
  if (code < 0x300 || (code >= 0xdc80 && code <= 0xdcff)) return 1
  if (/\p{M}/u.test(c)) return 0
  return wide.some(([from, to]) => code >= from && code <= to) ? 2 : 1
}
