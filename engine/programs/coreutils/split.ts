/** split. */
import { concatBytes } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, type FlagValues, option, optional } from '#engine/linux/abi/flags'
import { parseSize, print, quote, quoteName, readInput, usageFailure } from '#engine/programs/common/gnu'
import { attempt, fail } from '#engine/programs/common/operands'
import { quoteIfNeeded } from '#engine/programs/common/quoting'
import { type Chunking, chunksOf, parseChunks, roundRobin } from '#engine/programs/coreutils/split-chunks'

const splitFlags = {
  bytes: option('-b', '--bytes'), lines: option('-l', '--lines'), lineBytes: option('-C', '--line-bytes'), chunks: option('-n', '--number'), elide: flag('-e', '--elide-empty-files'), unbuffered: flag('-u', '--unbuffered'), suffixLength: option('-a', '--suffix-length'), additional: option('--additional-suffix'),
  numericShort: flag('-d'), numeric: optional('--numeric-suffixes'), hexShort: flag('-x'), hex: optional('--hex-suffixes'), filter: option('--filter'), verbose: flag('--verbose'), separator: option('-t', '--separator'),
} as const

type Given = FlagValues<typeof splitFlags> & { readonly operands: readonly string[] }

const split = defineProgram({
  name: 'split',
  usage: '[OPTION]... [FILE [PREFIX]]',
  flags: splitFlags,
  rewrite: (args) => args.map((arg) => (/^-\d+$/.test(arg) ? `-l${arg.slice(1)}` : arg)),
  async run(process, o) {
    const [name = '-', prefix = 'x', extra] = o.operands
    if (extra !== undefined) return usageFailure(process, `extra operand ${quote(process, extra)}`)
    const bad = badNumber(process, o)
    if (bad !== undefined) return fail(process, bad)
    let input = new Uint8Array(0)
    const read = await attempt(process, name, async () => void (input = (await readInput(process, name)).slice()), (at, why, error) => (isErrno(error, 'EISDIR') ? `${quoteIfNeeded(at)}: read error: ${why}` : `cannot open ${quoteName(at)} for reading: ${why}`))
    return read ? writePieces(process, o, prefix, input) : 1
  },
})

function badNumber(process: Process, o: Given): string | undefined {
  const rules = [[o.lines, 'lines'], [o.bytes, 'bytes'], [o.lineBytes, 'bytes'], [o.chunks === undefined ? undefined : /^(?:[lr]\/)?(?:\d+\/)?(.*)$/.exec(o.chunks)?.[1], 'chunks']] as const
  const wrong = rules.find(([value]) => value !== undefined && !parseSize(value))
  if (!wrong) return undefined
  const [value = '', what] = wrong
  return `invalid number of ${what}: ${quote(process, value)}${/^0+$/.test(value) ? ': Numerical result out of range' : ''}`
}

async function writePieces(process: Process, o: Given, prefix: string, input: Uint8Array): Promise<number> {
  const chunks = o.chunks === undefined ? undefined : parseChunks(o.chunks)
  const pieces = chunks ? chunkPieces(input, chunks) : piecesOf(input, o)
  if (chunks?.only !== undefined) return process.stdout.write(pieces[chunks.only - 1] ?? new Uint8Array(0)).then(() => 0)
  const names = suffixes(o, pieces.length)
  for (const [index, piece] of pieces.entries()) {
    if (o.elide && piece.length === 0) continue
    const suffix = names(index)
    if (suffix === undefined) return fail(process, 'output file suffixes exhausted')
    await writePiece(process, `${prefix}${suffix}${o.additional ?? ''}`, piece, o)
  }
  return 0
}

async function writePiece(process: Process, path: string, piece: Uint8Array, o: Given): Promise<void> {
  if (o.verbose) await print(process, o.filter === undefined ? `creating file ${quoteName(path)}\n` : `executing with FILE=${quoteName(path)}\n`)
  if (o.filter === undefined) process.files.writeFile(path, piece)
  else await pipeInto(process, o.filter, path, piece)
}

/** --filter: a shell gets the piece, and its name as $FILE. */
async function pipeInto(process: Process, command: string, path: string, piece: Uint8Array): Promise<void> {
  const { reader, writer } = process.pipe()
  const child = process.spawn('/bin/sh', ['sh', '-c', command], { env: new Map([...process.env, ['FILE', path]]), descriptors: new Map([[0, reader]]) })
  reader.release()
  await writer.write(piece)
  writer.release()
  await child.wait()
}

function chunkPieces(input: Uint8Array, { kind, count }: Chunking): Uint8Array[] {
  return kind === 'robin' ? roundRobin(input, count) : chunksOf(input, count, kind === 'lines')
}

function piecesOf(input: Uint8Array, o: Given): Uint8Array[] {
  if (o.bytes !== undefined) return byBytes(input, parseSize(o.bytes) as number)
  if (o.lineBytes !== undefined) return byLineBytes(linesOf(input), parseSize(o.lineBytes) as number)
  const count = parseSize(o.lines ?? '1000') as number
  const lines = linesOf(input)
  return Array.from({ length: Math.ceil(lines.length / count) }, (_, index) => concatBytes(lines.slice(index * count, (index + 1) * count)))
}

function byBytes(input: Uint8Array, step: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(input.length / step) }, (_, index) => input.subarray(index * step, (index + 1) * step))
}

/** Whole lines as far as they fit; a longer line is cut. */
function byLineBytes(lines: readonly Uint8Array[], most: number): Uint8Array[] {
  const out: Uint8Array[] = []
  let held: Uint8Array[] = []
  let size = 0
  const flush = (): void => {
    if (size > 0) out.push(concatBytes(held))
    held = []
    size = 0
  }
  for (const line of lines) {
    if (size + line.length > most) flush()
    const parts = byBytes(line, most)
    const rest = parts.pop() as Uint8Array
    out.push(...parts)
    held.push(rest)
    size += rest.length
  }
  flush()
  return out
}

export function linesOf(bytes: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = []
  let from = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
    out.push(bytes.subarray(from, at + 1))
    from = at + 1
  }
  if (from < bytes.length) out.push(bytes.subarray(from))
  return out
}

/** The suffix of each file; undefined where there are no more. */
function suffixes(o: Given, count: number): (index: number) => string | undefined {
  const [radix, first, digit] = alphabetOf(o)
  const start = Number(first || 0)
  const width = o.suffixLength === undefined ? Math.max(2, Math.ceil(Math.log(Math.max(2, count + start)) / Math.log(radix))) : Number(o.suffixLength)
  return (index) => {
    const value = index + start
    if (value >= radix ** width) return undefined
    return Array.from({ length: width }, (_, place) => digit(Math.floor(value / radix ** (width - 1 - place)) % radix)).join('')
  }
}

function alphabetOf(o: Given): readonly [number, string | undefined, (value: number) => string] {
  if (o.numericShort || o.numeric !== undefined) return [10, o.numeric, String]
  if (o.hexShort || o.hex !== undefined) return [16, o.hex, (value) => value.toString(16)]
  return [26, undefined, (value) => String.fromCharCode(97 + value)]
}

export const splitPrograms: readonly Program[] = [split]
