/** JSON Patch, as the library in the API server does it: `replace` of a missing member succeeds. */
import { copyObject, equalJson } from '#engine/api/object'

export interface JsonPatchOperation {
  readonly op?: unknown
  readonly path?: unknown
  readonly from?: unknown
  readonly value?: unknown
}

export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError'
}

type Container = Record<string, unknown> | unknown[]

/** Throws JsonPatchError where an operation cannot be done. Objects on the way are copied with sorted keys. */
export function applyJsonPatch(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  let root = sortedCopy(document) as Container
  for (const operation of operations) root = applyOne(root, operation)
  return root
}

function applyOne(root: Container, operation: JsonPatchOperation | null): Container {
  if (operation === null) throw new JsonPatchError('Unexpected kind: unknown')
  const path = operation.path
  if (typeof path !== 'string') throw new JsonPatchError('jsonpatch operation has no path')
  switch (operation.op) {
    case 'add': return put(root, path, copyObject(operation.value), 'add')
    case 'replace': return put(root, path, copyObject(operation.value), 'replace')
    case 'remove': return take(root, path)
    case 'move': {
      const from = sourceOf(operation)
      const value = read(root, from)
      return put(take(root, from), path, value, 'add')
    }
    case 'copy': return put(root, path, copyObject(read(root, sourceOf(operation))), 'add')
    case 'test': {
      const value = readOr(root, path)
      if (!equalJson(value ?? null, operation.value ?? null)) throw new JsonPatchError(`testing value ${path} failed: test failed`)
      return root
    }
    default: throw new JsonPatchError(`Unexpected kind: ${String(operation.op)}`)
  }
}

function sourceOf(operation: JsonPatchOperation): string {
  if (typeof operation.from !== 'string') throw new JsonPatchError(`jsonpatch ${String(operation.op)} operation has no from`)
  return operation.from
}

function split(path: string): { parents: string[]; last: string } {
  const parts = path.split('/').slice(1).map((part) => part.replace(/~1/g, '/').replace(/~0/g, '~'))
  const last = parts.pop()
  return { parents: path.includes('/') ? parts : [], last: last ?? path }
}

function holder(root: Container, path: string): { container: Container; last: string } {
  const { parents, last } = split(path)
  let container: unknown = root
  for (const part of parents) container = member(container, part)
  if (container === null || typeof container !== 'object') throw new JsonPatchError(`doc is missing path: ${JSON.stringify(path)}: missing value`)
  return { container: container as Container, last }
}

function member(container: unknown, part: string): unknown {
  if (Array.isArray(container)) return container[indexOf(container, part, container.length - 1)]
  return container !== null && typeof container === 'object' ? own(container as Record<string, unknown>, part) : undefined
}

/** Never what every JavaScript object inherits. */
function own(container: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(container, key) ? container[key] : undefined
}

function indexOf(list: readonly unknown[], part: string, highest: number): number {
  if (!/^-?\d+$/.test(part)) throw new JsonPatchError(`strconv.Atoi: parsing ${JSON.stringify(part)}: invalid syntax`)
  const given = Number(part)
  const index = given < 0 ? given + list.length : given
  if (index < 0 || index > highest) throw new JsonPatchError(`Unable to access invalid index: ${part}: invalid index referenced`)
  return index
}

function put(root: Container, path: string, value: unknown, how: 'add' | 'replace'): Container {
  if (path === '') return value as Container
  const { container, last } = holder(root, path)
  if (!Array.isArray(container)) setSorted(container, last, value)
  else if (how === 'replace') container[indexOf(container, last, container.length - 1)] = value
  else if (last === '-') container.push(value)
  else container.splice(indexOf(container, last, container.length), 0, value)
  return root
}

/** The library writes the objects it has changed with sorted keys. */
function setSorted(container: Record<string, unknown>, key: string, value: unknown): void {
  const isNew = !Object.hasOwn(container, key)
  define(container, key, value)
  if (!isNew) return
  const entries = Object.entries(container).sort(([a], [b]) => (a < b ? -1 : 1))
  for (const [name] of entries) delete container[name]
  for (const [name, item] of entries) define(container, name, item)
}

/** A member of its own, even one called `__proto__`. */
function define(container: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true })
  else container[key] = value
}

function take(root: Container, path: string): Container {
  const { container, last } = holder(root, path)
  if (Array.isArray(container)) container.splice(indexOf(container, last, container.length - 1), 1)
  else {
    if (!Object.hasOwn(container, last)) throw new JsonPatchError(`Unable to remove nonexistent key: ${last}: missing value`)
    delete container[last]
  }
  return root
}

function read(root: Container, path: string): unknown {
  const { container, last } = holder(root, path)
  const value = member(container, last)
  if (value === undefined) throw new JsonPatchError(`doc is missing from path: ${path}: missing value`)
  return value
}

function readOr(root: Container, path: string): unknown {
  if (path === '') return root
  const { container, last } = holder(root, path)
  return Array.isArray(container) ? container[indexOf(container, last, container.length - 1)] : own(container, last)
}

/** The top level sorted, as the library writes it; the rest keeps its order. */
function sortedCopy(document: unknown): unknown {
  if (document === null || typeof document !== 'object' || Array.isArray(document)) return copyObject(document)
  return Object.fromEntries(Object.keys(document).sort().map((key) => [key, copyObject((document as Record<string, unknown>)[key])]))
}
