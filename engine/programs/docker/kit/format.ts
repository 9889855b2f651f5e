/** `--format`: tables, templates and JSON over rows; and over the documents of inspect. */
import type { Process } from '#engine/linux/abi/process'
import { fixed, parseTemplate, TemplateExecError, type TemplateFunction, TemplateSyntaxError, variadic } from '#engine/programs/common/gotemplate/template'
import { GoStruct, goPrint } from '#engine/programs/common/gotemplate/values'
import { alignTabs } from '#engine/programs/common/tabwriter/tabwriter'
import { DockerFailure } from './api'

/** What a template may ask of a row, by name. Functions take arguments (`.Label "x"`). */
export type Row = Readonly<Record<string, unknown>>

export interface Listing {
  /** `*formatter.ContainerContext`: told where a template asks for what is not there. */
  readonly type: string
  /** Headings by field. */
  readonly columns: Readonly<Record<string, string>>
  /** The usual table, and what `-q` prints. */
  readonly table: string
  readonly quiet?: string
}

const tabs = { minWidth: 10, padding: 3 }

const functions: Readonly<Record<string, TemplateFunction>> = {
  json: fixed(1, (value: unknown) => goJson(value)),
  join: fixed(2, (list: readonly string[], separator: string) => (list ?? []).join(separator)),
  lower: fixed(1, (text: unknown) => String(text).toLowerCase()),
  upper: fixed(1, (text: unknown) => String(text).toUpperCase()),
  title: fixed(1, (text: unknown) => String(text).replace(/\b\w/g, (letter) => letter.toUpperCase())),
  split: fixed(2, (text: string, separator: string) => text.split(separator)),
  pad: fixed(3, (text: string, before: number, after: number) => (text === '' ? text : `${' '.repeat(Number(before))}${text}${' '.repeat(Number(after))}`)),
  truncate: fixed(2, (text: string, length: number) => text.slice(0, Number(length))),
  println: variadic(0, (...values: unknown[]) => `${values.map((value) => goPrint(value)).join(' ')}\n`),
}

export function goJson(value: unknown): string {
  return JSON.stringify(value ?? null).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
}

/** Prints rows by the format given; '' is the usual table. */
export async function printRows(process: Process, listing: Listing, rows: readonly Row[], options: { format: string; quiet?: boolean; noTrunc?: boolean; header?: boolean }): Promise<number> {
  await process.stdout.write(rowsText(listing, rows, options))
  return 0
}

export function rowsText(listing: Listing, rows: readonly Row[], { format, quiet }: { format: string; quiet?: boolean }): string {
  const own = format === '' || format === 'table'
  if (quiet && own) return rows.map((row) => `${template(listing.quiet ?? '{{.ID}}')(structOf(listing, row))}\n`).join('')
  if (quiet && format.startsWith('table')) return rowsText(listing, rows, { format: listing.quiet ?? '{{.ID}}' })
  const text = own ? listing.table : format === 'json' ? '{{json .}}' : unescaped(format)
  if (!text.startsWith('table')) {
    const print = template(text)
    return rows.map((row) => `${print(structOf(listing, row))}\n`).join('')
  }
  const print = template(text.slice(5).trim())
  const heading = template(text.slice(5).trim().replace(/\{\{\s*json\s+/g, '{{'))(listing.columns)
  return alignTabs(`${heading}\n${rows.map((row) => `${print(structOf(listing, row))}\n`).join('')}`, tabs)
}

function structOf(listing: Listing, row: Row): GoStruct {
  return new GoStruct(listing.type, row)
}

/** On the command line `\t` and `\n` stand for a tab and a newline. */
function unescaped(format: string): string {
  return format.replaceAll('\\t', '\t').replaceAll('\\n', '\n')
}

function template(text: string): (data: unknown) => string {
  try {
    const parsed = parseTemplate('', text, { functions })
    return (data) => {
      try {
        return parsed.execute(data)
      } catch (error) {
        if (!(error instanceof TemplateExecError)) throw error
        throw new DockerFailure(`template parsing error: ${error.message}`)
      }
    }
  } catch (error) {
    if (!(error instanceof TemplateSyntaxError)) throw error
    throw new DockerFailure(`template parsing error: ${error.message}`)
  }
}

/** A document by a template of inspect; it may name what only the API's own JSON has. */
export function documentText(document: unknown, format: string): string {
  const text = unescaped(format)
  let parsed
  try {
    parsed = parseTemplate('', text, { functions, missingKey: 'error' })
  } catch (error) {
    if (!(error instanceof TemplateSyntaxError)) throw error
    throw new DockerFailure(`template parsing error: ${error.message}`, 64)
  }
  if (!text.includes('json')) {
    try {
      return parsed.execute(typed(document))
    } catch (error) {
      if (!(error instanceof TemplateExecError)) throw error
    }
  }
  try {
    return parsed.execute(document)
  } catch (error) {
    if (!(error instanceof TemplateExecError)) throw error
    throw new DockerFailure(`template parsing error: ${error.message}`)
  }
}

const slices = new Set(['Cmd', 'Entrypoint', 'Env', 'OnBuild', 'Binds', 'CapAdd', 'CapDrop', 'Dns', 'DnsOptions', 'DnsSearch', 'ExtraHosts', 'GroupAdd', 'Links', 'SecurityOpt', 'VolumesFrom', 'ExecIDs', 'Aliases', 'RepoTags', 'RepoDigests', 'Mounts', 'Devices', 'Ulimits', 'MaskedPaths', 'ReadonlyPaths'])
const maps = new Set(['Labels', 'Volumes', 'ExposedPorts', 'Options', 'DriverOpts', 'PortBindings', 'Ports'])
const sets = new Set(['Volumes', 'ExposedPorts'])
const nothing = new GoStruct('struct {}', {}, { text: () => '{}', json: () => ({}) })

/** What is a struct in Go's own types, by the name of its field. */
const structs = new Set(['RestartPolicy', 'LogConfig', 'State', 'Config', 'HostConfig', 'NetworkSettings', 'GraphDriver', 'RootFS', 'Metadata', 'IPAM', 'ConfigFrom', 'Health'])
const mountFields = ['Type', 'Name', 'Source', 'Destination', 'Driver', 'Mode', 'RW', 'Propagation']

function struct(type: string, fields: Readonly<Record<string, unknown>>): GoStruct {
  return new GoStruct(type, fields, { text: () => `{${Object.values(fields).map((value) => goPrint(value)).join(' ')}}` })
}

/** Go's own types print otherwise than their JSON: nil lists and maps, structs, and empty structs as values of sets. */
function typed(value: unknown, key = ''): unknown {
  if (value === null) return slices.has(key) ? [] : maps.has(key) ? {} : null
  if (Array.isArray(value)) return value.map((item) => typed(item, key === 'Mounts' ? 'Mount' : ''))
  if (typeof value !== 'object') return value
  const given = value as Readonly<Record<string, unknown>>
  if (key === 'Mount') return struct('types.MountPoint', Object.fromEntries(mountFields.map((name) => [name, given[name] ?? ''])))
  const fields = Object.fromEntries(Object.entries(given).map(([name, item]) => [name, sets.has(key) ? nothing : typed(item, name)]))
  return structs.has(key) || 'HostPort' in given ? struct(key, fields) : fields
}

/** As `docker inspect` lays out its JSON. */
export function indented(documents: readonly unknown[]): string {
  return documents.length === 0 ? '[]\n' : `${JSON.stringify(documents, null, 4).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)}\n`
}

export function listOf(labels: Readonly<Record<string, string>> | null | undefined): string {
  return Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`).join(',')
}

export function shortened(id: string, noTrunc: boolean): string {
  return noTrunc ? id : id.replace(/^sha256:/, '').slice(0, 12)
}
