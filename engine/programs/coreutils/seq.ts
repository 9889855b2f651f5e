/** seq. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { Output, quote, usageFailure } from '#engine/programs/common/gnu'
import { fail } from '#engine/programs/common/operands'

const seq = defineProgram({
  name: 'seq',
  usage: '[OPTION]... LAST',
  flags: { equal: flag('-w', '--equal-width'), format: option('-f', '--format'), separator: option('-s', '--separator') },
  rewrite: (args) => {
    const at = args.findIndex((arg) => /^-[\d.]/.test(arg))
    return at < 0 || args.slice(0, at).includes('--') ? args : [...args.slice(0, at), '--', ...args.slice(at)]
  },
  async run(process, o) {
    const wrong = operandProblem(process, o.operands)
    if (wrong !== undefined) return usageFailure(process, wrong)
    const format = o.format === undefined ? undefined : formatProblem(o.format)
    if (format !== undefined) return fail(process, `format ${quote(process, o.format ?? '')} ${format}`)
    if (o.format !== undefined && o.equal) return usageFailure(process, 'format string may not be specified when printing equal width strings')
    const series = seriesOf(o.operands)
    if (series.step === 0) return usageFailure(process, `invalid Zero increment value: ${quote(process, o.operands[1] ?? '')}`)
    const whole = o.format === undefined && !o.equal && o.operands.every((text) => /^[+-]?\d+$/.test(text)) ? o.operands.map(BigInt) : undefined
    if (whole?.some((value) => value > largest || value < -largest)) await writeWhole(process, whole, o.separator ?? '\n')
    else await write(process, series, numberText(series, o.format, o.equal), o.separator ?? '\n')
    return 0
  },
})

function operandProblem(process: Process, operands: readonly string[]): string | undefined {
  if (operands.length === 0) return 'missing operand'
  if (operands.length > 3) return `extra operand ${quote(process, operands[3] as string)}`
  const bad = operands.find((text) => !isNumber(text))
  if (bad === undefined) return undefined
  return /nan$/i.test(bad) ? `invalid ${quote(process, 'not-a-number')} argument: ${quote(process, bad)}` : `invalid floating point argument: ${quote(process, bad)}`
}

/** What printf's format must have: one directive for a floating number. */
function formatProblem(format: string): string | undefined {
  const [first, ...more] = format.replace(/%%/g, '').match(/%[-0 +#']*\d*(?:\.\d*)?[^]?/g) ?? []
  if (first === undefined) return 'has no % directive'
  if (first.length === 1) return 'ends in %'
  if (!/[aefgAEFG]$/.test(first)) return `has unknown %${first.charAt(first.length - 1)} directive`
  return more.length > 0 ? 'has too many % directives' : undefined
}

interface Series {
  readonly first: number
  readonly step: number
  readonly last: number
  /** Digits after the point; all is counted in whole steps of the last digit. */
  readonly digits: number
  readonly scale: number
}

function seriesOf(operands: readonly string[]): Series {
  const last = operands.at(-1) as string
  const first = operands.length > 1 ? (operands[0] as string) : '1'
  const step = operands.length > 2 ? (operands[1] as string) : '1'
  const digits = Math.max(decimals(first), decimals(step))
  const scale = 10 ** digits
  return { first: Math.round(Number(first) * scale), step: Math.round(Number(step) * scale), last: numberOf(last), digits, scale }
}

function numberText({ first, last, digits, scale }: Series, format: string | undefined, equal: boolean): (value: number) => string {
  if (format !== undefined) return (value) => formatNumber(format, value / scale)
  const width = equal ? Math.max((first / scale).toFixed(digits).length, last.toFixed(digits).length) : 0
  return (value) => {
    const plain = (value / scale).toFixed(digits)
    return plain.startsWith('-') ? `-${plain.slice(1).padStart(width - 1, '0')}` : plain.padStart(width, '0')
  }
}

async function write(process: Process, { first, step, last, scale }: Series, text: (value: number) => string, separator: string): Promise<void> {
  const out = new Output(process)
  const end = last * scale
  let made = 0
  for (let value = first; step > 0 ? value <= end + 1e-9 : value >= end - 1e-9; value += step) {
    await out.write((made > 0 ? separator : '') + text(value))
    if (++made % 20_000 === 0) await process.compute(1)
  }
  if (made > 0) await out.write('\n')
  await out.flush()
}

/** Whole numbers beyond this cannot be counted as floating ones. */
const largest = 9_000_000_000_000_000n

async function writeWhole(process: Process, operands: readonly bigint[], separator: string): Promise<void> {
  const last = operands.at(-1) as bigint
  const step = operands.length > 2 ? (operands[1] as bigint) : 1n
  const out = new Output(process)
  let made = 0
  for (let value = operands.length > 1 ? (operands[0] as bigint) : 1n; step > 0n ? value <= last : value >= last; value += step) {
    await out.write((made > 0 ? separator : '') + String(value))
    if (++made % 20_000 === 0) await process.compute(1)
  }
  if (made > 0) await out.write('\n')
  await out.flush()
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && !Number.isNaN(numberOf(text)) && (Number.isFinite(numberOf(text)) || /inf/i.test(text))
}

function numberOf(text: string): number {
  return /^\+?inf(inity)?$/i.test(text) ? Infinity : Number(text)
}

function decimals(text: string): number {
  return /\.(\d+)/.exec(text)?.[1]?.length ?? 0
}

function formatNumber(format: string, value: number): string {
  return format.replace(/%([-0 +#]*)(\d*)(?:\.(\d+))?([fge])/i, (_, flags: string, width: string, precision: string | undefined, kind: string) => {
    const text = numberAs(kind, value, precision)
    if (flags.includes('-')) return text.padEnd(Number(width))
    return text.padStart(Number(width), flags.includes('0') ? '0' : ' ')
  }).replace(/%%/g, '%')
}

function numberAs(kind: string, value: number, precision = '6'): string {
  if (kind === 'f') return value.toFixed(Number(precision))
  if (kind === 'e') return value.toExponential(Number(precision)).replace(/e([+-])(\d)$/, 'e$10$2')
  return String(Number(value.toPrecision(Number(precision) || 6)))
}

export const seqPrograms: readonly Program[] = [seq]
