/** Reads `${...}`. */
import { skipBackquote, skipBracket, skipDollar, skipDouble, skipSingle } from '#engine/shell/syntax/scanner'
import type { ParameterPart } from '#engine/shell/syntax/words'

const nameAt = /^(?:[A-Za-z_]\w*|\d+|[@*#?$!-])/

/** `text` is the whole of `${...}`. What cannot be understood is marked bad: bash complains only when it gets there. */
export function parseParameter(text: string): ParameterPart {
  const inner = text.slice(2, -1)
  const bad: ParameterPart = { kind: 'parameter', text, name: '', bad: true }
  if (inner === '#' || inner === '!') return { kind: 'parameter', text, name: inner }
  if (inner.startsWith('#')) {
    const target = readTarget(inner, 1)
    if (target && target.end === inner.length) return { ...base(text, target), length: true }
    if (/^#[-?@*!$]/.test(inner) && inner.length === 2) return { kind: 'parameter', text, name: inner.charAt(1), length: true }
    if (target && !/^#[:#%/=?+-]/.test(inner)) return bad
  }
  if (inner.startsWith('!')) {
    const prefix = /^!([A-Za-z_]\w*)([@*])$/.exec(inner)
    if (prefix) return { kind: 'parameter', text, name: prefix[1] as string, names: prefix[2] as '@' | '*' }
    const target = readTarget(inner, 1)
    if (target) return operation({ ...base(text, target), indirect: true }, inner, target.end) ?? bad
  }
  const target = readTarget(inner, 0)
  if (!target) return bad
  return operation(base(text, target), inner, target.end) ?? bad
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
  if (operator.startsWith('/')) {
    const slash = splitAt(operand, '/')
    return { ...part, operator, operand: slash < 0 ? operand : operand.slice(0, slash), ...(slash < 0 ? {} : { second: operand.slice(slash + 1) }) }
  }
  if (operator === ':') {
    const colon = splitSlice(operand)
    return { ...part, operator, operand: colon < 0 ? operand : operand.slice(0, colon), ...(colon < 0 ? {} : { second: operand.slice(colon + 1) }) }
  }
  return { ...part, operator, operand }
}

/** The offset of an unquoted `separator`; a pattern that begins with it keeps it (`${x///y}` is read before). */
function splitAt(text: string, separator: string): number {
  for (let i = 0; i < text.length; ) {
    if (text[i] === separator) return i
    i = skipPiece(text, i)
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
    i = skipPiece(text, i)
  }
  return -1
}

function skipPiece(text: string, i: number): number {
  const c = text[i]
  try {
    if (c === '\\') return i + 2
    if (c === "'") return skipSingle(text, i)
    if (c === '"') return skipDouble(text, i)
    if (c === '`') return skipBackquote(text, i)
    if (c === '$') return Math.max(i + 1, skipDollar(text, i))
  } catch {
    return i + 1
  }
  return i + 1
}
