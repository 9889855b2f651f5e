/** Escapes of `$'...'`, `echo -e` and printf's `%b`. */
import { decodeLossless } from '#engine/base/lossless'

const simple: Readonly<Record<string, string>> = { a: '\x07', b: '\b', e: '\x1b', E: '\x1b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"', '?': '?' }

export function decodeAnsi(text: string): string {
  if (!text.includes('\\')) return text
  const bytes: number[] = []
  let out = ''
  const flush = (): void => {
    if (bytes.length > 0) out += decodeLossless(Uint8Array.from(bytes))
    bytes.length = 0
  }
  for (let i = 0; i < text.length; ) {
    if (text[i] !== '\\' || i + 1 >= text.length) {
      flush()
      out += text[i++]
      continue
    }
    const rest = text.slice(i + 1, i + 12)
    const numeric = /^(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3}))/.exec(rest)
    if (numeric) {
      bytes.push(Number.parseInt(numeric[1] ?? (numeric[2] as string), numeric[1] ? 16 : 8) & 255)
      i += 1 + numeric[0].length
      continue
    }
    flush()
    const unicode = /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest)
    const c = rest.charAt(0)
    if (unicode) {
      out += codePoint(Number.parseInt(unicode[1] ?? (unicode[2] as string), 16))
      i += 1 + unicode[0].length
    } else if (c === 'c' && rest.length > 1) {
      out += String.fromCharCode(rest.charCodeAt(1) & 31)
      i += 3
    } else {
      out += simple[c] ?? `\\${c}`
      i += 2
    }
  }
  flush()
  const end = out.indexOf('\0')
  return end < 0 ? out : out.slice(0, end)
}

function codePoint(value: number): string {
  return value <= 0x10ffff ? String.fromCodePoint(value) : ''
}

/**
 * echo -e and `%b`: octal is `\0nnn` (`%b` also `\nnn`), `\c` ends all output, quotes are not escapes.
 * Returns the text and whether `\c` was seen.
 */
export function decodeEcho(text: string, octalWithoutZero: boolean): { text: string; stop: boolean } {
  if (!text.includes('\\')) return { text, stop: false }
  const bytes: number[] = []
  let out = ''
  const flush = (): void => {
    if (bytes.length > 0) out += decodeLossless(Uint8Array.from(bytes))
    bytes.length = 0
  }
  for (let i = 0; i < text.length; ) {
    const c = text[i + 1]
    if (text[i] !== '\\' || c === undefined) {
      flush()
      out += text[i++]
      continue
    }
    const rest = text.slice(i + 1, i + 12)
    const numeric = /^x([0-9a-fA-F]{1,2})/.exec(rest) ?? (octalWithoutZero ? /^(?!x)0?([0-7]{1,3})/ : /^0([0-7]{0,3})/).exec(rest)
    if (numeric) {
      bytes.push(Number.parseInt(numeric[1] || '0', c === 'x' ? 16 : 8) & 255)
      i += 1 + numeric[0].length
      continue
    }
    flush()
    if (c === 'c') return { text: out, stop: true }
    const unicode = /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest)
    if (unicode) {
      out += codePoint(Number.parseInt(unicode[1] ?? (unicode[2] as string), 16))
      i += 1 + unicode[0].length
      continue
    }
    out += c !== "'" && c !== '"' && c !== '?' && simple[c] !== undefined ? simple[c] : `\\${c}`
    i += 2
  }
  flush()
  return { text: out, stop: false }
}
