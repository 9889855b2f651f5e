/** `-o custom-columns=HEADER:PATH,...` */
import { goText, JsonPath, relaxedJsonPath } from '#engine/api/jsonpath/evaluate'
import type { KubeObject } from '#engine/api/object'
import { alignTabs, tableTabs } from '#engine/programs/common/tabwriter/tabwriter'
import { CliError, PrintFailure } from '../session/errors'

export interface CustomColumn {
  readonly header: string
  /** Read when the first object is printed. */
  readonly path: string
}

export function parseCustomColumns(spec: string): CustomColumn[] {
  if (spec === '') throw new CliError('custom-columns format specified but no custom columns given')
  return spec.split(',').map((part) => {
    const colon = part.indexOf(':')
    if (colon < 0) throw new CliError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`)
    return { header: part.slice(0, colon), path: column(part.slice(colon + 1)) }
  })
}

/** Two lines: headers, and paths below them. */
export function parseColumnFile(text: string): CustomColumn[] {
  const lines = text.split('\n')
  const words = (line: string | undefined): string[] => (line ?? '').split(/\s+/).filter((word) => word !== '')
  const format = 'Expected format is one line of space separated headers, one line of space separated column specs.'
  if (text === '') throw new CliError(`invalid template, missing header line. ${format}`)
  if (lines.length < 2 || (lines.length === 2 && lines[1] === '')) throw new CliError(`invalid template, missing spec line. ${format}`)
  const headers = words(lines[0])
  const paths = words(lines[1])
  if (headers.length !== paths.length) throw new CliError(`number of headers (${headers.length}) and field specifications (${paths.length}) don't match`)
  return headers.map((header, index) => ({ header, path: column(paths[index] as string) }))
}

function column(path: string): string {
  return relaxedJsonPath(path)
}

export function customColumnsText(columns: readonly CustomColumn[], objects: readonly KubeObject[], headers: boolean): string {
  const lines = headers ? [columns.map((entry) => entry.header).join('\t')] : []
  const text = (): string => alignTabs(lines.map((line) => `${line}\n`).join(''), tableTabs)
  let paths: readonly JsonPath[] | undefined
  for (const object of objects) {
    try {
      paths ??= columns.map((entry) => new JsonPath(entry.path, { allowMissingKeys: true }))
      lines.push(paths.map((path) => cell(path, object)).join('\t'))
    } catch (error) {
      throw new PrintFailure((error as Error).message, text())
    }
  }
  return text()
}

function cell(path: JsonPath, object: KubeObject): string {
  const results = path.results(object)
  if (results.length === 0 || results[0]?.length === 0) return '<none>'
  return results.flat().map(goText).join(',')
}
