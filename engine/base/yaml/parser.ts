/** Text to JSON-like values: anchors, aliases and merge keys are resolved, keys become strings. */
import { resolveScalar, type Resolved } from '#engine/base/yaml/resolve'
import { Scanner } from '#engine/base/yaml/scanner'
import { parserError, type Token, type TokenType, YamlError } from '#engine/base/yaml/tokens'

export { YamlError }

export interface ParseOptions {
  /** Refuses a key that occurs twice, as UnmarshalStrict. */
  readonly strict?: boolean
  /** `yes`, `on` and their like stay text and dates become times, as with go-yaml v3. */
  readonly plainWords?: boolean
}

/** A document longer than this many values after aliases are expanded is refused. */
const maxValues = 2_000_000

/** The first document of the text, or null for none. Throws YamlError in go-yaml's words (`yaml: line 4: ...`). */
export function parseYaml(text: string, options: ParseOptions = {}): unknown {
  return notTooDeep(() => new Parser(text, options).first())
}

/** All documents of the stream. */
export function parseYamlStream(text: string, options: ParseOptions = {}): unknown[] {
  return notTooDeep(() => new Parser(text, options).all())
}

/** Collections within collections end where the stack does. */
function notTooDeep<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RangeError) throw new YamlError('yaml: exceeded max depth of 10000')
    throw error
  }
}

class Parser {
  private readonly scanner: Scanner
  private anchors = new Map<string, unknown>()
  private readonly duplicates: string[] = []
  private readonly faults: YamlError[] = []
  private values = 0
  private depth = 0

  constructor(text: string, private readonly options: ParseOptions) {
    checkCharacters(text)
    this.scanner = new Scanner(text)
  }

  first(): unknown {
    const document = this.document(true)
    this.scanner.peek()
    this.refuseDuplicates()
    return document === undefined ? null : document.value
  }

  all(): unknown[] {
    const out: unknown[] = []
    for (let first = true; ; first = false) {
      const document = this.document(first)
      this.refuseDuplicates()
      if (!document) return out
      this.endOfDocument()
      out.push(document.value)
    }
  }

  /** What decoding a well-formed document finds, which is known only after all of it was parsed. */
  private refuseDuplicates(): void {
    if (this.faults[0]) throw this.faults[0]
    if (this.options.strict && this.duplicates.length > 0) throw new YamlError(`yaml: unmarshal errors:\n${this.duplicates.join('\n')}`)
  }

  private document(first: boolean): { value: unknown } | undefined {
    this.anchors = new Map()
    while (!first && this.scanner.peek().type === 'document-end') this.scanner.next()
    let directives = false
    while (this.scanner.peek().type === 'directive') {
      directives = true
      this.scanner.next()
    }
    const token = this.scanner.peek()
    if (token.type === 'stream-end' && !directives) return undefined
    let value: unknown
    if (token.type === 'document-start') {
      this.scanner.next()
      const next = this.scanner.peek().type
      value = next === 'document-start' || next === 'document-end' || next === 'directive' || next === 'stream-end' ? null : this.node(true, false)
    } else if (directives) throw parserError(token.line, 0, 'did not find expected <document start>')
    else value = this.node(true, false)
    return { value }
  }

  private endOfDocument(): void {
    const token = this.scanner.peek()
    if (token.type === 'document-end') this.scanner.next()
    else if (token.type !== 'document-start' && token.type !== 'stream-end') throw parserError(token.line, 0, 'did not find expected <document start>')
  }

  private node(block: boolean, indentless: boolean): unknown {
    if (++this.depth > 10000 || ++this.values > maxValues) throw new YamlError('yaml: exceeded max depth of 10000')
    try {
      return this.nodeInside(block, indentless)
    } finally {
      this.depth--
    }
  }

  private nodeInside(block: boolean, indentless: boolean): unknown {
    let token = this.scanner.peek()
    if (token.type === 'alias') return this.alias(this.scanner.next())
    const start = token
    let anchor: string | undefined
    let tag: Token | undefined
    while (token.type === 'anchor' || token.type === 'tag') {
      if (token.type === 'anchor' ? anchor !== undefined : tag !== undefined) break
      if (token.type === 'anchor') anchor = token.value
      else tag = token
      this.scanner.next()
      token = this.scanner.peek()
    }
    const value = this.content(token, block, indentless, tag, start, anchor !== undefined || tag !== undefined)
    if (anchor !== undefined) this.anchors.set(anchor, value)
    return value
  }

  private content(token: Token, block: boolean, indentless: boolean, tag: Token | undefined, start: Token, decorated: boolean): unknown {
    if (indentless && token.type === 'block-entry') return this.indentlessSequence()
    switch (token.type) {
      case 'scalar': return scalarValue(this.scanner.next(), tag, this.options.plainWords ?? false)
      case 'flow-sequence-start': return this.flowSequence()
      case 'flow-mapping-start': return this.flowMapping()
      case 'block-sequence-start': if (block) return this.blockSequence(); break
      case 'block-mapping-start': if (block) return this.blockMapping(); break
    }
    if (decorated) return tag ? taggedValue('', tag) : null
    throw parserError(token.line, start.line, 'did not find expected node content')
  }

  private alias(token: Token): unknown {
    if (!this.anchors.has(token.value)) throw new YamlError(`yaml: unknown anchor '${token.value}' referenced`)
    const value = this.anchors.get(token.value)
    this.values += countValues(value)
    if (this.values > maxValues) throw new YamlError('yaml: document contains excessive aliasing')
    return value
  }

  private blockSequence(): unknown[] {
    const start = this.scanner.next()
    const out: unknown[] = []
    for (;;) {
      const token = this.scanner.peek()
      if (token.type === 'block-end') break
      if (token.type !== 'block-entry') throw parserError(token.line, start.line, "did not find expected '-' indicator")
      this.scanner.next()
      const next = this.scanner.peek().type
      out.push(next === 'block-entry' || next === 'block-end' ? null : this.node(true, false))
    }
    this.scanner.next()
    return out
  }

  private indentlessSequence(): unknown[] {
    const out: unknown[] = []
    while (this.scanner.peek().type === 'block-entry') {
      this.scanner.next()
      const next = this.scanner.peek().type
      out.push(next === 'block-entry' || next === 'key' || next === 'value' || next === 'block-end' ? null : this.node(true, false))
    }
    return out
  }

  private blockMapping(): Record<string, unknown> {
    const start = this.scanner.next()
    const out = new MappingBuilder(this.duplicates, this.faults)
    for (;;) {
      const token = this.scanner.peek()
      if (token.type === 'block-end') break
      if (token.type !== 'key' && token.type !== 'value') throw parserError(token.line, start.line, 'did not find expected key')
      const line = token.line
      if (token.type === 'value') throw parserError(token.line, start.line, 'did not find expected key')
      this.scanner.next()
      const key = this.isEmptyInBlock() ? null : this.node(true, true)
      let value: unknown = null
      if (this.scanner.peek().type === 'value') {
        this.scanner.next()
        if (!this.isEmptyInBlock()) value = this.node(true, true)
      }
      out.add(key, value, line)
    }
    this.scanner.next()
    return out.result()
  }

  private isEmptyInBlock(): boolean {
    const type = this.scanner.peek().type
    return type === 'key' || type === 'value' || type === 'block-end'
  }

  private flowSequence(): unknown[] {
    const start = this.scanner.next()
    const out: unknown[] = []
    for (let first = true; this.scanner.peek().type !== 'flow-sequence-end'; first = false) {
      if (!first && !this.takeComma(start, "did not find expected ',' or ']'", 'flow-sequence-end')) break
      out.push(this.scanner.peek().type === 'key' ? this.singlePair() : this.node(false, false))
    }
    this.scanner.next()
    return out
  }

  /** False when the comma was the last thing before the end. */
  private takeComma(start: Token, problem: string, end: Token['type']): boolean {
    const token = this.scanner.peek()
    if (token.type !== 'flow-entry') throw parserError(token.line, start.line, problem)
    this.scanner.next()
    return this.scanner.peek().type !== end
  }

  private singlePair(): Record<string, unknown> {
    const { line } = this.scanner.peek()
    const out = new MappingBuilder(this.duplicates, this.faults)
    this.keyAndValue(out, 'flow-sequence-end', line)
    return out.result()
  }

  private flowMapping(): Record<string, unknown> {
    const start = this.scanner.next()
    const out = new MappingBuilder(this.duplicates, this.faults)
    for (let first = true; this.scanner.peek().type !== 'flow-mapping-end'; first = false) {
      if (!first && !this.takeComma(start, "did not find expected ',' or '}'", 'flow-mapping-end')) break
      this.flowPair(out)
    }
    this.scanner.next()
    return out.result()
  }

  private flowPair(out: MappingBuilder): void {
    const token = this.scanner.peek()
    if (token.type !== 'key') return out.add(this.node(false, false), null, token.line)
    this.keyAndValue(out, 'flow-mapping-end', token.line)
  }

  /** Either may be missing: a comma or the end stands in its place. */
  private keyAndValue(out: MappingBuilder, end: TokenType, line: number): void {
    this.scanner.next()
    const stops = (...types: TokenType[]): boolean => types.includes(this.scanner.peek().type)
    const key = stops('value', 'flow-entry', end) ? null : this.node(false, false)
    let value: unknown = null
    if (stops('value')) {
      this.scanner.next()
      if (!stops('flow-entry', end)) value = this.node(false, false)
    }
    out.add(key, value, line)
  }
}

class MappingBuilder {
  private readonly own = new Set<string>()
  private readonly out: Record<string, unknown> = {}

  constructor(
    private readonly duplicates: string[],
    private readonly faults: YamlError[],
  ) {}

  add(key: unknown, value: unknown, line: number): void {
    if (key === mergeKey) return this.merge(value)
    const name = keyText(key, value, this.faults)
    if (this.own.has(name)) this.duplicates.push(`  line ${line + 1}: key ${JSON.stringify(name)} already set in map`)
    this.own.add(name)
    setOwn(this.out, name, value)
  }

  result(): Record<string, unknown> {
    return this.out
  }

  private merge(value: unknown): void {
    for (const source of Array.isArray(value) ? [...value].reverse() : [value]) {
      if (source === null || typeof source !== 'object' || Array.isArray(source)) return void this.faults.push(new YamlError('yaml: map merge requires map or sequence of maps as the value'))
      for (const [name, item] of Object.entries(source)) if (!this.own.has(name)) setOwn(this.out, name, item)
    }
  }
}

function setOwn(out: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(out, name, { value, enumerable: true, writable: true, configurable: true })
  else out[name] = value
}

const mergeKey = Symbol('<<')

function keyText(key: unknown, value: unknown, faults: YamlError[]): string {
  if (typeof key === 'string') return key
  if (typeof key === 'number' || typeof key === 'boolean') return String(key)
  if (key === null) {
    faults.push(new YamlError(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${value === null ? '<nil>' : goSyntax(value)}`))
    return 'null'
  }
  faults.push(new YamlError(`yaml: invalid map key: ${goSyntax(key)}`))
  return ''
}

/** A value as Go's %#v writes it. */
function goSyntax(key: unknown): string {
  if (Array.isArray(key)) return `[]interface {}{${key.map(goSyntax).join(', ')}}`
  if (key !== null && typeof key === 'object') return `map[interface {}]interface {}{${Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${JSON.stringify(name)}:${goSyntax(value)}`).join(', ')}}`
  return key === null ? 'interface {}(nil)' : JSON.stringify(key)
}

function scalarValue(token: Token, tag: Token | undefined, plainWords: boolean): unknown {
  if (tag) return taggedValue(token.value, tag)
  if (token.style !== 'plain') return token.value
  const resolved = resolveScalar(token.value)
  if (plainWords && resolved.tag === 'bool' && !/^(?:true|false)$/i.test(token.value)) return token.value
  if (plainWords && resolved.tag === 'timestamp' && token.value.length === 10) return `${token.value}T00:00:00Z`
  return resolved.tag === 'merge' ? mergeKey : resolved.value
}

function taggedValue(text: string, tag: Token): unknown {
  const name = tag.value === '!!' ? tag.suffix : tag.suffix.replace('tag:yaml.org,2002:', '')
  if (tag.value !== '!!' && !tag.suffix.startsWith('tag:yaml.org,2002:')) return text
  if (name === 'str') return text
  if (name === 'binary') return decodeBinary(text)
  const resolved = resolveScalar(text)
  if (name === 'float' && resolved.tag === 'int') return resolved.value
  if (resolved.tag !== name && ['bool', 'int', 'float', 'null'].includes(name)) throw cannotDecode(resolved, text, name)
  return resolved.value
}

function decodeBinary(text: string): string {
  try {
    return atob(text.replace(/\s/g, ''))
  } catch {
    throw new YamlError('yaml: !!binary value contains invalid base64 data')
  }
}

function cannotDecode(resolved: Resolved, text: string, name: string): YamlError {
  return new YamlError(`yaml: cannot decode !!${resolved.tag} \`${text}\` as a !!${name}`)
}

function countValues(value: unknown): number {
  if (value === null || typeof value !== 'object') return 1
  let sum = 1
  for (const item of Object.values(value)) {
    sum += countValues(item)
    if (sum > maxValues) return sum
  }
  return sum
}

function checkCharacters(text: string): void {
   
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]/.test(text)) throw new YamlError('yaml: control characters are not allowed')
}
