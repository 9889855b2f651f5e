/** How many lines or bytes head and tail are asked for, and the words for a count that is none. */
import type { Process } from '#engine/linux/abi/process'
import { parseSize, quote } from '#engine/programs/common/gnu'

export interface Amount {
  readonly count: number
  readonly bytes: boolean
  /** `-` or `+` before the number, which head and tail read differently. */
  readonly sign: string
}

export function amountOf(o: { readonly bytes: string | undefined; readonly lines: string | undefined }): Amount | undefined {
  const given = o.bytes ?? o.lines ?? '10'
  const count = parseSize(given.replace(/^[-+]/, ''))
  return count === undefined || count >= 2 ** 64 ? undefined : { count, bytes: o.bytes !== undefined, sign: /^[-+]/.exec(given)?.[0] ?? '' }
}

/** `signs` are those that the program takes off before it reads the number. */
export function amountProblem(process: Process, o: { readonly bytes: string | undefined; readonly lines: string | undefined }, signs: RegExp): string {
  const shown = (o.bytes ?? o.lines ?? '').replace(signs, '')
  const large = parseSize(shown.replace(/^[-+]/, '')) !== undefined ? ': Value too large for defined data type' : ''
  return `invalid number of ${o.bytes !== undefined ? 'bytes' : 'lines'}: ${quote(process, shown)}${large}`
}

/** `==> name <==` above each file's part, with an empty line between. */
export function headline(name: string, first: boolean): string {
  return `${first ? '' : '\n'}==> ${name === '-' ? 'standard input' : name} <==\n`
}
