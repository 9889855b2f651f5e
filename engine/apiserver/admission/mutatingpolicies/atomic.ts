/** Which parts of an apply configuration are of one piece: a policy may not set them. */
import { fieldOf } from '#engine/apiserver/managedfields/typed'
import type { Type } from '#engine/apiserver/schema/type'

export function atomicPaths(type: Type, value: unknown, path = '', atomic = false): string[] {
  if (typeof value !== 'object' || value === null) return []
  if (path !== '' && (atomic || type.atomic === true || (type.kind === 'list' && type.listType === 'atomic'))) return [path]
  if (Array.isArray(value)) return value.flatMap((item, index) => (type.element ? atomicPaths(type.element, item, `${path}[${index}]`) : []))
  return Object.entries(value).flatMap(([key, item]) => {
    const field = fieldOf(type, key)
    return field ? atomicPaths(field.type, item, `${path}.${key}`, field.atomic) : []
  })
}
