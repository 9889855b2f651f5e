/**
 * What a rule may cost at worst, from the bounds that its schema sets: only the order of magnitude is told apart, so that what
 * is refused here is far beyond what the server allows.
 */
import { celEnvironment } from '#engine/api/cel/environment'
import { forbidden, type FieldError, type FieldPath } from '#engine/api/field'
import type { JsonSchema } from './schema'

const requestBytes = 3 * 1024 * 1024
const ruleLimit = 10_000_000
const totalLimit = 100_000_000
/** Beyond this factor the estimate is trusted. */
const clear = 100
const advice = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'

interface Node {
  readonly op: string
  readonly args: unknown
}

interface Estimate {
  readonly cost: number
  readonly schema: JsonSchema | undefined
}

export function costErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  const rules = rulesIn(schema, path, 1)
  const errors = rules.filter(({ cost }) => cost > ruleLimit * clear).map(({ at }) => forbidden(at, `estimated rule cost exceeds budget by factor of more than 100x ${advice}`))
  if (rules.reduce((sum, { cost }) => sum + cost, 0) <= totalLimit * clear) return errors
  const most = [...rules].sort((a, b) => b.cost - a.cost).filter(({ cost }) => cost > totalLimit)
  for (const { at } of most) errors.push(forbidden(at, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'))
  return [...errors, forbidden(path, `x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${advice}`)]
}

function rulesIn(schema: JsonSchema, path: FieldPath, times: number): { at: FieldPath; cost: number }[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map((rule, index) => ({ at: path.child('x-kubernetes-validations').index(index).child('rule'), cost: times * costOf(rule.rule, schema) }))
  for (const [name, property] of Object.entries(schema.properties ?? {})) own.push(...rulesIn(property, path.child('properties').key(name), times))
  if (schema.items) own.push(...rulesIn(schema.items, path.child('items'), times * sizeOf(schema)))
  if (typeof schema.additionalProperties === 'object') own.push(...rulesIn(schema.additionalProperties, path.child('additionalProperties'), times * sizeOf(schema)))
  return own
}

function costOf(rule: string, schema: JsonSchema): number {
  try {
    return estimate(celEnvironment(['self', 'oldSelf']).parse(rule).ast as unknown as Node, new Map([['self', schema], ['oldSelf', schema]])).cost
  } catch {
    return 0
  }
}

const loops = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter'])

function estimate(node: Node, scope: ReadonlyMap<string, JsonSchema | undefined>): Estimate {
  const parts = Array.isArray(node.args) ? (node.args as unknown[]) : [node.args]
  switch (node.op) {
    case 'id': return { cost: 1, schema: scope.get(String(node.args)) }
    case 'value': return { cost: 0, schema: undefined }
    case '.': case '.?': {
      const target = estimate(parts[0] as Node, scope)
      return { cost: target.cost + 1, schema: fieldOf(target.schema, String(parts[1])) }
    }
    case '[]': {
      const target = estimate(parts[0] as Node, scope)
      return { cost: target.cost + estimate(parts[1] as Node, scope).cost + 1, schema: elementOf(target.schema) }
    }
    case 'rcall': return method(String(parts[0]), parts[1] as Node, parts[2] as Node[], scope)
    default: return { cost: 1 + sum(parts, scope), schema: undefined }
  }
}

function method(name: string, receiver: Node, args: readonly Node[], scope: ReadonlyMap<string, JsonSchema | undefined>): Estimate {
  const target = estimate(receiver, scope)
  if (!loops.has(name)) return { cost: target.cost + 1 + sum(args, scope), schema: undefined }
  const variable = String(args[0]?.args)
  const inner = new Map([...scope, [variable, target.schema?.type === 'array' ? target.schema.items : { type: 'string' }]])
  return { cost: target.cost + sizeOf(target.schema) * (1 + sum(args.slice(1), inner)), schema: name === 'filter' ? target.schema : undefined }
}

function sum(parts: readonly unknown[], scope: ReadonlyMap<string, JsonSchema | undefined>): number {
  return parts.flat(2).reduce((total: number, part) => total + (part !== null && typeof part === 'object' && 'op' in part ? estimate(part as Node, scope).cost : 0), 0)
}

function fieldOf(schema: JsonSchema | undefined, name: string): JsonSchema | undefined {
  return schema?.properties?.[name] ?? (typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined)
}

function elementOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  return schema?.items ?? (typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined)
}

/** How many there can be at most: as the schema says, or as fit into a request. */
function sizeOf(schema: JsonSchema | undefined): number {
  if (schema?.type === 'array') return schema.maxItems ?? Math.floor(requestBytes / (smallest(schema.items) + 1))
  if (schema?.type === 'object') return schema.maxProperties ?? Math.floor(requestBytes / (smallest(elementOf(schema)) + 6))
  return 1
}

/** The bytes of the smallest value. */
function smallest(schema: JsonSchema | undefined): number {
  switch (schema?.type) {
    case 'boolean': return 4
    case 'integer': case 'number': return 1
    case 'string': return 2 + (schema.minLength ?? 0)
    case 'object': return 2 + (schema.required ?? []).reduce((total, name) => total + name.length + 3 + smallest(schema.properties?.[name]), 0)
    default: return 2
  }
}
