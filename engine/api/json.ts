/** JSON as Go's decoder takes it: its error words, and keys that occur twice. The last of them wins. */
import { encodeUtf8 } from '#engine/base/bytes'

export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError'

  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message)
  }
}

export interface ParsedJson {
  readonly value: unknown
  /** Paths of duplicate keys in the order they occur: `spec.containers[0].name`. */
  readonly duplicates: readonly string[]
}

const maxDepth = 10_000

/** The value alone, at the speed of the platform's parser; only a failure is looked at again for its words. */
export function parseJson(text: string): unknown {
  checkDepth(text)
  try {
    return JSON.parse(text)
  } catch {
    return parseJsonStrict(text).value
  }
}

export function parseJsonStrict(text: string): ParsedJson {
  checkDepth(text)
  const parser = new Parser(text)
  return { value: parser.document(), duplicates: parser.duplicates }
}

/** Before any parser goes down: their stacks are less deep than what a text can ask for. */
function checkDepth(text: string): void {
  if (text.length <= maxDepth) return
  let depth = 0
  for (const [mark] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (mark === '[' || mark === '{') depth++
    else if (mark === ']' || mark === '}') depth--
    if (depth > maxDepth) throw new JsonSyntaxError('exceeded max depth', 0)
  }
}

class Parser {
  readonly duplicates: string[] = []
  private at = 0
  private readonly path: (string | number)[] = []

  constructor(private readonly text: string) {}

  document(): unknown {
    const value = this.value(0)
    this.space()
    if (this.at < this.text.length) this.fail('after top-level value')
    return value
  }

  private value(depth: number): unknown {
    if (depth > maxDepth) throw new JsonSyntaxError('exceeded max depth', this.at)
    this.space()
    const char = this.text.charAt(this.at)
    switch (char) {
      case '{': return this.object(depth)
      case '[': return this.array(depth)
      case '"': return this.string()
      case 't': return this.literal('true', true)
      case 'f': return this.literal('false', false)
      case 'n': return this.literal('null', null)
      default: return this.number()
    }
  }

  private object(depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    this.at++
    this.space()
    if (this.text.charAt(this.at) === '}') {
      this.at++
      return out
    }
    for (;;) {
      this.space()
      if (this.text.charAt(this.at) !== '"') this.fail('looking for beginning of object key string')
      const key = this.string()
      this.space()
      if (this.text.charAt(this.at) !== ':') this.fail('after object key')
      this.at++
      this.path.push(key)
      if (Object.hasOwn(out, key) && this.duplicates.length < 100) this.duplicates.push(pathText(this.path))
      const value = this.value(depth + 1)
      if (key === '__proto__') Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true })
      else out[key] = value
      this.path.pop()
      this.space()
      const next = this.text.charAt(this.at)
      if (next !== ',' && next !== '}') this.fail('after object key:value pair')
      this.at++
      if (next === '}') return out
    }
  }

  private array(depth: number): unknown[] {
    const out: unknown[] = []
    this.at++
    this.space()
    if (this.text.charAt(this.at) === ']') {
      this.at++
      return out
    }
    for (;;) {
      this.path.push(out.length)
      out.push(this.value(depth + 1))
      this.path.pop()
      this.space()
      const next = this.text.charAt(this.at)
      if (next !== ',' && next !== ']') this.fail('after array element')
      this.at++
      if (next === ']') return out
    }
  }

  private string(): string {
    const start = this.at++
    let escaped = false
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code === 34) break
      if (Number.isNaN(code)) this.fail('in string literal')
      if (code < 32) this.fail('in string literal')
      if (code === 92) {
        escaped = true
        this.at++
        const next = this.text.charAt(this.at)
        if (!'"\\/bfnrtu'.includes(next) || next === '') this.fail('in string escape code')
        if (next === 'u') for (let i = 0; i < 4; i++) if (!/[0-9a-fA-F]/.test(this.text.charAt(++this.at))) this.fail('in \\u hexadecimal character escape')
      }
      this.at++
    }
    this.at++
    const raw = this.text.slice(start, this.at)
    return escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1)
  }

  private literal(word: string, value: unknown): unknown {
    for (let i = 1; i < word.length; i++) {
      if (this.text.charAt(this.at + i) === word.charAt(i)) continue
      this.at += i
      this.fail(`in literal ${word} (expecting '${word.charAt(i)}')`)
    }
    this.at += word.length
    return value
  }

  private number(): number {
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
    pattern.lastIndex = this.at
    const match = pattern.exec(this.text)
    if (!match) {
      if (this.text.charAt(this.at) === '-') {
        this.at++
        this.fail('in numeric literal')
      }
      this.fail('looking for beginning of value')
    }
    this.at += match[0].length
    this.numberEnds()
    return Number(match[0])
  }

  /** A point or an exponent that the number could not take in lacks its digits. */
  private numberEnds(): void {
    const text = this.text.slice(this.at, this.at + 2)
    if (text.startsWith('.')) {
      this.at++
      this.fail('after decimal point in numeric literal')
    }
    if (!/^[eE]/.test(text)) return
    this.at += /^.[+-]/.test(text) ? 2 : 1
    this.fail('in exponent of numeric literal')
  }

  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return
      this.at++
    }
  }

  private fail(where: string): never {
    if (this.at >= this.text.length) throw new JsonSyntaxError('unexpected end of JSON input', this.at)
    // Go's scanner goes byte by byte, and names the first byte of a longer character.
    const char = String.fromCharCode(encodeUtf8(String.fromCodePoint(this.text.codePointAt(this.at) ?? 0))[0] ?? 0)
    throw new JsonSyntaxError(`invalid character ${quoteRune(char)} ${where}`, this.at)
  }
}

function quoteRune(char: string): string {
  if (char === "'") return "'\\''"
  if (char === '"') return `'"'`
  const known: Record<string, string> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\\': '\\\\', '\b': '\\b', '\f': '\\f' }
  if (known[char]) return `'${known[char]}'`
  const code = char.codePointAt(0) ?? 0
  return code < 32 || code === 127 ? `'\\x${code.toString(16).padStart(2, '0')}'` : `'${char}'`
}

export function pathText(path: readonly (string | number)[]): string {
  let out = ''
  for (const part of path) out += typeof part === 'number' ? `[${part}]` : out === '' ? part : `.${part}`
  return out
}
