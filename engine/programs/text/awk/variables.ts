/** Names and what they hold: globals, the parameters of the function that runs, and the names that the record keeps. */
import { AwkArray } from '#engine/programs/text/awk/array'
import { RunTimeError } from '#engine/programs/text/awk/jump'
import type { AwkRecord } from '#engine/programs/text/awk/record'
import { fromInput, toNumber, toText, unset, type Value } from '#engine/programs/text/awk/values'

/** A variable: a value, or an array; an untyped argument may become the caller's array. */
export interface Cell {
  value: Value
  array: AwkArray | undefined
  link: Cell | undefined
}

const atStart = { FS: ' ', OFS: ' ', RS: '\n', ORS: '\n', SUBSEP: '\x1c', CONVFMT: '%.6g', OFMT: '%.6g', FILENAME: '' }
const counted: ReadonlySet<string> = new Set(['NF', 'NR', 'FNR'])

export class Variables {
  readonly counts = { NR: 0, FNR: 0 }
  locals: Map<string, Cell> | undefined
  private readonly globals = new Map<string, Cell>()

  constructor(
    private readonly record: AwkRecord,
    environment: Iterable<readonly [string, string]>,
  ) {
    for (const [name, value] of Object.entries(atStart)) this.cell(name).value = value
    const environ = this.arrayOf(this.cell('ENVIRON'))
    for (const [name, value] of environment) environ.set(name, fromInput(value))
  }

  cell(name: string): Cell {
    const local = this.locals?.get(name)
    if (local) return local
    let cell = this.globals.get(name)
    if (!cell) this.globals.set(name, (cell = { value: unset, array: undefined, link: undefined }))
    return cell
  }

  array(name: string): AwkArray {
    return this.arrayOf(this.cell(name))
  }

  arrayOf(cell: Cell): AwkArray {
    return (cell.array ??= cell.link ? this.arrayOf(cell.link) : new AwkArray())
  }

  /** The record keeps its count of fields, and the input those of records. */
  isCounted(name: string): boolean {
    return counted.has(name)
  }

  get(name: string): Value {
    if (name === 'NF') return this.record.nf
    if (name === 'NR' || name === 'FNR') return this.counts[name]
    const cell = this.cell(name)
    if (cell.array) throw new RunTimeError(`reference to ${name} as scalar`)
    return cell.value
  }

  set(name: string, value: Value): void {
    if (name === 'NF') this.record.setNf(Math.trunc(toNumber(value)))
    else if (name === 'NR' || name === 'FNR') this.counts[name] = Math.trunc(toNumber(value))
    else {
      // Fields are split by the separator of their time.
      if (name === 'FS') void this.record.nf
      this.cell(name).value = value
    }
  }

  text(name: string): string {
    return toText(this.cell(name).value, '%.6g')
  }

  get convert(): string {
    return this.text('CONVFMT')
  }
}
