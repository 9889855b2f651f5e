/** wc, fold, expand, unexpand, pr. */
import { byteLength } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { decodeLossless } from '#engine/base/lossless'
import { Output, complain, displayWidth, inputChunks, inputLines, print, quote, readInput, readInputText, reason, splitLines } from '#engine/programs/common/gnu'
import { formatDate } from '#engine/shell/builtins/strftime'
import { isBusybox } from '#engine/programs/common/busybox'

interface Counts {
  lines: number
  words: number
  chars: number
  bytes: number
  width: number
}

const wc = defineProgram({
  name: 'wc',
  flags: { bytes: flag('-c', '--bytes'), chars: flag('-m', '--chars'), lines: flag('-l', '--lines'), width: flag('-L', '--max-line-length'), words: flag('-w', '--words'), files0: option('--files0-from') },
  async run(process, o) {
    const chosen = ([['lines', o.lines], ['words', o.words], ['chars', o.chars], ['bytes', o.bytes], ['width', o.width]] as const).filter(([, on]) => on).map(([key]) => key)
    const columns = chosen.length > 0 ? chosen : (['lines', 'words', 'bytes'] as const)
    const names = await namesOf(process, o.files0, o.operands)
    if (!names) return 1
    const width = fieldWidth(process, names, columns.length)
    const total: Counts = { lines: 0, words: 0, chars: 0, bytes: 0, width: 0 }
    let status = 0
    for (const name of names.length > 0 ? names : ['-']) {
      let counts: Counts
      try {
        counts = o.chars || o.width ? countBytes(await readInput(process, name)) : await countStream(process, name)
      } catch (error) {
        await complain(process, `${name}: ${reason(error)}`)
        status = 1
        if (!isErrno(error, 'EISDIR')) continue
        counts = { lines: 0, words: 0, chars: 0, bytes: 0, width: 0 }
      }
      for (const key of ['lines', 'words', 'chars', 'bytes'] as const) total[key] += counts[key]
      total.width = Math.max(total.width, counts.width)
      await print(process, `${columns.map((key) => String(counts[key]).padStart(width)).join(' ')}${names.length > 0 ? ` ${name}` : ''}\n`)
    }
    if (names.length > 1) await print(process, `${columns.map((key) => String(total[key]).padStart(width)).join(' ')} total\n`)
    return status
  },
})

/** The operands, or the list in the file that --files0-from names. */
async function namesOf(process: Process, list: string | undefined, operands: readonly string[]): Promise<readonly string[] | undefined> {
  if (list === undefined) return operands
  try {
    return splitLines(await readInputText(process, list), '\0')
  } catch (error) {
    await complain(process, `cannot open '${list}' for reading: ${reason(error)}`)
    return undefined
  }
}

/** GNU pads to the digits of the summed sizes; 7 where a size cannot be known before. */
function fieldWidth(process: Process, names: readonly string[], columns: number): number {
  if (isBusybox(process)) return columns === 1 ? 1 : 9
  if (names.length <= 1 && columns === 1) return 1
  let minimum = 1
  let total = 0
  for (const name of names.length > 0 ? names : ['-']) {
    const stat = name === '-' ? process.descriptors().get(0)?.stat() : quietStat(process, name)
    if (!stat) continue
    if (stat.type === 'file') total += stat.size
    else minimum = 7
  }
  return Math.max(minimum, String(total).length)
}

function quietStat(process: Process, name: string): { type: string; size: number } | undefined {
  try {
    return process.files.exists(name)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** Lines, words and bytes as they come: a word is what has something to see between blanks. */
async function countStream(process: Process, name: string): Promise<Counts> {
  const counts: Counts = { lines: 0, words: 0, chars: 0, bytes: 0, width: 0 }
  let inWord = false
  for await (const chunk of inputChunks(process, name)) {
    counts.bytes += chunk.length
    for (const byte of chunk) {
      if (byte === 10) counts.lines++
      if (byte === 32 || (byte >= 9 && byte <= 13)) inWord = false
      else if (!inWord && byte > 32 && byte !== 127) {
        inWord = true
        counts.words++
      }
    }
  }
  return counts
}

function countBytes(bytes: Uint8Array): Counts {
  const text = decodeLossless(bytes)
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  const words = text.match(/[^\s\udc80-\udcff]+[^\s]*|[\udc80-\udcff]+[^\s\udc80-\udcff]+\S*/g)?.length ?? 0
  let chars = 0
  for (const c of text) if (!/[\udc80-\udcff]/.test(c)) chars++
  let width = 0
  for (const line of text.split('\n')) width = Math.max(width, ...line.split(/[\r\f]/).map((part) => displayWidth(expandTabs(part, [8]).replace(/[\x00-\x1f\x7f]/g, ''))))
  return { lines, words, chars, bytes: bytes.length, width }
}

const fold = defineProgram({
  name: 'fold',
  flags: { bytes: flag('-b', '--bytes'), spaces: flag('-s', '--spaces'), width: option('-w', '--width') },
  rewrite: (args) => args.map((arg) => (/^-\d+$/.test(arg) ? `-w${arg.slice(1)}` : arg)),
  async run(process, o) {
    const width = Number(o.width ?? 80)
    if (!/^\d+$/.test(o.width ?? '80') || width < 1) {
      await complain(process, `invalid number of columns: ${quote(process, o.width ?? '')}${/^0+$/.test(o.width ?? '') ? ': Numerical result out of range' : ''}`)
      return 1
    }
    let status = 0
    for (const name of o.operands.length > 0 ? o.operands : ['-']) {
      try {
        for await (const line of inputLines(process, name)) await print(process, foldLine(line, width, o.spaces))
      } catch (error) {
        await complain(process, `${name}: ${reason(error)}`)
        status = 1
      }
    }
    return status
  },
})

function foldLine(line: string, width: number, spaces: boolean): string {
  let out = ''
  let current = ''
  let column = 0
  for (const c of line) {
    if (c === '\n') {
      out += `${current}\n`
      return out
    }
    let next = c === '\t' ? column + 8 - (column % 8) : c === '\b' ? Math.max(0, column - 1) : c === '\r' ? 0 : column + byteLength(c)
    if (next > width && current !== '') {
      const blank = spaces ? Math.max(current.lastIndexOf(' '), current.lastIndexOf('\t')) : -1
      if (blank >= 0) {
        out += `${current.slice(0, blank + 1)}\n`
        current = current.slice(blank + 1)
      } else {
        out += `${current}\n`
        current = ''
      }
      column = displayWidth(current)
      next = c === '\t' ? column + 8 - (column % 8) : column + 1
    }
    current += c
    column = next
  }
  return out + current
}

function tabStops(text: string | undefined): number[] {
  return (text ?? '8').split(/[, ]/).map(Number)
}

/** The complaint about wrong tab stops, or undefined. */
function withTabs(process: Process, text: string | undefined): Promise<number> | undefined {
  const bad = /[^\d, +/].*$/.exec(text ?? '')?.[0]
  const problem = bad !== undefined ? `tab size contains invalid character(s): ${quote(process, bad)}` : text !== undefined && /(^|[, ])0+([, ]|$)/.test(text) ? 'tab size cannot be 0' : undefined
  return problem === undefined ? undefined : complain(process, problem).then(() => 1)
}

function nextStop(column: number, stops: readonly number[]): number {
  if (stops.length === 1) return column + (stops[0] as number) - (column % (stops[0] as number))
  return stops.find((stop) => stop > column) ?? column + 1
}

export function expandTabs(line: string, stops: readonly number[], initialOnly = false): string {
  let out = ''
  let column = 0
  let initial = true
  for (const c of line) {
    if (c === '\t' && (initial || !initialOnly)) {
      const stop = nextStop(column, stops)
      out += ' '.repeat(stop - column)
      column = stop
    } else {
      if (c !== ' ') initial = false
      out += c
      column += c === '\b' ? -1 : displayWidth(c)
    }
  }
  return out
}

const digitsAsTabs = (args: readonly string[]): readonly string[] => args.map((arg) => (/^-\d[\d,]*$/.test(arg) ? `-t${arg.slice(1)}` : arg))

const expand = defineProgram({
  name: 'expand',
  flags: { initial: flag('-i', '--initial'), tabs: option('-t', '--tabs') },
  rewrite: digitsAsTabs,
  run: (process, o) => withTabs(process, o.tabs) ?? eachLine(process, o.operands, (line) => expandTabs(line, tabStops(o.tabs), o.initial)),
})

const unexpand = defineProgram({
  name: 'unexpand',
  flags: { all: flag('-a', '--all'), firstOnly: flag('--first-only'), tabs: option('-t', '--tabs') },
  rewrite: digitsAsTabs,
  run: (process, o) => withTabs(process, o.tabs) ?? eachLine(process, o.operands, (line) => unexpandLine(line, tabStops(o.tabs), (o.all || o.tabs !== undefined) && !o.firstOnly)),
})

function unexpandLine(line: string, stops: readonly number[], all: boolean): string {
  let out = ''
  let column = 0
  let pending = ''
  let initial = true
  for (const c of line) {
    if ((c === ' ' || c === '\t') && (initial || all)) {
      const stop = nextStop(column, stops)
      if (c === '\t') {
        out += '\t'
        pending = ''
        column = stop
      } else {
        pending += ' '
        column++
        if (column === stop) {
          out += pending.length > 1 || initial ? '\t' : pending
          pending = ''
        }
      }
      continue
    }
    out += pending + c
    pending = ''
    column += displayWidth(c)
    initial = false
  }
  return out + pending
}

async function eachLine(process: Process, operands: readonly string[], change: (line: string) => string): Promise<number> {
  let status = 0
  const out = new Output(process)
  for (const name of operands.length > 0 ? operands : ['-']) {
    try {
      for await (const line of inputLines(process, name)) await out.write(change(line.replace(/\n$/, '')) + (line.endsWith('\n') ? '\n' : ''))
    } catch (error) {
      await out.flush()
      await complain(process, `${name}: ${reason(error)}`)
      status = 1
    }
  }
  await out.flush()
  return status
}

/** Columns and headers; of pr's many other forms none. */
const pr = defineProgram({
  name: 'pr',
  unsupported: 'page ranges, double spacing, merging and numbering are missing',
  flags: { omitHeader: flag('-t', '--omit-header'), omitPagination: flag('-T', '--omit-pagination'), length: option('-l', '--length'), header: option('-h', '--header'), columns: option('--columns'), width: option('-w', '--width'), across: flag('-a', '--across'), separator: option('-s') },
  rewrite: (args) => args.map((arg) => (/^-\d+$/.test(arg) ? `--columns=${arg.slice(1)}` : arg)),
  run: (process, o) => (/^\d+$/.test(o.length ?? '66') ? paginate(process, o) : complain(process, `'-l PAGE_LENGTH' invalid number of lines: ${quote(process, o.length ?? '')}`).then(() => 1)),
})

interface PageOptions {
  readonly omitHeader: boolean
  readonly omitPagination: boolean
  readonly length: string | undefined
  readonly header: string | undefined
  readonly columns: string | undefined
  readonly width: string | undefined
  readonly across: boolean
  readonly operands: readonly string[]
}

async function paginate(process: Process, o: PageOptions): Promise<number> {
  const columns = Number(o.columns ?? 1)
  const width = Number(o.width ?? 72)
  const length = Number(o.length ?? 66)
  const bare = o.omitHeader || o.omitPagination || length <= 10
  const rows = bare ? length : length - 10
  for (const name of o.operands.length > 0 ? o.operands : ['-']) {
    let lines: string[]
    try {
      lines = splitLines(await readInputText(process, name))
    } catch (error) {
      await complain(process, `${name}: ${reason(error)}`)
      return 1
    }
    const column = Math.floor((width - (columns - 1)) / columns)
    for (let start = 0, page = 1; start < lines.length; start += rows * columns, page++) {
      const body = lines.slice(start, start + rows * columns)
      if (!bare) await print(process, `\n\n${header(process, name, o.header, page)}\n\n\n`)
      const height = columns === 1 ? body.length : Math.ceil(body.length / columns)
      for (let row = 0; row < height; row++) {
        const cells = Array.from({ length: columns }, (_, index) => body[o.across ? row * columns + index : index * height + row]).filter((cell) => cell !== undefined)
        await print(process, `${columns === 1 ? (cells[0] ?? '') : tabbed(cells.map((cell) => cell.slice(0, column)), column + 1)}\n`)
      }
      if (!bare) await print(process, '\n'.repeat(rows - height + 5))
    }
  }
  return 0
}

/** Cells at multiples of `step`, with tabs where they reach. */
function tabbed(cells: readonly string[], step: number): string {
  let out = ''
  let column = 0
  cells.forEach((cell, index) => {
    const target = index * step
    while (column < target && index > 0) {
      const stop = column + 8 - (column % 8)
      if (stop <= target && target - column > 1) {
        out += '\t'
        column = stop
      } else {
        out += ' '
        column++
      }
    }
    out += cell
    column += displayWidth(cell)
  })
  return out
}

function header(process: Process, name: string, given: string | undefined, page: number): string {
  const stamp = formatDate('%Y-%m-%d %H:%M', name === '-' ? process.clock.now() : process.files.stat(name).mtimeMs, 0, 'UTC')
  const title = given ?? (name === '-' ? '' : name)
  const right = `Page ${page}`
  const space = Math.max(0, 72 - stamp.length - title.length - right.length)
  return `${stamp}${' '.repeat(Math.floor(space / 2))}${title}${' '.repeat(Math.ceil(space / 2))}${right}`
}

export const shapePrograms: readonly Program[] = [wc, fold, expand, unexpand, pr]
