/** The columns that df can show. */
import type { FileSystemUsage } from '#engine/linux/abi/files'
import { type SizeForm, sizeText } from '#engine/programs/coreutils/block-sizes'

export interface DfRow {
  readonly usage: FileSystemUsage
  readonly mount: string
  /** As it was named. */
  readonly file: string
}

export interface DfForm extends SizeForm {
  /** The unit of sizes in the headline: `1K`. */
  readonly label: string
  /** The usual table, whose words are longer than those of --output. */
  readonly long: boolean
  readonly posix: boolean
}

interface Field {
  readonly head: (form: DfForm) => string
  readonly left?: boolean
  readonly least?: number
  readonly value: (row: DfRow, form: DfForm) => string
}

function percent(used: number, total: number): string {
  return total === 0 ? '-' : `${Math.ceil((used / total) * 100)}%`
}

/** Inodes are counted, and only -h and -H shorten them. */
function countText(count: number, form: DfForm): string {
  return form.human || form.si ? sizeText(count, form) : String(count)
}

const scaled = (form: DfForm): boolean => form.human || form.si

const fields: Readonly<Record<string, Field>> = {
  source: { head: () => 'Filesystem', left: true, least: 14, value: ({ usage }) => usage.source },
  fstype: { head: () => 'Type', left: true, value: ({ usage }) => usage.type },
  itotal: { head: () => 'Inodes', least: 5, value: ({ usage }, form) => countText(usage.totalInodes, form) },
  iused: { head: () => 'IUsed', least: 5, value: ({ usage }, form) => countText(usage.usedInodes, form) },
  iavail: { head: () => 'IFree', least: 5, value: ({ usage }, form) => countText(usage.totalInodes - usage.usedInodes, form) },
  ipcent: { head: () => 'IUse%', least: 4, value: ({ usage }) => percent(usage.usedInodes, usage.totalInodes) },
  size: { head: (form) => (scaled(form) ? 'Size' : `${form.label}-blocks`), least: 5, value: ({ usage }, form) => sizeText(usage.totalBytes, form) },
  used: { head: () => 'Used', least: 5, value: ({ usage }, form) => sizeText(usage.usedBytes, form) },
  avail: { head: (form) => (form.long && !scaled(form) ? 'Available' : 'Avail'), least: 5, value: ({ usage }, form) => sizeText(usage.totalBytes - usage.usedBytes, form) },
  pcent: { head: (form) => (form.posix ? 'Capacity' : 'Use%'), least: 4, value: ({ usage }) => percent(usage.usedBytes, usage.totalBytes) },
  file: { head: () => 'File', left: true, value: ({ file }) => file },
  target: { head: () => 'Mounted on', left: true, value: ({ mount }) => mount },
}

export const fieldNames: readonly string[] = Object.keys(fields)

export function fieldTable(rows: readonly DfRow[], names: readonly string[], form: DfForm): string {
  const columns = names.map((name) => fields[name] as Field)
  const lines = [columns.map((column) => column.head(form)), ...rows.map((row) => columns.map((column) => column.value(row, form)))]
  const widths = columns.map((column, index) => Math.max(column.least ?? 0, ...lines.map((line) => (line[index] ?? '').length)))
  const cell = (text: string, index: number): string => {
    if (!columns[index]?.left) return text.padStart(widths[index] as number)
    return index === columns.length - 1 ? text : text.padEnd(widths[index] as number)
  }
  return lines.map((line) => `${line.map(cell).join(' ')}\n`).join('')
}
