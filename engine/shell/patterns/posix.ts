/** POSIX regular expressions, basic and extended with GNU's additions, as JavaScript ones. Messages are those of regcomp. */
import { characterClasses, escapeInBracket, escapeRegExp } from '#engine/shell/patterns/classes'

export interface PosixOptions {
  readonly extended: boolean
  readonly ignoreCase?: boolean
  /** `^` and `$` also at inner newlines. */
  readonly multiline?: boolean
  readonly global?: boolean
  /** awk and find's emacs style know no back-references and other escapes; awk's escapes are those of its strings. */
  readonly awk?: boolean
}

export class PatternError extends Error {}

const cache = new Map<string, RegExp>()

export function posixRegExp(pattern: string, options: PosixOptions): RegExp {
  const flags = `u${options.ignoreCase ? 'i' : ''}${options.multiline ? 'm' : ''}${options.global ? 'g' : ''}`
  const key = `${flags}${options.extended ? 'E' : 'B'}${options.awk ? 'A' : ''}:${pattern}`
  const known = cache.get(key)
  if (known) {
    known.lastIndex = 0
    return known
  }
  const regex = build(new PosixCompiler(pattern, options).compile(), flags)
  if (cache.size > 500) cache.clear()
  cache.set(key, regex)
  return regex
}

/** How many groups the pattern has. */
export function countGroups(pattern: string, extended: boolean): number {
  const compiler = new PosixCompiler(pattern, { extended })
  compiler.compile()
  return compiler.groups
}

/**
 * Repetitions in repetitions can take forever. The host gives such patterns to an engine that cannot, which knows no Unicode
 * mode: where nothing in the pattern asks for it, it is left out.
 */
function flagsFor(source: string, flags: string): string {
  const repeatsGroup = /\)(?:[*+]|\{\d+,)/.test(source)
  const plain = /^[\x00-\x7f]*$/.test(source) && !/\\[pPu]|\(\?[<=!]|\\\d/.test(source)
  return repeatsGroup && plain ? flags.replace('u', '') : flags
}

function build(source: string, given: string): RegExp {
  const flags = flagsFor(source, given)
  try {
    return new RegExp(source, flags)
  } catch (error) {
    if (/too large|large/i.test((error as Error).message)) throw new PatternError('Regular expression too big')
    throw new PatternError('Invalid regular expression')
  }
}

const gnuEscapes: Readonly<Record<string, string>> = { w: '[\\p{L}\\p{N}_]', W: '[^\\p{L}\\p{N}_]', s: '[ \\t\\n\\r\\f\\v]', S: '[^ \\t\\n\\r\\f\\v]', b: '\\b', B: '\\B', '<': '\\b(?=\\w)', '>': '\\b(?<=\\w)', '`': '(?<![^])', "'": '(?![^])' }
const awkEscapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07', b: '\b', '/': '/', '"': '"' }

class PosixCompiler {
  groups = 0
  private at = 0
  private readonly closed: boolean[] = []

  constructor(
    private readonly pattern: string,
    private readonly options: PosixOptions,
  ) {}

  compile(): string {
    const out = this.alternation(0)
    if (this.at < this.pattern.length) throw new PatternError(this.options.extended ? 'Unmatched ) or \\)' : 'Unmatched ) or \\)')
    return out
  }

  private get extended(): boolean {
    return this.options.extended
  }

  private peek(text: string): boolean {
    return this.pattern.startsWith(text, this.at)
  }

  private alternation(depth: number): string {
    const parts = [this.branch(depth)]
    while (this.peek(this.extended ? '|' : '\\|') && !(this.extended ? false : this.options.awk)) {
      this.at += this.extended ? 1 : 2
      parts.push(this.branch(depth))
    }
    return parts.length === 1 ? (parts[0] as string) : longestFirst(parts).join('|')
  }

  private atBranchEnd(depth: number): boolean {
    if (this.at >= this.pattern.length) return true
    if (this.extended) return this.peek('|') || (this.peek(')') && (depth > 0 || !this.options.awk && false))
    return this.peek('\\|') || this.peek('\\)')
  }

  private branch(depth: number): string {
    let out = ''
    let first = true
    while (!this.atBranchEnd(depth)) {
      const atom = this.atom(first, depth)
      out += this.repeated(atom, first)
      first = first && atom === '^'
    }
    return out
  }

  private atom(first: boolean, depth: number): string {
    const c = String.fromCodePoint(this.pattern.codePointAt(this.at) as number)
    const start = this.at
    this.at += c.length
    switch (c) {
      case '\\': return this.escape(depth)
      case '[': return this.bracket(start)
      case '.': return '[^\\udc80-\\udcff]'
      case '^': return this.extended || first ? '^' : '\\^'
      case '$': return this.extended || this.atBranchEnd(depth) ? '$' : '\\$'
      case '(': return this.extended ? this.group(depth) : '\\('
      case '*':
        if (first) return this.extended && this.options.awk ? '\\*' : this.extended ? this.leadingStar() : '\\*'
        return '\\*'
      case '+': case '?':
        if (this.extended && first) return this.leadingStar()
        return `\\${c}`
      case '{':
        if (this.extended && first && /^\d/.test(this.pattern.slice(this.at)) && !this.options.awk) throw new PatternError('Invalid preceding regular expression')
        return '\\{'
      default: return escapeRegExp(c)
    }
  }

  /** GNU takes a leading `*` in an extended expression as nothing repeated. */
  private leadingStar(): string {
    return '(?:)'
  }

  private group(depth: number): string {
    const index = ++this.groups
    const body = this.alternation(depth + 1)
    const close = this.extended ? ')' : '\\)'
    if (!this.peek(close)) throw new PatternError('Unmatched ( or \\(')
    this.at += close.length
    this.closed[index] = true
    return `(${body})`
  }

  private escape(depth: number): string {
    const c = this.pattern[this.at]
    if (c === undefined) {
      if (this.options.awk) return '\\\\'
      throw new PatternError('Trailing backslash')
    }
    this.at++
    if (!this.extended && c === '(') return this.group(depth)
    if (!this.extended && c === '{') return '\\{'
    if (this.options.awk) return this.awkEscape(c)
    if (/[1-9]/.test(c)) {
      if (!this.closed[Number(c)]) throw new PatternError('Invalid back reference')
      return `\\${c}(?:)`
    }
    if (c === 'n') return '\\n'
    return gnuEscapes[c] ?? escapeRegExp(c)
  }

  private awkEscape(c: string): string {
    const octal = /^[0-7]{1,3}/.exec(this.pattern.slice(this.at - 1))?.[0]
    if (octal) {
      this.at += octal.length - 1
      return escapeRegExp(String.fromCharCode(Number.parseInt(octal, 8)))
    }
    const known = awkEscapes[c]
    return known === undefined ? escapeRegExp(c) : escapeRegExp(known)
  }

  private repeated(atom: string, first: boolean): string {
    let out = atom
    for (;;) {
      const quantifier = this.quantifier(first && atom === '^')
      if (quantifier === undefined) return out
      out = /^(\^|\$|\\b|\\B)$/.test(out) && out !== '^' ? out : `(?:${out})${quantifier}`
    }
  }

  private quantifier(afterAnchor: boolean): string | undefined {
    const { pattern } = this
    const c = pattern[this.at]
    if (c === '*') {
      if (afterAnchor && !this.extended) return undefined
      this.at++
      return '*'
    }
    if (this.extended && (c === '+' || c === '?')) {
      this.at++
      return c
    }
    if (!this.extended && c === '\\' && /[+?]/.test(pattern[this.at + 1] ?? '')) {
      this.at += 2
      return pattern[this.at - 1]
    }
    // mawk 1.3.4 and find's emacs style know no `a{2}`.
    if (this.options.awk) return undefined
    const open = this.extended ? '{' : '\\{'
    return this.peek(open) ? this.interval(open) : undefined
  }

  private interval(open: string): string | undefined {
    const close = this.extended ? '}' : '\\}'
    const rest = this.pattern.slice(this.at + open.length)
    const end = rest.indexOf(close)
    const body = end < 0 ? undefined : rest.slice(0, end)
    const match = body === undefined ? null : /^(\d*)(,?)(\d*)$/.exec(body)
    if (!match || body === '' || body === ',' && false) {
      if (this.extended && !/^\d/.test(rest)) return undefined
      throw new PatternError(end < 0 ? (this.extended ? 'Unmatched { or \\{'.replace(' { or', '') : 'Unmatched \\{') : 'Invalid content of \\{\\}')
    }
    this.at += open.length + end + close.length
    const low = Number(match[1] || 0)
    const high = match[3] === '' ? (match[2] ? Infinity : low) : Number(match[3])
    if (low > high) throw new PatternError('Invalid content of \\{\\}')
    if (low > 32767 || (high !== Infinity && high > 32767)) throw new PatternError('Regular expression too big')
    return match[2] ? `{${low},${high === Infinity ? '' : high}}` : `{${low}}`
  }

  private bracket(start: number): string {
    const { pattern } = this
    let i = start + 1
    const negated = pattern[i] === '^'
    if (negated) i++
    let out = ''
    for (let first = true; ; first = false) {
      const c = pattern[i]
      if (c === undefined) throw new PatternError('Unmatched [, [^, [:, [., or [=')
      if (c === ']' && !first) break
      const named = /^\[:(.*?):\]/.exec(pattern.slice(i))
      if (named) {
        const inside = characterClasses[named[1] as string]
        if (inside === undefined || named[1] === 'word') throw new PatternError('Invalid character class name')
        out += inside
        i += named[0].length
        continue
      }
      if (c === '[' && pattern[i + 1] === ':') throw new PatternError('Unmatched [, [^, [:, [., or [=')
      const low = this.bracketCharacter(i)
      if (pattern[low.end] === '-' && pattern[low.end + 1] !== ']' && pattern[low.end + 1] !== undefined) {
        const high = this.bracketCharacter(low.end + 1)
        if ((low.c.codePointAt(0) as number) > (high.c.codePointAt(0) as number)) throw new PatternError('Invalid range end')
        out += `${escapeInBracket(low.c)}-${escapeInBracket(high.c)}`
        i = high.end
      } else {
        out += escapeInBracket(low.c)
        i = low.end
      }
    }
    this.at = i + 1
    return `[${negated ? '^' : ''}${out}]`
  }

  private bracketCharacter(at: number): { c: string; end: number } {
    const named = /^\[([.=])(.+?)\1\]/u.exec(this.pattern.slice(at))
    if (named) {
      const c = named[2] as string
      if ([...c].length !== 1) throw new PatternError('Invalid collation character')
      return { c, end: at + named[0].length }
    }
    if (this.options.awk && this.pattern[at] === '\\' && at + 1 < this.pattern.length) {
      const next = this.pattern[at + 1] as string
      return { c: awkEscapes[next] ?? next, end: at + 2 }
    }
    const c = String.fromCodePoint(this.pattern.codePointAt(at) as number)
    return { c, end: at + c.length }
  }
}

/** POSIX takes the longest of the alternatives, JavaScript the first: plain ones that begin alike are ordered by length. */
function longestFirst(parts: readonly string[]): string[] {
  const plain = (part: string): boolean => !/[()[\]{}*+?|^$]/.test(part.replace(/\\./g, ''))
  return parts.every(plain) ? [...parts].sort((a, b) => b.length - a.length) : [...parts]
}
