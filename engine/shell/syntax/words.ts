/** What a word is made of. Words are parsed from their text, since expansions, here-documents and prompts hold words too. */
import { parseParameter } from '#engine/shell/syntax/parameter'
import { skipAnsi, skipBackquote, skipBrace, skipBracket, skipDouble, skipParen, skipSingle, arithmeticEnd } from '#engine/shell/syntax/scanner'
import { decodeAnsi } from '#engine/shell/syntax/ansi'

export type Part =
  | { readonly kind: 'literal'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'double'; readonly parts: readonly Part[] }
  | ParameterPart
  | { readonly kind: 'command'; readonly script: string; readonly backquoted: boolean }
  | { readonly kind: 'arithmetic'; readonly text: string }
  | { readonly kind: 'process'; readonly writes: boolean; readonly script: string }

export interface ParameterPart {
  readonly kind: 'parameter'
  /** As written, for `bad substitution`. */
  readonly text: string
  readonly name: string
  readonly index?: string
  readonly indirect?: boolean
  readonly length?: boolean
  /** `${!prefix*}`, `${!prefix@}`. */
  readonly names?: '@' | '*'
  readonly operator?: string
  readonly operand?: string
  readonly second?: string
  readonly bad?: boolean
}

/** `word`: unquoted. `double`: inside double quotes. `document`: a here-document's body. `operand`: after an operator inside double quotes. */
export type WordMode = 'word' | 'double' | 'document' | 'operand'

const cache = new Map<string, readonly Part[]>()
const cacheLimit = 4096

export function parseWord(text: string, mode: WordMode = 'word'): readonly Part[] {
  const key = `${mode.charAt(0)}${mode.length}${text}`
  const known = cache.get(key)
  if (known) return known
  const parts = new WordParser(text, mode).parse()
  if (cache.size >= cacheLimit) cache.clear()
  if (text.length < 4096) cache.set(key, parts)
  return parts
}

class WordParser {
  private readonly parts: Part[] = []
  private plain = ''

  constructor(
    private readonly text: string,
    private readonly mode: WordMode,
  ) {}

  parse(): readonly Part[] {
    for (let i = 0; i < this.text.length; ) i = this.step(i)
    this.flush()
    return this.parts
  }

  private flush(): void {
    if (this.plain !== '') this.parts.push({ kind: 'literal', text: this.plain, quoted: false })
    this.plain = ''
  }

  private push(part: Part): void {
    this.flush()
    this.parts.push(part)
  }

  private step(i: number): number {
    const { text, mode } = this
    const c = text[i] as string
    if (c === '\\') return this.backslash(i)
    if (c === '$') return this.dollar(i)
    if (c === '`') return this.backquote(i)
    if (c === '"' && (mode === 'word' || mode === 'operand')) {
      const end = skipDouble(text, i)
      this.push({ kind: 'double', parts: parseWord(text.slice(i + 1, end - 1), 'double') })
      return end
    }
    if (mode === 'word') {
      if (c === "'") {
        const end = skipSingle(text, i)
        this.push({ kind: 'literal', text: text.slice(i + 1, end - 1), quoted: true })
        return end
      }
      if ((c === '<' || c === '>') && text[i + 1] === '(') {
        const end = skipParen(text, i + 1)
        this.push({ kind: 'process', writes: c === '>', script: text.slice(i + 2, end - 1) })
        return end
      }
    }
    this.plain += c
    return i + 1
  }

  private backslash(i: number): number {
    const next = this.text[i + 1]
    if (next === undefined) {
      this.plain += '\\'
      return i + 1
    }
    if (next === '\n') return i + 2
    const special = this.mode === 'word' ? undefined : this.mode === 'document' ? '$`\\' : this.mode === 'operand' ? '$`"\\}' : '$`"\\'
    if (special !== undefined && !special.includes(next)) {
      this.plain += `\\${next}`
      return i + 2
    }
    const point = String.fromCodePoint(this.text.codePointAt(i + 1) as number)
    this.push({ kind: 'literal', text: point, quoted: true })
    return i + 1 + point.length
  }

  private backquote(i: number): number {
    const end = skipBackquote(this.text, i)
    const inner = this.text.slice(i + 1, end - 1)
    const script = inner.replace(this.mode === 'word' ? /\\([$`\\\n])/g : /\\([$`\\\n"])/g, (_, c: string) => (c === '\n' ? '' : c))
    this.push({ kind: 'command', script, backquoted: true })
    return end
  }

  private dollar(i: number): number {
    const { text } = this
    const next = text[i + 1] ?? ''
    if (next === '{') {
      const end = skipBrace(text, i + 1, this.mode !== 'word')
      this.push(parseParameter(text.slice(i, end)))
      return end
    }
    if (next === '(') return this.parenthesis(i)
    if (next === '[') {
      const end = skipBracket(text, i + 1)
      this.push({ kind: 'arithmetic', text: text.slice(i + 2, end - 1) })
      return end
    }
    if ((this.mode === 'word' || this.mode === 'operand') && next === "'") {
      const end = skipAnsi(text, i + 1)
      this.push({ kind: 'literal', text: decodeAnsi(text.slice(i + 2, end - 1)), quoted: true })
      return end
    }
    if (next === '"' && (this.mode === 'word' || this.mode === 'operand')) return i + 1
    const name = /^(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(text.slice(i + 1, i + 1 + 256))?.[0]
    if (name === undefined) {
      this.plain += '$'
      return i + 1
    }
    const full = name.length >= 255 ? (/^[A-Za-z_]\w*/.exec(text.slice(i + 1))?.[0] ?? name) : name
    this.push({ kind: 'parameter', text: `$${full}`, name: full })
    return i + 1 + full.length
  }

  private parenthesis(i: number): number {
    const { text } = this
    if (text[i + 2] === '(') {
      const end = arithmeticEnd(text, i + 3)
      if (end >= 0) {
        this.push({ kind: 'arithmetic', text: text.slice(i + 3, end) })
        return end + 2
      }
    }
    const end = skipParen(text, i + 1)
    this.push({ kind: 'command', script: text.slice(i + 2, end - 1), backquoted: false })
    return end
  }
}

/** The text with quotes removed and nothing expanded. */
export function unquote(text: string): string {
  const flat = (parts: readonly Part[]): string => parts.map((part) => (part.kind === 'literal' ? part.text : part.kind === 'double' ? flat(part.parts) : rawPart(part))).join('')
  return flat(parseWord(text))
}

function rawPart(part: Part): string {
  switch (part.kind) {
    case 'parameter': return part.text
    case 'command': return part.backquoted ? `\`${part.script}\`` : `$(${part.script})`
    case 'arithmetic': return `$((${part.text}))`
    case 'process': return `${part.writes ? '>' : '<'}(${part.script})`
    default: return ''
  }
}
