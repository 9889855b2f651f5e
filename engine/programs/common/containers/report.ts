/** Lists as tables, by Go templates or as JSON. */
import { alignTabs } from '#engine/programs/common/tabwriter/tabwriter'
import { fixed, parseTemplate, TemplateExecError, type TemplateFunction, TemplateSyntaxError } from '#engine/programs/common/gotemplate/template'

/** A template that cannot be read or used. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
}

export interface Column { readonly title: string; readonly field: string }

export interface ReportOptions {
  readonly minWidth: number
  readonly padding: number
  readonly noHeading?: boolean
  /** Columns of templates without `table` are aligned as well. */
  readonly alignsAll?: boolean
}

export const podmanTable: ReportOptions = { minWidth: 12, padding: 2 }

/** The usual table: each row an object by field names. */
export function tableText(columns: readonly Column[], rows: readonly object[], options: ReportOptions): string {
  const cells = rows.map((row) => columns.map((column) => String((row as Record<string, unknown>)[column.field] ?? '')))
  const all = options.noHeading ? cells : [columns.map((column) => column.title), ...cells]
  if (all.length === 0) return ''
  return `${alignTabs(all.map((row) => row.join('\t')).join('\n'), options)}\n`
}

/** `--format`: a template for each row, with headings where it begins with `table`. */
export function formatRows(format: string, rows: readonly object[], titles: Readonly<Record<string, string>>, options: ReportOptions): string {
  const isTable = format.startsWith('table ')
  const body = (isTable ? format.slice('table '.length) : format).replace(/\\t/g, '\t').replace(/\\n/g, '\n')
  const text = isTable || options.alignsAll ? body.trim().replace(/ +(?=\{\{)/g, '\t') : body
  const lines = rows.map((row) => renderTemplate(text, row))
  const heading = text.replace(/\{\{\s*([^}]*?)\s*\}\}/g, (_, inner: string) => titles[/\.([A-Za-z]+)/.exec(inner)?.[1] ?? ''] ?? (/\.([A-Za-z]+)/.exec(inner)?.[1] ?? '').toUpperCase())
  const all = isTable && !options.noHeading ? [heading, ...lines] : lines
  if (all.length === 0) return ''
  return `${isTable || options.alignsAll || body.includes('\t') ? alignTabs(all.join('\n'), options) : all.join('\n')}\n`
}

const text1 = (work: (text: string) => string): TemplateFunction => fixed(1, (value: unknown) => work(String(value)))

const functions: Readonly<Record<string, TemplateFunction>> = {
  json: fixed(1, (value: unknown) => JSON.stringify(value)),
  join: fixed(2, (items: readonly unknown[], separator: string) => items.map(String).join(separator)),
  split: fixed(2, (text: string, separator: string) => text.split(separator)),
  lower: text1((text) => text.toLowerCase()),
  upper: text1((text) => text.toUpperCase()),
  title: text1((text) => text.charAt(0).toUpperCase() + text.slice(1)),
}

export function renderTemplate(text: string, data: unknown): string {
  try {
    return parseTemplate('', text, { functions }).execute(data)
  } catch (error) {
    if (error instanceof TemplateSyntaxError || error instanceof TemplateExecError) throw new FormatError(error.message)
    throw error
  }
}

/** docker/go-units' words for a span. */
export function humanSpan(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.floor(seconds / 60)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.round(seconds / 3600)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`
  return hours < 24 * 365 * 2 ? `${Math.floor(hours / 24 / 30)} months` : `${Math.floor(hours / 24 / 365)} years`
}


/** `2.22 MB`: three digits, powers of a thousand. */
export function humanSize(bytes: number, separator = ' '): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let index = 0
  while (value >= 1000 && index < names.length - 1) {
    value /= 1000
    index++
  }
  return `${Number(value.toPrecision(3))}${separator}${names[index] ?? ''}`
}
