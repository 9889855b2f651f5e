/** What `--for` asks of an object. */
import { JsonPath, JsonPathError, relaxedJsonPath } from '#engine/api/jsonpath/evaluate'
import type { KubeObject } from '#engine/api/object'
import { CliError } from '#engine/programs/kubectl/session/errors'

export type Goal = { readonly kind: 'delete' } | { readonly kind: 'create' } | { readonly kind: 'state'; readonly isMet: (object: KubeObject) => boolean }

interface Condition {
  readonly type?: string
  readonly status?: string
  readonly observedGeneration?: number
}

const format = "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'"

/** Throws CliError for what cannot be waited for. */
export function parseGoal(text: string): Goal {
  const lower = text.toLowerCase()
  if (lower === 'delete') return { kind: 'delete' }
  if (lower === 'create') return { kind: 'create' }
  if (text.startsWith('condition=')) return conditionGoal(text.slice('condition='.length))
  if (text.startsWith('jsonpath=')) return jsonPathGoal(text.slice('jsonpath='.length))
  throw new CliError(`unrecognized condition: ${JSON.stringify(text)}`)
}

function conditionGoal(text: string): Goal {
  const equals = text.indexOf('=')
  const name = (equals < 0 ? text : text.slice(0, equals)).toLowerCase()
  const wanted = (equals < 0 ? 'true' : text.slice(equals + 1)).toLowerCase()
  return { kind: 'state', isMet: (object) => hasCondition(object, name, wanted) }
}

/** A condition about an older generation says nothing yet. */
function hasCondition(object: KubeObject, name: string, wanted: string): boolean {
  const status = object['status'] as { conditions?: Condition[]; observedGeneration?: number } | undefined
  const condition = status?.conditions?.find((entry) => entry.type?.toLowerCase() === name)
  if (condition?.status === undefined) return false
  const observed = condition.observedGeneration ?? status?.observedGeneration
  if (observed !== undefined && observed < (object.metadata.generation ?? 0)) return false
  return condition.status.toLowerCase() === wanted
}

function jsonPathGoal(text: string): Goal {
  const { expression, value } = splitJsonPath(unquoted(text))
  let path: JsonPath
  try {
    path = new JsonPath(relaxedJsonPath(expression), { allowMissingKeys: true })
  } catch (error) {
    if (error instanceof JsonPathError) throw new CliError(error.message)
    throw error
  }
  return { kind: 'state', isMet: (object) => agrees(path, object, value) }
}

/** `{.a[?(@.b=="c")].d}=v`: the value stands after the closing brace. */
function splitJsonPath(text: string): { expression: string; value: string | undefined } {
  if (text === '') throw new CliError(format)
  const end = text.lastIndexOf('}=')
  const at = end >= 0 ? end + 1 : text.endsWith('}') ? -1 : text.indexOf('=')
  if (at < 0) return { expression: text, value: undefined }
  const value = unquoted(text.slice(at + 1))
  if (value === '') throw new CliError('jsonpath wait has to have a value after equal sign')
  return { expression: text.slice(0, at), value }
}

function unquoted(text: string): string {
  return /^'.*'$/s.test(text) ? text.slice(1, -1) : text
}

function agrees(path: JsonPath, object: KubeObject, wanted: string | undefined): boolean {
  const found = path.results(object).flat()
  if (found.length === 0) return false
  if (found.length > 1) throw new CliError('given jsonpath expression matches more than one value')
  const value: unknown = found[0]
  if (wanted === undefined) return true
  if (value !== null && typeof value === 'object') throw new CliError('jsonpath leads to a nested object or list which is not supported')
  return String(value).trim() === wanted.trim()
}
