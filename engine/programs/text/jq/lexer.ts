/** jq's tokens. Strings with interpolations hold their programs as text. */
export class JqSyntaxError extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message)
  }
}

export type StringPart = { readonly text: string } | { readonly code: string; readonly at: number }

export interface Token {
  readonly kind: 'number' | 'string' | 'field' | 'name' | 'variable' | 'format' | 'keyword' | 'operator' | 'end'
  readonly text: string
  readonly at: number
  readonly parts?: readonly StringPart[]
}

const keywords = new Set(['def', 'if', 'then', 'elif', 'else', 'end', 'as', 'reduce', 'foreach', 'try', 'catch', 'label', 'import', 'include', 'and', 'or', '__loc__'])
const operators = ['?//=', '?//', '|=', '+=', '-=', '*=', '/=', '%=', '//=', '==', '!=', '<=', '>=', '//', '..', 'and', '|', ',', '.', '[', ']', '(', ')', '{', '}', ':', ';', '=', '<', '>', '+', '-', '*', '/', '%', '?']

export function tokenize(text: string): Token[] {
  const out: Token[] = []
  let at = 0
  let last = 0
  while (at < text.length) {
    last = at
    const rest = text.slice(at)
    const blank = /^(?:\s+|#[^\n]*)/.exec(rest)
    if (blank) {
      at += blank[0].length
      continue
    }
    const token = next(text, at, rest)
    out.push(token.token)
    at = token.end
  }
  // The end is told where what comes last begins, be it blanks.
  out.push({ kind: 'end', text: '$end', at: last })
  return out
}

/** Behind an operator anything might follow. */
const wantsMore = /[-+*\/%|,;:=<>([{]\s*$/

function next(text: string, at: number, rest: string): { token: Token; end: number } {
  const field = /^\.([A-Za-z_]\w*)/.exec(rest)
  if (field) return { token: { kind: 'field', text: field[1] as string, at }, end: at + field[0].length }
  const number = /^(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(rest)
  if (number) return { token: { kind: 'number', text: number[0], at }, end: at + number[0].length }
  const variable = /^\$(?:__loc__|[A-Za-z_]\w*(?:::\w+)*)/.exec(rest)
  if (variable) return { token: { kind: 'variable', text: variable[0].slice(1), at }, end: at + variable[0].length }
  const name = /^[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*/.exec(rest)
  if (name) return { token: { kind: keywords.has(name[0]) ? 'keyword' : 'name', text: name[0], at }, end: at + name[0].length }
  const format = /^@[A-Za-z0-9_]+/.exec(rest)
  if (format) return { token: { kind: 'format', text: format[0], at }, end: at + format[0].length }
  if (rest.startsWith('"')) return stringToken(text, at)
  const operator = operators.find((candidate) => rest.startsWith(candidate))
  if (operator === undefined) throw new JqSyntaxError(`syntax error, unexpected INVALID_CHARACTER${wantsMore.test(text.slice(0, at)) ? '' : ', expecting $end'}`, at)
  return { token: { kind: 'operator', text: operator, at }, end: at + operator.length }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '"': '"', '\\': '\\', '/': '/' }

function stringToken(text: string, at: number): { token: Token; end: number } {
  const parts: StringPart[] = []
  let plain = ''
  let i = at + 1
  while (i < text.length && text[i] !== '"') {
    if (text[i] !== '\\') {
      plain += text[i++]
      continue
    }
    const c = text[i + 1] ?? ''
    if (c === '(') {
      const end = closing(text, i + 1)
      parts.push({ text: plain }, { code: text.slice(i + 2, end), at: i + 2 })
      plain = ''
      i = end + 1
    } else if (c === 'u') {
      plain += String.fromCharCode(Number.parseInt(text.slice(i + 2, i + 6), 16))
      i += 6
    } else if (escapes[c] !== undefined) {
      plain += escapes[c]
      i += 2
    } else throw new JqSyntaxError('syntax error, unexpected INVALID_CHARACTER', i)
  }
  if (i >= text.length) throw new JqSyntaxError('syntax error, unexpected $end, expecting QQSTRING_TEXT or QQSTRING_INTERP_START or QQSTRING_END', at + 1)
  parts.push({ text: plain })
  return { token: { kind: 'string', text: text.slice(at, i + 1), at, parts }, end: i + 1 }
}

function closing(text: string, open: number): number {
  let depth = 0
  for (let i = open; i < text.length; i++) {
    const c = text[i]
    if (c === '"') i = stringToken(text, i).end - 1
    else if (c === '(') depth++
    else if (c === ')' && --depth === 0) return i
  }
  throw new JqSyntaxError('syntax error, unexpected $end', Math.max(0, text.length - 1))
}
