/** Descriptions of columns and fields. */
import type { Column } from '#engine/apiserver/registry/resource'

export function describeColumn(column: Column): string {
  return column.description ?? ''
}
