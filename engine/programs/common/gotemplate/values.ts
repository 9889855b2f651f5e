/** Go's view of plain values: kinds, truth, printing. */
export class GoFloat {
  constructor(readonly value: number) {}

  toJSON(): number {
    return this.value
  }
}

/** An integer of the template's own, where the numbers of an object are int64. */
export class GoInt {
  constructor(readonly value: number) {}

  valueOf(): number {
    return this.value
  }

  toString(): string {
    return String(this.value)
  }

  toJSON(): number {
    return this.value
  }
}

/** A Go struct: a field that is not there is a mistake, not a missing key. Functions among the fields are methods. */
export class GoStruct {
  constructor(
    /** `*chart.Metadata`. */
    readonly typeName: string,
    readonly fields: Readonly<Record<string, unknown>>,
    /** What printing it shows, and how it is encoded. */
    private readonly shown: { readonly text?: () => string; readonly json?: () => unknown } = {},
  ) {}

  toString(): string {
    return this.shown.text?.() ?? `&{${Object.values(this.fields).filter((value) => typeof value !== 'function').map(goPrint).join(' ')}}`
  }

  toJSON(): unknown {
    return this.shown.json ? this.shown.json() : Object.fromEntries(Object.entries(this.fields).filter(([, value]) => typeof value !== 'function'))
  }
}

export type Method = (...args: unknown[]) => unknown

/** A map whose keys are absent is told from one that holds nil. */
export const noValue = Symbol('no value')

export type Kind = 'invalid' | 'bool' | 'int' | 'float' | 'string' | 'slice' | 'map' | 'struct' | 'func'

const primitiveKinds: Readonly<Record<string, Kind>> = { boolean: 'bool', string: 'string', bigint: 'int', function: 'func' }

export function kindOf(value: unknown): Kind {
  if (value === null || value === undefined || value === noValue) return 'invalid'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  const primitive = primitiveKinds[typeof value]
  if (primitive) return primitive
  if (value instanceof GoFloat) return 'float'
  if (value instanceof GoInt) return 'int'
  if (value instanceof GoStruct) return 'struct'
  return Array.isArray(value) || value instanceof Uint8Array ? 'slice' : 'map'
}

const typeNames: Readonly<Record<Kind, string>> = { invalid: '<nil>', bool: 'bool', int: 'int64', float: 'float64', string: 'string', slice: '[]interface {}', map: 'map[string]interface {}', struct: 'struct', func: 'func' }

export function typeName(value: unknown): string {
  if (value instanceof GoStruct) return value.typeName
  if (value instanceof Uint8Array) return '[]uint8'
  return value instanceof GoInt ? 'int' : typeNames[kindOf(value)]
}

export function numberOf(value: unknown): number {
  return value instanceof GoFloat || value instanceof GoInt ? value.value : Number(value)
}

export function isTrue(value: unknown): boolean {
  switch (kindOf(value)) {
    case 'invalid': return false
    case 'bool': return value as boolean
    case 'int': case 'float': return numberOf(value) !== 0
    case 'string': return value !== ''
    case 'slice': return (value as unknown[]).length > 0
    case 'map': return Object.keys(value as object).length > 0
    case 'func': case 'struct': return true
  }
}

export function sortedKeys(value: unknown): string[] {
  return Object.keys(value as object).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

export function formatFloat(value: number, format: 'g' | 'f' = 'g', precision = -1): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (format === 'f') return value.toFixed(precision < 0 ? 6 : precision)
  return general(value, precision)
}

/** %g: an exponent only where it is far from zero. */
function general(value: number, precision: number): string {
  const [mantissa, exponent] = (precision < 0 ? value.toExponential() : value.toExponential(Math.max(0, precision - 1))).split('e') as [string, string]
  const power = Number(exponent)
  const limit = precision < 0 ? 6 : precision
  if (power < -4 || power >= limit) return `${mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
  return precision < 0 ? String(value) : String(Number(value.toPrecision(precision)))
}

/** %v. */
export function goPrint(value: unknown): string {
  switch (kindOf(value)) {
    case 'invalid': return '<nil>'
    case 'float': return formatFloat(numberOf(value))
    case 'slice': return `[${Array.from(value as ArrayLike<unknown>, goPrint).join(' ')}]`
    case 'map': return `map[${sortedKeys(value).filter((key) => (value as Record<string, unknown>)[key] !== undefined).map((key) => `${key}:${goPrint((value as Record<string, unknown>)[key])}`).join(' ')}]`
    case 'func': return '0x47b2c0'
    default: return String(value)
  }
}
