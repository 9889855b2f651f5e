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
      const c = this.pattern[i] as string
      if (this.extglob && '?*+@!'.includes(c) && this.pattern[i + 1] === '(') {
        const close = this.closing(i + 1, to)
        if (close > 0) return out + this.extended(c, i + 2, close, to)
      }
      if (c === '[') {
        const bracket = bracketSource(this.pattern.slice(i, to))
        if (bracket) {
          out += bracket.source
          i += bracket.length
          continue
        }
      }
      const point = String.fromCodePoint(this.pattern.codePointAt(i + (c === '\\' && i + 1 < to ? 1 : 0)) as number)
      if (c === '\\' && i + 1 < to) {
        out += escapeRegExp(point)
        i += 1 + point.length
        continue
      }
      out += c === '*' ? (this.lazy ? '[^]*?' : '[^]*') : c === '?' ? '[^]' : escapeRegExp(point)
      i += point.length
      if (c === '*') while (this.pattern[i] === '*' && i < to && this.pattern[i + 1] !== '(') i++
    }
    return out
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
  let i = 1
  const negated = text[i] === '!' || text[i] === '^'
  if (negated) i++
  let out = ''
  for (let first = true; ; first = false) {
    const c = text[i]
    if (c === undefined) return undefined
    if (c === ']' && !first) break
    const named = /^\[:(\w+):\]/.exec(text.slice(i))
    if (named) {
      out += characterClasses[named[1] as string] ?? ''
      i += named[0].length
      continue
    }
    const low = bracketCharacter(text, i)
    if (text[low.end] === '-' && text[low.end + 1] !== ']' && text[low.end + 1] !== undefined) {
      const high = bracketCharacter(text, low.end + 1)
      if ((low.c.codePointAt(0) as number) <= (high.c.codePointAt(0) as number)) out += `${escapeInBracket(low.c)}-${escapeInBracket(high.c)}`
      i = high.end
    } else {
      out += escapeInBracket(low.c)
      i = low.end
    }
  }
  return { source: out === '' ? (negated ? '[^]' : '(?!)') : `[${negated ? '^' : ''}${out}]`, length: i + 1 }
}

function bracketCharacter(text: string, at: number): { c: string; end: number } {
  const named = /^\[[.=](.)[.=]\]/u.exec(text.slice(at))
  if (named) return { c: named[1] as string, end: at + named[0].length }
  const start = text[at] === '\\' && at + 1 < text.length ? at + 1 : at
  const c = String.fromCodePoint(text.codePointAt(start) as number)
  return { c, end: start + c.length }
}
