/** Tables, JSON and YAML as helm prints them. */
import { emitYaml } from '#engine/base/yaml/emit'
import { type Flag, type Flags, string } from '#engine/programs/common/cobra/flags'

export const outputFlag: Flag = string('output,o', 'prints the output in the specified format. Allowed values: table, json, yaml', {
  default: 'table', defaultText: 'table', typeName: 'format',
  check: (value) => (['table', 'json', 'yaml'].includes(value) ? undefined : 'invalid format type'),
})

/** `table` is asked for its text only where a table is wanted. */
export function formatted(flags: Flags, value: () => unknown, table: () => string): string {
  const format = flags.string('output')
  if (format === 'json') return `${goJson(value())}\n`
  if (format === 'yaml') return emitYaml(value())
  return table()
}

/** encoding/json's text: no spaces, `<`, `>` and `&` escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value ?? null).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export interface TableOptions {
  /** What is longer is cut; 0: nothing is. */
  readonly maxWidth?: number
}

/** Columns as wide as their widest line, parted by tabs; a text of several lines is cut to the width of its widest line. */
export function textTable(rows: readonly (readonly string[])[], { maxWidth = 0 }: TableOptions = {}): string {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, column) => {
      const width = Math.max(...cell.split('\n').map(widthOf))
      widths[column] = Math.max(widths[column] ?? 0, maxWidth > 0 ? Math.min(width, maxWidth) : width)
    })
  const lines = rows.map((row) => row.map((cell, column) => resized(cell, widths[column] as number)).join('\t'))
  return `${lines.join('\n')}\n`
}

/** Control characters take no room. */
const takesRoom = (char: string): boolean => char >= ' '

function widthOf(text: string): number {
  return [...text].filter(takesRoom).length
}

function resized(cell: string, width: number): string {
  const own = widthOf(cell)
  if (own <= width) return cell + ' '.repeat(width - own)
  let out = ''
  let taken = 0
  for (const char of cell) {
    out += char
    if (takesRoom(char)) taken++
    if (taken >= width - 3) break
  }
  return `${out}...`
}
