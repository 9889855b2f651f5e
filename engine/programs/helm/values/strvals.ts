/** `--set a.b[0]=x,c={1,2}` laid into a map of values: helm's strvals and its words. */
import { isTable, type Values } from './types'
import { RuneScanner } from './runes'

/** What the text after `=` becomes. */
export type ValueReader = (text: string) => unknown

const maxIndex = 65536
const maxNesting = 30

export function typedValue(text: string): unknown {
  const word = text.toLowerCase()
  if (word === 'true' || word === 'false') return word === 'true'
  if (word === 'null') return null
  if (text === '0') return 0
  if (!/^[-+]?\d+$/.test(text) || text.startsWith('0')) return text
  const number = BigInt(text)
  if (number > 9223372036854775807n || number < -9223372036854775808n) return text
  return Number.isSafeInteger(Number(number)) ? Number(number) : number
}

export function setValues(into: Values, text: string, read: ValueReader = typedValue): void {
  new SetParser(text, read).parse(into)
}

/** A value that is JSON, as `--set-json` has it. */
export function setJson(into: Values, text: string): void {
  new SetParser(text, (value) => value, 'json').parse(into)
}

/** All after the first `=` is text. */
export function setLiteral(into: Values, text: string): void {
  new SetParser(text, (value) => value, 'literal').parse(into)
}

class SetParser {
  private readonly scanner: RuneScanner

  constructor(text: string, private readonly read: ValueReader, private readonly kind: 'set' | 'json' | 'literal' = 'set') {
    this.scanner = new RuneScanner(text)
  }

  parse(into: Values): void {
    while (!this.scanner.atEnd()) this.key(into, 0)
  }

  private key(data: Values, nesting: number): void {
    const { text: name, stop } = this.scanner.until(this.kind === 'literal' ? '=[.' : '=[,.', this.kind !== 'literal')
    switch (stop) {
      case undefined:
        if (name !== '') throw new Error(`key ${JSON.stringify(name)} has no value`)
        return
      case '[': return this.indexed(data, name, nesting)
      case '=': return set(data, name, this.value())
      case ',':
        set(data, name, '')
        throw new Error(`key ${JSON.stringify(name)} has no value (cannot end with ,)`)
      default: return this.nested(data, name, nesting + 1)
    }
  }

  private nested(data: Values, name: string, nesting: number): void {
    if (nesting > maxNesting) throw new Error(`value name nested level is greater than maximum supported nested level of ${maxNesting}`)
    const inner = isTable(data[name]) ? data[name] : {}
    this.key(inner, nesting)
    if (Object.keys(inner).length === 0) throw new Error(`key map ${JSON.stringify(name)} has no value`)
    set(data, name, inner)
  }

  private indexed(data: Values, name: string, nesting: number): void {
    const index = this.index()
    const list = Array.isArray(data[name]) ? (data[name] as unknown[]) : []
    set(data, name, this.item(list, index, nesting))
  }

  private index(): number {
    const { text, stop } = this.scanner.until(']')
    if (stop === undefined) throw new Error('error parsing index: EOF')
    if (!/^[-+]?\d+$/.test(text)) throw new Error(`error parsing index: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
    return Number(text)
  }

  private item(list: readonly unknown[], index: number, nesting: number): unknown[] {
    if (index < 0) throw new Error(`negative ${index} index not allowed`)
    const { text, stop } = this.scanner.until('[.=')
    if (text !== '') throw new Error(`unexpected data at end of array index: ${JSON.stringify(text)}`)
    if (stop === undefined) return [...list]
    if (stop === '=') return withItem(list, index, this.value())
    const found = list[index]
    if (stop === '[') return withItem(list, index, this.item(Array.isArray(found) ? found : [], this.index(), nesting))
    const inner = isTable(found) ? found : {}
    this.key(inner, nesting)
    return withItem(list, index, inner)
  }

  private value(): unknown {
    if (this.kind === 'literal') return this.scanner.rest()
    if (this.kind === 'json') return this.json()
    if (this.scanner.peek() === '{') return this.list()
    const { text } = this.scanner.until(',')
    return text === '[]' && this.read === typedValue ? [] : this.read(text)
  }

  private list(): unknown[] {
    this.scanner.skip()
    const list: unknown[] = []
    for (;;) {
      const { text, stop } = this.scanner.until(',}')
      if (stop === undefined) throw new Error("list must terminate with '}'")
      if (stop === ',' || text !== '' || list.length > 0) list.push(this.read(text))
      if (stop === ',') continue
      if (this.scanner.peek() === ',') this.scanner.skip()
      return list
    }
  }

  private json(): unknown {
    const text = this.scanner.json()
    const next = this.scanner.peek()
    if (next === ',') this.scanner.skip()
    else if (next !== undefined) throw new Error(`invalid character '${next}' after top-level value`)
    return text.trim() === '' ? null : JSON.parse(text)
  }
}

function set(data: Values, name: string, value: unknown): void {
  if (name !== '') data[name] = value
}

function withItem(list: readonly unknown[], index: number, value: unknown): unknown[] {
  if (index > maxIndex) throw new Error(`index of ${index} is greater than maximum supported index of ${maxIndex}`)
  const out = [...list]
  while (out.length <= index) out.push(null)
  out[index] = value
  return out
}
