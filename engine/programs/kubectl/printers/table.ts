/** Tables as the server makes them, in columns. */
import type { KubeObject } from '#engine/api/object'
import { goText } from '#engine/api/jsonpath/evaluate'
import { alignTabs, tableTabs } from '#engine/programs/common/tabwriter/tabwriter'

export interface TableColumn {
  readonly name: string
  readonly type: string
  readonly format?: string
  readonly priority?: number
}

export interface TableRow {
  readonly cells: readonly unknown[]
  readonly object?: KubeObject
}

export interface Table {
  readonly columnDefinitions: readonly TableColumn[]
  readonly rows: readonly TableRow[]
}

export interface TableOptions {
  readonly wide?: boolean
  readonly noHeaders?: boolean
  readonly withNamespace?: boolean
  /** `pod`, `deployment.apps`: put before names. */
  readonly kind?: string
  readonly showLabels?: boolean
  readonly labelColumns?: readonly string[]
}

/** Prints tables one after another, repeating no headers for the same columns. */
export class TablePrinter {
  private lastColumns: readonly TableColumn[] | undefined
  private printedHeaders = false
  private readonly remembered: number[] = []

  constructor(
    private readonly options: TableOptions,
    private readonly remember = false,
  ) {}

  /** Tab-separated lines. */
  lines(table: Table, event?: string): string {
    const known = table.columnDefinitions.length === 0 || sameColumns(table.columnDefinitions, this.lastColumns)
    const noHeaders = this.options.noHeaders || (this.printedHeaders && known)
    const columns = table.columnDefinitions.length === 0 ? (this.lastColumns ?? []) : table.columnDefinitions
    if (!known) {
      this.lastColumns = table.columnDefinitions
      this.printedHeaders = false
    }
    if (table.rows.length > 0) this.printedHeaders = true
    return tableLines({ columnDefinitions: columns, rows: table.rows }, { ...this.options, noHeaders }, event)
  }

  align(lines: string): string {
    return alignTabs(lines, this.remember ? { ...tableTabs, remembered: this.remembered } : tableTabs)
  }

  text(table: Table, event?: string): string {
    return this.align(this.lines(table, event))
  }
}

function sameColumns(a: readonly TableColumn[], b: readonly TableColumn[] | undefined): boolean {
  return b !== undefined && (a === b || (a.length === b.length && a.every((column, index) => column.name === b[index]?.name && column.priority === b[index]?.priority)))
}

function tableLines(table: Table, options: TableOptions, event?: string): string {
  if (table.rows.length === 0) return ''
  const shown = table.columnDefinitions.map((column) => options.wide || !column.priority)
  const lines: string[] = []
  if (!options.noHeaders) lines.push(headers(table, shown, options, event !== undefined).join('\t'))
  const nameAt = options.kind === undefined ? -1 : table.columnDefinitions.findIndex((column) => column.format === 'name' && column.type === 'string')
  for (const row of table.rows) {
    const cells = event === undefined ? [] : [event.padEnd(8)]
    if (options.withNamespace) cells.push(row.object?.metadata.namespace ?? '')
    row.cells.forEach((cell, index) => {
      if (shown[index]) cells.push((index === nameAt ? `${options.kind as string}/` : '') + cellText(cell))
    })
    cells.push(...labelCells(row.object?.metadata.labels ?? {}, options))
    lines.push(cells.join('\t'))
  }
  return lines.map((line) => `${line}\n`).join('')
}

function headers(table: Table, shown: readonly boolean[], options: TableOptions, event: boolean): string[] {
  const names = table.columnDefinitions.filter((_, index) => shown[index]).map((column) => column.name.toUpperCase())
  const labels = (options.labelColumns ?? []).map((label) => (label.split('/').pop() as string).toUpperCase())
  return [...(event ? ['EVENT'] : []), ...(options.withNamespace ? ['NAMESPACE'] : []), ...names, ...labels, ...(options.showLabels ? ['LABELS'] : [])]
}

function labelCells(labels: Readonly<Record<string, string>>, options: TableOptions): string[] {
  const cells = (options.labelColumns ?? []).map((label) => labels[label] ?? '')
  if (options.showLabels) cells.push(formatLabels(labels))
  return cells
}

export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? '<none>' : pairs.join(',')
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell !== 'string') return goText(cell)
  const at = cell.search(/[\f\n\r]/)
  const text = at < 0 ? cell : `${cell.slice(0, at)}...`
   
  return text.includes('\x1b') ? text.replaceAll('\x1b', '^[') : text
}
