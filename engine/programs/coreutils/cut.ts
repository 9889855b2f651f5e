/** cut. */
import { decodeLossless, encodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, type FlagValues, option } from '#engine/linux/abi/flags'
import { inputLines, Output, quote, usageFailure } from '#engine/programs/common/gnu'
import { forEachInput } from '#engine/programs/common/operands'

const cutFlags = {
  bytes: option('-b', '--bytes'), characters: option('-c', '--characters'), fields: option('-f', '--fields'), delimiter: option('-d', '--delimiter'), ignored: flag('-n'), onlyDelimited: flag('-s', '--only-delimited'), outputDelimiter: option('--output-delimiter'), complement: flag('--complement'), zero: flag('-z', '--zero-terminated'),
} as const

type Given = FlagValues<typeof cutFlags> & { readonly operands: readonly string[] }
type Range = readonly [number, number]

const cut = defineProgram({
  name: 'cut',
  usage: 'OPTION... [FILE]...',
  flags: cutFlags,
  async run(process, o) {
    const wrong = combinationProblem(o)
    if (wrong !== undefined) return usageFailure(process, wrong)
    const ranges = parseRanges(o.bytes ?? o.characters ?? o.fields ?? '', o.fields !== undefined, (value) => quote(process, value))
    if (typeof ranges === 'string') return usageFailure(process, ranges)
    return cutAll(process, o, ranges)
  },
})

function combinationProblem(o: Given): string | undefined {
  const lists = [o.bytes, o.characters, o.fields].filter((value) => value !== undefined).length
  if (lists === 0) return 'you must specify a list of bytes, characters, or fields'
  if (lists > 1) return 'only one list may be specified'
  if (o.delimiter !== undefined && [...o.delimiter].length > 1) return 'the delimiter must be a single character'
  if (o.fields !== undefined) return undefined
  if (o.delimiter !== undefined) return 'an input delimiter may be specified only when operating on fields'
  return o.onlyDelimited ? 'suppressing non-delimited lines makes sense\n\tonly when operating on fields' : undefined
}

async function cutAll(process: Process, o: Given, ranges: readonly Range[]): Promise<number> {
  const end = o.zero ? '\0' : '\n'
  const out = new Output(process)
  const piece = pieceOf(o, ranges)
  const status = await forEachInput(process, o.operands, async (name) => {
    try {
      for await (const line of inputLines(process, name, o.zero ? 0 : 10)) {
        const text = piece(line.endsWith(end) ? line.slice(0, -1) : line)
        if (text !== undefined) await out.write(text + end)
      }
    } finally {
      await out.flush()
    }
  })
  return status
}

/** What is kept of a line; undefined where the line is left out. */
function pieceOf(o: Given, ranges: readonly Range[]): (line: string) => string | undefined {
  const chosen = (index: number): boolean => ranges.some(([from, to]) => index >= from && index <= to) !== o.complement
  if (o.fields === undefined) return (line) => cutBytes(line, chosen, o.outputDelimiter)
  const delimiter = o.delimiter === '' ? '\0' : (o.delimiter ?? '\t')
  return (line) => {
    if (!line.includes(delimiter)) return o.onlyDelimited ? undefined : line
    return line.split(delimiter).filter((_, index) => chosen(index + 1)).join(o.outputDelimiter ?? delimiter)
  }
}

/** With an output delimiter, runs that were not side by side are set apart. */
function cutBytes(line: string, chosen: (index: number) => boolean, delimiter: string | undefined): string {
  const bytes = encodeLossless(line)
  const runs: number[][] = []
  bytes.forEach((byte, index) => {
    if (!chosen(index + 1)) return
    if (index > 0 && chosen(index)) runs.at(-1)?.push(byte)
    else runs.push([byte])
  })
  return runs.map((run) => decodeLossless(Uint8Array.from(run))).join(delimiter ?? '')
}

/** The complaint where the list is none. */
function parseRanges(text: string, fields: boolean, quoted: (value: string) => string): Range[] | string {
  const out: Range[] = []
  for (const part of text.split(/[, \t]/)) {
    const range = parseRange(part, fields, quoted)
    if (typeof range === 'string') return range
    out.push(range)
  }
  return out
}

function parseRange(part: string, fields: boolean, quoted: (value: string) => string): Range | string {
  const fromOne = fields ? 'fields are numbered from 1' : 'byte/character positions are numbered from 1'
  if (part === '') return fromOne
  if (part === '-') return 'invalid range with no endpoint: -'
  const match = /^(\d*)(-?)(\d*)$/.exec(part)
  if (!match) return /^[\d-]+$/.test(part) ? `invalid ${fields ? 'field' : 'byte or character'} range` : `invalid ${fields ? 'field value' : 'byte/character position'} ${quoted(part)}`
  return boundsOf(match, fields, quoted) ?? fromOne
}

/** Undefined where counting begins at zero. */
function boundsOf([, start = '', dash = '', stop = '']: RegExpExecArray, fields: boolean, quoted: (value: string) => string): Range | string | undefined {
  const huge = [start, stop].find((digits) => digits !== '' && BigInt(digits) >= 18446744073709551615n)
  if (huge !== undefined) return `${fields ? 'field number' : 'byte/character offset'} ${quoted(huge)} is too large`
  const from = start === '' ? 1 : Number(start)
  const to = dash === '' ? from : stop === '' ? Infinity : Number(stop)
  if (from === 0) return undefined
  return to < from ? 'invalid decreasing range' : [from, to]
}

export const cutPrograms: readonly Program[] = [cut]
