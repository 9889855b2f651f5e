/** Descriptions of columns. */
import type { Column } from '#engine/apiserver/registry/resource'
import { descriptionsOf } from './documents'

/** `docOf` is `SCHEMA#field`: the description of that field. */
export function describeColumn(column: Column): string {
  if (column.description !== undefined) return column.description
  const [schema = '', field = ''] = (column.docOf ?? '').split('#')
  return descriptionsOf(schema)?.[1][field] ?? ''
}
