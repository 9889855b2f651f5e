export interface TabOptions {
  readonly minWidth: number
  readonly padding: number
  /** Kept from block to block (kubectl's remembered widths in a watch). */
  readonly remembered?: number[]
}

/** kubectl's tables. */
export const tableTabs: TabOptions = { minWidth: 6, padding: 3 }
/** kubectl's describers. */
export const describeTabs: TabOptions = { minWidth: 0, padding: 2 }

/** Aligns the tab-separated cells of a text. */
export function alignTabs(text: string, options: TabOptions): string {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const widths: number[][] = lines.map(() => [])
  block(lines, widths, 0, lines.length, 0, options)
  return lines.map((cells, row) => cells.map((cell, column) => (column < cells.length - 1 ? pad(cell, widths[row]?.[column] ?? 0) : cell)).join('')).join('\n')
}

function block(lines: readonly string[][], widths: number[][], from: number, to: number, column: number, options: TabOptions): void {
  for (let row = from; row < to; row++) {
    if (column >= (lines[row] as string[]).length - 1) continue
    let end = row
    let width = options.minWidth
    for (; end < to && column < (lines[end] as string[]).length - 1; end++) width = Math.max(width, cellWidth((lines[end] as string[])[column] as string) + options.padding)
    if (options.remembered) {
      width = Math.max(width, options.remembered[column] ?? 0)
      options.remembered[column] = width
    }
    for (let line = row; line < end; line++) (widths[line] as number[])[column] = width
    block(lines, widths, row, end, column + 1, options)
    row = end
  }
}

function cellWidth(cell: string): number {
  let width = 0
  for (const char of cell) width += char === '' ? 0 : 1
  return width
}

function pad(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - cellWidth(cell)))
}
