/** Results of a template over plain JSON data, and how they print. */
import { type Node, JsonPathError, parseJsonPath } from '#engine/api/jsonpath/parse'

export { JsonPathError }

export interface JsonPathOptions {
  /** Default false: a field nobody has is an error. */
  readonly allowMissingKeys?: boolean
}

export class JsonPath {
  private readonly nodes: readonly Node[]

  /** Throws JsonPathError. */
  constructor(
    template: string,
    private readonly options: JsonPathOptions = {},
  ) {
    this.nodes = parseJsonPath(template)
  }

  /** For each text and action of the template (and each turn of a range) the values found. */
  results(data: unknown): unknown[][] {
    const out: unknown[][] = []
    this.run(this.nodes, 0, data, out, false)
    return out
  }

  /** As `kubectl -o jsonpath=` prints. */
  text(data: unknown): string {
    return this.results(data).map((values) => values.map(printValue).join(' ')).join('')
  }

  /** Executes nodes from `from` on; returns the index of the `end` that closed the block, or the end of the list. */
  private run(nodes: readonly Node[], from: number, data: unknown, out: unknown[][], inRange: boolean): number {
    for (let i = from; i < nodes.length; i++) {
      const node = nodes[i] as Node
      const keyword = node.type === 'list' ? node.nodes.find((inner) => inner.type === 'identifier') : undefined
      if (keyword?.type === 'identifier' && keyword.name === 'end') {
        if (!inRange) throw new JsonPathError('not in range, nothing to end')
        return i
      }
      if (keyword?.type === 'identifier' && keyword.name === 'range') {
        i = this.range(nodes, i, node, data, out)
        continue
      }
      out.push(this.walk([data], node))
    }
    return nodes.length
  }

  private range(nodes: readonly Node[], at: number, node: Node, data: unknown, out: unknown[][]): number {
    const values = this.walk([data], node)
    let end = nodes.length
    for (const value of values) end = this.run(nodes, at + 1, value, out, true)
    return values.length > 0 ? end : skipBlock(nodes, at + 1)
  }

  private walk(values: readonly unknown[], node: Node): unknown[] {
    switch (node.type) {
      case 'list': return node.nodes.reduce<unknown[]>((current, inner) => this.walk(current, inner), [...values])
      case 'text': return [node.text]
      case 'literal': return values.map(() => node.value)
      case 'field': return this.field(values, node.name)
      case 'array': return values.flatMap((value) => pick(value, node))
      case 'wildcard': return values.flatMap(children)
      case 'recursive': return values.flatMap(descend)
      case 'union': return node.parts.flatMap((part) => part.reduce<unknown[]>((current, inner) => this.walk(current, inner), [...values]))
      case 'filter': return values.flatMap((value) => this.filter(value, node))
      case 'identifier':
        if (node.name === 'range') return [...values]
        throw new JsonPathError(`unrecognized identifier ${node.name}`)
    }
  }

  private field(values: readonly unknown[], name: string): unknown[] {
    if (values.length === 0) return []
    const out: unknown[] = []
    for (const value of values) if (isMap(value) && Object.hasOwn(value, name) && value[name] !== undefined) out.push(value[name])
    if (out.length === 0 && !this.options.allowMissingKeys) throw new JsonPathError(`${name} is not found`)
    return out
  }

  private filter(value: unknown, node: Node & { type: 'filter' }): unknown[] {
    if (!Array.isArray(value)) throw new JsonPathError(`${goText(value)} is not array or slice and cannot be filtered`)
    return value.filter((item) => this.passes(item, node))
  }

  private passes(item: unknown, node: Node & { type: 'filter' }): boolean {
    const evaluate = (side: readonly Node[]): unknown[] => side.reduce<unknown[]>((current, inner) => this.walk(current, inner), [item])
    if (node.operator === 'exists') {
      try {
        return evaluate(node.left).length > 0
      } catch {
        return false
      }
    }
    const lefts = evaluate(node.left)
    if (lefts.length === 0) return false
    if (lefts.length > 1) throw new JsonPathError('can only compare one element at a time')
    const rights = evaluate(node.right)
    if (rights.length === 0) return false
    if (rights.length > 1) throw new JsonPathError('can only compare one element at a time')
    return compare(lefts[0], rights[0], node.operator)
  }
}

function skipBlock(nodes: readonly Node[], from: number): number {
  let depth = 1
  for (let i = from; i < nodes.length; i++) {
    const node = nodes[i] as Node
    const keyword = node.type === 'list' ? node.nodes.find((inner) => inner.type === 'identifier') : undefined
    if (keyword?.type !== 'identifier') continue
    if (keyword.name === 'range') depth++
    else if (keyword.name === 'end' && --depth === 0) return i
  }
  return nodes.length
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Maps in the order of their keys: Go's order is random. */
function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value as unknown[]
  if (isMap(value)) return Object.keys(value).sort().map((key) => value[key])
  return []
}

function descend(value: unknown): unknown[] {
  const below = children(value)
  return below.length === 0 ? [] : [value, ...below.flatMap(descend)]
}

function pick(value: unknown, node: Node & { type: 'array' }): unknown[] {
  if (value === null || value === undefined) return []
  if (!Array.isArray(value)) throw new JsonPathError(`${goType(value)} is not array or slice`)
  const { length } = value
  let start = node.start ?? 0
  if (start < 0) start += length
  let end = node.end ?? length
  if (end < 0 || (end === 0 && node.derivedEnd)) end += length
  if (start === end) return []
  checkBounds(start, end, length)
  const step = node.step ?? 1
  if (step <= 0) throw new JsonPathError('step must be > 0')
  return value.slice(start, end).filter((_, index) => index % step === 0) as unknown[]
}

function checkBounds(start: number, end: number, length: number): void {
  if (start >= length || start < 0) throw new JsonPathError(`array index out of bounds: index ${start}, length ${length}`)
  if (end > length || end < 0) throw new JsonPathError(`array index out of bounds: index ${end - 1}, length ${length}`)
  if (start > end) throw new JsonPathError(`starting index ${start} is greater than ending index ${end}`)
}

function kindOf(value: unknown): 'bool' | 'int' | 'float' | 'string' | undefined {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  return undefined
}

function compare(left: unknown, right: unknown, operator: string): boolean {
  const kinds = [kindOf(left), kindOf(right)]
  if (!['==', '!=', '<', '<=', '>', '>='].includes(operator)) throw new JsonPathError(`unrecognized filter operator ${operator}`)
  if (kinds[0] === undefined || kinds[1] === undefined) throw new JsonPathError('invalid type for comparison')
  const numeric = kinds.every((kind) => kind === 'int' || kind === 'float')
  if (kinds[0] !== kinds[1] && !numeric) throw new JsonPathError('incompatible types for comparison')
  const a = left as number
  const b = right as number
  switch (operator) {
    case '==': return a === b
    case '!=': return a !== b
  }
  if (kinds[0] === 'bool') throw new JsonPathError('invalid type for comparison')
  return operator === '<' ? a < b : operator === '<=' ? a <= b : operator === '>' ? a > b : a >= b
}

/** One value as text: strings as they are, maps and arrays as JSON with sorted keys. */
export function printValue(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'object') return compactJson(value)
  return goText(value)
}

/** Go's encoding/json: sorted keys, HTML characters escaped. */
export function compactJson(value: unknown): string {
  return sortedJson(value).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Written at once: an object with sorted keys in between would put names that are numbers first, and costs much where there are many. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => sortedJson(item ?? null)).join(',')}]`
  if (!isMap(value)) return JSON.stringify(value)
  const fields: string[] = []
  for (const key of Object.keys(value).sort()) if (value[key] !== undefined) fields.push(`${JSON.stringify(key)}:${sortedJson(value[key])}`)
  return `{${fields.join(',')}}`
}

export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (!isMap(value)) return value
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(value).sort()) if (value[key] !== undefined) out[key] = sortKeys(value[key])
  return out
}

/** Go's %v: `map[a:1 b:[x y]]`, `<nil>`. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (isMap(value)) return `map[${Object.keys(value).sort().filter((key) => value[key] !== undefined).map((key) => `${key}:${goText(value[key])}`).join(' ')}]`
  if (typeof value === 'number' && !Number.isInteger(value)) return goFloat(value)
  return String(value)
}

function goFloat(value: number): string {
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  return power < -4 || power >= 21 ? `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}` : String(value)
}

function goType(value: unknown): string {
  switch (kindOf(value)) {
    case 'bool': return 'bool'
    case 'int': return 'int64'
    case 'float': return 'float64'
    case 'string': return 'string'
    default: return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}'
  }
}

/** `metadata.name`, `.metadata.name` and `{metadata.name}` all become `{.metadata.name}`. */
export function relaxedJsonPath(expression: string): string {
  if (expression === '') return expression
  const match = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(expression)
  if (!match) throw new JsonPathError("unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'")
  return `{.${match[1] ?? match[2] ?? ''}}`
}
