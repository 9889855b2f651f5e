import { exponentText, fixedText } from '#engine/shell/builtins/float-text'

/** awk's values: numbers, strings, and strings from input that look like numbers. */
export interface InputString {
  readonly text: string
  readonly number: number
}

export type Value = number | string | InputString

export const unset: InputString = { text: '', number: 0 }

const numeric = /^\s*[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|inf(?:inity)?|nan)\s*$/i
const leading = /^\s*[-+]?(?:inf(?:inity)?|0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/i

/** A field, getline's or -v's text: a number for comparisons where it looks like one. */
export function fromInput(text: string): Value {
  return numeric.test(text) && !/[a-z]/i.test(text.replace(/e[-+]?\d|0x[\da-f]+/i, '')) ? { text, number: toNumberText(text) } : text
}

function toNumberText(text: string): number {
  const match = leading.exec(text)
  if (!match) return 0
  const body = match[0].trim()
  if (/^[-+]?0[xX]/.test(body)) return body.startsWith('-') ? -Number(body.slice(1)) : Number(body.replace(/^\+/, ''))
  return /i/i.test(body) ? (body.startsWith('-') ? -Infinity : Infinity) : Number(body)
}

export function toNumber(value: Value): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? toNumberText(value) : value.number
}

export function toText(value: Value, format: string): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? numberText(value, format) : value.text
}

/** Whole numbers that fit an int print as such, others by the format (`%.6g`). */
export function numberText(value: number, format: string): string {
  if (Number.isInteger(value) && Math.abs(value) < 2147483648) return String(value === 0 ? 0 : value)
  // What this processor makes of 0/0 or the logarithm of -1 has its sign set.
  if (Number.isNaN(value)) return '-nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return formatFloat(format, value)
}

export function toBoolean(value: Value): boolean {
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'string') return value !== ''
  return value === unset ? false : value.number !== 0
}

export function compare(left: Value, right: Value, format: string): number {
  if (typeof left !== 'string' && typeof right !== 'string') return toNumber(left) - toNumber(right)
  const a = toText(left, format)
  const b = toText(right, format)
  return a < b ? -1 : a > b ? 1 : 0
}

/** One `%.Ng` and its like. */
export function formatFloat(format: string, value: number): string {
  const match = /^%([-+ #0]*)(\d*)(?:\.(\d*))?([dieEfgG])$/.exec(format)
  if (!match) return String(value)
  const precision = match[3] === undefined ? undefined : Number(match[3] || 0)
  const kind = match[4] as string
  if (kind === 'd' || kind === 'i') return String(Math.trunc(value))
  return floatText(kind, value, precision)
}

export function floatText(kind: string, value: number, precision = 6): string {
  if (kind === 'f') return fixedText(value, precision)
  if (kind === 'e' || kind === 'E') {
    const text = exponentText(value, precision)
    return kind === 'E' ? text.toUpperCase() : text
  }
  if (value === 0) return '0'
  const digits = precision === 0 ? 1 : precision
  const power = Number(exponentText(value, digits - 1).split('e')[1])
  const text = power < -4 || power >= digits ? exponentText(value, digits - 1).replace(/\.?0+e/, 'e') : fixedText(value, Math.max(0, digits - 1 - power))
  const trimmed = text.includes('e') || !text.includes('.') ? text : text.replace(/\.?0+$/, '')
  return kind === 'G' ? trimmed.toUpperCase() : trimmed
}
