/** Quoting for reuse as input. */
import { encodeLossless } from '#engine/base/lossless'

const ansiNames: Readonly<Record<string, string>> = { '\x07': '\\a', '\b': '\\b', '\x1b': '\\E', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '\\': '\\\\', "'": "\\'" }

export function needsAnsi(text: string): boolean {
  return /[\x00-\x1f\x7f\udc80-\udcff]/.test(text)
}

export function ansiQuote(text: string): string {
  let out = ''
  for (const c of text) {
    const known = ansiNames[c]
    if (known) out += known
    else if (/[\x00-\x1f\x7f\udc80-\udcff]/.test(c)) for (const byte of encodeLossless(c)) out += `\\${byte.toString(8).padStart(3, '0')}`
    else out += c
  }
  return `$'${out}'`
}

/** printf %q. */
export function backslashQuote(text: string): string {
  if (text === '') return "''"
  if (needsAnsi(text)) return ansiQuote(text)
  let out = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (' \t\n!"$&\'()*,;<>?[\\]^`{|}'.includes(c) || (c === '#' && i === 0) || (c === '~' && (i === 0 || ':='.includes(text[i - 1] as string)))) out += '\\'
    out += c
  }
  return out
}

/** `${v@Q}`, `alias`, `set`: single quotes always. */
export function singleQuote(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`
}

export function quoteAt(text: string): string {
  return needsAnsi(text) ? ansiQuote(text) : singleQuote(text)
}

/** `set` without arguments and xtrace: quotes only where needed. */
export function quoteIfNeeded(text: string): string {
  if (text === '') return "''"
  if (needsAnsi(text)) return ansiQuote(text)
  if (/[\s"'\\$`<>|&;(){}*?[\]!^]/.test(text) || /^[#~]/.test(text) || /[:=]~/.test(text)) return singleQuote(text)
  return text
}

/** Assignments in xtrace and `set` quote the same, but an empty value stays empty. */
export function quoteValue(text: string): string {
  return text === '' ? '' : quoteIfNeeded(text)
}

/** `declare -p`. */
export function doubleQuote(text: string): string {
  if (needsAnsi(text)) return ansiQuote(text)
  return `"${text.replace(/[\\"$`]/g, '\\$&')}"`
}
