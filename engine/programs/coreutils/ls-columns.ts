/** Names side by side: in columns, in rows, or with commas. */
export interface Cell {
  readonly text: string
  readonly width: number
}

export function commaLines(cells: readonly Cell[], width: number): string {
  let out = ''
  let at = 0
  cells.forEach((cell, index) => {
    const comma = index < cells.length - 1 ? ',' : ''
    const length = cell.width + (comma === '' ? 0 : 2)
    const wraps = index > 0 && width > 0 && at + length >= width
    out += (index === 0 ? '' : wraps ? '\n' : ' ') + cell.text + comma
    at = (wraps ? 0 : at) + length
  })
  return out === '' ? '' : `${out}\n`
}

/** Blanks from one column to another, with tabs where they reach. */
function indent(from: number, to: number, tabSize: number): string {
  let out = ''
  let at = from
  while (at < to) {
    const tab = tabSize > 0 && Math.floor(to / tabSize) > Math.floor((at + 1) / tabSize)
    out += tab ? '\t' : ' '
    at += tab ? tabSize - (at % tabSize) : 1
  }
  return out
}

interface Grid {
  readonly rows: number
  readonly widths: readonly number[]
}

/** As many columns as fit. */
function fit(cells: readonly Cell[], width: number, down: boolean): Grid {
  const most = width === 0 ? cells.length : Math.max(1, Math.min(cells.length, Math.floor(width / 3)))
  for (let columns = most; ; columns--) {
    const grid = gridOf(cells, columns, down)
    if (columns === 1 || width === 0 || grid.widths.reduce((sum, one) => sum + one, 0) < width) return grid
  }
}

function gridOf(cells: readonly Cell[], columns: number, down: boolean): Grid {
  const rows = Math.ceil(cells.length / columns)
  const widths = new Array<number>(columns).fill(0)
  cells.forEach((cell, index) => {
    const column = down ? Math.floor(index / rows) : index % columns
    widths[column] = Math.max(widths[column] ?? 0, cell.width + (column === columns - 1 ? 0 : 2))
  })
  return { rows, widths }
}

export function columnLines(cells: readonly Cell[], width: number, down: boolean, tabSize: number): string {
  if (cells.length === 0) return ''
  const { rows, widths } = fit(cells, width, down)
  const columns = widths.length
  const place = (row: number, column: number): number => (down ? column * rows + row : row * columns + column)
  const lines = Array.from({ length: rows }, (_, row) => {
    let line = ''
    let at = 0
    for (let column = 0; column < columns; column++) {
      const cell = cells[place(row, column)]
      if (!cell) break
      const end = at + (widths[column] as number)
      const more = column < columns - 1 && cells[place(row, column + 1)] !== undefined
      line += cell.text + (more ? indent(at + cell.width, end, tabSize) : '')
      at = end
    }
    return line
  })
  return `${lines.join('\n')}\n`
}
