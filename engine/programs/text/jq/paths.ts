/** Reaching into values: indexes, slices, and paths that are read, set and deleted. */
import { compareValues, fail, isObject, type Json, type JsonObject, typeOf, short } from '#engine/programs/text/jq/values'

export function indexValue(value: Json, key: Json): Json {
  if (Array.isArray(value)) return indexArray(value as Json[], key)
  if (isObject(value) && typeof key === 'string') return Object.hasOwn(value, key) ? value[key] : null
  if (value === null && (key === null || typeof key === 'string' || typeof key === 'number')) return null
  if (isObject(key) && (value === null || typeof value === 'string')) return sliceValue(value, key.start ?? null, key.end ?? null)
  return cannotIndex(value, key)
}

function indexArray(value: readonly Json[], key: Json): Json {
  if (typeof key === 'number') {
    const index = Math.floor(key)
    return value[index < 0 ? value.length + index : index] ?? null
  }
  if (isObject(key)) return sliceValue(value, key.start ?? null, key.end ?? null)
  return Array.isArray(key) ? indicesOf(value, key as Json[]) : cannotIndex(value, key)
}

function cannotIndex(value: Json, key: Json): never {
  return fail(`Cannot index ${typeOf(value)} with ${typeof key === 'string' ? `string "${key}"` : typeOf(key)}`)
}

export function indicesOf(value: readonly Json[], part: readonly Json[]): number[] {
  const out: number[] = []
  if (part.length === 0) return out
  for (let i = 0; i + part.length <= value.length; i++) if (part.every((item, offset) => compareValues(item, value[i + offset]) === 0)) out.push(i)
  return out
}

export function sliceValue(value: Json, from: Json, to: Json): Json {
  if (value === null) return null
  if (typeof value !== 'string' && !Array.isArray(value)) return fail(`Cannot index ${typeOf(value)} with object`)
  for (const bound of [from, to]) if (bound !== null && typeof bound !== 'number') fail('Start and end indices of an array slice must be numbers')
  const items = typeof value === 'string' ? [...value] : (value as Json[])
  const [start, end] = bounds(items.length, from as number | null, to as number | null)
  const piece = items.slice(start, end)
  return typeof value === 'string' ? piece.join('') : piece
}

function bounds(length: number, from: number | null, to: number | null): [number, number] {
  let start = from === null ? 0 : Math.floor(from)
  let end = to === null ? length : Math.ceil(to)
  if (start < 0) start = Math.max(0, start + length)
  if (end < 0) end = Math.max(0, end + length)
  start = Math.min(start, length)
  return [start, Math.max(start, Math.min(end, length))]
}

export function getPath(value: Json, path: readonly Json[]): Json {
  let at = value
  for (const key of path) {
    if (at === null) return null
    at = indexValue(at, key)
  }
  return at
}

export function setPath(value: Json, path: readonly Json[], next: Json, depth = 0): Json {
  checkPath(path)
  if (depth === path.length) return next
  const key = path[depth]
  if (isObject(key)) return setSlice(value, key, (before) => setPath(before, path, next, depth + 1))
  const before = indexValue(value, key)
  return put(value, key, setPath(before, path, next, depth + 1))
}

/** A path through a value that was made on the way leads nowhere. */
function checkPath(path: readonly Json[]): void {
  const made = (path as { made?: Json }).made
  if (made !== undefined) fail(`Invalid path expression with result ${short(made)}`)
}

const maxIndex = 5_000_000

function put(value: Json, key: Json, next: Json): Json {
  if (typeof key === 'string' && (isObject(value) || value === null)) return { ...(value as JsonObject | null), [key]: next }
  if (typeof key === 'number' && (Array.isArray(value) || value === null)) {
    const out = [...((value as Json[] | null) ?? [])]
    const index = key < 0 ? out.length + Math.floor(key) : Math.floor(key)
    if (index < 0) fail('Out of bounds negative array index')
    if (index > maxIndex) fail('Array index too large')
    while (out.length < index) out.push(null)
    out[index] = next
    return out
  }
  return fail(`Cannot index ${typeOf(value)} with ${typeof key === 'string' ? `"${key}"` : typeOf(key)}`)
}

function setSlice(value: Json, key: JsonObject, change: (before: Json) => Json): Json {
  if (value !== null && !Array.isArray(value)) return fail(`Cannot update field at object index of ${typeOf(value)}`)
  const items = (value as Json[] | null) ?? []
  const [start, end] = bounds(items.length, (key.start ?? null) as number | null, (key.end ?? null) as number | null)
  const next = change(items.slice(start, end))
  if (!Array.isArray(next)) return fail('A slice of an array can only be assigned another array')
  return [...items.slice(0, start), ...(next as Json[]), ...items.slice(end)]
}

/** Deepest and last first, so that earlier positions stay true. */
export function deletePaths(value: Json, paths: readonly (readonly Json[])[]): Json {
  let out = value
  for (const path of [...paths].sort((a, b) => compareValues(b, a))) {
    checkPath(path)
    out = deletePath(out, path, 0)
  }
  return out
}

function deletePath(value: Json, path: readonly Json[], depth: number): Json {
  if (path.length === 0) return null
  if (value === null) return null
  const key = path[depth]
  if (depth < path.length - 1) {
    if (isObject(key)) return setSlice(value, key, (before) => deletePath(before, path, depth + 1))
    const before = indexValue(value, key)
    return before === null ? value : put(value, key, deletePath(before, path, depth + 1))
  }
  if (Array.isArray(value)) return deleteFromArray(value as Json[], key)
  if (isObject(value)) {
    if (typeof key !== 'string') return fail(`Cannot delete field at ${typeOf(key)} index of object`)
    const { [key]: _gone, ...rest } = value
    return rest
  }
  return fail(`Cannot delete field at ${typeof key === 'string' ? 'object' : 'array'} index of ${typeOf(value)}`)
}

function deleteFromArray(value: readonly Json[], key: Json): Json {
  if (isObject(key)) {
    const [start, end] = bounds(value.length, (key.start ?? null) as number | null, (key.end ?? null) as number | null)
    return [...value.slice(0, start), ...value.slice(end)]
  }
  if (typeof key !== 'number') return fail(`Cannot delete field at object index of array`)
  const index = key < 0 ? value.length + key : key
  return value.filter((_, at) => at !== index)
}
