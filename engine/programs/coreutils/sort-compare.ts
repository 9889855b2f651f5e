/** The orders sort knows: by text, number, size, month, version or chance. */
import { compareVersions } from '#engine/programs/coreutils/version-sort'
import type { KeySpec } from '#engine/programs/coreutils/sort-keys'

export type Compare = (a: string, b: string) => number

export function plain(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** By each key in turn; without keys by whole lines. `global` are the options' letters, `salt` seeds -R. */
export function comparer(keys: readonly KeySpec[], global: string, separator: string | undefined, salt: number): Compare {
  if (keys.length === 0) return oneComparer(global, salt)
  const parts = keys.map((key): Compare => {
    const letters = key.letters === '' ? global : key.letters
    const compare = oneComparer(letters, salt)
    return (a, b) => compare(key.extract(a, separator, letters), key.extract(b, separator, letters))
  })
  return (a, b) => {
    for (const part of parts) {
      const order = part(a, b)
      if (order !== 0) return order
    }
    return 0
  }
}

function oneComparer(letters: string, salt: number): Compare {
  const base = baseComparer(letters, salt)
  return letters.includes('r') ? (a, b) => -base(a, b) : base
}

const special: Readonly<Record<string, Compare>> = {
  n: compareNumeric, g: (a, b) => generalValue(a) - generalValue(b) || 0, h: compareHuman, M: (a, b) => monthValue(a) - monthValue(b), V: compareVersions,
}

function baseComparer(letters: string, salt: number): Compare {
  const kind = [...'nghMV'].find((letter) => letters.includes(letter))
  if (kind !== undefined) return special[kind] as Compare
  if (letters.includes('R')) return (a, b) => hash(a, salt) - hash(b, salt) || plain(a, b)
  if (!/[bdif]/.test(letters)) return plain
  const change = textOf(letters)
  return (a, b) => plain(change(a), change(b))
}

/** What of a text counts under -b, -d, -i and -f. */
function textOf(letters: string): (text: string) => string {
  const changes: readonly (readonly [string, (text: string) => string])[] = [
    ['b', (text) => text.replace(/^[ \t]+/, '')], ['d', (text) => text.replace(/[^A-Za-z0-9 \t]/g, '')], ['i', (text) => text.replace(/[^ -~]/g, '')], ['f', (text) => text.toUpperCase()],
  ]
  const chosen = changes.filter(([letter]) => letters.includes(letter)).map(([, change]) => change)
  return (text) => chosen.reduce((out, change) => change(out), text)
}

function hash(text: string, salt: number): number {
  let value = salt | 1
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x5bd1e995)
  return value ^ (value >>> 15)
}

function numberText(text: string): string {
  return /^[ \t]*(-?\d*\.?\d*)/.exec(text)?.[1] ?? ''
}

function compareNumeric(a: string, b: string): number {
  const [x, y] = [numberText(a), numberText(b)]
  if (x.length < 15 && y.length < 15) return (Number(x) || 0) - (Number(y) || 0)
  const difference = wholePart(x) - wholePart(y)
  if (difference !== 0n) return difference < 0n ? -1 : 1
  return (fraction(x) - fraction(y)) * (x.startsWith('-') ? -1 : 1)
}

function wholePart(text: string): bigint {
  return BigInt(/^-?\d+/.exec(text)?.[0] ?? 0)
}

function fraction(text: string): number {
  return Number(`0.${text.split('.')[1] ?? 0}`)
}

/** Text is less than NaN, which is less than every number. */
function generalValue(text: string): number {
  const body = /^\s*([+-]?(?:inf(?:inity)?|nan|0x[\da-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?))/i.exec(text)?.[1]?.toLowerCase()
  if (body === undefined) return -Number.MAX_VALUE
  if (body.includes('nan')) return -Number.MAX_VALUE / 2
  if (!body.includes('inf')) return Number(body)
  return body.startsWith('-') ? -Number.MAX_VALUE / 4 : Number.MAX_VALUE
}

function compareHuman(a: string, b: string): number {
  const [x, y] = [humanValue(a), humanValue(b)]
  return x.power - y.power || x.value - y.value
}

function humanValue(text: string): { readonly power: number; readonly value: number } {
  const match = /^\s*(-?\d*\.?\d*)([kKMGTPEZY]?)/.exec(text)
  const value = Number(match?.[1] || 0) || 0
  const power = ' KMGTPEZY'.indexOf((match?.[2] || ' ').toUpperCase())
  return { value, power: value === 0 ? 0 : value < 0 ? -power : power }
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

function monthValue(text: string): number {
  return months.indexOf(text.trimStart().slice(0, 3).toLowerCase())
}
