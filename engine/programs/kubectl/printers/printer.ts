/** `-o`: which printer, and what it prints. */
import type { KubeObject } from '#engine/api/object'
import { JsonPath, JsonPathError, sortKeys } from '#engine/api/jsonpath/evaluate'
import { emitYaml } from '#engine/base/yaml/emit'
import { parseGroupVersion } from '#engine/api/object'
import { parseTemplate, type Template, TemplateExecError } from '#engine/programs/common/gotemplate/template'
import { goPrint } from '#engine/programs/common/gotemplate/values'
import { quoteGo } from '#engine/programs/common/cobra/values'
import { templateFunctions } from './template-functions'
import { CliError, PrintFailure } from '../session/errors'
import type { Session } from '../session/session'
import { readPath } from '../resources/files'
import { type CustomColumn, customColumnsText, parseColumnFile, parseCustomColumns } from './customcolumns'
import { prettyJson } from './json'
import { kyaml } from './kyaml'

export interface ObjectPrinter {
  /** The next object's text; later documents are parted from earlier ones. */
  print(object: KubeObject): string
}

export interface PrinterOptions {
  /** What happened: `created`, `deleted`; `name` alone prints without. */
  readonly operation?: string
  /** Objects made by this program: JSON keeps the order of fields. */
  readonly made?: boolean
  readonly noHeaders?: boolean
  readonly allowed?: readonly string[]
}

const jsonYaml = ['json', 'kyaml', 'name', 'yaml']
const templates = ['go-template', 'go-template-file', 'jsonpath', 'jsonpath-as-json', 'jsonpath-file', 'template', 'templatefile']
export const standardFormats = [...templates, ...jsonYaml].sort()
export const getFormats = [...standardFormats, 'custom-columns', 'custom-columns-file', 'wide'].sort()

export function unknownFormat(format: string, allowed: readonly string[]): CliError {
  return new CliError(`unable to match a printer suitable for the output format ${JSON.stringify(format)}, allowed formats are: ${[...allowed].sort().join(',')}`)
}

/** The printer of `--output` and `--template`. */
export function printerFor(session: Session, options: PrinterOptions = {}): ObjectPrinter {
  const { format, template } = wantedFormat(session)
  const clean = cleanerOf(session)
  if (format === '' || format === 'name') return namePrinter(format === 'name' ? '' : (options.operation ?? ''), format === 'name')
  const allowed = formatsHere(session, options.allowed ?? standardFormats)
  switch (format) {
    case 'json': return { print: (object) => `${prettyJson(clean(object), !options.made)}\n` }
    case 'yaml': return yamlPrinter(clean)
    case 'kyaml': if (allowed.includes(format)) return { print: (object) => kyaml(clean(object), !options.made) }
  }
  if (format.startsWith('custom-columns') && allowed.includes('custom-columns')) return columnsPrinter(session, format, options)
  return templatePrinter(session, format, template, allowed)
}

/** KYAML is there unless the environment says no. */
function formatsHere({ process }: Session, formats: readonly string[]): readonly string[] {
  return process.env.get('KUBECTL_KYAML')?.toLowerCase() === 'false' ? formats.filter((format) => format !== 'kyaml') : formats
}

function wantedFormat({ flags }: Session): { format: string; template: string } {
  const template = flags.has('template') ? flags.string('template') : ''
  const format = (flags.has('output') ? flags.string('output') : '') || (template === '' ? '' : 'go-template')
  return { template, format: jsonYaml.includes(format.toLowerCase()) ? format.toLowerCase() : format }
}

function cleanerOf({ flags }: Session): (object: KubeObject) => KubeObject {
  const showManaged = flags.has('show-managed-fields') && flags.bool('show-managed-fields')
  return (object) => (showManaged ? object : withoutManagedFields(object))
}

function yamlPrinter(clean: (object: KubeObject) => KubeObject): ObjectPrinter {
  let count = 0
  return { print: (object) => `${count++ > 0 ? '---\n' : ''}${emitYaml(clean(object))}` }
}

/** `deployment.apps/web created`. */
export function namePrinter(operation: string, short: boolean): ObjectPrinter {
  return {
    print: (object) => {
      if (Array.isArray(object['items']) && object.kind.endsWith('List')) return (object['items'] as KubeObject[]).map((item) => nameLine(item, operation, short)).join('')
      return nameLine(object, operation, short)
    },
  }
}

function nameLine(object: KubeObject, operation: string, short: boolean): string {
  const { group } = parseGroupVersion(object.apiVersion)
  const name = (object.metadata as { name?: string } | undefined)?.name || '<unknown>'
  const kind = object.kind === '' ? '<unknown>' : object.kind.toLowerCase()
  return `${group === '' ? kind : `${kind}.${group}`}/${name}${short || operation === '' ? '' : ` ${operation}`}\n`
}

export function withoutManagedFields(object: KubeObject): KubeObject {
  if (Array.isArray(object['items'])) return { ...object, items: (object['items'] as KubeObject[]).map(withoutManagedFields) }
  if (object.metadata?.managedFields === undefined) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

function columnsPrinter(session: Session, format: string, options: PrinterOptions): ObjectPrinter {
  const equals = format.indexOf('=')
  const spec = equals < 0 ? '' : format.slice(equals + 1)
  let columns: CustomColumn[]
  try {
    columns = format.startsWith('custom-columns-file') ? parseColumnFile(readColumnFile(session, spec)) : parseCustomColumns(spec || (session.flags.has('template') ? session.flags.string('template') : ''))
  } catch (error) {
    if (error instanceof JsonPathError) throw new CliError(error.message)
    throw error
  }
  let headers = !options.noHeaders
  return {
    print(object) {
      const items = Array.isArray(object['items']) ? (object['items'] as KubeObject[]) : [object]
      const text = customColumnsText(columns, items, headers)
      headers = false
      return text
    },
  }
}

function readColumnFile(session: Session, path: string): string {
  try {
    return readPath(session, path)
  } catch (error) {
    throw new CliError(`error reading template ${path}, ${(error as Error).message}\n`)
  }
}

function templatePrinter(session: Session, format: string, template: string, allowed: readonly string[]): ObjectPrinter {
  const equals = format.indexOf('=')
  const name = equals < 0 ? format : format.slice(0, equals)
  if (!templates.includes(name) || !allowed.includes(name)) throw unknownFormat(format, allowed)
  let text = equals < 0 ? template : format.slice(equals + 1)
  const isFile = name.endsWith('file')
  if (text === '') throw new CliError(`template format specified but no template given`)
  if (isFile) {
    try {
      text = readPath(session, text)
    } catch (error) {
      throw new CliError(`error reading --template ${text}, ${(error as Error).message}\n`)
    }
  }
  if (name.startsWith('jsonpath')) return jsonPathPrinter(session, text, name === 'jsonpath-as-json')
  return goTemplatePrinter(session, text)
}

function allowsMissing(session: Session): boolean {
  return !session.flags.has('allow-missing-template-keys') || session.flags.bool('allow-missing-template-keys')
}

export function parseJsonPathFlag(session: Session, template: string): JsonPath {
  try {
    return new JsonPath(template, { allowMissingKeys: allowsMissing(session) })
  } catch (error) {
    throw new CliError(`error parsing jsonpath ${template}, ${(error as Error).message}\n`)
  }
}

function jsonPathPrinter(session: Session, template: string, asJson: boolean): ObjectPrinter {
  const path = parseJsonPathFlag(session, template)
  return {
    print(object) {
      try {
        return asJson ? path.results(object).map((values) => `${prettyJson(values)}\n`).join('') : path.text(object)
      } catch (error) {
        throw new CliError(`error executing jsonpath ${JSON.stringify(template)}: Error executing template: ${(error as Error).message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${template}\n\tobject given to jsonpath engine was:\n\t\t${goSyntax(object)}\n\n\n`)
      }
    },
  }
}

/** Go's %#v of plain data. */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (typeof value === 'object') return `map[string]interface {}{${Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => `${JSON.stringify(key)}:${goSyntax(item)}`).join(', ')}}`
  return JSON.stringify(value)
}

function templateFailure(error: Error, text: string, object: KubeObject): PrintFailure {
  const written = error instanceof TemplateExecError ? error.written : ''
  const help = `Error executing template: ${error.message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${text}\n\traw data was:\n\t\t${JSON.stringify(sortKeys(object))}\n\tobject given to template engine was:\n\t\t${goPrint(object)}\n\n`
  return new PrintFailure(`error executing template ${quoteGo(text)}: ${error.message}`, written + help)
}

function goTemplatePrinter(session: Session, text: string): ObjectPrinter {
  let template: Template
  try {
    template = parseTemplate('output', text, { missingKey: allowsMissing(session) ? 'default' : 'error', functions: templateFunctions })
  } catch (error) {
    throw new CliError(`error parsing template ${text}, ${(error as Error).message}\n`)
  }
  return {
    print(object) {
      try {
        return template.execute(object)
      } catch (error) {
        throw templateFailure(error as Error, text, object)
      }
    },
  }
}
