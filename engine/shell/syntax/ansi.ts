/** Escapes of `$'...'`, `echo -e` and printf's `%b`. */
import { decodeLossless } from '#engine/base/lossless'

const simple: Readonly<Record<string, string>> = { a: '\x07', b: '\b', e: '\x1b', E: '\x1b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"', '?': '?' }

/** Text in which bytes and characters come by turns: neighbouring bytes may be one character. */
class Decoded {
  private readonly bytes: number[] = []
  private out = ''

  byte(value: number): void {
    this.bytes.push(value & 255)
  }

  add(text: string): void {
    this.out = this.text + text
  }

  get text(): string {
    if (this.bytes.length > 0) this.out += decodeLossless(Uint8Array.from(this.bytes.splice(0)))
    return this.out
  }
}

export function decodeAnsi(text: string): string {
  if (!text.includes('\\')) return text
  const out = new Decoded()
  for (let i = 0; i < text.length; ) {
    if (text[i] === '\\' && i + 1 < text.length) i += 1 + ansiEscape(text.slice(i + 1, i + 12), out)
    else out.add(text[i++] as string)
  }
  const end = out.text.indexOf('\0')
  return end < 0 ? out.text : out.text.slice(0, end)
}

/** How many characters behind the backslash belong to it. */
function ansiEscape(rest: string, out: Decoded): number {
  const numeric = /^(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3}))/.exec(rest)
  if (numeric) {
    out.byte(Number.parseInt(numeric[1] ?? (numeric[2] as string), numeric[1] ? 16 : 8))
    return numeric[0].length
  }
  const unicode = unicodeEscape(rest, out)
  if (unicode > 0) return unicode
  const c = rest.charAt(0)
  if (c === 'c' && rest.length > 1) {
    out.add(String.fromCharCode(rest.charCodeAt(1) & 31))
    return 2
  }
  out.add(simple[c] ?? `\\${c}`)
  return 1
}

function unicodeEscape(rest: string, out: Decoded): number {
  const match = /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest)
  if (!match) return 0
  const value = Number.parseInt(match[1] ?? (match[2] as string), 16)
  out.add(value <= 0x10ffff ? String.fromCodePoint(value) : '')
  return match[0].length
}

/**
 * echo -e and `%b`: octal is `\0nnn` (`%b` also `\nnn`), `\c` ends all output, quotes are not escapes.
 * Returns the text and whether `\c` was seen.
 */
export function decodeEcho(text: string, octalWithoutZero: boolean): { text: string; stop: boolean } {
  if (!text.includes('\\')) return { text, stop: false }
  const out = new Decoded()
  for (let i = 0; i < text.length; ) {
    if (text[i] !== '\\' || i + 1 >= text.length) out.add(text[i++] as string)
    else if (text[i + 1] === 'c') return { text: out.text, stop: true }
    else i += 1 + echoEscape(text.slice(i + 1, i + 12), octalWithoutZero, out)
  }
  return { text: out.text, stop: false }
}

function echoEscape(rest: string, octalWithoutZero: boolean, out: Decoded): number {
  const numeric = /^x([0-9a-fA-F]{1,2})/.exec(rest) ?? (octalWithoutZero ? /^(?!x)0?([0-7]{1,3})/ : /^0([0-7]{0,3})/).exec(rest)
  if (numeric) {
    out.byte(Number.parseInt(numeric[1] || '0', rest.startsWith('x') ? 16 : 8))
    return numeric[0].length
  }
  const unicode = unicodeEscape(rest, out)
  if (unicode > 0) return unicode
  const c = rest.charAt(0)
  out.add((`'"?`.includes(c) ? undefined : simple[c]) ?? `\\${c}`)
  return 1
}
