/** numfmt: numbers to and from forms that people read. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { choice } from '#engine/linux/abi/choices'
import { flag, type FlagValues, option, optional } from '#engine/linux/abi/flags'
import { fail } from '#engine/programs/common/operands'
import { complain, print, quote, readInputText, splitLines, usageFailure } from '#engine/programs/common/gnu'

const numfmtFlags = {
  debug: flag('--debug'), delimiter: option('-d', '--delimiter'), field: option('--field'), format: option('--format'), from: choice(option('--from'), [['none'], ['auto'], ['si'], ['iec'], ['iec-i']]), fromUnit: option('--from-unit'), grouping: flag('--grouping'), header: optional('--header'),
  invalid: choice(option('--invalid'), [['abort'], ['fail'], ['warn'], ['ignore']]), padding: option('--padding'), round: choice(option('--round'), [['up'], ['down'], ['from-zero'], ['towards-zero'], ['nearest']]), suffix: option('--suffix'), to: choice(option('--to'), [['none'], ['si'], ['iec'], ['iec-i']]), toUnit: option('--to-unit'), zero: flag('-z', '--zero-terminated'),
} as const

type Given = FlagValues<typeof numfmtFlags>

const numfmt = defineProgram({
  name: 'numfmt',
  usage: '[OPTION]... [NUMBER]...',
  flags: numfmtFlags,
  rewrite: (args) => {
    const at = args.findIndex((arg) => /^-\d/.test(arg))
    return at < 0 ? args : [...args.slice(0, at), '--', ...args.slice(at)]
  },
  async run(process, o) {
    const wrong = formatProblem(process, o.format) ?? fieldProblem(process, o.field)
    if (wrong !== undefined) return wrong.usage ? usageFailure(process, wrong.text) : fail(process, wrong.text)
    if (o.debug && o.from === undefined && o.to === undefined && o.format === undefined && o.padding === undefined && !o.grouping) await complain(process, 'no conversion option specified')
    const converter = new Converter(process, o)
    for (const operand of o.operands) if (!(await converter.line(operand))) return 2
    return o.operands.length > 0 ? converter.status : convertInput(process, o, converter)
  },
})

interface Wrong {
  readonly text: string
  /** The advice to ask for help follows. */
  readonly usage: boolean
}

/** One directive for a floating number, with a flag, a width and a precision. */
const directive = /%(?!%)(['0-]*)(\d*)(?:\.(\d*))?f/

function formatProblem(process: Process, format: string | undefined): Wrong | undefined {
  if (format === undefined) return undefined
  const plain = format.replace(/%%/g, '')
  const shown = quote(process, format)
  if (!plain.includes('%')) return { text: `format ${shown} has no % directive`, usage: false }
  if (!directive.test(plain)) return { text: plain.endsWith('%') ? `format ${shown} ends in %` : `invalid format ${shown}, directive must be %[0]['][-][N][.][N]f`, usage: false }
  return plain.replace(directive, '').includes('%') ? { text: `format ${shown} has too many % directives`, usage: false } : undefined
}

function fieldProblem(process: Process, field: string | undefined): Wrong | undefined {
  if (field === undefined) return undefined
  const bad = field.split(',').find((one) => !/^(?:\d+|\d*-\d*)$/.test(one))
  return bad === undefined ? undefined : { text: `invalid field value ${quote(process, bad)}`, usage: true }
}

/** `2`, `1-3`, `2-`, `-`. */
function inFields(fields: string, number: number): boolean {
  return fields.split(',').some((one) => {
    const [from = '', to = from] = one.split('-')
    return number >= Number(from || 1) && number <= Number(to || Infinity)
  })
}

async function convertInput(process: Process, o: Given, converter: Converter): Promise<number> {
  let heads = o.header === undefined ? 0 : Number(o.header || 1)
  for (const text of splitLines(await readInputText(process, '-'), o.zero ? '\0' : '\n')) {
    if (heads-- > 0) await print(process, `${text}\n`)
    else if (!(await converter.line(text))) return 2
  }
  return converter.status
}

class Converter {
  status = 0
  constructor(
    private readonly process: Process,
    private readonly o: Given,
  ) {}

  /** False where the work ends after a complaint. */
  async line(text: string): Promise<boolean> {
    const { delimiter } = this.o
    const parts = delimiter === undefined ? (text.match(/\s*\S+/g) ?? []) : text.split(delimiter)
    const out: string[] = []
    for (const [index, part] of parts.entries()) {
      const cell = inFields(this.o.field ?? '1', index + 1) ? await this.cell(part, parts.length) : part
      if (cell === undefined) return false
      out.push(cell)
    }
    await print(this.process, `${out.join(delimiter ?? '')}${this.o.zero ? '\0' : '\n'}`)
    return true
  }

  /** A field converted; undefined where the work ends. */
  private async cell(part: string, count: number): Promise<string | undefined> {
    const { o } = this
    const converted = await this.convert(part.trim())
    if (converted === undefined) return o.invalid === undefined || o.invalid === 'abort' ? undefined : part
    if (o.delimiter !== undefined || count <= 1 || o.padding !== undefined) return converted
    const lead = /^\s*/.exec(part)?.[0] ?? ''
    return lead.length > 1 ? converted.padStart(part.length) : lead + converted
  }

  private async convert(text: string): Promise<string | undefined> {
    const { o, process } = this
    const value = parseHuman(text, o.from, o.suffix)
    if (typeof value === 'string') {
      if (o.invalid !== 'ignore') await complain(process, value.replace('%', quote(process, text)))
      if (o.invalid === 'fail') this.status = 2
      return undefined
    }
    const decimals = /\.(\d+)/.exec(text)?.[1]?.length ?? 0
    const shown = showHuman((value * Number(o.fromUnit ?? 1)) / Number(o.toUnit ?? 1), { to: o.to, round: o.round ?? 'from-zero', precision: directive.exec(o.format ?? '')?.[3], decimals }) + (o.suffix ?? '')
    const padding = Number(o.padding ?? 0)
    return laidOut(padding < 0 ? shown.padEnd(-padding) : shown.padStart(padding), o.format)
  }
}

/** With the width of the format, and what stands around its directive. */
function laidOut(text: string, format: string | undefined): string {
  const match = directive.exec(format ?? '')
  if (!match || format === undefined) return text
  const [whole, flags = '', digits = ''] = match
  const width = Number(digits || 0)
  const cell = flags.includes('-') ? text.padEnd(width) : text.padStart(width, flags.includes('0') ? '0' : ' ')
  return (format.slice(0, match.index) + cell + format.slice(match.index + whole.length)).replace(/%%/g, '%')
}

/** The number, or the complaint with `%` for the text. */
function parseHuman(text: string, from: string | undefined, suffix: string | undefined): number | string {
  const body = suffix !== undefined && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text
  const match = /^(-?\d*\.?\d+)([KkMGTPEZY]?)(i?)(.*)$/.exec(body)
  if (!match) return 'invalid number: %'
  const [, number = '', unit = '', i = '', rest = ''] = match
  if (rest !== '' || (from === 'si' && i === 'i')) return 'invalid suffix in input: %'
  return unit === '' ? Number(number) : scaledUp(Number(number), unit, i, from)
}

function scaledUp(number: number, unit: string, i: string, from: string | undefined): number | string {
  if (from === undefined || from === 'none') return 'rejecting suffix in input: % (consider using --from)'
  if (from === 'iec-i' && i === '') return "missing 'i' suffix in input: % (e.g Ki/Mi/Gi)"
  const base = from === 'si' || (from === 'auto' && i === '') ? 1000 : 1024
  return number * base ** ('KMGTPEZY'.indexOf(unit.toUpperCase()) + 1)
}

/** Decimal digits cut as --round says. */
function roundedTo(value: number, digits: number, round: Rounding): string {
  const power = 10 ** digits
  return (round(Number((value * power).toPrecision(15))) / power).toFixed(digits)
}

interface Form {
  readonly to: string | undefined
  readonly round: string
  readonly precision: string | undefined
  /** Those the input had. */
  readonly decimals: number
}

function showHuman(value: number, { to, round, precision, decimals }: Form): string {
  if (to === undefined || to === 'none') return roundedTo(value, Number(precision ?? decimals), rounding[round] as Rounding)
  const base = to === 'si' ? 1000 : 1024
  const { scaled, power: first } = scale(Math.abs(value), base)
  let power = first
  let shown = precision === undefined ? short(scaled, power, rounding[round] as Rounding) : roundedTo(scaled, Number(precision), rounding[round] as Rounding)
  if (precision === undefined && Number(shown) >= base && power < 8) {
    shown = '1.0'
    power++
  }
  return `${value < 0 ? '-' : ''}${shown}${unitOf(power, to)}`
}

function scale(value: number, base: number): { scaled: number; power: number } {
  let scaled = value
  let power = 0
  for (; scaled >= base && power < 8; power++) scaled /= base
  return { scaled: Number(scaled.toPrecision(12)), power }
}

type Rounding = (value: number) => number

const rounding: Readonly<Record<string, Rounding>> = { up: Math.ceil, down: Math.floor, 'towards-zero': Math.trunc, nearest: Math.round, 'from-zero': (value) => (value < 0 ? Math.floor(value) : Math.ceil(value)) }

/** One digit after the point below ten. */
function short(scaled: number, power: number, round: Rounding): string {
  if (power === 0 || scaled >= 10) return String(round(scaled))
  const text = (round(Number((scaled * 10).toPrecision(12))) / 10).toFixed(1)
  return text === '10.0' ? '10' : text
}

function unitOf(power: number, to: string): string {
  return power === 0 ? '' : `${'KMGTPEZY'.charAt(power - 1)}${to === 'iec-i' ? 'i' : ''}`
}

export const numfmtPrograms: readonly Program[] = [numfmt]
