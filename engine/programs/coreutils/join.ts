/** join: lines of two sorted files that share a field. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, type FlagValues, list, option } from '#engine/linux/abi/flags'
import { complain, print, quote, readInputText, reason, splitLines } from '#engine/programs/common/gnu'
import { fail } from '#engine/programs/common/operands'
import { quoteIfNeeded } from '#engine/programs/common/quoting'
import { twoOperands } from '#engine/programs/coreutils/two-operands'

const joinFlags = {
  unpaired: list('-a'), empty: option('-e'), ignoreCase: flag('-i', '--ignore-case'), field: option('-j'), format: list('-o'), separator: option('-t'), only: list('-v'), one: option('-1'), two: option('-2'), check: flag('--check-order'), noCheck: flag('--nocheck-order'), zero: flag('-z', '--zero-terminated'),
  header: flag('--header'),
} as const

type Given = FlagValues<typeof joinFlags>

class JoinError extends Error {}

const join = defineProgram({
  name: 'join',
  usage: '[OPTION]... FILE1 FILE2',
  flags: joinFlags,
  async run(process, o) {
    const wrong = optionProblem(process, o)
    if (wrong !== undefined) return fail(process, wrong)
    const names = await twoOperands(process, o.operands, 'name')
    if (typeof names === 'number') return names
    try {
      if (names[0] === '-' && names[1] === '-') throw new JoinError('both files cannot be standard input: No such file or directory')
      const sides = [await side(process, names[0], o, o.one), await side(process, names[1], o, o.two)] as const
      return await new Joining(process, o, sides[0], sides[1]).run()
    } catch (error) {
      if (!(error instanceof JoinError)) throw error
      await complain(process, error.message)
      return 1
    }
  },
})

function optionProblem(process: Process, o: Given): string | undefined {
  const fields = [o.one, o.two, o.field].filter((text) => text !== undefined)
  const field = fields.find((text) => !/^\d+$/.test(text) || Number(text) === 0) ?? [...o.unpaired, ...o.only].find((text) => !/^[12]$/.test(text))
  if (field !== undefined) return `invalid field number: ${quote(process, field)}`
  if (o.separator !== undefined && [...o.separator].length > 1 && o.separator !== '\\0') return `multi-character tab ${quote(process, o.separator)}`
  const spec = formatOf(o)?.find((text) => text !== '0' && !/^[12]\.[1-9]\d*$/.test(text))
  if (spec === undefined) return undefined
  return /^[12]\./.test(spec) ? `invalid field number: ${quote(process, spec.slice(2))}` : `invalid file number in field spec: ${quote(process, spec)}`
}

/** The cells of -o; undefined where each line shows its own. */
function formatOf(o: Given): readonly string[] | undefined {
  if (o.format.length === 0 || o.format.includes('auto')) return undefined
  return o.format.flatMap((text) => text.split(/[ ,\t]+/)).filter((text) => text !== '')
}

interface Side {
  readonly name: string
  readonly lines: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The joined field, counted from 0. */
  readonly field: number
}

async function side(process: Process, name: string, o: Given, field: string | undefined): Promise<Side> {
  const lines = await read(process, name, o.zero ? '\0' : '\n')
  const separator = o.separator === '\\0' ? '\0' : o.separator
  const rows = lines.map((line) => (separator === undefined ? line.split(/[ \t]+/).filter((cell, index) => cell !== '' || index > 0) : separator === '' ? [line] : line.split(separator)))
  return { name, lines, rows, field: Number(field ?? o.field ?? 1) - 1 }
}

async function read(process: Process, name: string, end: string): Promise<string[]> {
  try {
    return splitLines(await readInputText(process, name), end)
  } catch (error) {
    throw new JoinError(isErrno(error, 'EISDIR') ? `read error: ${error.message}` : `${quoteIfNeeded(name)}: ${reason(error)}`)
  }
}

class Joining {
  private readonly separator: string
  private readonly cells: readonly string[] | undefined
  private readonly told = new Set<Side>()
  private readonly end: string
  private unpaired = false

  constructor(
    private readonly process: Process,
    private readonly o: Given,
    private readonly a: Side,
    private readonly b: Side,
  ) {
    this.separator = o.separator === '\\0' ? '\0' : o.separator || ' '
    this.end = o.zero ? '\0' : '\n'
    this.cells = formatOf(o) ?? (o.format.includes('auto') ? this.allCells() : undefined)
  }

  /** -o auto: as many cells as the first lines have. */
  private allCells(): string[] {
    const of = (number: string, { rows, field }: Side): string[] => (rows[0] ?? []).flatMap((_, index) => (index === field ? [] : [`${number}.${index + 1}`]))
    return ['0', ...of('1', this.a), ...of('2', this.b)]
  }

  async run(): Promise<number> {
    const { a, b } = this
    let [i, j] = [0, 0]
    if (this.o.header && a.rows.length > 0 && b.rows.length > 0) await this.line(a.rows[i++], b.rows[j++])
    while (i < a.rows.length || j < b.rows.length) {
      const order = this.order(a.rows[i], b.rows[j])
      const [nextI, nextJ] = [order <= 0 ? this.endOf(a, i) : i, order >= 0 ? this.endOf(b, j) : j]
      if (order === 0) await this.pairs(a.rows.slice(i, nextI), b.rows.slice(j, nextJ))
      else await this.alone(order < 0 ? '1' : '2', order < 0 ? a.rows.slice(i, nextI) : b.rows.slice(j, nextJ))
      await this.check(a, i, nextI)
      await this.check(b, j, nextJ)
      ;[i, j] = [nextI, nextJ]
    }
    if (this.told.size === 0) return 0
    throw new JoinError('input is not in sorted order')
  }

  private key(row: readonly string[], { field }: Side): string {
    const text = row[field] ?? ''
    return this.o.ignoreCase ? text.toLowerCase() : text
  }

  private order(x: readonly string[] | undefined, y: readonly string[] | undefined): number {
    if (x === undefined || y === undefined) return x === undefined ? 1 : -1
    const [left, right] = [this.key(x, this.a), this.key(y, this.b)]
    return left < right ? -1 : Number(left > right)
  }

  /** Past the lines with the same key. */
  private endOf(of: Side, from: number): number {
    let end = from + 1
    while (end < of.rows.length && this.key(of.rows[end] as string[], of) === this.key(of.rows[from] as string[], of)) end++
    return end
  }

  private async pairs(left: readonly (readonly string[])[], right: readonly (readonly string[])[]): Promise<void> {
    if (this.o.only.length > 0) return
    for (const x of left) for (const y of right) await this.line(x, y)
  }

  private async alone(number: '1' | '2', rows: readonly (readonly string[])[]): Promise<void> {
    this.unpaired = true
    if (!this.o.only.includes(number) && !this.o.unpaired.includes(number)) return
    for (const row of rows) await (number === '1' ? this.line(row, undefined) : this.line(undefined, row))
  }

  /** Disorder matters once a line found no partner, or with --check-order. */
  private async check(of: Side, from: number, next: number): Promise<void> {
    if (next === from || next >= of.rows.length || this.o.noCheck || this.told.has(of)) return
    if (!this.o.check && !this.unpaired) return
    if (this.key(of.rows[from] as string[], of) <= this.key(of.rows[next] as string[], of)) return
    const message = `${of.name}:${next + 1}: is not sorted: ${of.lines[next] as string}`
    if (this.o.check) throw new JoinError(message)
    this.told.add(of)
    await complain(this.process, message)
  }

  private async line(x: readonly string[] | undefined, y: readonly string[] | undefined): Promise<void> {
    const shared = (x ? x[this.a.field] : y?.[this.b.field]) ?? ''
    const cells = this.cells?.map((cell) => this.cell(cell, shared, x, y)) ?? [shared, ...(x ?? []).filter((_, index) => index !== this.a.field), ...(y ?? []).filter((_, index) => index !== this.b.field)]
    await print(this.process, cells.join(this.separator) + this.end)
  }

  private cell(spec: string, shared: string, x: readonly string[] | undefined, y: readonly string[] | undefined): string {
    if (spec === '0') return shared
    return (spec.startsWith('1') ? x : y)?.[Number(spec.slice(2)) - 1] || (this.o.empty ?? '')
  }
}

export const joinPrograms: readonly Program[] = [join]
