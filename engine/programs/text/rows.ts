/** Lines of text as rows of a screen: tabs, control characters, colours, what was searched for. */
import { displayWidth } from '#engine/programs/common/gnu'

export interface Cell {
  readonly text: string
  readonly width: number
}

/** The cells of a line; with `raw` colours pass through. */
export function cellsOf(line: string, raw: boolean, pattern?: RegExp): Cell[] {
  const found = pattern ? matches(line, pattern) : []
  const cells: Cell[] = []
  let column = 0
  for (let i = 0; i < line.length;) {
    const colour = raw ? /^\x1b\[[0-9;]*[mK]/.exec(line.slice(i, i + 32)) : null
    if (colour) {
      cells.push({ text: colour[0], width: 0 })
      i += colour[0].length
      continue
    }
    const c = String.fromCodePoint(line.codePointAt(i) as number)
    const cell = cellOf(c, column)
    const lit = found.some(([from, to]) => i >= from && i < to)
    cells.push(lit ? { text: `\x1b[7m${cell.text}\x1b[27m`, width: cell.width } : cell)
    column += cell.width
    i += c.length
  }
  return cells
}

function cellOf(c: string, column: number): Cell {
  if (c === '\t') return { text: ' '.repeat(8 - (column % 8)), width: 8 - (column % 8) }
  if (c === '\x1b') return { text: '\x1b[7mESC\x1b[27m', width: 3 }
  if (c < ' ' || c === '\x7f') return { text: `\x1b[7m^${c === '\x7f' ? '?' : String.fromCharCode(c.charCodeAt(0) + 64)}\x1b[27m`, width: 2 }
  return { text: c, width: displayWidth(c) }
}

function matches(line: string, pattern: RegExp): [from: number, to: number][] {
  const all = new RegExp(pattern.source, [...new Set(`${pattern.flags}g`)].join(''))
  return [...line.matchAll(all)].filter((match) => match[0] !== '').map((match) => [match.index, match.index + match[0].length])
}

/** Cells in rows of so many columns; chopped, only the first. */
export function rowsOf(cells: readonly Cell[], width: number, chop: boolean): string[] {
  const rows: string[] = []
  let row = ''
  let column = 0
  for (const cell of cells) {
    if (column + cell.width > width) {
      rows.push(row)
      if (chop) return rows
      row = ''
      column = 0
    }
    row += cell.text
    column += cell.width
  }
  rows.push(row)
  return rows
}
