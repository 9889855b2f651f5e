/** Text. */
import { quoteGo } from '#engine/programs/common/cobra/values'
import { camelCase, dashed, snakeCase } from './cases'
import { fn, type FunctionTable, named, strings, strval } from './define'
import { abbreviate, abbreviateBoth, wrapText } from './wrapping'
import { kindOf } from '#engine/programs/common/gotemplate/values'

const present = (values: readonly unknown[]): unknown[] => values.filter((value) => kindOf(value) !== 'invalid')

function trimmed(cutset: string, text: string, ends: 'both' | 'left' | 'right' = 'both'): string {
  const runes = [...text]
  let [from, to] = [0, runes.length]
  if (ends !== 'right') while (from < to && cutset.includes(runes[from] as string)) from++
  if (ends !== 'left') while (to > from && cutset.includes(runes[to - 1] as string)) to--
  return runes.slice(from, to).join('')
}

function indent(spaces: number, text: string): string {
  if (spaces < 0) throw new Error('strings: negative Repeat count')
  const pad = ' '.repeat(Math.min(spaces, 10_000))
  return pad + text.replaceAll('\n', `\n${pad}`)
}

function truncated(count: number, text: string): string {
  if (count < 0 && text.length + count > 0) return text.slice(text.length + count)
  return count >= 0 && text.length > count ? text.slice(0, count) : text
}

function part(start: number, end: number, text: string): string {
  if (start < 0) return text.slice(0, end)
  return end < 0 || end > text.length ? text.slice(start) : text.slice(start, end)
}

function repeated(count: number, text: string): string {
  if (count < 0) throw new Error('strings: negative Repeat count')
  if (count * text.length > 16 * 1024 * 1024) throw new Error('strings: Repeat output length overflow')
  return text.repeat(count)
}

/** A letter that begins a word. */
const title = (text: string): string => text.replace(/(^|[^\p{L}\p{N}_])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase())

const swapCase = (text: string): string => [...text].map((char) => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase())).join('')

function joined(separator: string, value: unknown): string {
  return strings(value).join(separator)
}

/** Parts by `_0`, `_1`. */
function numbered(parts: readonly string[]): Record<string, string> {
  return Object.fromEntries(parts.map((text, index) => [`_${index}`, text]))
}

function splitN(separator: string, count: number, text: string): string[] {
  const parts = text.split(separator)
  return count > 0 && parts.length > count ? [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)] : parts
}

export const stringFunctions: FunctionTable = {
  ...named('trimAll trimall', fn('string string', (cutset: string, text: string) => trimmed(cutset, text))),
  hello: fn('', () => 'Hello!'),
  trim: fn('string', (text: string) => text.trim()),
  trimSuffix: fn('string string', (suffix: string, text: string) => (suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text)),
  trimPrefix: fn('string string', (prefix: string, text: string) => (text.startsWith(prefix) ? text.slice(prefix.length) : text)),
  upper: fn('string', (text: string) => text.toUpperCase()),
  lower: fn('string', (text: string) => text.toLowerCase()),
  title: fn('string', title),
  untitle: fn('string', (text: string) => text.replace(/(^|\s)(\p{L})/gu, (_, before: string, letter: string) => before + letter.toLowerCase())),
  repeat: fn('int string', (count: object, text: string) => repeated(Number(count), text)),
  substr: fn('int int string', (start: object, end: object, text: string) => part(Number(start), Number(end), text)),
  nospace: fn('string', (text: string) => text.replace(/\s/g, '')),
  trunc: fn('int string', (count: object, text: string) => truncated(Number(count), text)),
  abbrev: fn('int string', (width: object, text: string) => abbreviate(Number(width), text)),
  abbrevboth: fn('int int string', (left: object, right: object, text: string) => abbreviateBoth(Number(left), Number(right), text)),
  initials: fn('string', (text: string) => text.split(/\s+/).map((word) => word.charAt(0)).join('')),
  swapcase: fn('string', swapCase),
  snakecase: fn('string', snakeCase),
  camelcase: fn('string', camelCase),
  kebabcase: fn('string', (text: string) => dashed(snakeCase(text))),
  wrap: fn('int string', (width: object, text: string) => wrapText(text, Number(width), '\n', false)),
  wrapWith: fn('int string string', (width: object, separator: string, text: string) => wrapText(text, Number(width), separator, true)),
  contains: fn('string string', (part: string, text: string) => text.includes(part)),
  hasPrefix: fn('string string', (prefix: string, text: string) => text.startsWith(prefix)),
  hasSuffix: fn('string string', (suffix: string, text: string) => text.endsWith(suffix)),
  quote: fn('any...', (...values: unknown[]) => present(values).map((value) => quoteGo(strval(value))).join(' ')),
  squote: fn('any...', (...values: unknown[]) => present(values).map((value) => `'${strval(value)}'`).join(' ')),
  cat: fn('any...', (...values: unknown[]) => present(values).map(strval).join(' ')),
  indent: fn('int string', (spaces: object, text: string) => indent(Number(spaces), text)),
  nindent: fn('int string', (spaces: object, text: string) => `\n${indent(Number(spaces), text)}`),
  replace: fn('string string string', (old: string, text: string, source: string) => source.replaceAll(old, () => text)),
  plural: fn('string string int', (one: string, many: string, count: object) => (Number(count) === 1 ? one : many)),
  toString: fn('any', strval),
  toStrings: fn('any', strings),
  join: fn('string any', joined),
  split: fn('string string', (separator: string, text: string) => numbered(text.split(separator))),
  splitList: fn('string string', (separator: string, text: string) => text.split(separator)),
  splitn: fn('string int string', (separator: string, count: object, text: string) => numbered(splitN(separator, Number(count), text))),
}
