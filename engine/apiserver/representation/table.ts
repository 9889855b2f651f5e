/** Objects as tables: what `kubectl get` prints. */
import type { KubeObject } from '#engine/api/object'
import type { Column, ResourceDefinition } from '#engine/apiserver/registry/resource'

export type IncludeObject = 'Metadata' | 'None' | 'Object'

export interface TableOptions {
  readonly nowMs: number
  readonly include: IncludeObject
  readonly version: 'v1' | 'v1beta1'
  readonly noHeaders: boolean
}

export function columnDefinitions(columns: readonly Column[], describe: (column: Column) => string): unknown[] {
  return columns.map((column) => ({ name: column.name, type: column.type, format: column.format ?? '', description: describe(column), priority: column.priority ?? 0 }))
}

export function tableRow(object: KubeObject, columns: readonly Column[], options: TableOptions): unknown {
  return { cells: columns.map((column) => column.cell(object, options.nowMs) ?? (column.type === 'string' ? '' : null)), object: included(object, options) }
}

function included(object: KubeObject, options: TableOptions): unknown {
  if (options.include === 'Object') return object
  if (options.include === 'None') return null
  return partialMetadata(object, options.version)
}

export function partialMetadata(object: KubeObject, version: 'v1' | 'v1beta1' = 'v1'): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata }
}

export function tableOf(definition: ResourceDefinition, objects: readonly KubeObject[], metadata: unknown, options: TableOptions, describe: (column: Column) => string): unknown {
  const { columns } = definition
  return {
    kind: 'Table', apiVersion: `meta.k8s.io/${options.version}`, metadata, columnDefinitions: options.noHeaders ? null : columnDefinitions(columns, describe),
    rows: objects.map((object) => tableRow(object, columns, options)),
  }
}
