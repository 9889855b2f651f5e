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
    /** Where bash has cut the expression: behind a number that it could not read. */
    readonly upTo?: number,
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
  if (number !== undefined) return { token: { kind: 'number', text: number, at, value: numberValue(number, at + number.length) }, end: at + number.length }
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

function numberValue(text: string, end: number): bigint {
  const failure = (problem: string): ArithmeticError => new ArithmeticError(problem, text, end)
  if (/^0[xX]/.test(text)) return digits(text.slice(2), 16, failure)
  const base = /^(\d+)#(.*)$/.exec(text)
  if (text.startsWith('0') && text.length > 1) {
    if (base && !/[89]/.test(base[1] as string)) throw failure('invalid number')
    return digits(text.slice(1), 8, failure)
  }
  if (!base) return digits(text, 10, failure)
  const radix = Number(base[1])
  if (radix < 2 || radix > 64) throw failure('invalid arithmetic base')
  if (base[2] === '') throw failure('invalid integer constant')
  return digits(base[2] as string, radix, failure)
}

function digits(text: string, radix: number, failure: (problem: string) => ArithmeticError): bigint {
  let value = 0n
  for (const c of text) {
    const digit = digitValue(c, radix)
    if (digit < 0) throw failure('invalid number')
    if (digit >= radix) throw failure('value too great for base')
    value = BigInt.asIntN(64, value * BigInt(radix) + BigInt(digit))
  }
  return value
}

function digitValue(c: string, radix: number): number {
  if (c >= '0' && c <= '9') return c.charCodeAt(0) - 48
  if (c >= 'a' && c <= 'z') return c.charCodeAt(0) - 87
  if (c >= 'A' && c <= 'Z') return radix <= 36 ? c.charCodeAt(0) - 55 : c.charCodeAt(0) - 29
  if (c === '@') return 62
  if (c === '_') return 63
  return -1
}
