/** The Go types of functions' parameters, and what is said of an argument of another type. */
import { kindOf, noValue, typeName } from './values'
import { nodeText, type Operand } from './nodes'

export type Parameter = 'any' | 'string' | 'int' | 'int64' | 'float64' | 'bool' | 'map' | 'list' | 'strings'

const goNames: Readonly<Record<Parameter, string>> = {
  any: 'interface {}', string: 'string', int: 'int', int64: 'int64', float64: 'float64', bool: 'bool', map: 'map[string]interface {}', list: '[]interface {}', strings: '[]string',
}

export function parameterOf(fn: { readonly params?: readonly Parameter[]; readonly ofStrings?: boolean }, index: number): Parameter {
  if (fn.params) return fn.params[Math.min(index, fn.params.length - 1)] ?? 'any'
  return fn.ofStrings ? 'string' : 'any'
}

export function isConstant({ type }: Operand): boolean {
  return type === 'bool' || type === 'number' || type === 'string' || type === 'nil'
}

/** A path of fields is an interface even where it holds nothing. */
export function isPath(node: Operand): boolean {
  return node.type === 'field' || node.type === 'chain' || (node.type === 'variable' && node.names.length > 1)
}

const wanted: Readonly<Partial<Record<Parameter, readonly [string, (node: Operand) => boolean]>>> = {
  string: ['string', ({ type }) => type === 'string'],
  bool: ['boolean', ({ type }) => type === 'bool'],
  int: ['integer', (node) => node.type === 'number' && Number.isInteger(Number(node.value))],
  int64: ['integer', (node) => node.type === 'number' && Number.isInteger(Number(node.value))],
  float64: ['float', ({ type }) => type === 'number'],
}

/** Of a constant: `expected string; found 5`. */
export function constantProblem(type: Parameter, node: Operand): string | undefined {
  if (type === 'any' || !isConstant(node)) return undefined
  const rule = wanted[type]
  if (node.type === 'nil') return rule ? `cannot assign nil to ${goNames[type]}` : undefined
  if (!rule) return `can't handle ${nodeText(node)} for arg of type ${goNames[type]}`
  return rule[1](node) ? undefined : `expected ${rule[0]}; found ${nodeText(node)}`
}

/** Of a value: `wrong type for value; expected string; got float64`. */
export function typeProblem(type: Parameter, value: unknown, isInterface: boolean): string | undefined {
  if (type === 'any') return undefined
  if (kindOf(value) === 'invalid') return nothing(type, value, isInterface)
  return isOf(type, value) ? undefined : `wrong type for value; expected ${goNames[type]}; got ${typeName(value)}`
}

function nothing(type: Parameter, value: unknown, isInterface: boolean): string | undefined {
  if (isInterface && value === null) return `wrong type for value; expected ${goNames[type]}; got interface {}`
  if (value === noValue && isInterface) return `invalid value; expected ${goNames[type]}`
  return type === 'map' || type === 'list' || type === 'strings' ? undefined : `invalid value; expected ${goNames[type]}`
}

function isOf(type: Parameter, value: unknown): boolean {
  if (type === 'map') return kindOf(value) === 'map'
  if (type === 'list' || type === 'strings') return kindOf(value) === 'slice'
  return typeName(value) === goNames[type]
}
