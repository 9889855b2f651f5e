/** Values to YAML exactly as sigs.k8s.io/yaml writes them: sorted keys, unindented sequences, libyaml's quoting and folding. */
import { resolveScalar } from '#engine/base/yaml/resolve'

export interface EmitOptions {
  /** Default true: keys in go-yaml's natural order. False keeps the order given. */
  readonly sortKeys?: boolean
  /** Lines of plain and quoted text are folded past this column; default 80, 0 for never. */
  readonly width?: number
}

/** One document, ending in a newline. Keys whose value is undefined are left out. */
export function emitYaml(value: unknown, options: EmitOptions = {}): string {
  const emitter = new Emitter(options.sortKeys ?? true, options.width ?? 80)
  emitter.node(value, 0, false, false)
  return emitter.end()
}

class Emitter {
  private out = ''
  private line = ''

  constructor(private readonly sortKeys: boolean, private readonly width: number) {}

  end(): string {
    if (this.line !== '') this.break()
    return this.out
  }

  /** `inline`: the cursor stands after `- `, so the first key needs no new line. `afterKey`: it stands after `key:`. */
  node(value: unknown, indent: number, inline: boolean, afterKey: boolean): void {
    if (Array.isArray(value)) return value.length === 0 ? this.word('[]', afterKey) : this.sequence(value, indent, inline, afterKey)
    if (value !== null && typeof value === 'object') {
      const keys = this.keysOf(value as Record<string, unknown>)
      return keys.length === 0 ? this.word('{}', afterKey) : this.mapping(value as Record<string, unknown>, keys, indent, inline, afterKey)
    }
    this.scalar(value, indent, afterKey)
  }

  private keysOf(value: Record<string, unknown>): string[] {
    const keys = Object.keys(value).filter((key) => value[key] !== undefined)
    return this.sortKeys ? keys.sort(compareKeys) : keys
  }

  private word(text: string, afterKey: boolean): void {
    this.line += afterKey ? ` ${text}` : text
  }

  private sequence(items: readonly unknown[], indent: number, inline: boolean, afterKey: boolean): void {
    if (afterKey) this.break()
    items.forEach((item, index) => {
      if (index > 0 || !inline) this.line = ' '.repeat(indent)
      this.line += '- '
      this.node(item, indent + 2, true, false)
      if (this.line !== '') this.break()
    })
  }

  private mapping(value: Record<string, unknown>, keys: readonly string[], indent: number, inline: boolean, afterKey: boolean): void {
    if (afterKey) this.break()
    keys.forEach((key, index) => {
      if (index > 0 || !inline) this.line = ' '.repeat(indent)
      this.pair(key, value[key], indent)
      if (this.line !== '') this.break()
    })
  }

  /** A key too long to stand on one line with its colon is written after `? `. */
  private pair(key: string, item: unknown, indent: number): void {
    if (key.length <= 128 && !key.includes('\n')) {
      const style = styleOf(key)
      this.line += `${style === 'plain' ? key : style === 'single' ? `'${key.replaceAll("'", "''")}'` : doubleQuoted(key)}:`
      return this.node(item, Array.isArray(item) ? indent : indent + 2, false, true)
    }
    this.line += '? '
    this.text(key, styleOf(key), indent + 2)
    this.break()
    this.line = `${' '.repeat(indent)}: `
    this.node(item, indent + 2, true, false)
  }

  private scalar(value: unknown, indent: number, afterKey: boolean): void {
    if (afterKey) this.line += ' '
    if (typeof value === 'string') return this.text(value, styleOf(value), Math.max(indent, 2))
    if (typeof value === 'number') this.line += formatNumber(value)
    else this.line += value === null || value === undefined ? 'null' : String(value)
  }

  private text(text: string, style: Style, indent: number): void {
    switch (style) {
      case 'plain': return this.folded(text, indent, false)
      case 'single':
        this.line += "'"
        this.folded(text.replaceAll("'", "''"), indent, true)
        this.line += "'"
        return
      case 'double': return this.doubleFolded(text, indent)
      case 'literal': return this.literal(text, indent)
    }
  }

  /** A space is replaced by a line break where the line has passed the width, unless another space follows. */
  private folded(text: string, indent: number, quoted: boolean): void {
    if (this.width === 0 || this.line.length + text.length <= this.width) {
      this.line += text
      return
    }
    let previousSpace = false
    for (let i = 0; i < text.length; i++) {
      const char = text.charAt(i)
      if (char !== ' ') {
        this.line += char
        previousSpace = false
        continue
      }
      const inside = !quoted || (i > 0 && i < text.length - 1)
      if (!previousSpace && inside && columns(this.line) > this.width && text.charAt(i + 1) !== ' ') {
        this.break()
        this.line = ' '.repeat(indent)
      } else this.line += char
      previousSpace = true
    }
  }

  private doubleFolded(text: string, indent: number): void {
    this.line += '"'
    let previousSpace = false
    const chars = [...text]
    chars.forEach((char, i) => {
      if (char !== ' ') {
        this.line += escapeDouble(char)
        previousSpace = false
        return
      }
      if (this.width > 0 && !previousSpace && columns(this.line) > this.width && i > 0 && i < chars.length - 1) {
        this.break()
        this.line = ' '.repeat(indent)
        if (chars[i + 1] === ' ') this.line += '\\'
      } else this.line += ' '
      previousSpace = true
    })
    this.line += '"'
  }

  private literal(text: string, indent: number): void {
    const first = text.charAt(0)
    this.line += '|'
    if (first === ' ' || first === '\n') this.line += '2'
    if (!text.endsWith('\n')) this.line += '-'
    else if (text === '\n' || text.endsWith('\n\n')) this.line += '+'
    this.break()
    const lines = text.split('\n')
    const last = lines.pop() ?? ''
    for (const line of lines) {
      this.line = line === '' ? '' : ' '.repeat(indent) + line
      this.break()
    }
    this.line = last === '' ? '' : ' '.repeat(indent) + last
  }

  private break(): void {
    this.out += `${this.line}\n`
    this.line = ''
  }
}

function columns(line: string): number {
  return line.length
}

type Style = 'plain' | 'single' | 'double' | 'literal'

const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
// Tab counts as special in libyaml's sense only by being unprintable there: it is.
 
const special = /[\0-\x09\x0b-\x1f\x7f\x80-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]/

/** Line breaks that are no newline: they would fold if they stood unescaped. */
const otherBreak = /[\x85\u2028\u2029]/

function styleOf(text: string): Style {
  if (text.includes('\n')) return !literalAllowed(text) ? 'double' : 'literal'
  if (resolveScalar(text).tag !== 'str' || base60.test(text)) return 'double'
  if (hasSpecial(text) || otherBreak.test(text)) return 'double'
  return plainAllowed(text) ? 'plain' : 'single'
}

function literalAllowed(text: string): boolean {
  return !text.endsWith(' ') && !/ \n/.test(text) && !hasSpecial(text.replaceAll('\n', '')) && !otherBreak.test(text)
}

function hasSpecial(text: string): boolean {
  if (!special.test(text)) return false
  // Pairs of surrogates are one printable character outside the BMP, which libyaml escapes all the same.
  return true
}

function plainAllowed(text: string): boolean {
  if (text === '') return false
  if (text.startsWith(' ') || text.endsWith(' ')) return false
  if (text.startsWith('---') || text.startsWith('...')) return false
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[?:-](?: |$)/.test(text)) return false
  return !/:(?: |$)/.test(text) && !/ #/.test(text)
}

function doubleQuoted(text: string): string {
  return `"${[...text].map(escapeDouble).join('')}"`
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\0': '\\0', '\x07': '\\a', '\b': '\\b', '\t': '\\t', '\n': '\\n', '\v': '\\v', '\f': '\\f', '\r': '\\r', '\x1b': '\\e', '"': '\\"', '\\': '\\\\',
  '\x85': '\\N', '\xa0': '\xa0', '\u2028': '\\L', '\u2029': '\\P',
}

function escapeDouble(char: string): string {
  const short = shortEscapes[char]
  if (short !== undefined) return short
  const code = char.codePointAt(0) ?? 0
  if (code >= 0x20 && code < 0x7f) return char
  if ((code > 0xa0 && code < 0xd800) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)) return char
  const hex = code.toString(16).toUpperCase()
  return code <= 0xff ? `\\x${hex.padStart(2, '0')}` : code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** Go's 'g' format with the shortest digits: exponents from 1e+06 on for what is no integer. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value)
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(value)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

/** go-yaml's order of keys: letters by code point, other characters before letters, runs of digits by their value. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue
    return compareAt(a, b, i)
  }
  return a.length - b.length
}

function compareAt(a: string, b: string, i: number): number {
  const left = isLetter(a.charAt(i))
  const right = isLetter(b.charAt(i))
  if (left && right) return a.charCodeAt(i) - b.charCodeAt(i)
  if (left || right) return right ? -1 : 1
  const nonZeroBefore = (a.charAt(i) === '0' || b.charAt(i) === '0') && /[1-9][0-9]*$/.test(a.slice(0, i))
  const [an, ai] = digitsAt(a, i, nonZeroBefore)
  const [bn, bi] = digitsAt(b, i, nonZeroBefore)
  return an !== bn ? an - bn : ai !== bi ? ai - bi : a.charCodeAt(i) - b.charCodeAt(i)
}

function digitsAt(text: string, from: number, nonZeroBefore: boolean): [number, number] {
  let at = from
  let value = nonZeroBefore ? 1 : 0
  for (; at < text.length && text.charAt(at) >= '0' && text.charAt(at) <= '9'; at++) value = value * 10 + Number(text.charAt(at))
  return [value, at]
}

function isLetter(char: string): boolean {
  return /\p{L}/u.test(char)
}
