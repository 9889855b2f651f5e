/** Parts of API objects are free-form JSON: the schema has checked their types before any strategy sees them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Free = any

/** The value of a field, set first where it is missing. */
export function fallback(object: Free, field: string, value: unknown): void {
  if (object[field] === undefined || object[field] === null) object[field] = value
}

/** The same for strings, where empty counts as missing. */
export function fallbackText(object: Free, field: string, value: string): void {
  if (object[field] === undefined || object[field] === null || object[field] === '') object[field] = value
}

export function listOf(value: Free): Free[] {
  return Array.isArray(value) ? value : []
}
