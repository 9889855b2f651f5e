/** `--sort-by`: Go's sort package with kubectl's comparison, so that equals and missing fields end where they do there. */
import { JsonPath, relaxedJsonPath } from '#engine/api/jsonpath/evaluate'
import type { KubeObject } from '#engine/api/object'
import type { Table } from '#engine/programs/kubectl/printers/table'
import { goSorted } from '#engine/programs/kubectl/gosort'
import { CliError, ExitError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { isLess, UnsortableError } from './less'

interface Found {
  readonly given: boolean
  readonly value: unknown
}

/** Rows of one table. A field that nobody has, or a path that cannot be read, throws CliError. */
export function sortTable(session: Session, table: Table, expression: string): Table {
  const rows = table.rows ?? []
  if (rows.length <= 1) return table
  const field = lenientPath(expression)
  const values = valuesOf(rows.map((row) => row.object), field)
  const indexes = sorted(session, values, (error) => `sorter.go:375] Field ${field} in [][][]reflect.Value is an unsortable type: interface, err: ${error.message}`)
  return { ...table, rows: indexes.map((index) => rows[index] as (typeof rows)[number]) }
}

export function sortObjects<T>(session: Session, objects: readonly T[], expression: string, as: (object: T) => KubeObject): T[] {
  if (objects.length <= 1) return [...objects]
  const field = relaxedJsonPath(expression)
  const values = valuesOf(objects.map(as), field)
  const indexes = sorted(session, values, (error) => `sorter.go:329] Field ${field} in *unstructured.Unstructured is an unsortable type: interface, err: ${error.message}`)
  return indexes.map((index) => objects[index] as T)
}

function lenientPath(expression: string): string {
  try {
    return relaxedJsonPath(expression)
  } catch {
    return expression
  }
}

function valuesOf(objects: readonly (KubeObject | undefined)[], field: string): Found[] {
  const path = new JsonPath(field, { allowMissingKeys: true })
  const values = objects.map((object) => {
    const results = path.results(object ?? {})[0] ?? []
    return { given: results.length > 0, value: results[0] }
  })
  if (values.every((value) => !value.given)) throw new CliError(`couldn't find any field with path ${JSON.stringify(field)} in the list of objects`)
  return values
}

/** The fatal log line of a value that has no order ends the program there and then. */
function sorted(session: Session, values: readonly Found[], fatal: (error: Error) => string): number[] {
  const less = (a: Found, b: Found): boolean => !a.given || (b.given && isLess(a.value, b.value))
  try {
    return goSorted(values.map((_, index) => index), (a, b) => less(values[a] as Found, values[b] as Found))
  } catch (error) {
    if (error instanceof UnsortableError) throw new ExitError(1, `${session.stamp('F')} ${fatal(error)}`)
    throw error
  }
}
