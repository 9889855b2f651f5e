/** The type of a value in an API object. Built-in and custom types have one form; recursion is by getters. */
export type TypeKind =
  | 'struct' | 'map' | 'list' | 'string' | 'boolean' | 'integer' | 'number' | 'bytes' | 'time' | 'microtime' | 'duration' | 'quantity' | 'int-or-string'
  | 'any'

export interface Type {
  readonly kind: TypeKind
  /** As Go's decoder names it: `DeploymentSpec` for a struct, `int32`, `v1.PullPolicy`, `[]v1.Container`. */
  readonly goName: string
  /** Of a struct, in Go's order, embedded structs flattened. */
  readonly fields: ReadonlyMap<string, FieldType>
  /** Of a list's items or a map's values. */
  readonly element: Type | undefined
  readonly bits?: 32 | 64
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly mapKeys?: readonly string[]
  /** A struct or map that has one owner. */
  readonly atomic?: boolean
  readonly mergeKey?: string
  readonly patchStrategy?: readonly string[]
  /** Custom types: fields beyond the named ones are kept. */
  readonly preserveUnknown?: boolean
  /** Custom types: an object with apiVersion, kind and metadata inside. */
  readonly embeddedResource?: boolean
  readonly nullable?: boolean
}

export interface FieldType {
  readonly name: string
  readonly type: Type
  /** Field number, of the protobuf form; 0 where there is none. */
  readonly number: number
  readonly pointer: boolean
  readonly omitEmpty: boolean
  readonly omitZero: boolean
  readonly required: boolean
  /** OpenAPI's default, where it says one. */
  readonly default?: unknown
  /** One owner for the whole field, whatever the type says. */
  readonly atomic: boolean
  readonly patchStrategy: readonly string[]
}

export const noFields: ReadonlyMap<string, FieldType> = new Map()

export function scalar(kind: TypeKind, goName: string, more: Partial<Type> = {}): Type {
  return { kind, goName, fields: noFields, element: undefined, ...more }
}

export const anyType: Type = scalar('any', 'interface {}', { preserveUnknown: true })
export const stringType: Type = scalar('string', 'string')
