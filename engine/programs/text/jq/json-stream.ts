/** Reads the JSON values of a text one after another, with jq's words about what is wrong. */
import type { Json, JsonObject } from '#engine/programs/text/jq/values'

export class JsonProblem extends Error {}

const maxDepth = 10000

const words: Readonly<Record<string, Json>> = { null: null, true: true, false: false, nan: NaN, NaN }
const unexpected: Readonly<Record<string, string>> = { ']': "Unmatched ']'", '}': "Unmatched '}'", ':': "':' not as part of an object" }

export class JsonStream {
  private at = 0

  constructor(private readonly text: string) {}

  /** Undefined at the end. Throws JsonProblem. */
  next(): { value: Json } | undefined {
    this.blanks()
    if (this.at >= this.text.length) return undefined
    return { value: this.value(0) }
  }

  private blanks(): void {
    while (' \t\n\r\ufeff'.includes(this.text[this.at] ?? 'x')) this.at++
  }

  private problem(message: string, at = this.at): never {
    const before = this.text.slice(0, Math.min(at, this.text.length))
    const lines = before.split('\n')
    throw new JsonProblem(`${message} at line ${lines.length}, column ${(lines[lines.length - 1] as string).length}`)
  }

  private unfinished(): never {
    const lines = this.text.split('\n')
    throw new JsonProblem(`Unfinished JSON term at EOF at line ${lines.length}, column ${(lines[lines.length - 1] as string).length}`)
  }

  private value(depth: number): Json {
    if (depth > maxDepth) this.problem('Exceeds depth limit for parsing')
    const c = this.text[this.at]
    if (c === '{') return this.object(depth)
    if (c === '[') return this.array(depth)
    if (c === '"') return this.string()
    return this.literal()
  }

  private literal(): Json {
    const word = /^[^\s,:[\]{}"]+/.exec(this.text.slice(this.at, this.at + 400))?.[0]
    if (word === undefined) return this.noValue()
    this.at += word.length
    if (Object.hasOwn(words, word)) return words[word]
    if (/^-?\d+\.?\d*(?:[eE][-+]?\d+)?$/.test(word)) return Number(word)
    return this.problem('Invalid numeric literal', this.at >= this.text.length ? this.at : this.at + 1)
  }

  private noValue(): never {
    const c = this.text[this.at]
    if (c === undefined) return this.unfinished()
    return this.problem(unexpected[c] ?? "Expected value before ','", this.at + 1)
  }

  private string(): string {
    const start = this.at
    let out = ''
    for (let i = start + 1; ; ) {
      const quote = this.text.indexOf('"', i)
      if (quote < 0) {
        this.at = this.text.length
        this.unfinished()
      }
      const slash = this.text.indexOf('\\', i)
      if (slash < 0 || slash > quote) {
        out += this.text.slice(i, quote)
        if (hasControl(this.text, start, quote)) this.problem('Invalid string: control characters from U+0000 through U+001F must be escaped', quote + 1)
        this.at = quote + 1
        return out
      }
      out += this.text.slice(i, slash)
      const c = this.text[slash + 1] ?? ''
      if (c === 'u') {
        out += String.fromCharCode(Number.parseInt(this.text.slice(slash + 2, slash + 6), 16))
        i = slash + 6
      } else {
        const known = ({ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '"': '"', '\\': '\\', '/': '/' } as Record<string, string>)[c]
        if (known === undefined) this.problem('Invalid escape', quote + 1)
        out += known
        i = slash + 2
      }
    }
  }

  private array(depth: number): Json[] {
    const out: Json[] = []
    this.at++
    this.blanks()
    if (this.text[this.at] === ']') {
      this.at++
      return out
    }
    for (;;) {
      this.blanks()
      if (this.at >= this.text.length) this.unfinished()
      if (this.text[this.at] === ']') this.problem('Expected another array element', this.at + 1)
      out.push(this.value(depth + 1))
      this.blanks()
      const c = this.text[this.at]
      if (c === undefined) this.unfinished()
      this.at++
      if (c === ']') return out
      if (c === '}') this.problem("Unmatched '}'")
      if (c === ':') this.problem("':' not as part of an object")
      if (c !== ',') this.problem('Expected separator between values')
    }
  }

  private object(depth: number): JsonObject {
    const out: JsonObject = {}
    this.at++
    this.blanks()
    if (this.text[this.at] === '}') {
      this.at++
      return out
    }
    for (;;) {
      const key = this.key(depth)
      out[key] = this.value(depth + 1)
      this.blanks()
      const c = this.text[this.at]
      if (c === undefined) this.unfinished()
      this.at++
      if (c === '}') return out
      if (c === ']') this.problem("Unmatched ']'")
      if (c !== ',') this.problem('Expected separator between values')
    }
  }

  /** A key and its colon. */
  private key(depth: number): string {
    this.blanks()
    if (this.at >= this.text.length) this.unfinished()
    if (this.text[this.at] === '}') this.problem('Expected another key-value pair', this.at + 1)
    if (this.text[this.at] !== '"') this.notAKey(depth)
    const key = this.string()
    this.blanks()
    const c = this.text[this.at]
    if (c === undefined) this.unfinished()
    if (c !== ':') this.problem(c === ',' || c === '}' ? 'Objects must consist of key:value pairs' : 'Expected separator between values', this.at + 1)
    this.at++
    this.blanks()
    return key
  }

  private notAKey(depth: number): never {
    this.value(depth + 1)
    this.blanks()
    return this.problem('Object keys must be strings', this.at + 1)
  }
}

function hasControl(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (text.charCodeAt(i) < 32) return true
  return false
}
