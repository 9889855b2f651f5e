/** Label and field selectors: parsing in the server's words, matching. */
import { labelValue, qualifiedName } from './validation/names'

export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'

export interface LabelRequirement {
  readonly key: string
  readonly operator: LabelOperator
  readonly values: readonly string[]
}

export type LabelSelector = readonly LabelRequirement[]

export class SelectorError extends Error {
  override readonly name = 'SelectorError'
}

type Labels = Readonly<Record<string, string>> | undefined

export function matchesLabels(selector: LabelSelector, labels: Labels): boolean {
  return selector.every((requirement) => matchesRequirement(requirement, labels))
}

function matchesRequirement({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const has = hasLabel(labels, key)
  const value = has ? (labels?.[key] as string) : ''
  switch (operator) {
    case '=': case '==': case 'in': return has && values.includes(value)
    case '!=': case 'notin': return !has || !values.includes(value)
    case 'exists': return has
    case '!': return !has
    default: return has && compares(value, operator, Number(values[0]))
  }
}

function hasLabel(labels: Labels, key: string): boolean {
  return labels !== undefined && Object.hasOwn(labels, key)
}

function compares(value: string, operator: 'gt' | 'lt', limit: number): boolean {
  if (!/^-?\d+$/.test(value)) return false
  return operator === 'gt' ? Number(value) > limit : Number(value) < limit
}

/** metav1.LabelSelector as it stands in objects. undefined selects nothing, `{}` everything. */
export function labelSelectorOf(selector: { matchLabels?: Record<string, string>; matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] | undefined }[] } | undefined): LabelSelector | undefined {
  if (selector === undefined || selector === null) return undefined
  const out: LabelRequirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, operator: '=', values: [value] }))
  const operators: Record<string, LabelOperator> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!', Gt: 'gt', Lt: 'lt' }
  for (const expression of selector.matchExpressions ?? []) {
    const operator = operators[expression.operator]
    if (!operator) throw new SelectorError(`${JSON.stringify(expression.operator)} is not a valid label selector operator`)
    out.push({ key: expression.key, operator, values: expression.values ?? [] })
  }
  return out
}

export function labelSelectorText(selector: LabelSelector): string {
  return [...selector].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(requirementText).join(',')
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists': return key
    case '!': return `!${key}`
    case 'in': case 'notin': return `${key} ${operator} (${[...values].sort().join(',')})`
    case 'gt': return `${key}>${values[0] ?? ''}`
    case 'lt': return `${key}<${values[0] ?? ''}`
    default: return `${key}${operator}${values[0] ?? ''}`
  }
}

interface Token {
  readonly kind: 'identifier' | 'symbol' | 'end'
  readonly text: string
}

/** Throws SelectorError with the parser's words: `unable to parse requirement: found 'dev' expected: '('`. */
export function parseLabelSelector(text: string): LabelSelector {
  const parser = new LabelParser(tokens(text))
  return parser.parse()
}

function tokens(text: string): Token[] {
  const out: Token[] = []
  const pattern = /\s+|(==|!=|=|!|,|\(|\)|<|>)|([^\s=!,()<>]+)/gy
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (match[1] !== undefined) out.push({ kind: 'symbol', text: match[1] })
    else if (match[2] !== undefined) out.push({ kind: 'identifier', text: match[2] })
    if (pattern.lastIndex >= text.length) break
  }
  out.push({ kind: 'end', text: '' })
  return out
}


class LabelParser {
  private at = 0

  constructor(private readonly list: Token[]) {}

  parse(): LabelSelector {
    const out: LabelRequirement[] = []
    if (this.peek().kind === 'end') return out
    for (;;) {
      const token = this.peek()
      if (token.kind !== 'identifier' && token.text !== '!') throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`)
      out.push(this.requirement())
      const next = this.next()
      if (next.kind === 'end') return sorted(out)
      if (next.text !== ',') throw new SelectorError(`found '${next.text}', expected: ',' or 'end of string'`)
      const after = this.peek()
      if (after.kind !== 'identifier' && after.text !== '!') throw new SelectorError(`found '${after.text}', expected: identifier after ','`)
    }
  }

  private requirement(): LabelRequirement {
    let negated = false
    if (this.peek().text === '!') {
      negated = true
      this.next()
    }
    const key = this.next()
    if (key.kind !== 'identifier') throw new SelectorError(`unable to parse requirement: found '${key.text}', expected: identifier`)
    checkKey(key.text)
    const next = this.peek()
    if (negated) return { key: key.text, operator: '!', values: [] }
    if (next.kind === 'end' || next.text === ',') return { key: key.text, operator: 'exists', values: [] }
    return this.operation(key.text)
  }

  private operation(key: string): LabelRequirement {
    const token = this.next()
    const operators: Record<string, LabelOperator> = { '=': '=', '==': '==', '!=': '!=', in: 'in', notin: 'notin', '>': 'gt', '<': 'lt' }
    const operator = operators[token.text]
    if (!operator) throw new SelectorError(`unable to parse requirement: found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`)
    const values = operator === 'in' || operator === 'notin' ? this.set() : [this.exact()]
    for (const value of values) checkValue(key, value)
    if ((operator === 'gt' || operator === 'lt') && !/^-?\d+$/.test(values[0] ?? '')) throw new SelectorError(`unable to parse requirement: values[0][${key}]: Invalid value: ${JSON.stringify(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`)
    return { key, operator, values }
  }

  private exact(): string {
    const token = this.peek()
    if (token.kind === 'end' || token.text === ',') return ''
    this.next()
    if (token.kind === 'identifier') return token.text
    throw new SelectorError(`unable to parse requirement: found '${token.text}', expected: identifier`)
  }

  private set(): string[] {
    const open = this.next()
    if (open.text !== '(') throw new SelectorError(`unable to parse requirement: found '${open.text}' expected: '('`)
    const out = new Set<string>()
    if (this.peek().text === ')') {
      this.next()
      return ['']
    }
    for (;;) {
      const token = this.next()
      if (token.text === ',') {
        out.add('')
        if (this.peek().text === ')') break
        continue
      }
      if (token.kind !== 'identifier') throw new SelectorError(`unable to parse requirement: found '${token.text}', expected: ',', or identifier`)
      out.add(token.text)
      const next = this.peek()
      if (next.text === ')') break
      if (next.text !== ',') throw new SelectorError(`unable to parse requirement: found '${next.text}', expected: ',' or ')'`)
      this.next()
      if (this.peek().text === ')') {
        out.add('')
        break
      }
    }
    this.next()
    return [...out].sort()
  }

  private peek(): Token {
    return this.list[this.at] ?? { kind: 'end', text: '' }
  }

  private next(): Token {
    const token = this.peek()
    this.at++
    return token
  }
}

function sorted(list: LabelRequirement[]): LabelRequirement[] {
  return list.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

function checkKey(key: string): void {
  const problems = qualifiedName(key)
  if (problems.length > 0) throw new SelectorError(`unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(key)}: ${problems.join('; ')}`)
}

function checkValue(key: string, value: string): void {
  const problems = labelValue(value)
  if (problems.length > 0) throw new SelectorError(`unable to parse requirement: values[0][${key}]: Invalid value: ${JSON.stringify(value)}: ${problems.join('; ')}`)
}

export interface FieldRequirement {
  readonly field: string
  readonly operator: '=' | '!='
  readonly value: string
}

/** Throws SelectorError: `invalid selector: 'x'; can't understand 'x'`. */
export function parseFieldSelector(text: string): readonly FieldRequirement[] {
  const out: FieldRequirement[] = []
  for (const part of splitTerms(text)) {
    if (part === '') continue
    const match = /^((?:[^\\=!]|\\.|!(?!=))*?)(!=|==|=)(.*)$/s.exec(part)
    if (!match) throw new SelectorError(`invalid selector: '${text}'; can't understand '${part}'`)
    out.push({ field: match[1] ?? '', operator: match[2] === '!=' ? '!=' : '=', value: unescape(match[3] ?? '') })
  }
  return out
}

function splitTerms(text: string): string[] {
  const out: string[] = []
  let current = ''
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === '\\') current += char + text.charAt(++i)
    else if (char === ',') {
      out.push(current)
      current = ''
    } else current += char
  }
  out.push(current)
  return out
}

function unescape(text: string): string {
  return text.replace(/\\([\\,=])/g, '$1')
}

export function fieldSelectorText(selector: readonly FieldRequirement[]): string {
  return selector.map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, '\\$&')}`).join(',')
}

export function matchesFields(selector: readonly FieldRequirement[], value: (field: string) => string): boolean {
  return selector.every((requirement) => (value(requirement.field) === requirement.value) === (requirement.operator === '='))
}
