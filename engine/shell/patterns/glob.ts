/** Shell patterns: `*`, `?`, `[...]`, and the extended ones. A backslash quotes the next character. */
import { characterClasses, escapeInBracket, escapeRegExp } from '#engine/shell/patterns/classes'

export interface GlobOptions {
  readonly extglob?: boolean
  readonly ignoreCase?: boolean
}

const cache = new Map<string, RegExp>()

/** Matches a whole text. */
export function globRegExp(pattern: string, options: GlobOptions = {}): RegExp {
  const key = `${options.extglob ? 'x' : '-'}${options.ignoreCase ? 'i' : '-'}${pattern}`
  let regex = cache.get(key)
  if (!regex) {
    regex = new RegExp(`^${globSource(pattern, options)}$`, options.ignoreCase ? 'ui' : 'u')
    if (cache.size > 1000) cache.clear()
    cache.set(key, regex)
  }
  return regex
}

export function matchesGlob(pattern: string, text: string, options: GlobOptions = {}): boolean {
  return globRegExp(pattern, options).test(text)
}

/** The pattern as the source of a regular expression without anchors. `lazy` stars match as little as they can. */
export function globSource(pattern: string, options: GlobOptions = {}, lazy = false): string {
  return new GlobCompiler(pattern, options.extglob ?? false, lazy).compile()
}

/** Whether the text holds an unquoted special character. */
export function hasGlob(pattern: string, extglob: boolean): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] as string
    if (c === '\\') i++
    else if (c === '*' || c === '?' || (c === '[' && pattern.indexOf(']', i + 2) > 0)) return true
    else if (extglob && '@+!'.includes(c) && pattern[i + 1] === '(') return true
  }
  return false
}

export function hasExtendedGlob(pattern: string): boolean {
  return /[?*+@!]\(/.test(pattern)
}

/** Quotes every special character of a text. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]!+@()|]/g, '\\$&')
}

/** The pattern as plain text: its quoting backslashes taken away. */
export function unescapeGlob(pattern: string): string {
  return pattern.replace(/\\([^])/g, '$1')
}

class GlobCompiler {
  constructor(
    private readonly pattern: string,
    private readonly extglob: boolean,
    private readonly lazy: boolean,
  ) {}

  compile(): string {
    return this.sequence(0, this.pattern.length)
  }

  private sequence(from: number, to: number): string {
    let out = ''
    for (let i = from; i < to; ) {
      const close = this.extendedAt(i, to)
      if (close > 0) return out + this.extended(this.pattern[i] as string, i + 2, close, to)
      const { source, end } = this.piece(i, to)
      out += source
      i = end
    }
    return out
  }

  /** The closing parenthesis of an extended group that begins here, or -1. */
  private extendedAt(i: number, to: number): number {
    return this.extglob && '?*+@!'.includes(this.pattern[i] as string) && this.pattern[i + 1] === '(' ? this.closing(i + 1, to) : -1
  }

  private piece(i: number, to: number): { source: string; end: number } {
    const { pattern } = this
    const c = pattern[i] as string
    if (c === '*') return this.star(i, to)
    if (c === '?') return { source: '[^]', end: i + 1 }
    const bracket = c === '[' ? bracketSource(pattern.slice(i, to)) : undefined
    if (bracket) return { source: bracket.source, end: i + bracket.length }
    const quoted = c === '\\' && i + 1 < to ? 1 : 0
    const point = String.fromCodePoint(pattern.codePointAt(i + quoted) as number)
    return { source: escapeRegExp(point), end: i + quoted + point.length }
  }

  /** Several stars are one. */
  private star(i: number, to: number): { source: string; end: number } {
    let end = i + 1
    while (end < to && this.pattern[end] === '*' && this.pattern[end + 1] !== '(') end++
    return { source: this.lazy ? '[^]*?' : '[^]*', end }
  }

  /** An extended group and all that follows it: a negation has to know what follows. */
  private extended(kind: string, from: number, close: number, to: number): string {
    const body = this.alternatives(from, close).join('|')
    const rest = this.sequence(close + 1, to)
    switch (kind) {
      case '?': return `(?:${body})?${rest}`
      case '*': return `(?:${body})*${rest}`
      case '+': return `(?:${body})+${rest}`
      case '@': return `(?:${body})${rest}`
      default: return `(?!(?:${body})${rest}$)[^]*${rest}`
    }
  }

  private alternatives(from: number, to: number): string[] {
    const out: string[] = []
    let depth = 0
    let start = from
    for (let i = from; i < to; i++) {
      const c = this.pattern[i]
      if (c === '\\') i++
      else if (c === '(') depth++
      else if (c === ')') depth--
      else if (c === '|' && depth === 0) {
        out.push(this.sequence(start, i))
        start = i + 1
      }
    }
    out.push(this.sequence(start, to))
    return out
  }

  private closing(open: number, to: number): number {
    let depth = 0
    for (let i = open; i < to; i++) {
      const c = this.pattern[i]
      if (c === '\\') i++
      else if (c === '(') depth++
      else if (c === ')' && --depth === 0) return i
    }
    return -1
  }
}

/** A bracket expression at the start of the text; undefined where it is not closed and so means itself. */
export function bracketSource(text: string): { source: string; length: number } | undefined {
  const negated = text[1] === '!' || text[1] === '^'
  const from = negated ? 2 : 1
  let out = ''
  let i = from
  while (text[i] !== ']' || i === from) {
    if (text[i] === undefined) return undefined
    const { source, end } = bracketMember(text, i)
    out += source
    i = end
  }
  return { source: out === '' ? (negated ? '[^]' : '(?!)') : `[${negated ? '^' : ''}${out}]`, length: i + 1 }
}

/** A class, a range or a character inside brackets. */
function bracketMember(text: string, i: number): { source: string; end: number } {
  const named = /^\[:(\w+):\]/.exec(text.slice(i))
  if (named) return { source: characterClasses[named[1] as string] ?? '', end: i + named[0].length }
  const low = bracketCharacter(text, i)
  if (text[low.end] !== '-' || text[low.end + 1] === ']' || text[low.end + 1] === undefined) return { source: escapeInBracket(low.c), end: low.end }
  const high = bracketCharacter(text, low.end + 1)
  const ordered = (low.c.codePointAt(0) as number) <= (high.c.codePointAt(0) as number)
  return { source: ordered ? `${escapeInBracket(low.c)}-${escapeInBracket(high.c)}` : '', end: high.end }
}

function bracketCharacter(text: string, at: number): { c: string; end: number } {
  const named = /^\[[.=](.)[.=]\]/u.exec(text.slice(at))
  if (named) return { c: named[1] as string, end: at + named[0].length }
  const start = text[at] === '\\' && at + 1 < text.length ? at + 1 : at
  const c = String.fromCodePoint(text.codePointAt(start) as number)
  return { c, end: start + c.length }
}
