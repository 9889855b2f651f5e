/** toYaml, fromJson, toToml and their like. */
import { emitYaml } from '#engine/base/yaml/emit'
import { parse } from 'smol-toml'
import { fn, type FunctionTable, strval } from '#engine/programs/helm/sprig/define'
import { goValues, isTable, plainValues } from '#engine/programs/helm/values/types'
import { decodeYaml, jsonKind } from '#engine/programs/helm/values/yaml'
import { GoStruct } from '#engine/programs/common/gotemplate/values'
import { toToml } from './toml'

/** What is encoded: numbers plain, structs as their JSON. */
export function encodable(value: unknown): unknown {
  if (value instanceof GoStruct) return encodable(value.toJSON())
  if (value instanceof Uint8Array) return strval(value)
  if (Array.isArray(value)) return value.map(encodable)
  return isTable(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encodable(item)])) : plainValues(value)
}

/** Keys in order; <, > and & are escaped as Go's encoder does, unless raw. */
export function goJson(value: unknown, options: { readonly indent?: string; readonly raw?: boolean } = {}): string {
  const text = JSON.stringify(sorted(encodable(value)), undefined, options.indent)
  const escaped = options.raw ? text : text.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
  return escaped.replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isTable(value)) return value
  return Object.fromEntries(Object.keys(value).sort((a, b) => (a < b ? -1 : 1)).map((key) => [key, sorted(value[key])]))
}

const yamlOf = (value: unknown): string => emitYaml(encodable(value)).replace(/\n$/, '')

/** With lists indented below their keys. */
function prettyYaml(value: unknown): string {
  return yamlOf(value).split('\n').reduce<{ out: string[]; shift: number[] }>((state, line) => indentList(state, line), { out: [], shift: [] }).out.join('\n')
}

function indentList(state: { out: string[]; shift: number[] }, line: string): { out: string[]; shift: number[] } {
  const depth = line.length - line.trimStart().length
  const previous = state.out[state.out.length - 1]
  while (state.shift.length > 0 && (depth < (state.shift[state.shift.length - 1] as number) || (depth === state.shift[state.shift.length - 1] && !line.trimStart().startsWith('- ')))) state.shift.pop()
  if (line.trimStart().startsWith('- ') && previous?.trimEnd().endsWith(':') && !state.shift.includes(depth)) state.shift.push(depth)
  state.out.push('  '.repeat(state.shift.length) + line)
  return state
}

/** A failure is a map with its words. */
function reading(decode: (text: string) => unknown, listed: boolean): (text: string) => unknown {
  return (text) => {
    try {
      const value = decode(text)
      const kind = jsonKind(value)
      if (value !== null && kind !== (listed ? 'array' : 'object')) throw new Error(`json: cannot unmarshal ${kind} into Go value of type ${listed ? '[]interface {}' : 'map[string]interface {}'}`)
      return value ?? (listed ? [] : {})
    } catch (error) {
      return listed ? [(error as Error).message] : { Error: (error as Error).message }
    }
  }
}

function yamlText(text: string): unknown {
  return decodeYaml(text)
}

function jsonText(text: string): unknown {
  try {
    return goValues(JSON.parse(text))
  } catch (error) {
    throw new Error(jsonProblem(text, error as Error))
  }
}

function jsonProblem(text: string, error: Error): string {
  const at = Number(/position (\d+)/.exec(error.message)?.[1] ?? NaN)
  if (text.trim() === '' || Number.isNaN(at) || at >= text.length) return 'unexpected end of JSON input'
  return `invalid character '${text.charAt(at)}' looking for beginning of ${/^\s*[{,]/.test(text.slice(0, at).trimEnd().slice(-1)) ? 'object key string' : 'value'}`
}

const json = (options: { indent?: string; raw?: boolean }) => fn('any', (value: unknown) => goJson(value, options))

export const encodingFunctions: FunctionTable = {
  toYaml: fn('any', yamlOf), mustToYaml: fn('any', yamlOf), toYamlPretty: fn('any', prettyYaml),
  fromYaml: fn('string', reading(yamlText, false)), fromYamlArray: fn('string', reading(yamlText, true)),
  toJson: json({}), mustToJson: json({}), toPrettyJson: json({ indent: '  ' }), mustToPrettyJson: json({ indent: '  ' }), toRawJson: json({ raw: true }), mustToRawJson: json({ raw: true }),
  fromJson: fn('string', reading(jsonText, false)), mustFromJson: fn('string', jsonText), fromJsonArray: fn('string', reading(jsonText, true)),
  toToml: fn('any', (value: unknown) => toToml(encodable(value))), mustToToml: fn('any', (value: unknown) => toToml(encodable(value))),
  fromToml: fn('string', reading((text) => goValues(parse(text)), false)),
}
