/** RFC 6902 on plain data, with the words of evanphx/json-patch: `replace` of a missing member succeeds. */
import { copyObject, equalJson } from '#engine/api/object'
import { CliError } from '../session/errors'

interface Operation {
  readonly op?: string
  readonly path?: string
  readonly from?: string
  readonly value?: unknown
}

type Container = Record<string, unknown> | unknown[]

export function applyJsonPatch(document: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw new CliError(`json: cannot unmarshal ${patch !== null && typeof patch === 'object' ? 'object' : typeof patch} into Go value of type jsonpatch.Patch`)
  let root = copyObject(document)
  for (const operation of patch as Operation[]) root = apply(root, operation)
  return root
}

function apply(root: unknown, operation: Operation): unknown {
  const { op = '', path, from, value } = operation
  if (!['add', 'replace', 'remove', 'test', 'copy', 'move'].includes(op)) throw new CliError(`Unexpected kind: ${op}`)
  if (path === undefined) throw new CliError(`${op} operation failed to decode path: missing value`)
  if ((op === 'copy' || op === 'move') && from === undefined) throw new CliError(`${op} operation failed to decode from: missing value`)
  switch (op) {
    case 'add': return put(root, path, value, (error) => `error in add for path: '${path}': ${error}`)
    case 'replace': return replace(root, path, value)
    case 'remove': return remove(root, path, path, 'remove')
    case 'test': return test(root, path, value)
    case 'copy': return put(root, path, copyObject(found(root, from as string, 'copy')), (error) => `error while adding value during copy: ${error}`)
    default: return move(root, from as string, path)
  }
}

function segments(path: string): string[] {
  return path.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** What holds the last part of the path; undefined where the way ends before. */
function holder(root: unknown, path: string): { parent: Container; key: string } | undefined {
  if (!path.startsWith('/')) return undefined
  const parts = segments(path)
  const key = parts.pop() ?? ''
  let at = root
  for (const part of parts) at = at === null || typeof at !== 'object' ? undefined : Array.isArray(at) ? (at as unknown[])[positionIn(at, part) ?? -1] : (at as Record<string, unknown>)[part]
  return at !== null && typeof at === 'object' ? { parent: at as Container, key } : undefined
}

function positionIn(list: readonly unknown[], part: string): number | undefined {
  if (!/^-?\d+$/.test(part)) return undefined
  const index = Number(part) < 0 ? Number(part) + list.length : Number(part)
  return index < 0 || index >= list.length ? undefined : index
}

const notNumber = (part: string): string => `strconv.Atoi: parsing ${JSON.stringify(part)}: invalid syntax`
const outside = (part: string): string => `Unable to access invalid index: ${part}: invalid index referenced`

function indexIn(list: readonly unknown[], part: string, describe: (problem: string) => string): number {
  const index = positionIn(list, part)
  if (index === undefined) throw new CliError(describe(/^-?\d+$/.test(part) ? outside(part) : notNumber(part)))
  return index
}

function put(root: unknown, path: string, value: unknown, describe: (problem: string) => string): unknown {
  if (path === '') return value
  const at = holder(root, path)
  if (!at) throw new CliError(`add operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`)
  const { parent, key } = at
  if (!Array.isArray(parent)) parent[key] = value
  else if (key === '-') parent.push(value)
  else {
    if (!/^-?\d+$/.test(key)) throw new CliError(describe(`value was not a proper array index: '${key}': ${notNumber(key)}`))
    const index = Number(key) < 0 ? Number(key) + parent.length + 1 : Number(key)
    if (index < 0 || index > parent.length) throw new CliError(describe(outside(key)))
    parent.splice(index, 0, value)
  }
  return root
}

function replace(root: unknown, path: string, value: unknown): unknown {
  if (path === '') {
    if (value === null || typeof value !== 'object') throw new CliError('replace operation value must be object or array: %!w(<nil>)')
    return value
  }
  const at = holder(root, path)
  if (!at) throw new CliError(`replace operation does not apply: doc is missing path: ${path}: missing value`)
  const { parent, key } = at
  if (!Array.isArray(parent)) parent[key] = value
  else {
    const index = positionIn(parent, key)
    if (index === undefined) throw new CliError(`replace operation does not apply: doc is missing key: ${path}: missing value`)
    parent[index] = value
  }
  return root
}

function remove(root: unknown, path: string, shown: string, op: string): unknown {
  const at = holder(root, path)
  if (!at) throw new CliError(`${op} operation does not apply: doc is missing ${op === 'move' ? 'from path' : 'path'}: ${op === 'move' ? path : JSON.stringify(path)}: missing value`)
  const { parent, key } = at
  if (Array.isArray(parent)) parent.splice(indexIn(parent, key, (problem) => `error in ${op} for path: '${shown}': ${problem}`), 1)
  else {
    if (!Object.hasOwn(parent, key)) throw new CliError(`error in ${op} for path: '${shown}': Unable to remove nonexistent key: ${key}: missing value`)
    delete parent[key]
  }
  return root
}

/** The real one names the key alone where the move fails. */
function move(root: unknown, from: string, path: string): unknown {
  const at = holder(root, from)
  const value: unknown = at === undefined ? undefined : Array.isArray(at.parent) ? at.parent[positionIn(at.parent, at.key) ?? -1] : at.parent[at.key]
  const without = remove(root, from, at?.key ?? from, 'move')
  return put(without, path, value, (error) => `error in move for path: '${path}': ${error}`)
}

function found(root: unknown, path: string, op: string): unknown {
  const at = holder(root, path)
  if (!at) throw new CliError(`${op} operation does not apply: doc is missing from path: ${path}: missing value`)
  const { parent, key } = at
  return Array.isArray(parent) ? parent[indexIn(parent, key, (problem) => `error in ${op} for path: '${path}': ${problem}`)] : (parent[key] ?? null)
}

function test(root: unknown, path: string, value: unknown): unknown {
  const at = path === '' ? undefined : holder(root, path)
  if (path !== '' && !at) throw new CliError(`test operation does not apply: is missing path: ${path}: missing value`)
  const known: unknown = !at ? root : Array.isArray(at.parent) ? at.parent[indexIn(at.parent, at.key, (problem) => `error in test for path: '${path}': ${problem}`)] : at.parent[at.key]
  if (!equalJson(known ?? null, value ?? null)) throw new CliError(`testing value ${path} failed: test failed`)
  return root
}
