/** Finds where quoted and nested constructs end. Positions are offsets into the text; -1 means the text ends before. */
export interface Unterminated {
  /** The closing character that was looked for. */
  readonly looking: string
  /** Where the construct began. */
  readonly at: number
}

export class UnterminatedError extends Error {
  constructor(
    readonly looking: string,
    readonly at: number,
  ) {
    super(`unexpected EOF while looking for matching \`${looking}'`)
  }
}

/** `at` is on the opening quote; returns the offset after the closing one. */
export function skipSingle(text: string, at: number): number {
  const end = text.indexOf("'", at + 1)
  if (end < 0) throw new UnterminatedError("'", at)
  return end + 1
}

/** `at` is on the quote of `$'`. */
export function skipAnsi(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === "'") return i + 1
  }
  throw new UnterminatedError("'", at)
}

export function skipDouble(text: string, at: number): number {
  for (let i = at + 1; i < text.length; ) {
    const c = text[i]
    if (c === '"') return i + 1
    if (c === '\\') i += 2
    else if (c === '`') i = skipBackquote(text, i)
    else if (c === '$') i = skipDollar(text, i, true)
    else i++
  }
  throw new UnterminatedError('"', at)
}

export function skipBackquote(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '`') return i + 1
  }
  throw new UnterminatedError('`', at)
}

/** `at` is on `$`; returns the offset after the expansion, or after the `$` alone. */
export function skipDollar(text: string, at: number, inDouble = false): number {
  const next = text[at + 1]
  if (next === '{') return skipBrace(text, at + 1, inDouble)
  if (next === '(') return text[at + 2] === '(' ? skipArithmeticOrCommand(text, at) : skipParen(text, at + 1)
  if (next === '[') return skipBracket(text, at + 1)
  if (next === "'" && !inDouble) return skipAnsi(text, at + 1)
  if (next === '"' && !inDouble) return skipDouble(text, at + 1)
  return at + 1
}

/** `at` is on the `$` of `$((`. */
export function skipArithmeticOrCommand(text: string, at: number): number {
  const end = arithmeticEnd(text, at + 3)
  return end >= 0 ? end + 2 : skipParen(text, at + 1)
}

/** The offset of `))` that ends an arithmetic text begun at `at`, -1 where it is no arithmetic. Throws at the end of text. */
export function arithmeticEnd(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; ) {
    const c = text[i]
    if (c === '(') depth++
    else if (c === ')') {
      if (depth === 0) return text[i + 1] === ')' ? i : -1
      depth--
    }
    i = skipOne(text, i)
  }
  throw new UnterminatedError(')', at)
}

/** The offset behind what stands here as one: an escape, a quote, a substitution; or behind this character. */
export function skipOne(text: string, i: number): number {
  switch (text[i]) {
    case '\\': return i + 2
    case "'": return skipSingle(text, i)
    case '"': return skipDouble(text, i)
    case '`': return skipBackquote(text, i)
    case '$': return Math.max(i + 1, skipDollar(text, i))
    default: return i + 1
  }
}

/** The same where the text may end before: then only this character is passed. */
export function skipOneSafely(text: string, i: number): number {
  try {
    return skipOne(text, i)
  } catch {
    return i + 1
  }
}

/** The three expressions of an arithmetic `for`, cut at semicolons that are no part of a substitution. */
export function splitArithmeticFor(text: string): string[] {
  const out: string[] = []
  let start = 0
  for (let i = 0; i < text.length; ) {
    const c = text[i]
    if (c === ';') {
      out.push(text.slice(start, i))
      start = i + 1
    }
    i = skipOne(text, i)
  }
  out.push(text.slice(start))
  return out
}

/** After these operators of `${...}` single quotes quote, also between double quotes. */
const beforePattern = /^\{!?(?:[A-Za-z_]\w*(?:\[[^\]]*\])?|[0-9@*])[#%/^,]/

/** `at` is on `{` of `${`. */
export function skipBrace(text: string, at: number, double = false): number {
  const inDouble = double && !beforePattern.test(text.slice(at, at + 200))
  for (let i = at + 1; i < text.length; ) {
    const c = text[i]
    if (c === '}') return i + 1
    if (c === '\\') i += 2
    else if (c === "'" && !inDouble) i = skipSingle(text, i)
    else if (c === '"') i = skipDouble(text, i)
    else if (c === '`') i = skipBackquote(text, i)
    else if (c === '$') i = text[i + 1] === '$' ? i + 2 : skipDollar(text, i, inDouble)
    else i++
  }
  throw new UnterminatedError('}', at)
}

export function skipBracket(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; ) {
    const c = text[i]
    if (c === '[') depth++
    else if (c === ']' && --depth === 0) return i + 1
    i = c === '\\' ? i + 2 : c === "'" ? skipSingle(text, i) : c === '"' ? skipDouble(text, i) : c === '`' ? skipBackquote(text, i) : c === '$' && text[i + 1] !== ']' ? skipDollar(text, i) : i + 1
  }
  throw new UnterminatedError(']', at)
}

interface Pending {
  readonly delimiter: string
  readonly tabs: boolean
}

/** `at` is on the `(` of a command or process substitution; quotes, comments, here-documents and `case` patterns count. */
export function skipParen(text: string, at: number): number {
  return new CommandScan(text, at).run()
}

class CommandScan {
  private depth = 0
  private cases: number[] = []
  private pending: Pending[] = []
  private wordStart = true

  constructor(
    private readonly text: string,
    private readonly start: number,
  ) {}

  run(): number {
    let i = this.start
    while (i < this.text.length) {
      const next = this.step(i)
      if (next < 0) return -next
      i = next
    }
    throw new UnterminatedError(')', this.start)
  }

  /** The next offset; negative when the closing parenthesis was passed. */
  private step(i: number): number {
    const { text } = this
    const c = text[i] as string
    const fresh = this.wordStart
    this.wordStart = ' \t\n;&|()<>'.includes(c)
    if ('\\\'"`$'.includes(c)) return skipOne(text, i)
    if (fresh && (c === '#' || /[a-z]/.test(c))) return c === '#' ? this.comment(i) : this.word(i)
    return this.structure(i, c)
  }

  private structure(i: number, c: string): number {
    const { text } = this
    if (c === '\n' && this.pending.length > 0) return this.bodies(i + 1)
    if (c === '<' && text[i + 1] === '<') return text[i + 2] === '<' ? i + 3 : this.heredoc(i)
    if (c === '(') this.depth++
    return c === ')' ? this.close(i) : i + 1
  }

  private close(i: number): number {
    if (this.cases[this.cases.length - 1] === this.depth) return i + 1
    this.depth--
    return this.depth === 0 ? -(i + 1) : i + 1
  }

  private word(i: number): number {
    const match = /^[a-z]+(?=[\s;&|()<>]|$)/.exec(this.text.slice(i, i + 8))
    if (!match) return i + 1
    if (match[0] === 'case' && this.inAfter(i + 4)) this.cases.push(this.depth)
    else if (match[0] === 'esac' && this.cases[this.cases.length - 1] === this.depth) this.cases.pop()
    return i + match[0].length
  }

  private inAfter(i: number): boolean {
    return /^\s+\S[^\n]*?\s+in\b|^\s+\S+\s+in\b/.test(this.text.slice(i, i + 400))
  }

  private comment(i: number): number {
    const end = this.text.indexOf('\n', i)
    return end < 0 ? this.text.length : end
  }

  private heredoc(i: number): number {
    const match = /^<<(-?)[ \t]*((?:'[^']*'|"[^"]*"|\\.|[^\s;&|()<>'"\\])+)/.exec(this.text.slice(i))
    if (!match) return i + 2
    this.pending.push({ delimiter: unquoteDelimiter(match[2] as string), tabs: match[1] === '-' })
    return i + match[0].length
  }

  private bodies(i: number): number {
    let at = i
    for (const { delimiter, tabs } of this.pending) at = skipBody(this.text, at, delimiter, tabs)
    this.pending = []
    this.wordStart = true
    return at
  }
}

export function unquoteDelimiter(raw: string): string {
  return raw.replace(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, a?: string, b?: string, c?: string) => a ?? b ?? c ?? '')
}

/** The offset after the delimiter's line, or the end of the text. */
export function skipBody(text: string, at: number, delimiter: string, tabs: boolean): number {
  let i = at
  while (i < text.length) {
    const end = text.indexOf('\n', i)
    const line = text.slice(i, end < 0 ? text.length : end)
    i = end < 0 ? text.length : end + 1
    if ((tabs ? line.replace(/^\t+/, '') : line) === delimiter) break
  }
  return i
}
