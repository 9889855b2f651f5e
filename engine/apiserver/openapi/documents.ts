/** OpenAPI documents: those of the built-in groups from the tables, described; those of custom resources as they come. */
import { text as descriptionsText } from './data/descriptions.generated'
import { text as documentsText } from './data/documents.generated'

type Fields = Record<string, unknown>

interface Table {
  readonly leaves: readonly unknown[]
  readonly shapes: readonly (readonly string[])[]
  readonly nodes: readonly (readonly number[])[]
  readonly documents: { readonly v2: number; readonly v3: Readonly<Record<string, number>>; readonly hashes: Readonly<Record<string, string>> }
}

let table: Table | undefined
/** What a type is for, and its fields. */
export type Described = readonly [type: string, fields: Readonly<Record<string, string>>]

let described: Readonly<Record<string, Described>> | undefined
const made = new Map<string, unknown>()

function load(): Table {
  return (table ??= JSON.parse(documentsText()) as Table)
}

export function descriptionsOf(schema: string): Described | undefined {
  described ??= JSON.parse(descriptionsText()) as NonNullable<typeof described>
  return described[schema]
}

function unfold(id: number): unknown {
  const { leaves, shapes, nodes } = load()
  if (id < 0) return leaves[-1 - id]
  const [shape, ...rest] = nodes[id] as [number, ...number[]]
  if (shape < 0) return rest.map(unfold)
  const keys = shapes[shape] as readonly string[]
  const out: Fields = {}
  keys.forEach((key, index) => (out[key] = unfold(rest[index] as number)))
  return out
}

/** Paths of the v3 index with their hashes. */
export function builtinPaths(): Readonly<Record<string, string>> {
  return load().documents.hashes
}

export function builtinDocument(path: string): unknown {
  const id = load().documents.v3[path]
  if (id === undefined) return undefined
  return remembered(`v3/${path}`, () => {
    const document = unfold(id) as { components?: { schemas?: Record<string, Fields> } }
    describe(document.components?.schemas ?? {})
    return document
  })
}

export function builtinV2(): Fields {
  return remembered('v2', () => {
    const document = unfold(load().documents.v2) as Fields
    describe(document['definitions'] as Record<string, Fields>)
    return document
  }) as Fields
}

function remembered(key: string, make: () => unknown): unknown {
  let value = made.get(key)
  if (value === undefined) made.set(key, (value = make()))
  return value
}

const typeMeta = {
  apiVersion: 'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  kind: 'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
}

export function describe(schemas: Record<string, Fields>, of = descriptionsOf): void {
  for (const [name, schema] of Object.entries(schemas)) {
    const texts = of(name)
    const own = schema['properties'] as Record<string, Fields> | undefined
    if (schema['x-kubernetes-group-version-kind'] && own) for (const field of ['apiVersion', 'kind'] as const) if (own[field]) own[field] = { description: typeMeta[field], ...own[field] }
    if (!texts) continue
    const properties = schema['properties'] as Record<string, Fields> | undefined
    for (const [field, text] of Object.entries(texts[1])) if (properties?.[field]) properties[field] = { description: text, ...properties[field] }
    if (texts[0] !== '') schemas[name] = { description: texts[0], ...schema }
  }
}
