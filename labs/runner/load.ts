/** Reads a lab file: YAML, the schema, and what no schema can say. Every complaint has a line, a column and a way out. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { LineCounter, parseDocument, type Document } from 'yaml'
import { contradictions } from './contradictions'
import { nearest } from './nearest'
import { type Lab, labSchema } from './schema'
import { templateProblems } from './templates'

export interface LabProblem {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** A file that is no lab; each problem stands on a line of the message. */
export class LabFileError extends Error {
  override readonly name = 'LabFileError'

  constructor(
    readonly file: string,
    readonly problems: readonly LabProblem[],
  ) {
    super(problems.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'))
  }
}

/** Lab files are small; anything larger is no lab. */
const largestFile = 512 * 1024
const mostAliases = 50

let compiled: ValidateFunction<Lab> | undefined

/** Made when the first lab is read; what the optimizer would save takes longer than reading all labs. */
function validator(): ValidateFunction<Lab> {
  if (compiled) return compiled
  const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, code: { optimize: false } })
  ;(addFormats as unknown as (ajv: Ajv) => void)(ajv)
  return (compiled = ajv.compile<Lab>(labSchema))
}

export function loadLab(text: string, file: string): Lab {
  if (text.length > largestFile) throw new LabFileError(file, [{ line: 1, column: 1, message: `the file has ${text.length} characters; a lab has at most ${largestFile}: put long files beside it` }])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const at = (offset: number): { line: number; column: number } => {
    const position = lines.linePos(offset)
    return { line: position.line, column: position.col }
  }
  // What comes after the first mistake is often only its consequence.
  const [broken] = document.errors
  if (broken) throw new LabFileError(file, [{ ...at(broken.pos[0]), message: yamlWords(broken.message.split('\n')[0] ?? '') }])
  if (document.contents === null) throw new LabFileError(file, [{ line: 1, column: 1, message: 'the file is empty: `seatrial lab new ID` writes a lab to start from' }])
  const lab = toPlain(document, file)
  const validate = validator()
  if (!validate(lab)) throw new LabFileError(file, describe(validate.errors ?? [], document, at))
  const templates = templateProblems(lab, Object.keys(lab.variables ?? {})).map(({ path, message }) => ({ ...locate(document, path, at, false), message: `${path.join('.')}: ${message}` }))
  const problems = [...contradictions(lab).map(({ path, message }) => ({ ...locate(document, path, at, false), message })), ...templates]
  if (problems.length > 0) throw new LabFileError(file, problems)
  return lab
}

/** What the parser found, with the way out where authors usually stumble. */
function yamlWords(message: string): string {
  if (message.startsWith('Maximum call stack')) return 'the YAML is nested too deeply for a lab'
  if (/flow-|at node end|Nested mappings|Implicit keys|map-value-ind/.test(message)) return `the YAML breaks here (${message}): mind the indentation, and quote a value with : # { } [ ] or a comma in it`
  return `the YAML breaks here: ${message}`
}

function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases })
  } catch (error) {
    throw new LabFileError(file, [{ line: 1, column: 1, message: `${(error as Error).message}: a lab may use at most ${mostAliases} aliases` }])
  }
}

type Locate = (offset: number) => { line: number; column: number }

function describe(errors: readonly ErrorObject[], document: Document, at: Locate): LabProblem[] {
  const problems = new Map<string, LabProblem>()
  for (const error of joinMissing(errors)) {
    const path = error.instancePath.split('/').slice(1).map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'))
    const where = error.keyword === 'additionalProperties' ? [...path, (error.params as { additionalProperty: string }).additionalProperty] : path
    const message = wording(error, path)
    const place = locate(document, where, at, error.keyword === 'additionalProperties')
    problems.set(`${place.line}:${message}`, { ...place, message })
  }
  return [...problems.values()].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, 20)
}

interface Missing {
  readonly missingProperty: string
}

const separator = '\n'

/** All keys that one place lacks are one complaint. */
function joinMissing(errors: readonly ErrorObject[]): ErrorObject[] {
  const first = new Map<string, ErrorObject>()
  return errors.flatMap((error) => {
    if (error.keyword !== 'required') return [error]
    const before = first.get(error.instancePath)
    if (!before) {
      const copy = { ...error, params: { ...(error.params as Missing) } }
      first.set(error.instancePath, copy)
      return [copy]
    }
    const joined = before.params as { missingProperty: string }
    joined.missingProperty += separator + (error.params as Missing).missingProperty
    return []
  })
}

function wording(error: ErrorObject, path: readonly string[]): string {
  const place = path.length === 0 ? 'the lab' : path.join('.')
  if (error.keyword === 'additionalProperties') {
    const key = (error.params as { additionalProperty: string }).additionalProperty
    const known = Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {})
    const near = nearest(key, known)
    return `unknown key "${key}" in ${place}${near ? `: did you mean "${near}"?` : `; known are ${known.join(', ')}`}`
  }
  if (error.keyword === 'required') return `${place} lacks ${(error.params as Missing).missingProperty.split(separator).map((key) => `"${key}"`).join(', ')}`
  if (error.keyword === 'enum') {
    const allowed = (error.params as { allowedValues: string[] }).allowedValues
    const near = typeof error.data === 'string' ? nearest(error.data, allowed) : undefined
    return `${place} is ${JSON.stringify(error.data)}, but must be one of ${allowed.join(', ')}${near ? `: did you mean "${near}"?` : ''}`
  }
  return `${place} ${error.message ?? 'is wrong'}`
}

interface YamlItem {
  readonly key?: { readonly value?: unknown; readonly range?: readonly number[] }
  readonly value?: { readonly range?: readonly number[] }
  readonly range?: readonly number[]
}

/** Where a path stands in the file: at the key, or at its value; the nearest parent where the path itself is not there. */
function locate(document: Document, path: readonly string[], at: Locate, key: boolean): { line: number; column: number } {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1).map(index), true)
    const range = rangeOf((parent as { items?: readonly YamlItem[] } | null)?.items ?? [], path[length - 1] ?? '', key)
    if (range) return at(range[0] ?? 0)
  }
  return at(0)
}

function rangeOf(items: readonly YamlItem[], name: string, key: boolean): readonly number[] | undefined {
  const pair = items.find((item) => item.key !== undefined && String(item.key.value) === name)
  if (!pair) return items[Number(name)]?.range
  return key ? pair.key?.range : (pair.value?.range ?? pair.key?.range)
}

function index(part: string): string | number {
  return /^\d+$/.test(part) ? Number(part) : part
}
