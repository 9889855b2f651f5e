/** `--sort-by`. */
import { JsonPath, relaxedJsonPath } from '#engine/api/jsonpath/evaluate'
import type { KubeObject } from '#engine/api/object'
import { compareQuantities, parseQuantityOrUndefined } from './quantity'
import type { Table } from '#engine/programs/kubectl/printers/table'
import { CliError } from '#engine/programs/kubectl/session/errors'

function fieldPath(expression: string): string {
  try {
    return relaxedJsonPath(expression)
  } catch {
    return expression
  }
}

function firstValues(objects: readonly (KubeObject | undefined)[], field: string): unknown[] {
  const path = new JsonPath(field, { allowMissingKeys: true })
  const values = objects.map((object) => path.results(object ?? {})[0]?.[0])
  if (objects.length > 0 && values.every((value) => value === undefined)) throw new CliError(`couldn't find any field with path ${JSON.stringify(field)} in the list of objects`)
  return values
}

export function sortTable(table: Table, expression: string): Table {
  const field = fieldPath(expression)
  const rows = table.rows ?? []
  const values = firstValues(rows.map((row) => row.object), field)
  return { ...table, rows: order(values).map((index) => rows[index] as (typeof rows)[number]) }
}

export function sortObjects(objects: readonly KubeObject[], expression: string): KubeObject[] {
  const values = firstValues(objects, fieldPath(expression))
  return order(values).map((index) => objects[index] as KubeObject)
}

function order(values: readonly unknown[]): number[] {
  return values.map((_, index) => index).sort((a, b) => compare(values[a], values[b]) || a - b)
}

function compare(a: unknown, b: unknown): number {
  if (a === undefined || a === null) return b === undefined || b === null ? 0 : -1
  if (b === undefined || b === null) return 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') {
    const quantities = [parseQuantityOrUndefined(a), parseQuantityOrUndefined(b)]
    if (quantities[0] !== undefined && quantities[1] !== undefined) return compareQuantities(quantities[0], quantities[1])
    return naturalCompare(a, b)
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const result = compare(a[i], b[i])
      if (result !== 0) return result
    }
  }
  return 0
}

/** Runs of digits count by their value. */
export function naturalCompare(a: string, b: string): number {
  const chunks = /(\d+|\D+)/g
  const left = a.match(chunks) ?? []
  const right = b.match(chunks) ?? []
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x = '', y = ''] = [left[i], right[i]]
    if (x === y) continue
    if (/^\d/.test(x) && /^\d/.test(y)) {
      const difference = Number(x) - Number(y)
      if (difference !== 0) return difference
      return y.length - x.length
    }
    return x < y ? -1 : 1
  }
  return left.length - right.length
}
