/** What OpenAPI says of a kind or a field, laid out as `kubectl explain`. */
import type { OpenApiDocument, SchemaNode } from '#engine/programs/common/patch/schema'
import { wrapWords } from './wrap'

export interface FieldRequest {
  readonly path: readonly string[]
  readonly recursive: boolean
}

export class SchemaText {
  constructor(
    private readonly document: OpenApiDocument,
    private readonly recursive: boolean,
  ) {}

  private follow(ref: string | undefined): SchemaNode | undefined {
    return ref === undefined ? undefined : this.document.components?.schemas?.[ref.slice('#/components/schemas/'.length)]
  }

  /** Field and description at the end of a path; undefined where the path leads nowhere. */
  at(schema: SchemaNode, path: readonly string[], seen: ReadonlySet<string> = new Set()): string | undefined {
    const resolved = this.follow(schema.$ref) ?? schema
    const [first] = path
    if (first === undefined) return this.whole(resolved)
    if (schema.$ref !== undefined && seen.has(schema.$ref)) return undefined
    const history = schema.$ref === undefined ? seen : new Set([...seen, schema.$ref])
    const property = resolved.properties?.[first]
    if (property) {
      const head = path.length === 1 ? `FIELD: ${first} <${this.type(property)}>\n${longEnum(property)}\n\n` : ''
      const rest = this.at(property, path.slice(1))
      return rest === undefined && head === '' ? undefined : head + (rest ?? '')
    }
    const inner = resolved.items ?? mapValues(resolved)
    if (inner) return this.at(inner, path, history)
    for (const option of resolved.allOf ?? []) {
      const text = this.at(option, path, history)
      if (text !== undefined) return text
    }
    return undefined
  }

  private whole(schema: SchemaNode): string {
    const fields = this.fields(schema, 1, new Set())
    return `DESCRIPTION:\n${indent(wrapWords(this.description(schema) || '<empty>', 76), 4)}\n${fields === '' ? '' : `FIELDS:\n${fields}`}`
  }

  private description(schema: SchemaNode): string {
    const resolved = this.follow(schema.$ref) ?? schema
    let text = resolved.description ? `${resolved.description}\n` : ''
    for (const option of resolved.allOf ?? []) text += this.description(option)
    if (resolved.items) text += this.description(resolved.items)
    const values = mapValues(resolved)
    return values ? text + this.description(values) : text
  }

  private fields(schema: SchemaNode, level: number, seen: ReadonlySet<string>): string {
    if (schema.$ref !== undefined && seen.has(schema.$ref)) return ''
    const history = schema.$ref === undefined ? seen : new Set([...seen, schema.$ref])
    const resolved = this.follow(schema.$ref) ?? schema
    let text = ''
    for (const name of Object.keys(resolved.properties ?? {}).sort()) {
      const field = resolved.properties?.[name] as SchemaNode
      text += this.detail(name, field, resolved.required?.includes(name) ?? false, level)
      if (this.recursive) text += this.fields(field, level + 1, history)
    }
    for (const option of resolved.allOf ?? []) text += this.fields(option, level, history)
    if (resolved.items) text += this.fields(resolved.items, level, history)
    const values = mapValues(resolved)
    return values ? text + this.fields(values, level, history) : text
  }

  private detail(name: string, field: SchemaNode, required: boolean, level: number): string {
    const width = level * 2
    const head = `${' '.repeat(width)}${name}\t<${this.type(field)}>${required ? ' -required-' : ''}${shortEnum(field, width)}\n`
    return this.recursive ? head : `${head}${indent(wrapWords(field.description || '<no description>', 78 - width), width + 2)}\n\n`
  }

  private type(schema: SchemaNode): string {
    if (schema.items) return `[]${this.type(schema.items)}`
    const values = mapValues(schema)
    if (values) return `map[string]${this.type(values)}`
    if (schema.allOf?.length === 1 && !schema.properties) return this.type(schema.allOf[0] as SchemaNode)
    if (schema.$ref !== undefined) {
      const target = this.follow(schema.$ref)
      if (target?.type && target.type !== 'object') return target.type
      return schema.$ref.split('.').at(-1) ?? 'Object'
    }
    return schema.type === 'object' ? 'Object' : (schema.type ?? 'Object')
  }
}

export function mapValues(schema: SchemaNode): SchemaNode | undefined {
  return typeof schema.additionalProperties === 'object' && Object.keys(schema.additionalProperties).length > 0 ? schema.additionalProperties : undefined
}

function indent(text: string, width: number): string {
  const pad = ' '.repeat(width)
  return pad + text.replaceAll('\n', `\n${pad}`)
}

function shown(value: unknown): string {
  return value === '' ? '""' : String(value)
}

function longEnum(schema: SchemaNode): string {
  return schema.enum?.length ? `ENUM:${schema.enum.map((value) => `\n    ${shown(value)}`).join('')}` : ''
}

function shortEnum(schema: SchemaNode, width: number): string {
  if (!schema.enum?.length) return ''
  return `\n${' '.repeat(width)}enum: ${schema.enum.slice(0, 4).map(shown).join(', ')}${schema.enum.length > 4 ? ', ....' : ''}`
}
