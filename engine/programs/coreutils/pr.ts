/** pr: pages with headers, columns and numbers. */
import type { Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option, optional } from '#engine/linux/abi/flags'
import { displayWidth, print, quote, readInputText, splitLines } from '#engine/programs/common/gnu'
import { attempt, fail, forEachInput } from '#engine/programs/common/operands'
import { formatDate } from '#engine/shell/builtins/strftime'

const prFlags = {
  omitHeader: flag('-t', '--omit-header'), omitPagination: flag('-T', '--omit-pagination'), length: option('-l', '--length'), header: option('-h', '--header'), columns: option('--columns'), width: option('-w', '--width'), across: flag('-a', '--across'),
  separator: optional('-s', '--separator'), merge: flag('-m', '--merge'), number: optional('-n', '--number-lines'), double: flag('-d', '--double-space'), indent: option('-o', '--indent'), formFeed: flag('-f', '-F', '--form-feed'),
} as const

const pr = defineProgram({
  name: 'pr',
  unsupported: 'page ranges, joined lines and control characters are missing',
  flags: prFlags,
  rewrite: (args) => args.map((arg) => (/^-\d+$/.test(arg) ? `--columns=${arg.slice(1)}` : arg)),
  async run(process, o) {
    const length = o.length ?? '66'
    if (!/^[1-9]\d*$/.test(length)) return fail(process, `'-l PAGE_LENGTH' invalid number of lines: ${quote(process, length)}`)
    const layout = layoutOf(o, Number(length))
    if (o.merge) return merged(process, o.operands, layout)
    return forEachInput(process, o.operands, async (name) => pages(process, name, numbered(splitLines(await readInputText(process, name)), layout), layout))
  },
})

interface Layout {
  readonly bare: boolean
  /** Lines of text on a page. */
  readonly rows: number
  readonly columns: number
  readonly width: number
  readonly across: boolean
  readonly separator: string | undefined
  readonly number: { readonly mark: string; readonly digits: number } | undefined
  readonly double: boolean
  readonly indent: string
  readonly header: string | undefined
}

interface Given {
  readonly omitHeader: boolean
  readonly omitPagination: boolean
  readonly columns: string | undefined
  readonly width: string | undefined
  readonly across: boolean
  readonly separator: string | undefined
  readonly number: string | undefined
  readonly double: boolean
  readonly indent: string | undefined
  readonly header: string | undefined
}

function layoutOf(o: Given, length: number): Layout {
  const bare = o.omitHeader || o.omitPagination || length <= 10
  return {
    bare, rows: bare ? length : length - 10, columns: Number(o.columns ?? 1), width: Number(o.width ?? 72), across: o.across, separator: o.separator === '' ? '\t' : o.separator, number: numberingOf(o.number),
    double: o.double, indent: ' '.repeat(Number(o.indent ?? 0)), header: o.header,
  }
}

/** `-n[SEP[DIGITS]]`. */
function numberingOf(text: string | undefined): Layout['number'] {
  if (text === undefined) return undefined
  const match = /^(\D?)(\d*)$/.exec(text)
  return { mark: match?.[1] || '\t', digits: Number(match?.[2] || 5) }
}

function numbered(lines: readonly string[], { number }: Layout): readonly string[] {
  if (!number) return lines
  return lines.map((line, index) => `${String(index + 1).padStart(number.digits)}${number.mark}${line}`)
}

async function pages(process: Process, name: string, lines: readonly string[], layout: Layout): Promise<void> {
  const perPage = layout.rows * layout.columns
  for (let start = 0, page = 1; start < lines.length; start += perPage, page++) {
    const body = lines.slice(start, start + perPage)
    const height = layout.columns === 1 ? body.length : Math.ceil(body.length / layout.columns)
    const rows = Array.from({ length: height }, (_, row) => rowText(cellsOf(body, row, height, layout), layout))
    await onePage(process, name, rows, page, layout)
  }
}

async function onePage(process: Process, name: string, rows: readonly string[], page: number, layout: Layout): Promise<void> {
  if (!layout.bare) await print(process, `\n\n${header(process, name, layout.header, page)}\n\n\n`)
  for (const row of rows) await print(process, `${layout.indent}${row}\n${layout.double ? '\n' : ''}`)
  if (!layout.bare) await print(process, '\n'.repeat(Math.max(0, layout.rows - rows.length * (layout.double ? 2 : 1)) + 5))
}

function cellsOf(body: readonly string[], row: number, height: number, { columns, across }: Layout): string[] {
  return Array.from({ length: columns }, (_, index) => body[across ? row * columns + index : index * height + row]).filter((cell) => cell !== undefined)
}

function rowText(cells: readonly string[], { columns, width, separator }: Layout): string {
  if (columns === 1) return cells[0] ?? ''
  if (separator !== undefined) return cells.join(separator)
  const column = Math.floor((width - (columns - 1)) / columns)
  return tabbed(cells.map((cell) => cell.slice(0, column)), column + 1)
}

/** Files side by side. */
async function merged(process: Process, operands: readonly string[], given: Layout): Promise<number> {
  const texts: (readonly string[])[] = []
  let status = 0
  for (const name of operands) if (!(await attempt(process, name, async () => void texts.push(splitLines(await readInputText(process, name)))))) status = 1
  const layout: Layout = { ...given, columns: texts.length }
  const height = Math.max(0, ...texts.map((lines) => lines.length))
  for (let start = 0, page = 1; start < height; start += layout.rows, page++) {
    const rows = Array.from({ length: Math.min(layout.rows, height - start) }, (_, row) => rowText(texts.map((lines) => lines[start + row] ?? ''), layout))
    await onePage(process, '-', rows, page, layout)
  }
  return status
}

/** Cells at multiples of `step`, with tabs where they reach. */
function tabbed(cells: readonly string[], step: number): string {
  let out = ''
  let column = 0
  cells.forEach((cell, index) => {
    const gap = index === 0 ? '' : blanks(column, index * step)
    out += gap + cell
    column = Math.max(column, index * step) + displayWidth(cell)
  })
  return out
}

function blanks(from: number, to: number): string {
  let out = ''
  let column = from
  while (column < to) {
    const stop = column + 8 - (column % 8)
    const tab = stop <= to && to - column > 1
    out += tab ? '\t' : ' '
    column = tab ? stop : column + 1
  }
  return out
}

function header(process: Process, name: string, given: string | undefined, page: number): string {
  const stamp = formatDate('%Y-%m-%d %H:%M', name === '-' ? process.clock.now() : process.files.stat(name).mtimeMs, 0, 'UTC')
  const title = given ?? (name === '-' ? '' : name)
  const right = `Page ${page}`
  const space = Math.max(0, 72 - stamp.length - title.length - right.length)
  return `${stamp}${' '.repeat(Math.floor(space / 2))}${title}${' '.repeat(Math.ceil(space / 2))}${right}`
}

export const prPrograms: readonly Program[] = [pr]
