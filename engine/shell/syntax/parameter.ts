/** Reads `${...}`. */
import { skipBracket, skipOneSafely } from '#engine/shell/syntax/scanner'
import type { ParameterPart } from '#engine/shell/syntax/words'

const nameAt = /^(?:[A-Za-z_]\w*|\d+|[@*#?$!-])/

/** `text` is the whole of `${...}`. What cannot be understood is marked bad: bash complains only when it gets there. */
export function parseParameter(text: string): ParameterPart {
  const inner = text.slice(2, -1)
  const bad: ParameterPart = { kind: 'parameter', text, name: '', bad: true }
  if (inner === '#' || inner === '!') return { kind: 'parameter', text, name: inner }
  const special = inner.startsWith('#') ? lengthOf(text, inner, bad) : inner.startsWith('!') ? indirection(text, inner, bad) : undefined
  if (special) return special
  const target = readTarget(inner, 0)
  return (target && operation(base(text, target), inner, target.end)) ?? bad
}

/** `${#name}`; undefined where the `#` is the parameter itself. */
function lengthOf(text: string, inner: string, bad: ParameterPart): ParameterPart | undefined {
  const target = readTarget(inner, 1)
  if (target && target.end === inner.length) return { ...base(text, target), length: true }
  if (/^#[-?@*!$]$/.test(inner)) return { kind: 'parameter', text, name: inner.charAt(1), length: true }
  return target && !/^#[:#%/=?+-]/.test(inner) ? bad : undefined
}

/** `${!name}`, `${!prefix*}`. */
function indirection(text: string, inner: string, bad: ParameterPart): ParameterPart | undefined {
  const prefix = /^!([A-Za-z_]\w*)([@*])$/.exec(inner)
  if (prefix) return { kind: 'parameter', text, name: prefix[1] as string, names: prefix[2] as '@' | '*' }
  if (/^!:?[-=?+]/.test(inner) && inner.length > 2) return undefined
  const target = readTarget(inner, 1)
  return target ? (operation({ ...base(text, target), indirect: true }, inner, target.end) ?? bad) : undefined
}

interface Target {
  readonly name: string
  readonly index?: string
  readonly end: number
}

function base(text: string, target: Target): ParameterPart {
  return { kind: 'parameter', text, name: target.name, ...(target.index === undefined ? {} : { index: target.index }) }
}

function readTarget(inner: string, at: number): Target | undefined {
  const name = nameAt.exec(inner.slice(at))?.[0]
  if (name === undefined) return undefined
  const end = at + name.length
  if (inner[end] !== '[' || !/^[A-Za-z_]/.test(name)) return { name, end }
  try {
    const close = skipBracket(inner, end)
    if (close - end === 2) return undefined
    return { name, index: inner.slice(end + 1, close - 1), end: close }
  } catch {
    return undefined
  }
}

function operation(part: ParameterPart, inner: string, at: number): ParameterPart | undefined {
  if (at === inner.length) return part
  const rest = inner.slice(at)
  const match = /^(:[-=?+]|[-=?+]|##?|%%?|\/\/|\/#|\/%|\/|\^\^?|,,?|~~?|@|:)/.exec(rest)
  if (!match) return undefined
  const operator = match[0]
  const operand = rest.slice(operator.length)
  if (operator === '@') return /^[QEPAaKkuUL]$/.test(operand) ? { ...part, operator, operand } : { ...part, operator, bad: true }
  if (operator === ':' && operand === '') return undefined
  const split = operator.startsWith('/') ? splitAt(operand, '/') : operator === ':' ? splitSlice(operand) : -1
  return split < 0 ? { ...part, operator, operand } : { ...part, operator, operand: operand.slice(0, split), second: operand.slice(split + 1) }
}

/** The offset of an unquoted `separator`; a pattern that begins with it keeps it (`${x///y}` is read before). */
function splitAt(text: string, separator: string): number {
  for (let i = 0; i < text.length; ) {
    if (text[i] === separator) return i
    i = skipOneSafely(text, i)
  }
  return -1
}

/** The colon between offset and length: not one of `?:` or inside parentheses. */
function splitSlice(text: string): number {
  let depth = 0
  let questions = 0
  for (let i = 0; i < text.length; ) {
    const c = text[i]
    if (c === '(') depth++
    else if (c === ')') depth--
    else if (c === '?' && depth === 0) questions++
    else if (c === ':' && depth === 0 && questions-- <= 0) return i
    i = skipOneSafely(text, i)
  }
  return -1
}
