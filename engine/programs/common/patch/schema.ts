/** What OpenAPI says of lists that merge: their keys and strategies. */
export interface SchemaNode {
  readonly $ref?: string
  readonly allOf?: readonly SchemaNode[]
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly additionalProperties?: SchemaNode | boolean
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly required?: readonly string[]
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly 'x-kubernetes-patch-merge-key'?: string
  readonly 'x-kubernetes-patch-strategy'?: string
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[]
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-embedded-resource'?: boolean
  readonly oneOf?: readonly SchemaNode[]
}

export interface OpenApiDocument {
  readonly components?: { readonly schemas?: Readonly<Record<string, SchemaNode>> }
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** A place in a schema, for walking along an object. */
export class PatchMeta {
  constructor(
    private readonly document: OpenApiDocument,
    readonly node: SchemaNode | undefined,
  ) {}

  static forKind(document: OpenApiDocument, group: string, version: string, kind: string): PatchMeta | undefined {
    for (const node of Object.values(document.components?.schemas ?? {}))
      if (node['x-kubernetes-group-version-kind']?.some((entry) => entry.group === group && entry.version === version && entry.kind === kind)) return new PatchMeta(document, node)
    return undefined
  }

  resolved(): SchemaNode | undefined {
    let node = this.node
    for (let i = 0; node && i < 8; i++) {
      const ref = node.$ref ?? (node.allOf?.length === 1 ? node.allOf[0]?.$ref : undefined)
      if (ref === undefined) return node
      node = this.document.components?.schemas?.[ref.slice('#/components/schemas/'.length)]
    }
    return node
  }

  field(name: string): PatchMeta {
    const node = this.resolved()
    const extra = typeof node?.additionalProperties === 'object' ? node.additionalProperties : undefined
    return new PatchMeta(this.document, node?.properties?.[name] ?? extra)
  }

  item(): PatchMeta {
    return new PatchMeta(this.document, this.resolved()?.items)
  }

  get mergeKey(): string | undefined {
    return this.node?.['x-kubernetes-patch-merge-key']
  }

  /** All keys that together tell list items apart. */
  get mergeKeys(): readonly string[] {
    return this.node?.['x-kubernetes-list-map-keys'] ?? (this.mergeKey === undefined ? [] : [this.mergeKey])
  }

  get strategies(): readonly string[] {
    return (this.node?.['x-kubernetes-patch-strategy'] ?? '').split(',').filter((word) => word !== '')
  }
}
