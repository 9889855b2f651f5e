/**
 * Quantities of resources (`500m`, `1Gi`, `1e9`): exact to a billionth, in the canonical text of apimachinery's
 * `resource.Quantity`. Finer fractions are rounded up, as there.
 */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

export interface Quantity {
  /** Billionths. */
  readonly nano: bigint
  readonly format: QuantityFormat
}

/** The words of apimachinery for text that is no quantity. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError'
}

const formatWrong = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const suffixWrong = "unable to parse quantity's suffix"
const numericWrong = 'unable to parse numeric part of quantity'

const nanoOne = 1_000_000_000n
const decimalExponents: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const binaryShifts: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n }
const decimalSuffixes: Readonly<Record<number, string>> = Object.fromEntries(Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]))
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const largest = (2n ** 63n - 1n) * nanoOne

const shape = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/
const remembered = new Map<string, Quantity>()

/** Throws QuantityError. Numbers are taken as their JSON text. */
export function parseQuantity(text: string | number): Quantity {
  const key = typeof text === 'number' ? String(text) : text.trim()
  const known = remembered.get(key)
  if (known) return known
  const parsed = parse(key)
  if (remembered.size > 4096) remembered.clear()
  remembered.set(key, parsed)
  return parsed
}

/** Undefined where the text is no quantity. */
export function tryQuantity(text: unknown): Quantity | undefined {
  if (typeof text !== 'string' && typeof text !== 'number') return undefined
  try {
    return parseQuantity(text)
  } catch (error) {
    if (error instanceof QuantityError) return undefined
    throw error
  }
}

function parse(text: string): Quantity {
  if (text.length > 400) throw new QuantityError(numericWrong)
  const match = shape.exec(text)
  if (!match) throw new QuantityError(formatWrong)
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match
  if (whole === '' && fraction === '') throw new QuantityError(text === '' ? formatWrong : numericWrong)
  const { shift, exponent, format } = readSuffix(suffix)
  const digits = BigInt(whole + fraction)
  let nano = scaleUp((digits * nanoOne) << shift, exponent - fraction.length)
  if (nano > largest) nano = largest
  return { nano: sign === '-' ? -nano : nano, format }
}

function readSuffix(suffix: string): { shift: bigint; exponent: number; format: QuantityFormat } {
  const shift = binaryShifts[suffix]
  if (shift !== undefined) return { shift, exponent: 0, format: 'BinarySI' }
  const exponent = decimalExponents[suffix]
  if (exponent !== undefined) return { shift: 0n, exponent, format: 'DecimalSI' }
  const scientific = /^[eE]([-+]?[0-9]+)$/.exec(suffix)
  if (!scientific) throw new QuantityError(suffixWrong)
  const power = Number(scientific[1])
  if (Math.abs(power) > 1000) throw new QuantityError(suffixWrong)
  return { shift: 0n, exponent: power, format: 'DecimalExponent' }
}

/** value * 10^exponent, rounded away from zero. */
function scaleUp(value: bigint, exponent: number): bigint {
  if (exponent >= 0) return value * 10n ** BigInt(exponent)
  const divisor = 10n ** BigInt(-exponent)
  return (value + divisor - 1n) / divisor
}

export function formatQuantity(quantity: Quantity): string {
  const { nano } = quantity
  if (nano === 0n) return '0'
  const negative = nano < 0n
  const size = negative ? -nano : nano
  const sign = negative ? '-' : ''
  const useBinary = quantity.format === 'BinarySI' && size >= 1024n * nanoOne && size % nanoOne === 0n
  return sign + (useBinary ? binaryText(size / nanoOne) : decimalText(size, quantity.format === 'DecimalExponent'))
}

function binaryText(value: bigint): string {
  let rest = value
  let power = 0
  while (power < 6 && rest % 1024n === 0n) {
    rest /= 1024n
    power++
  }
  return `${rest}${binarySuffixes[power] ?? ''}`
}

function decimalText(nano: bigint, scientific: boolean): string {
  let rest = nano
  let exponent = -9
  while (exponent < 18 && rest % 1000n === 0n) {
    rest /= 1000n
    exponent += 3
  }
  if (!scientific) return `${rest}${decimalSuffixes[exponent] ?? ''}`
  return exponent === 0 ? String(rest) : `${rest}e${exponent}`
}

/** The text the server stores and prints: `0.5Gi` is `512Mi`. */
export function canonicalQuantity(text: string | number): string {
  return formatQuantity(parseQuantity(text))
}

export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0
}

/** The format of the result is that of the first, unless it is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format }
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format }
}

export function maxQuantity(a: Quantity, b: Quantity): Quantity {
  return a.nano >= b.nano ? a : b
}

export const zeroQuantity: Quantity = { nano: 0n, format: 'DecimalSI' }

/** Whole units, rounded away from zero: `Value()`. */
export function quantityValue(quantity: Quantity): number {
  return Number(roundUp(quantity.nano, nanoOne))
}

/** Thousandths, rounded away from zero: `MilliValue()`. */
export function quantityMilliValue(quantity: Quantity): number {
  return Number(roundUp(quantity.nano, 1_000_000n))
}

function roundUp(nano: bigint, unit: bigint): bigint {
  const floor = nano / unit
  if (nano % unit === 0n) return floor
  return nano > 0n ? floor + 1n : floor - 1n
}

export function isWhole(quantity: Quantity): boolean {
  return quantity.nano % nanoOne === 0n
}

export function quantityOf(value: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nano: BigInt(Math.trunc(value)) * nanoOne, format }
}

export function milliQuantityOf(value: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nano: BigInt(Math.trunc(value)) * 1_000_000n, format }
}
