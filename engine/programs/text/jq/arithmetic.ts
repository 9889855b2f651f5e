/** jq's `+ - * / %` over all kinds of values. */
import { compareValues, described, fail, isObject, type Json, type JsonObject } from '#engine/programs/text/jq/values'

export function arithmetic(operator: string, left: Json, right: Json): Json {
  switch (operator) {
    case '+': return add(left, right)
    case '-': return subtract(left, right)
    case '*': return multiply(left, right)
    case '/': return divide(left, right)
    default: return remainder(left, right)
  }
}

function add(left: Json, right: Json): Json {
  if (left === null) return right
  if (right === null) return left
  if (typeof left === 'number' && typeof right === 'number') return left + right
  if (typeof left === 'string' && typeof right === 'string') return left + right
  if (Array.isArray(left) && Array.isArray(right)) return [...(left as Json[]), ...(right as Json[])]
  if (isObject(left) && isObject(right)) return { ...left, ...right }
  return fail(`${described(left)} and ${described(right)} cannot be added`)
}

function subtract(left: Json, right: Json): Json {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (Array.isArray(left) && Array.isArray(right)) return (left as Json[]).filter((item) => !(right as Json[]).some((other) => compareValues(item, other) === 0))
  return fail(`${described(left)} and ${described(right)} cannot be subtracted`)
}

function multiply(left: Json, right: Json): Json {
  if (typeof left === 'number' && typeof right === 'number') return left * right
  if (typeof left === 'string' && typeof right === 'number') return repeat(left, right)
  if (typeof left === 'number' && typeof right === 'string') return repeat(right, left)
  if (isObject(left) && isObject(right)) return merge(left, right)
  return fail(`${described(left)} and ${described(right)} cannot be multiplied`)
}

function repeat(text: string, count: number): Json {
  if (count <= 0) return null
  const times = Math.max(1, Math.ceil(count))
  if (text.length * times > 256 * 1024 * 1024) return fail('Repeat string result too long')
  return text.repeat(times)
}

function merge(left: JsonObject, right: JsonObject): JsonObject {
  const out = { ...left }
  for (const [key, value] of Object.entries(right)) {
    const before = out[key]
    out[key] = isObject(before) && isObject(value) ? merge(before, value) : value
  }
  return out
}

function divide(left: Json, right: Json): Json {
  if (typeof left === 'number' && typeof right === 'number') return right === 0 ? fail(`${described(left)} and ${described(right)} cannot be divided because the divisor is zero`) : left / right
  if (typeof left === 'string' && typeof right === 'string') return left === '' ? [] : left.split(right)
  return fail(`${described(left)} and ${described(right)} cannot be divided`)
}

function remainder(left: Json, right: Json): Json {
  if (typeof left !== 'number' || typeof right !== 'number') return fail(`${described(left)} and ${described(right)} cannot be divided`)
  const divisor = Math.trunc(Math.abs(right))
  if (divisor === 0) return fail(`${described(left)} and ${described(right)} cannot be divided because the divisor is zero`)
  return Math.trunc(left) % divisor || 0
}
