/** Files to objects, with the words of apimachinery's decoders. */
import { JsonSyntaxError, parseJson } from '#engine/api/json'
import type { KubeObject } from '#engine/api/object'
import { encodeUtf8 } from '#engine/base/bytes'
import { parseYaml } from '#engine/base/yaml/parser'
import { compactJson } from '#engine/api/jsonpath/evaluate'
import { CliError } from '../session/errors'
import { isObject, jsonType, metadataFault } from './metadata'


/** The values of a stream of YAML documents or of JSON values. Throws `error parsing SOURCE: ...`. */
export function* decodeDocuments(text: string, source: string): Generator<unknown> {
  yield* /^\s*\{/.test(text) ? decodeJson(text, source) : decodeYaml(text, source)
}

/** YAML documents; where already the first is broken, `instead` is thrown if there is one. */
function* decodeYaml(text: string, source: string, instead?: CliError): Generator<unknown> {
  let first = instead
  for (const part of splitDocuments(text)) {
    let value: unknown
    try {
      value = parseYaml(part)
    } catch (error) {
      throw first ?? new CliError(`error parsing ${source}: error converting YAML to JSON: ${(error as Error).message}`)
    }
    first = undefined
    if (value !== null && value !== undefined) yield value
  }
}

/** Documents are parted by lines that begin with `---`; each ends with a newline, whether the file has it or not. */
export function splitDocuments(text: string): string[] {
  const parts = text.replaceAll('\r\n', '\n').split(/\n---[^\n]*(?:\n|$)/)
  return parts.map((part) => (part === '' || part.endsWith('\n') ? part : `${part}\n`))
}

/** One JSON value after another; where one is broken, the rest is tried as YAML, and the first complaint counts. */
function* decodeJson(text: string, source: string): Generator<unknown> {
  let at = 0
  while (text.slice(at).trim() !== '') {
    const part = text.slice(at, at + lengthOfValue(text.slice(at)))
    const parsed = tryJson(part)
    if (parsed.error) {
      yield* decodeYaml(restOf(text, at, parsed.error.offset), source, new CliError(`error parsing ${source}: ${problemOf(parsed.error, text, at)}`))
      return
    }
    yield parsed.value
    at += part.length
  }
}

function tryJson(part: string): { readonly value?: unknown; readonly error?: JsonSyntaxError } {
  try {
    return { value: parseJson(part) }
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { error }
    throw error
  }
}

/** Offsets count bytes of the stream, the wrong one included. */
function problemOf(error: JsonSyntaxError, text: string, at: number): string {
  if (at + error.offset >= text.length) return 'unexpected EOF'
  return `json: offset ${encodeUtf8(text.slice(0, at + error.offset)).length + 1}: ${error.message}`
}

/** What a broken JSON value leaves to be read as YAML: what the decoder has in its buffer, which it fills in steps. */
function restOf(text: string, at: number, reached: number): string {
  return text.slice(at, bufferSteps.find((step) => step > at + reached) ?? text.length).replace(/^[^\S\n]*\n?/, '')
}

/** Where Go's JSON decoder pauses its reading, in bytes. */
const bufferSteps = [512, 1536, 3584, 4096]

/** Up to the end of the value that begins here: where its brackets are closed, or the end of the text. */
function lengthOfValue(text: string): number {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (inString) {
      if (char === '\\') i++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{' || char === '[') depth++
    else if ((char === '}' || char === ']') && --depth <= 0) return i + 1
  }
  return text.length
}

/** What server-side validation needs to know before anything is sent. */
export function checkKind(value: unknown, source: string): void {
  const problems = kindProblems(value)
  if (problems.length > 0) throw validationError(source, problems.length === 1 ? (problems[0] as string) : `[${problems.join(', ')}]`)
}

export function kindProblems(value: unknown): string[] {
  if (!isObject(value)) return ['invalid object to validate']
  if (typeof value['kind'] === 'string' && isList(value as unknown as KubeObject)) return (value['items'] as unknown[]).flatMap(kindProblems)
  const unset = (key: string): boolean => typeof value[key] !== 'string' || value[key] === ''
  return ['apiVersion', 'kind'].filter(unset).map((key) => `${key} not set`)
}

export function validationError(source: string, problem: string): CliError {
  return new CliError(`error validating ${JSON.stringify(source)}: error validating data: ${problem}; if you choose to ignore these errors, turn validation off with --validate=false`)
}

const typeStruct = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

/** A value as an object with a kind and sound metadata. Throws `unable to decode "SOURCE": ...`. */
/** `typed`: as a decoder of known types says it. */
export function asObject(value: unknown, source: string, typed = false): KubeObject {
  const fail = (message: string): CliError => new CliError(`unable to decode ${JSON.stringify(source)}: ${message}`)
  if (!isObject(value)) throw fail(typed ? `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonType(value)} into Go value of type ${typeStruct}` : `json: cannot unmarshal ${jsonType(value)} into Go value of type unstructured.detector`)
  if (typeof value['kind'] !== 'string' || value['kind'] === '') throw fail(`Object 'Kind' is missing in '${compactJson(value)}'`)
  if (typeof value['apiVersion'] !== 'string' || value['apiVersion'] === '') throw fail(`Object 'apiVersion' is missing in '${compactJson(value)}'`)
  if ((value['apiVersion'].match(/\//g)?.length ?? 0) > 1) throw fail(`unexpected GroupVersion string: ${value['apiVersion']}`)
  const wrong = metadataFault(value['metadata'])
  if (wrong) throw fail(wrong)
  if (!isObject(value['metadata'])) value['metadata'] = {}
  return value as unknown as KubeObject
}

export function isList(object: KubeObject): boolean {
  return Array.isArray(object['items']) && object.kind.endsWith('List')
}
