/** Strategic merge patch with all its directives. */
export interface PatchType {
  readonly kind: string
  readonly fields: ReadonlyMap<string, { readonly type: PatchType; readonly patchStrategy: readonly string[] }>
  readonly element: PatchType | undefined
  readonly mergeKey?: string
  readonly patchStrategy?: readonly string[]
}

export class StrategicPatchError extends Error {
  override readonly name = 'StrategicPatchError'
}

type Fields = Record<string, unknown>

const deletePrefix = '$deleteFromPrimitiveList/'
const orderPrefix = '$setElementOrder/'

export function applyStrategicPatch(type: PatchType | undefined, original: unknown, patch: Fields): Fields {
  return mergeMap(isMap(original) ? original : {}, patch, type)
}

function isMap(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function mergeMap(original: Fields, patch: Fields, type: PatchType | undefined): Fields {
  const directive = patch['$patch']
  if (directive !== undefined) {
    if (directive === 'replace') return withoutDirectives(patch)
    if (directive === 'delete') return {}
    if (directive !== 'merge') throw new StrategicPatchError(`unknown patch type: ${goValue(directive)} in map: ${goMap(patch)}`)
  }
  const out: Fields = { ...original }
  retain(out, patch)
  const { orders, removals } = listDirectives(patch)
  for (const [key, items] of removals) if (Array.isArray(out[key])) out[key] = (out[key] as unknown[]).filter((item) => !items.includes(item))
  for (const key in patch) if (!key.startsWith('$')) mergeField(out, key, patch[key], memberType(type, key), orders.get(key), removals.has(key))
  for (const [key, order] of orders) if (patch[key] === undefined && Array.isArray(out[key])) out[key] = ordered(out[key] as unknown[], order, original[key] as unknown[], memberType(type, key).type)
  return out
}

/** What the patch says of lists, by the name of the list. */
function listDirectives(patch: Fields): { readonly orders: ReadonlyMap<string, unknown[]>; readonly removals: ReadonlyMap<string, unknown[]> } {
  const orders = new Map<string, unknown[]>()
  const removals = new Map<string, unknown[]>()
  for (const key in patch) {
    if (key.startsWith(orderPrefix)) orders.set(key.slice(orderPrefix.length), listOf(patch[key], '$setElementOrder list'))
    else if (key.startsWith(deletePrefix)) removals.set(key.slice(deletePrefix.length), listOf(patch[key], '$deleteFromPrimitiveList'))
  }
  return { orders, removals }
}

function listOf(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value
  throw new StrategicPatchError(`${what} is not a list`)
}

function retain(out: Fields, patch: Fields): void {
  const keys = patch['$retainKeys']
  if (keys === undefined) return
  const kept = listOf(keys, '$retainKeys')
  for (const key in patch) if (!key.startsWith('$') && !kept.includes(key)) throw new StrategicPatchError('$retainKeys directive contains keys that are not in the patch')
  for (const key of Object.keys(out)) if (!kept.includes(key)) delete out[key]
}

interface Member {
  readonly type: PatchType | undefined
  readonly strategy: readonly string[]
}

function memberType(type: PatchType | undefined, key: string): Member {
  if (type?.kind === 'struct') {
    const field = type.fields.get(key)
    return { type: field?.type, strategy: [...(field?.patchStrategy ?? []), ...(field?.type.patchStrategy ?? [])] }
  }
  return { type: type?.kind === 'map' ? type.element : undefined, strategy: [] }
}

function mergeField(out: Fields, key: string, value: unknown, member: Member, order: unknown[] | undefined, removed: boolean): void {
  if (value === null) {
    delete out[key]
    return
  }
  const standing = out[key]
  if (isMap(value)) {
    if (isMap(standing) && !member.strategy.includes('replace')) out[key] = mergeMap(standing, value, member.type)
    else if (value['$patch'] === 'delete') delete out[key]
    else out[key] = mergeMap({}, value, member.type)
    return
  }
  if (!Array.isArray(value)) {
    out[key] = value
    return
  }
  const merges = member.strategy.includes('merge')
  if (!merges) out[key] = value
  else if (removed && standing === undefined) out[key] = []
  else out[key] = mergeLists(Array.isArray(standing) ? standing : [], value, member.type, order)
}

function mergeLists(original: unknown[], patch: unknown[], type: PatchType | undefined, order: unknown[] | undefined): unknown[] {
  const mergeKey = type?.mergeKey
  const merged = mergeKey === undefined ? mergePrimitives(original, patch) : mergeKeyed(original, patch, mergeKey, type)
  return ordered(merged, order ?? patch.filter((item) => !(isMap(item) && item['$patch'] !== undefined)), original, type)
}

function mergePrimitives(original: unknown[], patch: unknown[]): unknown[] {
  return [...new Set([...original, ...patch])]
}

function mergeKeyed(original: unknown[], patch: unknown[], mergeKey: string, type: PatchType | undefined): unknown[] {
  if (patch.some((item) => isMap(item) && item['$patch'] === 'replace')) return patch.filter((item) => !(isMap(item) && item['$patch'] === 'replace'))
  let out = [...original]
  for (const item of patch) {
    if (!isMap(item)) throw new StrategicPatchError(`expected a map, found ${goValue(item)}`)
    const directive = item['$patch']
    const key = item[mergeKey]
    if (directive === 'delete') {
      if (key === undefined) throw new StrategicPatchError('delete patch type with no merge key defined')
      out = out.filter((other) => !(isMap(other) && other[mergeKey] === key))
      continue
    }
    if (directive !== undefined && directive !== 'merge') throw new StrategicPatchError(`unknown patch type: ${goValue(directive)} in map: ${goMap(item)}`)
    if (key === undefined) throw new StrategicPatchError(`map: ${goMap(item)} does not contain declared merge key: ${mergeKey}`)
    const at = out.findIndex((other) => isMap(other) && other[mergeKey] === key)
    if (at >= 0) out[at] = mergeMap(out[at] as Fields, item, type?.element)
    else out.push(mergeMap({}, item, type?.element))
  }
  return out
}

/** Items of the patch in the order it asks for; those only the server has keep their place relative to it. */
function ordered(merged: unknown[], order: unknown[], original: unknown[] | undefined, type: PatchType | undefined): unknown[] {
  const mergeKey = type?.mergeKey
  const identity = (item: unknown): unknown => (mergeKey !== undefined && isMap(item) ? item[mergeKey] : item)
  const wanted = order.map(identity)
  const rank = new Map(wanted.map((key, index) => [key, index]))
  const mine = merged.filter((item) => rank.has(identity(item))).sort((a, b) => (rank.get(identity(a)) as number) - (rank.get(identity(b)) as number))
  const servers = merged.filter((item) => !rank.has(identity(item)))
  const live = new Map((original ?? []).map((item, index) => [identity(item), index]))
  return interleave(mine, servers, (item) => live.get(identity(item)))
}

function interleave(mine: unknown[], servers: unknown[], position: (item: unknown) => number | undefined): unknown[] {
  const out: unknown[] = []
  let left = 0
  let right = 0
  while (left < mine.length && right < servers.length) {
    const a = position(mine[left])
    const b = position(servers[right])
    if (a === undefined || (b !== undefined && a < b)) out.push(mine[left++])
    else out.push(servers[right++])
  }
  return [...out, ...mine.slice(left), ...servers.slice(right)]
}

function withoutDirectives(patch: Fields): Fields {
  const out: Fields = {}
  for (const key in patch) if (key !== '$patch' && patch[key] !== null) out[key] = patch[key]
  return out
}

/** As Go's `%v` prints a map. */
export function goMap(value: Fields): string {
  return `map[${Object.keys(value).sort().map((key) => `${key}:${goValue(value[key])}`).join(' ')}]`
}

function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`
  if (typeof value === 'object') return goMap(value as Fields)
  return String(value)
}
