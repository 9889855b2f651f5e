/** The keywords of JSON schema. */
import { RE2JS } from 're2js'
import type { Scope } from './schema-validator'

export interface Problem {
  readonly path: string
  readonly message: string
  readonly causes?: readonly Problem[]
}

type Keywords = Readonly<Record<string, unknown>>
type Rule = (schema: Keywords, value: unknown, path: string, scope: Scope) => Problem[]

const isObject = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value)
const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

export function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

const isOfType = (value: unknown, type: string): boolean => (type === 'integer' ? typeof value === 'number' && Number.isInteger(value) : typeOf(value) === type)

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : value !== null && typeof value === 'object' ? 'value' : String(value)
}

function equal(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) || isObject(a)) return typeOf(a) === typeOf(b) && JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
  return a === b
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  return isObject(value) ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])])) : value
}

const type: Rule = ({ type: wanted }, value, path) => {
  const types = typeof wanted === 'string' ? [wanted] : Array.isArray(wanted) ? (wanted as string[]) : []
  return types.length === 0 || types.some((name) => isOfType(value, name)) ? [] : [{ path, message: `got ${typeOf(value)}, want ${types.join(' or ')}` }]
}

const enumeration: Rule = (schema, value, path) => {
  const choices = schema['enum']
  if (Array.isArray(choices) && !choices.some((choice) => equal(choice, value))) return [{ path, message: choices.length === 1 ? `value must be ${shown(choices[0])}` : `value must be one of ${choices.map(shown).join(', ')}` }]
  return 'const' in schema && !equal(schema['const'], value) ? [{ path, message: `value must be ${shown(schema['const'])}` }] : []
}

const bounds: readonly (readonly [string, (value: number, limit: number) => boolean])[] = [
  ['minimum', (value, limit) => value >= limit], ['maximum', (value, limit) => value <= limit], ['exclusiveMinimum', (value, limit) => value > limit], ['exclusiveMaximum', (value, limit) => value < limit],
  ['multipleOf', (value, limit) => Math.abs(value / limit - Math.round(value / limit)) < 1e-9],
]

const numbers: Rule = (schema, value, path) =>
  typeof value !== 'number' ? [] : bounds.flatMap(([name, holds]) => {
    const limit = schema[name]
    return typeof limit === 'number' && !holds(value, limit) ? [{ path, message: `${name}: got ${value}, want ${limit}` }] : []
  })

function sizes(size: number, schema: Keywords, path: string, least: string, most: string): Problem[] {
  const [low, high] = [schema[least], schema[most]]
  if (typeof low === 'number' && size < low) return [{ path, message: `${least}: got ${size}, want ${low}` }]
  return typeof high === 'number' && size > high ? [{ path, message: `${most}: got ${size}, want ${high}` }] : []
}

const texts: Rule = (schema, value, path) => {
  if (typeof value !== 'string') return []
  const out = sizes([...value].length, schema, path, 'minLength', 'maxLength')
  const pattern = schema['pattern']
  if (typeof pattern === 'string' && !RE2JS.compile(pattern).matcher(value).find()) out.push({ path, message: `'${value}' does not match pattern ${quoted([pattern])}` })
  return out
}

const lists: Rule = (schema, value, path, scope) => {
  if (!Array.isArray(value)) return []
  const out = sizes(value.length, schema, path, 'minItems', 'maxItems')
  if (schema['uniqueItems'] === true) out.push(...duplicates(value, path))
  const { items } = schema
  const tuple = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : Array.isArray(items) ? items : []
  const rest: unknown = Array.isArray(items) ? schema['additionalItems'] : items
  value.forEach((item, index) => out.push(...grouped(scope.check(index < tuple.length ? tuple[index] : rest, item, `${path}/${index}`), `${path}/${index}`)))
  const { contains } = schema
  if (contains !== undefined && !value.some((item) => scope.check(contains, item, path).length === 0)) out.push({ path, message: 'no items match contains schema' })
  return out
}

function duplicates(value: readonly unknown[], path: string): Problem[] {
  for (let i = 0; i < value.length; i++) for (let j = i + 1; j < value.length; j++) if (equal(value[i], value[j])) return [{ path, message: `items at ${i} and ${j} are equal` }]
  return []
}

/** Several problems of one value stand below a line of their own. */
function grouped(found: readonly Problem[], path: string): Problem[] {
  return found.length > 1 ? [{ path, message: 'validation failed', causes: found }] : [...found]
}

const objects: Rule = (schema, value, path, scope) => {
  if (!isObject(value)) return []
  const out = sizes(Object.keys(value).length, schema, path, 'minProperties', 'maxProperties')
  const missing = (Array.isArray(schema['required']) ? (schema['required'] as string[]) : []).filter((name) => !Object.hasOwn(value, name))
  if (missing.length > 0) out.push({ path, message: `missing ${missing.length === 1 ? 'property' : 'properties'} ${quoted(missing)}` })
  return [...out, ...properties(schema, value, path, scope)]
}

function properties(schema: Keywords, value: Record<string, unknown>, path: string, scope: Scope): Problem[] {
  const own = isObject(schema['properties']) ? schema['properties'] : {}
  const patterns = isObject(schema['patternProperties']) ? Object.entries(schema['patternProperties']) : []
  const extra: string[] = []
  const out: Problem[] = []
  for (const name of Object.keys(value).sort()) {
    const place = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const schemas = [...(Object.hasOwn(own, name) ? [own[name]] : []), ...patterns.filter(([pattern]) => RE2JS.compile(pattern).matcher(name).find()).map(([, item]) => item)]
    for (const item of schemas) out.push(...grouped(scope.check(item, value[name], place), place))
    if (schemas.length > 0) continue
    const additional = schema['additionalProperties']
    if (additional === false) extra.push(name)
    else out.push(...grouped(scope.check(additional, value[name], place), place))
  }
  return extra.length > 0 ? [{ path, message: `additional properties ${quoted(extra)} not allowed` }, ...out] : out
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])

const combined: Rule = (schema, value, path, scope) => {
  const out: Problem[] = []
  const failures = (name: string): Problem[][] => list(schema[name]).map((item) => grouped(scope.check(item, value, path), path))
  if (schema['not'] !== undefined && scope.check(schema['not'], value, path).length === 0) out.push({ path, message: "'not' failed" })
  const all = failures('allOf').flat()
  if (all.length > 0) out.push({ path, message: "'allOf' failed", causes: all })
  const any = failures('anyOf')
  if (any.length > 0 && any.every((found) => found.length > 0)) out.push({ path, message: "'anyOf' failed", causes: any.flat() })
  return [...out, ...oneOf(failures('oneOf'), path), ...conditional(schema, value, path, scope)]
}

function oneOf(results: readonly Problem[][], path: string): Problem[] {
  if (results.length === 0) return []
  const matched = results.flatMap((found, index) => (found.length === 0 ? [index] : []))
  if (matched.length === 0) return [{ path, message: "'oneOf' failed, none matched", causes: results.flat() }]
  return matched.length === 1 ? [] : [{ path, message: `'oneOf' failed, subschemas ${matched[0] ?? 0}, ${matched[1] ?? 0} matched` }]
}

function conditional(schema: Keywords, value: unknown, path: string, scope: Scope): Problem[] {
  if (schema['if'] === undefined) return []
  return scope.check(scope.check(schema['if'], value, path).length === 0 ? schema['then'] : schema['else'], value, path)
}

/** A value of the wrong type is told of no further. */
export const applicators: readonly Rule[] = [
  (schema, value, path, scope) => {
    const wrong = type(schema, value, path, scope)
    return wrong.length > 0 ? wrong : [enumeration, objects, lists, texts, numbers, combined].flatMap((rule) => rule(schema, value, path, scope))
  },
]
