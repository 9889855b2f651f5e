/** csplit: pieces of a file by line numbers and patterns. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { encodeLossless } from '#engine/base/lossless'
import { complain, print, quote, readInputText, reason, splitLines, usageFailure } from '#engine/programs/common/gnu'
import { userPattern } from '#engine/programs/common/patterns'

interface Cut {
  /** Up to this line (counted from 1), or up to the next that matches. */
  readonly line?: number
  readonly pattern?: RegExp
  readonly offset: number
  /** `%PATTERN%` writes no file. */
  readonly skip: boolean
  readonly times: number
  readonly text: string
}

class SplitError extends Error {}

const csplit = defineProgram({
  name: 'csplit',
  usage: '[OPTION]... FILE PATTERN...',
  flags: { prefix: option('-f', '--prefix'), format: option('-b', '--suffix-format'), digits: option('-n', '--digits'), keep: flag('-k', '--keep-files'), elide: flag('-z', '--elide-empty-files'), quiet: flag('-s', '-q', '--quiet', '--silent'), suppress: flag('--suppress-matched') },
  async run(process, o) {
    const [name, ...patterns] = o.operands
    if (o.digits !== undefined && !/^\d+$/.test(o.digits)) return complain(process, `invalid number: ${quote(process, o.digits)}`).then(() => 1)
    if (name === undefined) return usageFailure(process, 'missing operand')
    if (patterns.length === 0) return usageFailure(process, `missing operand after ${quote(process, name)}`)
    const written: string[] = []
    try {
      const cuts = parseCuts(process, patterns)
      const lines = splitLines(await read(process, name))
      const write = async (piece: readonly string[]): Promise<void> => {
        if (piece.length === 0 && o.elide) return
        const path = (o.prefix ?? 'xx') + suffixOf(written.length, o.format, Number(o.digits ?? 2))
        const bytes = encodeLossless(piece.map((line) => `${line}\n`).join(''))
        process.files.writeFile(path, bytes)
        written.push(path)
        if (!o.quiet) await print(process, `${bytes.length}\n`)
      }
      await cutAll(process, lines, cuts, write, o.suppress)
      return 0
    } catch (error) {
      if (!(error instanceof SplitError)) throw error
      if (!o.keep) for (const path of written) process.files.unlink(path)
      await complain(process, error.message)
      return 1
    }
  },
})

/** `%03d.txt`, or so many digits. */
function suffixOf(number: number, format: string | undefined, digits: number): string {
  if (format === undefined) return String(number).padStart(digits, '0')
  return format.replace(/%(0?)(\d*)([duioxX])/, (_, zero: string, width: string, kind: string) => number.toString(kind === 'o' ? 8 : /x/i.test(kind) ? 16 : 10).padStart(Number(width), zero === '' ? ' ' : '0')).replace(/%%/g, '%')
}

async function read(process: Process, name: string): Promise<string> {
  try {
    return await readInputText(process, name)
  } catch (error) {
    throw new SplitError(`cannot open '${name}' for reading: ${reason(error)}`)
  }
}

function parseCuts(process: Process, patterns: readonly string[]): Cut[] {
  const cuts: Cut[] = []
  for (const text of patterns) {
    const repeat = /^\{(\d+|\*)\}$/.exec(text)
    const last = cuts[cuts.length - 1]
    if (repeat && last) cuts[cuts.length - 1] = { ...last, times: repeat[1] === '*' ? Infinity : last.times + Number(repeat[1]) }
    else cuts.push(inOrder(parseCut(process, text), last))
  }
  return cuts
}

/** Line numbers may only go up. */
function inOrder(cut: Cut, last: Cut | undefined): Cut {
  if (cut.line === undefined || last?.line === undefined || cut.line >= last.line) return cut
  throw new SplitError(`line number \u2018${cut.line}\u2019 is smaller than preceding line number, ${last.line}`)
}

function parseCut(process: Process, text: string): Cut {
  const match = /^([/%])([^]*)\1([-+]?\d+)?$/.exec(text)
  const pattern = match ? userPattern(match[2] as string) : undefined
  if (typeof pattern === 'string') throw new SplitError(`${quote(process, text)}: invalid regular expression: ${pattern}`)
  if (match && pattern) return { pattern, offset: Number(match[3] ?? 0), skip: match[1] === '%', times: 1, text }
  if (/^\d+$/.test(text)) {
    if (Number(text) === 0) throw new SplitError('0: line number must be greater than zero')
    return { line: Number(text), offset: 0, skip: false, times: 1, text }
  }
  if (/^[/%]/.test(text)) throw new SplitError(`${text}: closing delimiter '${text.charAt(0)}' missing`)
  if (/^\{.*\}$/.test(text)) throw new SplitError(`${quote(process, text.slice(0, -1)).slice(0, -1)}${quote(process, '').slice(-1)}}: integer required between '{' and '}'`)
  throw new SplitError(`${quote(process, text)}: invalid pattern`)
}

async function cutAll(process: Process, lines: readonly string[], cuts: readonly Cut[], write: (piece: readonly string[]) => Promise<void>, suppress: boolean): Promise<void> {
  let from = 0
  for (const cut of cuts) {
    for (let time = 0; time < cut.times; time++) {
      const end = endOf(cut, lines, from, time)
      if (end === undefined) {
        if (cut.times === Infinity) break
        if (!cut.skip) await write(lines.slice(from))
        const what = cut.pattern ? 'match not found' : 'line number out of range'
        throw new SplitError(`${quote(process, cut.text)}: ${what}${time > 0 ? ` on repetition ${time}` : ''}`)
      }
      if (!cut.skip) await write(lines.slice(from, end))
      from = suppress ? end + 1 : end
    }
  }
  await write(lines.slice(from))
}

function endOf(cut: Cut, lines: readonly string[], from: number, time: number): number | undefined {
  if (cut.line !== undefined) {
    const end = cut.line * (time + 1) - 1
    return end <= lines.length ? end : undefined
  }
  const start = from === 0 && time === 0 ? 0 : from + 1
  const found = lines.findIndex((line, index) => index >= start && (cut.pattern as RegExp).test(line))
  return found < 0 ? undefined : Math.max(from, found + cut.offset)
}

export const csplitPrograms: readonly Program[] = [csplit]
