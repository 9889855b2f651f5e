/** Where text is no base64, as Go's encoding/base64 tells it. */

/** The index of the first wrong byte of standard, padded base64; line breaks are allowed anywhere. Undefined where all is well. */
export function illegalBase64At(text: string): number | undefined {
  let at = 0
  for (;;) {
    const group = readGroup(text, at)
    if (group.wrong !== undefined) return group.wrong
    if (group.end === undefined) return undefined
    at = group.end
  }
}

interface Group {
  readonly wrong?: number
  /** Where the next group begins; undefined after the last. */
  readonly end?: number
}

/** Four digits, or fewer and padding. */
function readGroup(text: string, from: number): Group {
  let at = from
  for (let digits = 0; digits < 4; ) {
    if (at >= text.length) return digits === 0 ? {} : { wrong: at - digits }
    const char = text.charAt(at++)
    if (/[A-Za-z0-9+/]/.test(char)) digits++
    else if (char === '=') return readPadding(text, at, digits)
    else if (!isBreak(char)) return { wrong: at - 1 }
  }
  return { end: at }
}

/** After the first padding character. */
function readPadding(text: string, from: number, digits: number): Group {
  let at = from
  if (digits < 2) return { wrong: at - 1 }
  if (digits === 2) {
    at = skipBreaks(text, at)
    if (at >= text.length) return { wrong: text.length }
    if (text.charAt(at) !== '=') return { wrong: at - 1 }
    at++
  }
  at = skipBreaks(text, at)
  return at < text.length ? { wrong: at } : {}
}

function skipBreaks(text: string, from: number): number {
  let at = from
  while (at < text.length && isBreak(text.charAt(at))) at++
  return at
}

function isBreak(char: string): boolean {
  return char === '\n' || char === '\r'
}
