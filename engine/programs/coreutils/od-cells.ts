/** od's types: how wide a cell is and what stands in it. */

export interface DumpType {
  readonly letter: string
  readonly size: number
  /** `z`: the bytes as text at the end of the line. */
  readonly text: boolean
}

const sizeLetters: Readonly<Record<string, number>> = { C: 1, S: 2, I: 4, L: 8, F: 4, D: 8 }

/** `x1z`, `fD`, `c`: undefined with a size that no number has. */
export function dumpType(text: string): DumpType | undefined {
  const [, letter = 'o', size = '', z = ''] = /^(.)(\d*|[CSILFD])(z?)$/.exec(text) ?? []
  if (letter === 'a' || letter === 'c') return { letter, size: 1, text: z !== '' }
  const bytes = size === '' ? (letter === 'f' ? 8 : 4) : (sizeLetters[size] ?? Number(size))
  const known = letter === 'f' ? [4, 8] : [1, 2, 4, 8]
  return known.includes(bytes) ? { letter, size: bytes, text: z !== '' } : undefined
}

const widths: Readonly<Record<string, Readonly<Record<number, number>>>> = {
  x: { 1: 3, 2: 5, 4: 9, 8: 17 }, o: { 1: 4, 2: 7, 4: 12, 8: 23 }, d: { 1: 5, 2: 7, 4: 12, 8: 21 }, u: { 1: 4, 2: 6, 4: 11, 8: 21 }, f: { 4: 16, 8: 25 },
}

/** Columns of a cell with the blank before it. */
export function cellWidth({ letter, size }: DumpType): number {
  return widths[letter]?.[size] ?? 4
}

const controlNames = ['nul', 'soh', 'stx', 'etx', 'eot', 'enq', 'ack', 'bel', 'bs', 'ht', 'nl', 'vt', 'ff', 'cr', 'so', 'si', 'dle', 'dc1', 'dc2', 'dc3', 'dc4', 'nak', 'syn', 'etb', 'can', 'em', 'sub', 'esc', 'fs', 'gs', 'rs', 'us', 'sp']
const escapes: Readonly<Record<number, string>> = { 0: '\\0', 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' }

/** A byte as C writes it: `\n`, `x`, `377`. */
export function characterCell(byte: number): string {
  return escapes[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, '0'))
}

function namedCell(byte: number): string {
  const low = byte & 127
  return controlNames[low] ?? (low === 127 ? 'del' : String.fromCharCode(low))
}

export function cellText({ letter, size }: DumpType, raw: Uint8Array, big: boolean): string {
  if (letter === 'a') return namedCell(raw[0] as number)
  if (letter === 'c') return characterCell(raw[0] as number)
  const bytes = Uint8Array.from({ length: size }, (_, index) => raw[index] ?? 0)
  if (letter === 'f') return floatText(new DataView(bytes.buffer), size, !big)
  const value = (big ? [...bytes] : [...bytes].reverse()).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return integerText(letter, value, size)
}

function integerText(letter: string, value: bigint, size: number): string {
  if (letter === 'x') return value.toString(16).padStart(size * 2, '0')
  if (letter === 'o') return value.toString(8).padStart((widths['o']?.[size] ?? 7) - 1, '0')
  return (letter === 'd' ? BigInt.asIntN(size * 8, value) : value).toString()
}

/** The fewest digits that read back as the same number. */
function floatText(view: DataView, size: number, little: boolean): string {
  const value = size === 4 ? view.getFloat32(0, little) : view.getFloat64(0, little)
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf'
  const same = (text: string): boolean => (size === 4 ? Math.fround(Number(text)) === value : Number(text) === value)
  let digits = 1
  while (digits < 17 && !same(value.toPrecision(digits))) digits++
  return asG(value, digits)
}

/** printf's %.*g. */
function asG(value: number, digits: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential(digits - 1).split('e')
  const power = Number(exponent)
  if (value === 0 || (power >= -4 && power < digits)) return value === 0 ? '0' : value.toFixed(Math.max(0, digits - 1 - power))
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

export function printable(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
}
