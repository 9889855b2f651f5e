/** Fields by path (`spec/template/spec/containers/image`): lists on the way are walked through, missing maps made where asked. */
import type { Data, Gvk } from './resource'

export interface FieldSpec {
  readonly path: string
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly create?: boolean
}

export function isMap(value: unknown): value is Data {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

export function appliesTo(spec: FieldSpec, gvk: Gvk): boolean {
  return (spec.group === undefined || spec.group === gvk.group) && (spec.version === undefined || spec.version === gvk.version) && (spec.kind === undefined || spec.kind === gvk.kind)
}

/** `a/b\/c/d[]` as [a, b/c, d[]]: brackets mark a list, which is never made. */
export function pathParts(path: string): string[] {
  return path.split(/(?<!\\)\//).map((part) => part.replaceAll('\\/', '/'))
}

/** Calls `change` with each value found; what it answers is put in its place. */
export function changeField(node: unknown, parts: readonly string[], create: boolean, change: (value: unknown) => unknown): void {
  if (Array.isArray(node)) for (const item of node) changeField(item, parts, create, change)
  else if (isMap(node)) changeIn(node, parts, create, change)
}

function changeIn(node: Data, parts: readonly string[], create: boolean, change: (value: unknown) => unknown): void {
  const [written = '', ...rest] = parts
  const isList = written.endsWith('[]')
  const first = isList ? written.slice(0, -2) : written
  if (rest.length > 0) {
    if ((node[first] === undefined || node[first] === null) && create && !isList) node[first] = {}
    changeField(node[first], rest, create, change)
  } else if (first in node || create) {
    const value = change(node[first])
    if (value !== undefined) node[first] = value
  }
}
