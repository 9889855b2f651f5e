/** Making strategic merge patches: two ways (before, after) and three (last applied, live, wanted). */
import { equalJson } from '#engine/api/object'
import { PatchMeta } from './schema'

type Data = Record<string, unknown>

interface DiffOptions {
  readonly ignoreDeletions?: boolean
  readonly ignoreChanges?: boolean
  readonly setElementOrder?: boolean
}

const emptyMeta = new PatchMeta({}, undefined)

export function twoWayStrategicPatch(before: Data, after: Data, meta: PatchMeta | undefined): Data {
  return diffMaps(before, after, meta ?? emptyMeta, { setElementOrder: true })
}

/** Changes between live and wanted, and deletions between last applied and wanted. */
export function threeWayStrategicPatch(original: Data, modified: Data, current: Data, meta: PatchMeta): Data {
  const delta = diffMaps(current, modified, meta, { ignoreDeletions: true, setElementOrder: true })
  const deletions = diffMaps(original, modified, meta, { ignoreChanges: true, setElementOrder: true })
  return joinPatches(deletions, delta, meta)
}

function isMap(value: unknown): value is Data {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function diffMaps(original: Data, modified: Data, meta: PatchMeta, options: DiffOptions): Data {
  const patch: Data = {}
  for (const [key, before] of Object.entries(original)) {
    if (before === undefined) continue
    if (modified[key] !== undefined) diffField(key, before, modified[key], meta.field(key), options, patch)
    else if (!options.ignoreDeletions) patch[key] = null
  }
  if (!options.ignoreChanges) for (const [key, after] of Object.entries(modified)) if (original[key] === undefined && after !== undefined) patch[key] = after
  return patch
}

function diffField(key: string, before: unknown, after: unknown, meta: PatchMeta, options: DiffOptions, patch: Data): void {
  if (isMap(before) && isMap(after)) diffMapField(key, before, after, meta, options, patch)
  else if (Array.isArray(before) && Array.isArray(after) && meta.strategies.includes('merge')) diffLists(key, before, after, meta, options, patch)
  else if (!options.ignoreChanges && !equalJson(before, after)) patch[key] = after
}

function diffMapField(key: string, before: Data, after: Data, meta: PatchMeta, options: DiffOptions, patch: Data): void {
  if (meta.strategies.includes('replace')) {
    // The real client replaces without a look whether anything changed: a disruption budget is always `configured`.
    if (!options.ignoreChanges) patch[key] = after
    return
  }
  const inner = diffMaps(before, after, meta, options)
  if (meta.strategies.includes('retainKeys') && Object.keys(inner).length > 0) inner['$retainKeys'] = Object.keys(after).sort()
  if (Object.keys(inner).length > 0) patch[key] = inner
}

function diffLists(key: string, before: unknown[], after: unknown[], meta: PatchMeta, options: DiffOptions, patch: Data): void {
  const sample = after[0] ?? before[0]
  if (sample === undefined) return
  if (!isMap(sample)) return diffScalars(key, before, after, options, patch)
  const { mergeKey } = meta
  if (mergeKey !== undefined) return diffItems(key, before as Data[], after as Data[], { mergeKey, meta: meta.item(), options }, patch)
  if (!options.ignoreChanges && !equalJson(before, after)) patch[key] = after
}

interface ItemDiff {
  readonly mergeKey: string
  readonly meta: PatchMeta
  readonly options: DiffOptions
}

function diffItems(key: string, before: readonly Data[], after: readonly Data[], how: ItemDiff, patch: Data): void {
  const { mergeKey, options } = how
  const changes = [...changedItems(before, after, how), ...(options.ignoreDeletions ? [] : removedItems(before, after, mergeKey))]
  const order = after.map((item) => item[mergeKey])
  const sameOrder = equalJson(before.map((item) => item[mergeKey]).filter((name) => order.includes(name)), order)
  const ordered = changes.length > 0 || (!options.ignoreChanges && !sameOrder)
  if (changes.length > 0) patch[key] = changes
  if (options.setElementOrder && ordered) patch[`$setElementOrder/${key}`] = order.map((name) => ({ [mergeKey]: name }))
}

function changedItems(before: readonly Data[], after: readonly Data[], { mergeKey, meta, options }: ItemDiff): Data[] {
  return after.flatMap((item) => {
    const old = before.find((other) => equalJson(other[mergeKey], item[mergeKey]))
    if (!old) return options.ignoreChanges ? [] : [item]
    const inner = diffMaps(old, item, meta, options)
    return Object.keys(inner).length > 0 ? [{ ...inner, [mergeKey]: item[mergeKey] }] : []
  })
}

function removedItems(before: readonly Data[], after: readonly Data[], mergeKey: string): Data[] {
  const gone = before.filter((old) => !after.some((item) => equalJson(item[mergeKey], old[mergeKey])))
  return gone.map((old) => ({ $patch: 'delete', [mergeKey]: old[mergeKey] }))
}

function diffScalars(key: string, before: unknown[], after: unknown[], options: DiffOptions, patch: Data): void {
  const added = options.ignoreChanges ? [] : after.filter((item) => !before.includes(item))
  const removed = options.ignoreDeletions ? [] : before.filter((item) => !after.includes(item))
  if (added.length > 0) patch[key] = added
  if (removed.length > 0) patch[`$deleteFromPrimitiveList/${key}`] = removed
  if (options.setElementOrder && (removed.length > 0 || (!options.ignoreChanges && !equalJson(before, after)))) patch[`$setElementOrder/${key}`] = after
}

/** Both patches as one: what the second says wins. */
function joinPatches(first: Data, second: Data, meta: PatchMeta): Data {
  const out: Data = { ...first }
  for (const [key, value] of Object.entries(second)) {
    const known = out[key]
    const inner = meta.field(key)
    if (isMap(known) && isMap(value)) out[key] = joinPatches(known, value, inner)
    else if (Array.isArray(known) && Array.isArray(value) && !key.startsWith('$')) out[key] = joinLists(known, value, inner)
    else out[key] = value
  }
  return out
}

function joinLists(first: unknown[], second: unknown[], meta: PatchMeta): unknown[] {
  const mergeKey = meta.mergeKey
  if (mergeKey === undefined || !isMap(first[0])) return [...new Set([...first, ...second])]
  const out = [...second] as Data[]
  for (const item of first as Data[]) {
    const at = out.findIndex((other) => equalJson(other[mergeKey], item[mergeKey]))
    if (at < 0) out.push(item)
    else out[at] = joinPatches(item, out[at] as Data, meta.item())
  }
  return out
}
