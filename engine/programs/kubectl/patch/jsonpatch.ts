/** RFC 6902 on plain data, with the words of evanphx/json-patch. */
import { copyObject, equalJson } from '#engine/api/object'
import { CliError } from '../session/errors'

interface Operation {
  readonly op?: string
  readonly path?: string
  readonly from?: string
  readonly value?: unknown
}

export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw new CliError('json: cannot unmarshal object into Go value of type jsonpatch.Patch')
  let root = copyObject(document)
  for (const operation of patch as Operation[]) root = apply(root, operation)
  return root
}

function apply(root: unknown, { op = '', path = '', from = '', value }: Operation): unknown {
  switch (op) {
    case 'add': return put(root, path, value, true)
    case 'replace': return put(root, path, value, false)
    case 'remove': return remove(root, path)
    case 'test':
      if (!equalJson(read(root, path), value)) throw new CliError(`testing value ${path} failed: test failed`)
      return root
    case 'copy': return put(root, path, copyObject(read(root, from) ?? null), true)
    case 'move': {
      const moved = lookup(root, from, 'move')
      return put(remove(root, from), path, moved, true)
    }
    default: throw new CliError(`Unexpected kind: ${op}`)
  }
}

function segments(path: string): string[] {
  return path.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function read(root: unknown, path: string): unknown {
  let at = root
  for (const part of segments(path)) at = at === null || at === undefined ? undefined : (at as Record<string, unknown>)[part]
  return at
}

function lookup(root: unknown, path: string, op: string): unknown {
  const value = read(root, path)
  if (value === undefined) throw new CliError(`${op} operation does not apply: doc is missing path: ${path}: missing value`)
  return value
}

function parentOf(root: unknown, path: string, op: string): { parent: Record<string, unknown> | unknown[]; key: string } {
  const parts = segments(path)
  const key = parts.pop() ?? ''
  let at = root
  for (const part of parts) at = at === null || at === undefined ? undefined : (at as Record<string, unknown>)[part]
  if (at === null || typeof at !== 'object') throw new CliError(`${op} operation does not apply: doc is missing path: ${op === 'replace' ? path : JSON.stringify(path)}: missing value`)
  return { parent: at as Record<string, unknown>, key }
}

function put(root: unknown, path: string, value: unknown, insert: boolean): unknown {
  if (path === '') return value
  const { parent, key } = parentOf(root, path, insert ? 'add' : 'replace')
  if (!Array.isArray(parent)) parent[key] = value
  else if (key === '-') parent.push(value)
  else {
    const index = Number(key)
    if (!Number.isInteger(index) || index > parent.length) throw new CliError(`add operation does not apply: doc is missing path: ${JSON.stringify(path)}: invalid index referenced`)
    parent.splice(index < 0 ? parent.length + index + 1 : index, insert ? 0 : 1, value)
  }
  return root
}

function remove(root: unknown, path: string): unknown {
  const { parent, key } = parentOf(root, path, 'remove')
  if (Array.isArray(parent)) {
    if (!(Number(key) < parent.length)) throw new CliError(`error in remove for path: '${path}': Unable to access invalid index: ${key}: invalid index referenced`)
    parent.splice(Number(key), 1)
  } else {
    if (!(key in parent)) throw new CliError(`error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`)
    delete parent[key]
  }
  return root
}
