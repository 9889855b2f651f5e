/** Scalars in single and double quotes. */
import type { Cursor } from '#engine/base/yaml/cursor'
import { scannerError } from '#engine/base/yaml/tokens'

const escapes: Readonly<Record<string, string>> = {
  '0': '\0', a: '\x07', b: '\b', t: '\t', '\t': '\t', n: '\n', v: '\v', f: '\f', r: '\r', e: '\x1b', ' ': ' ', '"': '"', "'": "'", '\\': '\\', '/': '/',
  N: '\x85', _: '\xa0', L: '\u2028', P: '\u2029',
}

/** The value of a quoted scalar; the cursor stands on its first quote, and behind its last afterwards. */
export function quotedScalar(cursor: Cursor, quote: string): string {
  const { line } = cursor
  cursor.skip()
  let out = ''
  for (;;) {
    if (cursor.column === 0 && (cursor.isDocumentMark('---') || cursor.isDocumentMark('...'))) throw scannerError(cursor.line, line, 'found unexpected document indicator')
    if (cursor.isEnd()) throw scannerError(cursor.line, line, 'found unexpected end of stream')
    const part = quotedWord(cursor, quote, line)
    out += part.text
    if (cursor.at() === quote) break
    out += cursor.foldBlanks(part.continued)
  }
  cursor.skip()
  return out
}

/** Characters up to a blank, a break or the closing quote. */
function quotedWord(cursor: Cursor, quote: string, line: number): { text: string; continued: boolean } {
  let text = ''
  while (!cursor.isBlankOrEnd()) {
    const char = cursor.at()
    if (char === quote) {
      if (quote !== "'" || cursor.at(1) !== "'") break
      text += "'"
      cursor.skip()
      cursor.skip()
    } else if (quote === '"' && char === '\\') {
      if (cursor.isBreak(1)) {
        cursor.skip()
        cursor.readBreak()
        return { text, continued: true }
      }
      text += escape(cursor, line)
    } else {
      text += char
      cursor.skip()
    }
  }
  return { text, continued: false }
}

function escape(cursor: Cursor, line: number): string {
  const code = cursor.at(1)
  const length = code === 'x' ? 2 : code === 'u' ? 4 : code === 'U' ? 8 : 0
  if (length === 0) {
    const plain = escapes[code]
    if (plain === undefined || code === '/') throw scannerError(cursor.line, line, 'found unknown escape character')
    cursor.skip()
    cursor.skip()
    return plain
  }
  return numericEscape(cursor, length, line)
}

function numericEscape(cursor: Cursor, length: number, line: number): string {
  const digits = cursor.text.slice(cursor.pos + 2, cursor.pos + 2 + length)
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) throw scannerError(cursor.line, line, 'did not find expected hexdecimal number')
  const point = Number.parseInt(digits, 16)
  if ((point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff) throw scannerError(cursor.line, line, 'found invalid Unicode character escape code')
  for (let i = 0; i < length + 2; i++) cursor.skip()
  return String.fromCodePoint(point)
}
