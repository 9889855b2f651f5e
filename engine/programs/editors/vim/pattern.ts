/** vim's regular expressions as JavaScript's, and its replacements. */
export class VimPatternError extends Error {}

const classes: Readonly<Record<string, string>> = {
  s: '[ \\t]', S: '[^ \\t]', d: '[0-9]', D: '[^0-9]', w: '[0-9A-Za-z_]', W: '[^0-9A-Za-z_]', a: '[A-Za-z]', A: '[^A-Za-z]', l: '[a-z]', L: '[^a-z]', u: '[A-Z]', U: '[^A-Z]', x: '[0-9A-Fa-f]', X: '[^0-9A-Fa-f]', o: '[0-7]', h: '[A-Za-z_]', i: '[0-9A-Za-z_]', k: '[0-9A-Za-z_]', f: '[0-9A-Za-z_./~+-]', p: '[ -~]', n: '\\n', t: '\\t', r: '\\r', e: '\\x1b', '<': '\\b(?=\\w)', '>': '(?<=\\w)\\b',
}

export interface PatternCase {
  readonly ignorecase: boolean
  readonly smartcase: boolean
}

export function vimRegExp(pattern: string, options: PatternCase): RegExp {
  const compiler = new Compiler(pattern)
  const source = compiler.compile()
  const ignore = compiler.forcedCase ?? (options.ignorecase && !(options.smartcase && /[A-Z]/.test(pattern.replace(/\\./g, ''))))
  try {
    return new RegExp(source, `gm${ignore ? 'i' : ''}`)
  } catch {
    throw new VimPatternError(`E486: Pattern not found: ${pattern}`)
  }
}

class Compiler {
  forcedCase: boolean | undefined
  private at = 0
  private magic: 'v' | 'm' | 'M' | 'V' = 'm'

  constructor(private readonly pattern: string) {}

  compile(): string {
    let out = ''
    while (this.at < this.pattern.length) out += this.piece(out)
    return out
  }

  /** Whether the character means something without a backslash. */
  private special(c: string): boolean {
    if (this.magic === 'v') return !/[0-9A-Za-z_]/.test(c) && '^$.*+?=@~[]{}()|<>%&'.includes(c)
    if (this.magic === 'm') return '^$.*[~'.includes(c)
    return this.magic === 'M' ? '^$'.includes(c) : false
  }

  private piece(before: string): string {
    const c = this.pattern[this.at++] as string
    if (c !== '\\') return this.special(c) ? this.meaning(c, before) : escape(c)
    const next = this.pattern[this.at++]
    if (next === undefined) return '\\\\'
    if ('vmMV'.includes(next)) {
      this.magic = next as 'v'
      return ''
    }
    if (next === 'c' || next === 'C') {
      this.forcedCase = next === 'c'
      return ''
    }
    if (next === '{' && this.magic !== 'v') return this.braces()
    if (this.special(next)) return escape(next)
    if (/[1-9]/.test(next)) return `\\${next}`
    if (next === '_') return this.withNewline()
    if (next === 'z') return this.boundary()
    if (next === '%') return this.percent()
    return classes[next] ?? (/[().|+=?&<>@]/.test(next) ? this.meaning(next, before) : escape(next))
  }

  private meaning(c: string, before: string): string {
    switch (c) {
      case '^': return before === '' || /[(|]$/.test(before) ? '^' : '\\^'
      case '$': return this.at >= this.pattern.length || /^\\?[|)]/.test(this.pattern.slice(this.at)) || /^\\n/.test(this.pattern.slice(this.at)) ? '$' : '\\$'
      case '.': return '[^\\n]'
      case '*': return before === '' || before === '^' ? '\\*' : '*'
      case '+': return '+'
      case '=': case '?': return '?'
      case '(': return '('
      case ')': return ')'
      case '|': return '|'
      case '<': return classes['<'] as string
      case '>': return classes['>'] as string
      case '[': return this.bracket()
      case '{': return this.braces()
      case '@': return this.look()
      case '%': return this.percent()
      case '&': return ''
      default: return escape(c)
    }
  }

  private bracket(): string {
    const rest = this.pattern.slice(this.at)
    const match = /^(\^?)(\]?(?:\\.|\[:\w+:\]|[^\]])*)\]/.exec(rest)
    if (!match) return '\\['
    this.at += match[0].length
    const inner = (match[2] as string).replace(/\[:(\w+):\]/g, (_, name: string) => ({ space: '\\s', digit: '0-9', alpha: 'A-Za-z', alnum: 'A-Za-z0-9', upper: 'A-Z', lower: 'a-z', punct: '!-\\/:-@\\[-`{-~' })[name] ?? '').replace(/^\]/, '\\]').replace(/\[/g, '\\[').replace(/\\([etrbn\\\]^-])|\\(.)/g, (_, known?: string, other?: string) => (known !== undefined ? `\\${known}` : `\\\\${other ?? ''}`))
    return `[${match[1] as string}${inner}]`
  }

  private braces(): string {
    const match = /^(-?)(\d*)(,?)(\d*)\\?\}/.exec(this.pattern.slice(this.at))
    if (!match) return '\\{'
    this.at += match[0].length
    const range = match[3] === '' ? (match[2] === '' ? '*' : `{${match[2] as string}}`) : `{${match[2] || '0'},${match[4] as string}}`
    return `${range}${match[1] === '-' ? '?' : ''}`
  }

  /** `\@=` and its like follow the atom: only on groups just closed. */
  private look(): string {
    const match = /^(<=|<!|=|!|>)/.exec(this.pattern.slice(this.at))
    this.at += match?.[0].length ?? 0
    return ''
  }

  private percent(): string {
    const next = this.pattern[this.at++]
    if (next === '(') return '(?:'
    if (next === '^') return '(?<![^])'
    if (next === '$') return '(?![^])'
    return ''
  }

  private withNewline(): string {
    const next = this.pattern[this.at++] ?? ''
    if (next === '.') return '[^]'
    if (next === '^' || next === '$') return next
    if (next === '[') return `(?:${this.bracket()}|\\n)`
    return `(?:${classes[next] ?? escape(next)}|\\n)`
  }

  private boundary(): string {
    const next = this.pattern[this.at++]
    if (next === 's') return ''
    return ''
  }
}

function escape(c: string): string {
  return c.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/** The replacement of `:s`: `&`, `\0`-`\9`, `\r`, `\n`, `\t`, `\u` ...; `~` is the one before. */
export function expandReplacement(template: string, match: RegExpMatchArray, previous: string): string {
  let out = ''
  let run: 'U' | 'L' | undefined
  let once: 'u' | 'l' | undefined
  const add = (text: string): void => {
    let piece = run === 'U' ? text.toUpperCase() : run === 'L' ? text.toLowerCase() : text
    if (once && piece !== '') {
      piece = (once === 'u' ? piece.charAt(0).toUpperCase() : piece.charAt(0).toLowerCase()) + piece.slice(1)
      once = undefined
    }
    out += piece
  }
  for (let i = 0; i < template.length; i++) {
    const c = template[i] as string
    if (c === '&') add(match[0])
    else if (c === '~') add(previous)
    else if (c === '\\' && i + 1 < template.length) {
      const next = template[++i] as string
      if (/\d/.test(next)) add(match[Number(next)] ?? '')
      else if (next === 'U' || next === 'L') run = next
      else if (next === 'E' || next === 'e') run = undefined
      else if (next === 'u' || next === 'l') once = next
      else add(({ r: '\n', n: '\0', t: '\t' } as Record<string, string>)[next] ?? next)
    } else if (c === '\r') add('\n')
    else add(c)
  }
  return out
}
