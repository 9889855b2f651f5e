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
      case '(': return this.extended ? this.group(depth) : '\\('
      case '^': case '$': return this.anchor(c, first, depth)
      default: return '*+?{'.includes(c) ? this.loneQuantifier(c, first) : escapeRegExp(c)
    }
  }

  private anchor(c: string, first: boolean, depth: number): string {
    const special = this.extended || (c === '^' ? first : this.atBranchEnd(depth))
    return special ? c : `\\${c}`
  }

  /** A quantifier with nothing before it to repeat. */
  private loneQuantifier(c: string, first: boolean): string {
    if (!this.extended || !first) return `\\${c}`
    if (c === '*') return this.options.awk ? '\\*' : this.leadingStar()
    if (c !== '{') return this.leadingStar()
    if (/^\d/.test(this.pattern.slice(this.at)) && !this.options.awk) throw new PatternError('Invalid preceding regular expression')
    return '\\{'
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
    const found = /^[+?]/.exec(this.extended ? (c ?? '') : c === '\\' ? (pattern[this.at + 1] ?? '') : '')?.[0]
    if (found !== undefined) {
      this.at += this.extended ? 1 : 2
      return found
    }
    // mawk 1.3.4 and find's emacs style know no `a{2}`.
    const open = this.extended ? '{' : '\\{'
    return !this.options.awk && this.peek(open) ? this.interval(open) : undefined
  }

  private interval(open: string): string | undefined {
    const close = this.extended ? '}' : '\\}'
    const rest = this.pattern.slice(this.at + open.length)
    const end = rest.indexOf(close)
    const match = end <= 0 ? null : /^(\d*)(,?)(\d*)$/.exec(rest.slice(0, end))
    if (!match) {
      if (this.extended && !/^\d/.test(rest)) return undefined
      throw new PatternError(end >= 0 ? 'Invalid content of \\{\\}' : this.extended ? 'Unmatched \\{' : 'Unmatched \\{')
    }
    this.at += open.length + end + close.length
    return bounds(Number(match[1] || 0), match[2] === ',', match[3] as string)
  }

  private bracket(start: number): string {
    const negated = this.pattern[start + 1] === '^'
    const from = start + (negated ? 2 : 1)
    let out = ''
    let i = from
    while (this.pattern[i] !== ']' || i === from) {
      const { source, end } = this.bracketMember(i)
      out += source
      i = end
    }
    this.at = i + 1
    return `[${negated ? '^' : ''}${out}]`
  }

  /** A class, a range or a character inside brackets. */
  private bracketMember(i: number): { source: string; end: number } {
    const { pattern } = this
    if (pattern[i] === undefined) throw new PatternError(openBracket)
    const named = /^\[:(.*?):\]/.exec(pattern.slice(i))
    if (named) return { source: classSource(named[1] as string), end: i + named[0].length }
    if (pattern.startsWith('[:', i)) throw new PatternError(openBracket)
    const low = this.bracketCharacter(i)
    if (pattern[low.end] !== '-' || pattern[low.end + 1] === ']' || pattern[low.end + 1] === undefined) return { source: escapeInBracket(low.c), end: low.end }
    const high = this.bracketCharacter(low.end + 1)
    if ((low.c.codePointAt(0) as number) > (high.c.codePointAt(0) as number)) throw new PatternError('Invalid range end')
    return { source: `${escapeInBracket(low.c)}-${escapeInBracket(high.c)}`, end: high.end }
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

const openBracket = 'Unmatched [, [^, [:, [., or [='

function classSource(name: string): string {
  const inside = characterClasses[name]
  if (inside === undefined || name === 'word') throw new PatternError('Invalid character class name')
  return inside
}

function bounds(low: number, open: boolean, text: string): string {
  const high = text === '' ? (open ? Infinity : low) : Number(text)
  if (low > high) throw new PatternError('Invalid content of \\{\\}')
  if (low > 32767 || (high !== Infinity && high > 32767)) throw new PatternError('Regular expression too big')
  return open ? `{${low},${high === Infinity ? '' : high}}` : `{${low}}`
}

/** POSIX takes the longest of the alternatives, JavaScript the first: plain ones that begin alike are ordered by length. */
function longestFirst(parts: readonly string[]): string[] {
  const plain = (part: string): boolean => !/[()[\]{}*+?|^$]/.test(part.replace(/\\./g, ''))
  return parts.every(plain) ? [...parts].sort((a, b) => b.length - a.length) : [...parts]
}
