/** The tokens of an arithmetic expression. */
export interface ArithmeticToken {
  readonly kind: 'number' | 'name' | 'operator' | 'end'
  readonly text: string
  readonly at: number
  readonly value?: bigint
  /** The text between brackets after a name. */
  readonly index?: string
}

export class ArithmeticError extends Error {
  constructor(
    readonly problem: string,
    readonly token: string,
  ) {
    super(problem)
  }
}

const operators = ['<<=', '>>=', '**', '++', '--', '<<', '>>', '<=', '>=', '==', '!=', '&&', '||', '+=', '-=', '*=', '/=', '%=', '&=', '^=', '|=', '+', '-', '*', '/', '%', '<', '>', '!', '~', '&', '^', '|', '?', ':', '=', ',', '(', ')']

/** `before` is the kind of token read last: it decides what `++` and an unknown character are. */
export function nextToken(text: string, from: number, before: ArithmeticToken | undefined): { token: ArithmeticToken; end: number } {
  let at = from
  while (/\s/.test(text[at] ?? 'x')) at++
  const rest = text.slice(at)
  if (rest === '') return { token: { kind: 'end', text: '', at }, end: at }
  const name = /^[A-Za-z_]\w*/.exec(rest)?.[0]
  if (name !== undefined) return nameToken(text, at, name)
  const number = /^[0-9][0-9A-Za-z_@#]*/.exec(rest)?.[0]
  if (number !== undefined) return { token: { kind: 'number', text: number, at, value: parseNumber(number, text.slice(at)) }, end: at + number.length }
  return operatorToken(text, at, before)
}

function operatorToken(text: string, at: number, before: ArithmeticToken | undefined): { token: ArithmeticToken; end: number } {
  const rest = text.slice(at)
  let operator = operators.find((candidate) => rest.startsWith(candidate))
  if (operator === undefined) {
    const operand = before?.kind === 'number' || before?.kind === 'name' || before?.text === ')'
    throw new ArithmeticError(operand ? 'syntax error: invalid arithmetic operator' : 'syntax error: operand expected', text.slice(at))
  }
  if ((operator === '++' || operator === '--') && before?.kind !== 'name' && !/^..\s*[A-Za-z_]/.test(rest)) operator = operator.charAt(0)
  return { token: { kind: 'operator', text: operator, at }, end: at + operator.length }
}

function nameToken(text: string, at: number, name: string): { token: ArithmeticToken; end: number } {
  const end = at + name.length
  if (text[end] !== '[') return { token: { kind: 'name', text: name, at }, end }
  let depth = 0
  for (let i = end; i < text.length; i++) {
    if (text[i] === '[') depth++
    else if (text[i] === ']' && --depth === 0) return { token: { kind: 'name', text: name, at, index: text.slice(end + 1, i) }, end: i + 1 }
  }
  throw new ArithmeticError('bad array subscript', text.slice(at))
}

function parseNumber(text: string, rest: string): bigint {
  if (/^0[xX]/.test(text)) return digits(text.slice(2), 16, text, rest)
  const base = /^(\d+)#(.*)$/.exec(text)
  if (base) {
    const radix = Number(base[1])
    if (radix < 2 || radix > 64) throw new ArithmeticError('invalid arithmetic base', rest)
    if (base[2] === '') throw new ArithmeticError('invalid integer constant', rest)
    return digits(base[2] as string, radix, text, rest)
  }
  if (text.startsWith('0') && text.length > 1) return digits(text.slice(1), 8, text, rest)
  return digits(text, 10, text, rest)
}

function digits(text: string, radix: number, whole: string, rest: string): bigint {
  let value = 0n
  for (const c of text) {
    const digit = digitValue(c, radix)
    if (digit < 0) throw new ArithmeticError('invalid number', rest)
    if (digit >= radix) throw new ArithmeticError('value too great for base', whole === rest ? whole : rest)
    value = value * BigInt(radix) + BigInt(digit)
  }
  return BigInt.asIntN(64, value)
}

function digitValue(c: string, radix: number): number {
  if (c >= '0' && c <= '9') return c.charCodeAt(0) - 48
  if (c >= 'a' && c <= 'z') return c.charCodeAt(0) - 87
  if (c >= 'A' && c <= 'Z') return radix <= 36 ? c.charCodeAt(0) - 55 : c.charCodeAt(0) - 29
  if (c === '@') return 62
  if (c === '_') return 63
  return -1
}
