/**
 * What a rule may cost at worst, from the bounds that its schema sets, counted as the server's estimator counts: a step for each
 * name and call, a tenth for each byte of a string that is looked through, and all of it as often as lists and maps have members.
 */
import { celEnvironment } from '#engine/api/cel/environment'
import { plainSource } from '#engine/api/cel/rewrite'
import { forbidden, type FieldError, type FieldPath } from '#engine/api/field'
import { longestString, mostMembers } from './rule-sizes'
import type { JsonSchema } from './schema'

const ruleLimit = 10_000_000
const totalLimit = 100_000_000
const advice = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'
const traversal = 0.1
const patternFactor = 0.25

interface Node {
  readonly op: string
  readonly args: unknown
}

interface Estimate {
  readonly cost: number
  readonly schema: JsonSchema | undefined
  /** Of a literal. */
  readonly size?: number
}

type Scope = ReadonlyMap<string, JsonSchema | undefined>

function exceeds(name: string, cost: number, limit: number): string {
  const factor = cost / limit
  const words = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`
  return `${name} exceeds budget by factor of ${words} ${advice}`
}

export function costErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  const rules = rulesIn(schema, path, 1)
  const errors = rules.filter(({ cost }) => cost > ruleLimit).map(({ at, cost }) => forbidden(at, exceeds('estimated rule cost', cost, ruleLimit)))
  const total = rules.reduce((sum, { cost }) => sum + cost, 0)
  if (total <= totalLimit) return errors
  const most = [...rules].sort((a, b) => b.cost - a.cost).slice(0, 4).filter(({ cost }) => cost > totalLimit / 100)
  for (const { at } of most) errors.push(forbidden(at, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'))
  return [...errors, forbidden(path, exceeds('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', total, totalLimit))]
}

function rulesIn(schema: JsonSchema, path: FieldPath, times: number): { at: FieldPath; cost: number }[] {
  const own = (schema['x-kubernetes-validations'] ?? []).map((rule, index) => ({ at: path.child('x-kubernetes-validations').index(index).child('rule'), cost: times * costOf(rule.rule, schema) }))
  for (const [name, property] of Object.entries(schema.properties ?? {})) own.push(...rulesIn(property, path.child('properties').key(name), times))
  if (schema.items) own.push(...rulesIn(schema.items, path.child('items'), times * mostMembers(schema)))
  if (typeof schema.additionalProperties === 'object') own.push(...rulesIn(schema.additionalProperties, path.child('additionalProperties'), times * mostMembers(schema)))
  return own
}

function costOf(rule: string, schema: JsonSchema): number {
  try {
    return estimate(celEnvironment(['self', 'oldSelf']).parse(plainSource(rule)).ast as unknown as Node, new Map([['self', schema], ['oldSelf', schema]])).cost
  } catch {
    return 0
  }
}

type Estimator = (node: Node, scope: Scope) => Estimate

const partsOf = ({ args }: Node): unknown[] => (Array.isArray(args) ? (args as unknown[]) : [args])
const unnamed = (cost: number): Estimate => ({ cost, schema: undefined })
const compared: Estimator = (node, scope) => comparison(partsOf(node) as Node[], scope)
const joined: Estimator = (node, scope) => unnamed(sum(partsOf(node), scope))

const estimators: Readonly<Record<string, Estimator>> = {
  __proto__: null as never,
  id: ({ args }, scope) => ({ cost: 1, schema: scope.get(String(args)) }),
  value: ({ args }) => ({ cost: 0, schema: undefined, size: typeof args === 'string' ? args.length : 1 }),
  '.': member, '.?': member,
  '[]': (node, scope) => {
    const [target, key] = (partsOf(node) as Node[]).map((part) => estimate(part, scope)) as [Estimate, Estimate]
    return { cost: target.cost + key.cost + 1, schema: elementOf(target.schema) }
  },
  '&&': joined, '||': joined,
  '?:': (node, scope) => choice(partsOf(node) as Node[], scope),
  '==': compared, '!=': compared, '<': compared, '<=': compared, '>': compared, '>=': compared,
  in: (node, scope) => {
    const [item, list] = (partsOf(node) as Node[]).map((part) => estimate(part, scope)) as [Estimate, Estimate]
    return unnamed(item.cost + list.cost + (list.schema?.type === 'array' ? mostMembers(list.schema) : 1))
  },
  call: (node, scope) => call(String(partsOf(node)[0]), partsOf(node)[1] as Node[], scope),
  rcall: (node, scope) => method(String(partsOf(node)[0]), partsOf(node)[1] as Node, partsOf(node)[2] as Node[], scope),
}

function member(node: Node, scope: Scope): Estimate {
  const [target, name] = partsOf(node)
  const inner = estimate(target as Node, scope)
  return { cost: inner.cost + 1, schema: fieldOf(inner.schema, String(name)) }
}

function estimate(node: Node, scope: Scope): Estimate {
  const estimator = estimators[node.op]
  return estimator ? estimator(node, scope) : unnamed(1 + sum(partsOf(node), scope))
}

function choice([condition, yes, no]: readonly Node[], scope: Scope): Estimate {
  const [a, b] = [estimate(yes as Node, scope), estimate(no as Node, scope)]
  return { cost: estimate(condition as Node, scope).cost + Math.max(a.cost, b.cost), schema: a.schema ?? b.schema }
}

/** Strings are compared byte by byte, up to the end of the shorter one. */
function comparison(sides: readonly Node[], scope: Scope): Estimate {
  const [left, right] = sides.map((side) => estimate(side, scope)) as [Estimate, Estimate]
  return { cost: left.cost + right.cost + Math.max(1, Math.ceil(traversal * Math.min(sizeOf(left), sizeOf(right)))), schema: undefined }
}

/** Functions that read a string whole to make something of it. */
const readers = new Set(['string', 'quantity', 'isQuantity', 'url', 'isURL', 'ip', 'isIP', 'cidr', 'isCIDR', 'semver', 'isSemver', 'duration', 'timestamp'])

function call(name: string, args: readonly Node[], scope: Scope): Estimate {
  const cost = sum(args, scope)
  if (name === 'has') return { cost, schema: undefined }
  if (!readers.has(name) || !args[0]) return { cost: cost + 1, schema: undefined }
  return { cost: cost + Math.max(1, Math.ceil(traversal * sizeOf(estimate(args[0], scope)))), schema: undefined }
}

/** What a loop adds for each member beside its body, and once. */
const loops: Readonly<Record<string, { readonly each: number; readonly once: number }>> = {
  __proto__: null as never, all: { each: 3, once: 1 }, exists: { each: 4, once: 1 }, exists_one: { each: 2, once: 2 }, existsOne: { each: 2, once: 2 }, map: { each: 12, once: 11 }, filter: { each: 13, once: 11 },
}

function method(name: string, receiver: Node, args: readonly Node[], scope: Scope): Estimate {
  const target = estimate(receiver, scope)
  const loop = loops[name]
  if (!loop) return { cost: target.cost + sum(args, scope) + ofMethod(name, target, args, scope), schema: undefined }
  const variable = String(args[0]?.args)
  const inner = new Map([...scope, [variable, target.schema?.type === 'array' ? target.schema.items : { type: 'string' }]])
  return { cost: target.cost + loop.once + mostMembers(target.schema) * (loop.each + sum(args.slice(1), inner)), schema: name === 'filter' ? target.schema : undefined }
}

type MethodCost = (target: Estimate, argument: number) => number

const searched: MethodCost = (target, argument) => Math.ceil(traversal * (sizeOf(target) + 1)) * Math.ceil(patternFactor * argument)
const read: MethodCost = (target) => Math.max(1, Math.ceil(traversal * sizeOf(target)))
const prefixed: MethodCost = (_, argument) => Math.max(1, Math.ceil(traversal * argument))
const visited: MethodCost = ({ schema }) => mostMembers(schema)

const methodCosts: Readonly<Record<string, MethodCost>> = {
  __proto__: null as never, matches: searched, find: searched, findAll: searched, startsWith: prefixed, endsWith: prefixed,
  contains: (target, argument) => Math.ceil(traversal * sizeOf(target)) * Math.max(1, Math.ceil(traversal * argument)),
  lowerAscii: read, upperAscii: read, trim: read, split: read, replace: read, substring: read, charAt: read,
  isSorted: visited, sum: visited, min: visited, max: visited,
}

function ofMethod(name: string, target: Estimate, args: readonly Node[], scope: Scope): number {
  return methodCosts[name]?.(target, args[0] ? sizeOf(estimate(args[0], scope)) : 1) ?? 1
}

/** Bytes of a string; 1 for what is none, or is not known. */
function sizeOf({ schema, size }: Estimate): number {
  return size ?? longestString(schema) ?? 1
}

function sum(parts: readonly unknown[], scope: Scope): number {
  return parts.flat(2).reduce((total: number, part) => total + (part !== null && typeof part === 'object' && 'op' in part ? estimate(part as Node, scope).cost : 0), 0)
}

function fieldOf(schema: JsonSchema | undefined, name: string): JsonSchema | undefined {
  return schema?.properties?.[name] ?? (typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined)
}

function elementOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  return schema?.items ?? (typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined)
}
