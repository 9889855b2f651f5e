/** The layout of `kubectl explain --output plaintext-openapiv2`, as it was before OpenAPI v3. */
import type { OpenApiDocument, SchemaNode } from '#engine/programs/common/patch/schema'
import { mapValues } from './describe'
import { wrapWords } from './wrap'

const limit = 75
const indent = ' '.repeat(5)

export class OldSchemaText {
  constructor(
    private readonly document: OpenApiDocument,
    private readonly recursive: boolean,
  ) {}

  /** Undefined where the path leads nowhere. */
  at(schema: SchemaNode, path: readonly string[]): string | undefined {
    let field = schema
    for (const name of path) {
      const next = this.contents(field).properties?.[name]
      if (!next) return undefined
      field = next
    }
    const fields = this.fields(field, 1)
    const descriptions = [...new Set([field.description, path.length > 0 && fields !== '' ? this.contents(field).description : undefined])].filter((text) => text !== undefined && text !== '') as string[]
    const description = (descriptions.length > 0 ? descriptions : [this.contents(field).description ?? '<empty>']).map(paragraph).join('\n\n')
    const head = path.length === 0 ? '' : `${fields === '' ? 'FIELD:    ' : 'RESOURCE: '}${path.at(-1) as string} <${this.type(field)}>\n\n`
    return `${head}DESCRIPTION:\n${description}\n${fields === '' ? '' : `\nFIELDS:\n${fields}`}`
  }

  /** What a field holds, seen through references, lists and maps. */
  private contents(schema: SchemaNode): SchemaNode {
    const inner = (schema.$ref === undefined ? undefined : this.document.components?.schemas?.[schema.$ref.slice('#/components/schemas/'.length)]) ?? schema.allOf?.[0] ?? schema.items ?? mapValues(schema)
    return inner ? this.contents(inner) : schema
  }

  private fields(schema: SchemaNode, level: number, above: readonly SchemaNode[] = []): string {
    const owner = this.contents(schema)
    if (above.includes(owner)) return ''
    const names = Object.keys(owner.properties ?? {}).sort()
    return names.map((name) => this.field(name, owner, level, [...above, owner])).join('')
  }

  /** What is required is told where fields are described, not in a mere outline of them. */
  private field(name: string, owner: SchemaNode, level: number, above: readonly SchemaNode[]): string {
    const field = owner.properties?.[name] as SchemaNode
    const head = `${' '.repeat(level * 3)}${name}\t<${this.type(field)}>`
    if (this.recursive) return `${head}\n${this.fields(field, level + 1, above)}`
    return `${head}${owner.required?.includes(name) ? ' -required-' : ''}\n${paragraph(field.description ?? '<no description>')}\n\n`
  }

  private type(schema: SchemaNode): string {
    if (schema.items) return `[]${this.type(schema.items)}`
    const values = mapValues(schema)
    if (values) return `map[string]${this.type(values)}`
    const target = this.contents(schema)
    if (target.properties || target.type === 'object') return 'Object'
    return target.type ?? 'string'
  }
}

/** Empty lines go, and what a line is indented by. */
function paragraph(text: string): string {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  return lines.map((line) => wrapWords(line, limit)).join('\n').split('\n').map((line) => indent + line).join('\n')
}
