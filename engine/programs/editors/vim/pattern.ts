/** vim's regular expressions as JavaScript's. */
export class VimPatternError extends Error {}

const classes: Readonly<Record<string, string>> = {
  s: '[ \\t]', S: '[^ \\t]', d: '[0-9]', D: '[^0-9]', w: '[0-9A-Za-z_]', W: '[^0-9A-Za-z_]', a: '[A-Za-z]', A: '[^A-Za-z]', l: '[a-z]', L: '[^a-z]', u: '[A-Z]', U: '[^A-Z]', x: '[0-9A-Fa-f]', X: '[^0-9A-Fa-f]', o: '[0-7]', h: '[A-Za-z_]', i: '[0-9A-Za-z_]', k: '[0-9A-Za-z_]', f: '[0-9A-Za-z_./~+-]', p: '[ -~]', n: '\\n', t: '\\t', r: '\\r', e: '\\x1b', '<': '\\b(?=\\w)', '>': '(?<=\\w)\\b',
}

const named: Readonly<Record<string, string>> = { space: '\\s', digit: '0-9', alpha: 'A-Za-z', alnum: 'A-Za-z0-9', upper: 'A-Z', lower: 'a-z', punct: '!-\\/:-@\\[-`{-~', xdigit: '0-9A-Fa-f', blank: ' \\t' }

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

/** Characters that mean something without a backslash, by how magic the pattern is. */
const special: Readonly<Record<string, string>> = { v: '^$.*+?=@~[]{}()|<>%&', m: '^$.*[~', M: '^$', V: '' }

class Compiler {
  forcedCase: boolean | undefined
  private at = 0
  private magic = 'm'

  constructor(private readonly pattern: string) {}

  compile(): string {
    return this.branches(false)
  }

  /** Up to the end, or in a group to the parenthesis that closes it. */
  private branches(inGroup: boolean): string {
    const done: string[] = []
    let pieces: string[] = []
    while (this.at < this.pattern.length) {
      const start = this.at
      const token = this.token()
      if (inGroup && token === ')') return [...done, pieces.join('')].join('|')
      if (token === '|') {
        done.push(pieces.join(''))
        pieces = []
      } else pieces = this.meaning(token, pieces)
      if (this.at === start) break
    }
    return [...done, pieces.join('')].join('|')
  }

  /** What the next characters mean: `\(` in one magic is `(` in another. `=x` is the character x itself. */
  private token(): string {
    const c = this.pattern[this.at++] as string
    if (c !== '\\') return this.isSpecial(c) ? c : `=${c}`
    const next = this.pattern[this.at++]
    if (next === undefined) return '=\\'
    if (this.isSpecial(next)) return `=${next}`
    return /[(){}|+=?&<>@%*.[~^$]/.test(next) && !(next === '^' || next === '$') ? next : `\\${next}`
  }

  private isSpecial(c: string): boolean {
    return (special[this.magic] ?? '').includes(c)
  }

  private meaning(token: string, pieces: string[]): string[] {
    if (token.startsWith('=') && token.length > 1) return [...pieces, quoted(token.slice(1))]
    if (token.startsWith('\\')) return this.escape(token.slice(1), pieces)
    if (token === '@') return this.look(pieces)
    const read = this.readers[token]
    return [...pieces, read ? read(pieces) : this.atom(token)]
  }

  /** What tokens become, some by where they stand. */
  private readonly readers: Readonly<Record<string, (pieces: readonly string[]) => string>> = {
    '*': (pieces) => (pieces.length === 0 || pieces.at(-1) === '^' ? '\\*' : '*'),
    '+': () => '+',
    '=': () => '?',
    '?': () => '?',
    '{': () => this.braces(),
    '%': () => this.percent(),
    '^': (pieces) => (pieces.length === 0 ? '^' : '\\^'),
    $: () => (this.endsLine() ? '$' : '\\$'),
  }

  private atom(token: string): string {
    if (token === '.') return '[^\\n]'
    if (token === '(') return `(${this.branches(true)})`
    if (token === '[') return this.bracket()
    if (token === '<' || token === '>') return classes[token] as string
    return token === '&' ? '' : quoted(token)
  }

  private escape(c: string, pieces: string[]): string[] {
    if ('vmMV'.includes(c)) this.magic = c
    else if (c === 'c' || c === 'C') this.forcedCase = c === 'c'
    else if (c === 'z') return this.boundary(pieces)
    else return [...pieces, /[1-9]/.test(c) ? `\\${c}` : c === '_' ? this.withNewline() : (classes[c] ?? quoted(c))]
    return pieces
  }

  private endsLine(): boolean {
    const rest = this.pattern.slice(this.at)
    return rest === '' || /^\\?[|)]/.test(rest) || rest.startsWith('\\n')
  }

  private bracket(): string {
    const match = /^(\^?)(\]?(?:\\.|\[:\w+:\]|[^\]])*)\]/.exec(this.pattern.slice(this.at))
    if (!match) return '\\['
    this.at += match[0].length
    const inner = (match[2] as string).replace(/\[:(\w+):\]/g, (_, name: string) => named[name] ?? '').replace(/^\]/, '\\]').replace(/(?<!\\)\[/g, '\\[').replace(/\\([etrbn\\[\]^-])|\\(.)/g, (_, known?: string, other?: string) => (known !== undefined ? `\\${known}` : `\\\\${other ?? ''}`))
    return `[${match[1] as string}${inner}]`
  }

  private braces(): string {
    const match = /^(-?)(\d*)(,?)(\d*)\\?\}/.exec(this.pattern.slice(this.at))
    if (!match) return '\\{'
    this.at += match[0].length
    const [, lazy, low = '', comma, high = ''] = match
    const range = comma === '' ? (low === '' ? '*' : `{${low}}`) : `{${low || '0'},${high}}`
    return `${range}${lazy === '-' ? '?' : ''}`
  }

  /** `\@=`, `\@!`, `\@<=`, `\@<!` make the atom before them one that is only looked at. */
  private look(pieces: string[]): string[] {
    const kind = /^(<=|<!|=|!|>)/.exec(this.pattern.slice(this.at))?.[0]
    if (kind === undefined) return pieces
    this.at += kind.length
    return [...pieces.slice(0, -1), `(?${kind}${pieces.at(-1) ?? ''})`]
  }

  private percent(): string {
    const next = this.pattern[this.at++]
    if (next === '(') return `(?:${this.branches(true)})`
    if (next === '^') return '(?<![^])'
    return next === '$' ? '(?![^])' : ''
  }

  private withNewline(): string {
    const next = this.pattern[this.at++] ?? ''
    if (next === '.') return '[^]'
    if (next === '^' || next === '$') return next
    return next === '[' ? `(?:${this.bracket()}|\\n)` : `(?:${classes[next] ?? quoted(next)}|\\n)`
  }

  /** `\zs`: the match begins here; `\ze`: it ends here. */
  private boundary(pieces: string[]): string[] {
    const next = this.pattern[this.at++]
    if (next === 's') return [`(?<=${pieces.join('')})`]
    return next === 'e' ? [...pieces, `(?=${this.branches(false)})`] : pieces
  }
}

function quoted(c: string): string {
  return c.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
