/** fmt.Sprintf and Sprint over plain values. */
import { quoteGo } from '../cobra/values'
import { formatFloat, goPrint, kindOf, numberOf, sortedKeys, typeName } from './values'

export function sprint(values: readonly unknown[]): string {
  return values.map((value, index) => (index > 0 && kindOf(value) !== 'string' && kindOf(values[index - 1]) !== 'string' ? ' ' : '') + goPrint(value)).join('')
}

export function sprintln(values: readonly unknown[]): string {
  return `${values.map(goPrint).join(' ')}\n`
}

const verbPattern = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:\[(\d+)\])?(.)?/gsu

export function sprintf(format: string, values: readonly unknown[]): string {
  let next = 0
  let reordered = false
  const out = format.replace(verbPattern, (_, flags: string, width: string | undefined, precision: string | undefined, index: string | undefined, verb: string | undefined) => {
    if (verb === undefined) return '%!(NOVERB)'
    if (verb === '%') return '%'
    const columns = width === '*' ? Number(values[next++]) : Number(width ?? 0)
    const digits = precision === undefined ? -1 : precision === '*' ? Number(values[next++]) : Number(precision === '' ? 0 : precision)
    if (index !== undefined) {
      reordered = true
      next = Number(index) - 1
      if (next < 0 || next >= values.length) return `%!${verb}(BADINDEX)`
    }
    if (next >= values.length) return `%!${verb}(MISSING)`
    return pad(formatVerb(verb, flags, digits, values[next++]), columns, flags, verb)
  })
  if (reordered || next >= values.length) return out
  return `${out}%!(EXTRA ${values.slice(next).map((value) => `${typeName(value)}=${goPrint(value)}`).join(', ')})`
}

function pad(text: string, width: number, flags: string, verb: string): string {
  const missing = width - [...text].length
  if (missing <= 0) return text
  if (flags.includes('-')) return text + ' '.repeat(missing)
  if (flags.includes('0') && verb !== 's' && verb !== 'q' && verb !== 'v') return /^[-+]/.test(text) ? text.charAt(0) + '0'.repeat(missing) + text.slice(1) : '0'.repeat(missing) + text
  return (flags.includes('0') ? '0' : ' ').repeat(missing) + text
}

type VerbFormat = (value: unknown, flags: string, precision: number) => string

const verbs: Readonly<Record<string, VerbFormat>> = {
  v(value, flags, precision) {
    if (flags.includes('#')) return syntax(value)
    return kindOf(value) === 'float' ? formatFloat(numberOf(value), 'g', precision) : goPrint(value)
  },
  T: (value) => typeName(value),
  t: (value) => (kindOf(value) === 'bool' ? String(value) : bad('t', value)),
  s(value, _, precision) {
    if (typeof value === 'string') return precision < 0 ? value : [...value].slice(0, precision).join('')
    return ['slice', 'map', 'invalid'].includes(kindOf(value)) ? nested('s', value) : bad('s', value)
  },
  q(value) {
    if (typeof value === 'string') return quoteGo(value)
    return kindOf(value) === 'int' ? `'${String.fromCodePoint(Number(value))}'` : nested('q', value)
  },
}

function formatVerb(verb: string, flags: string, precision: number, value: unknown): string {
  const format = verbs[verb]
  if (format) return format(value, flags, precision)
  if ('dboxXcU'.includes(verb)) return integerVerb(verb, flags, value)
  return 'eEfFgG'.includes(verb) ? floatVerb(verb, flags, precision, value) : bad(verb, value)
}

function integerVerb(verb: string, flags: string, value: unknown): string {
  const kind = kindOf(value)
  if ((verb === 'x' || verb === 'X') && typeof value === 'string') return cased(verb, hexOf(value, flags.includes(' ') ? ' ' : ''))
  if (kind === 'slice' || kind === 'map') return nested(verb, value)
  return kind === 'int' ? integer(verb, flags, Number(value)) : bad(verb, value)
}

function hexOf(text: string, separator: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join(separator)
}

/** As the verb is written: X in capitals. */
function cased(verb: string, text: string): string {
  return verb === 'X' ? text.toUpperCase() : text
}

function integer(verb: string, flags: string, number: number): string {
  switch (verb) {
    case 'd': return (number >= 0 && flags.includes('+') ? '+' : '') + String(number)
    case 'b': return number.toString(2)
    case 'o': return number.toString(8)
    case 'x': case 'X': return cased(verb, (flags.includes('#') ? '0x' : '') + number.toString(16))
    case 'c': return String.fromCodePoint(number)
    default: return `U+${number.toString(16).toUpperCase().padStart(4, '0')}`
  }
}

function floatVerb(verb: string, flags: string, precision: number, value: unknown): string {
  if (kindOf(value) !== 'float') return kindOf(value) === 'slice' ? nested(verb, value) : bad(verb, value)
  const number = numberOf(value)
  const sign = number >= 0 && flags.includes('+') ? '+' : ''
  if (verb === 'f' || verb === 'F') return sign + formatFloat(number, 'f', precision)
  if (verb === 'g' || verb === 'G') return sign + formatFloat(number, 'g', precision)
  return sign + number.toExponential(precision < 0 ? 6 : precision).replace(/e([-+])(\d)$/, 'e$10$2')
}

function nested(verb: string, value: unknown): string {
  switch (kindOf(value)) {
    case 'invalid': return `%!${verb}(<nil>)`
    case 'slice': return `[${(value as unknown[]).map((item) => formatVerb(verb, '', -1, item)).join(' ')}]`
    case 'map': return `map[${sortedKeys(value).map((key) => `${formatVerb(verb, '', -1, key)}:${formatVerb(verb, '', -1, (value as Record<string, unknown>)[key])}`).join(' ')}]`
    default: return bad(verb, value)
  }
}

function bad(verb: string, value: unknown): string {
  return kindOf(value) === 'invalid' ? `%!${verb}(<nil>)` : `%!${verb}(${typeName(value)}=${goPrint(value)})`
}

function syntax(value: unknown): string {
  switch (kindOf(value)) {
    case 'invalid': return '<nil>'
    case 'string': return quoteGo(value as string)
    case 'slice': return `[]interface {}{${(value as unknown[]).map(syntax).join(', ')}}`
    case 'map': return `map[string]interface {}{${sortedKeys(value).map((key) => `${quoteGo(key)}:${syntax((value as Record<string, unknown>)[key])}`).join(', ')}}`
    default: return goPrint(value)
  }
}
