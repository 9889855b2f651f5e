/** Expressions, by kind of node. */
import type { Key } from '#engine/programs/text/awk/array'
import type { Awk } from '#engine/programs/text/awk/awk'
import { callBuiltin } from '#engine/programs/text/awk/builtins'
import { callFunction } from '#engine/programs/text/awk/calls'
import { getline } from '#engine/programs/text/awk/getline'
import { elementKey, regexOf } from '#engine/programs/text/awk/operands'
import { assign, field } from '#engine/programs/text/awk/places'
import { type Soon, whenDone } from '#engine/programs/text/awk/soon'
import type { Expression } from '#engine/programs/text/awk/syntax'
import { compare, toBoolean, toNumber, toText, type Value } from '#engine/programs/text/awk/values'

type Node<T extends Expression['type']> = Extract<Expression, { type: T }>
type Evaluators = { readonly [T in Expression['type']]: (awk: Awk, node: Node<T>) => Soon<Value> }

const evaluators: Evaluators = {
  number: (_, { value }) => value,
  string: (_, { value }) => value,
  regex: (awk, { source }) => truth(awk.regex(source).test(awk.record.whole())),
  name: (awk, { name }) => awk.variables.get(name),
  group: (awk, { inner }) => awk.evaluate(inner),
  field: (awk, { index }) => whenDone(awk.evaluate(index), (value) => field(awk, value)),
  element: (awk, { name, index }) => whenDone(elementKey(awk, index), (key) => awk.variables.array(name).get(key)),
  assign: assignment,
  ternary: (awk, { test, yes, no }) => whenDone(awk.evaluate(test), (value) => awk.evaluate(toBoolean(value) ? yes : no)),
  binary: (awk, { operator, left, right }) => whenDone(awk.evaluate(left), (a) => whenDone(awk.evaluate(right), (b) => binary(awk, operator, a, b))),
  logical,
  match: (awk, { left, right, negated }) => whenDone(awk.evaluate(left), (value) => whenDone(regexOf(awk, right), (regex) => truth(regex.test(toText(value, awk.variables.convert)) !== negated))),
  unary: (awk, { operator, operand }) => whenDone(awk.evaluate(operand), (value) => unary[operator]?.(value) ?? 0),
  step: (awk, { target, by, prefix }) => whenDone(awk.evaluate(target), (before) => whenDone(assign(awk, target, toNumber(before) + by), (after) => (prefix ? after : toNumber(before)))),
  in: (awk, { name, index }) => whenDone(elementKey(awk, index), (key: Key) => truth(awk.variables.array(name).has(key))),
  call: callFunction,
  builtin: (awk, { name, arguments: args, bare }) => callBuiltin(awk, name, args, bare),
  getline,
}

export function evaluate(awk: Awk, node: Expression): Soon<Value> {
  return (evaluators[node.type] as (awk: Awk, node: Expression) => Soon<Value>)(awk, node)
}

function truth(value: boolean): Value {
  return value ? 1 : 0
}

const unary: Readonly<Record<string, (value: Value) => Value>> = {
  '!': (value) => truth(!toBoolean(value)),
  '-': (value) => -toNumber(value),
  '+': toNumber,
}

const arithmetic: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': (left, right) => left ** right,
}

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

function binary(awk: Awk, operator: string, left: Value, right: Value): Value {
  const { convert } = awk.variables
  if (operator === ' ') return toText(left, convert) + toText(right, convert)
  const holds = comparisons[operator]
  if (holds) return truth(holds(compare(left, right, convert)))
  return arithmetic[operator]?.(toNumber(left), toNumber(right)) ?? 0
}

function logical(awk: Awk, { operator, left, right }: Node<'logical'>): Soon<Value> {
  return whenDone(awk.evaluate(left), (value) => {
    if (toBoolean(value) === (operator === '||')) return truth(toBoolean(value))
    return whenDone(awk.evaluate(right), (other) => truth(toBoolean(other)))
  })
}

function assignment(awk: Awk, { operator, target, value }: Node<'assign'>): Soon<Value> {
  return whenDone(awk.evaluate(value), (after) => {
    if (operator === '=') return assign(awk, target, after)
    return whenDone(awk.evaluate(target), (before) => assign(awk, target, arithmetic[operator.charAt(0)]?.(toNumber(before), toNumber(after)) ?? 0))
  })
}
