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
  for (const key of Object.keys(original)) {
    const before = original[key]
    if (before === undefined) continue
    if (!(key in modified) || modified[key] === undefined) {
      if (!options.ignoreDeletions) patch[key] = null
      continue
    }
    diffField(key, before, modified[key], meta.field(key), options, patch)
  }
  if (!options.ignoreChanges) for (const key of Object.keys(modified)) if (original[key] === undefined && modified[key] !== undefined) patch[key] = modified[key]
  return patch
}

function diffField(key: string, before: unknown, after: unknown, meta: PatchMeta, options: DiffOptions, patch: Data): void {
  if (isMap(before) && isMap(after) && !meta.strategies.includes('replace')) {
    const inner = diffMaps(before, after, meta, options)
    if (meta.strategies.includes('retainKeys') && Object.keys(inner).length > 0) inner['$retainKeys'] = Object.keys(after).sort()
    if (Object.keys(inner).length > 0) patch[key] = inner
  } else if (Array.isArray(before) && Array.isArray(after) && meta.strategies.includes('merge')) diffLists(key, before, after, meta, options, patch)
  else if (!options.ignoreChanges && !equalJson(before, after)) patch[key] = after
}

function diffLists(key: string, before: unknown[], after: unknown[], meta: PatchMeta, options: DiffOptions, patch: Data): void {
  const sample = after[0] ?? before[0]
  if (sample === undefined) return
  if (!isMap(sample)) return diffScalars(key, before, after, options, patch)
  const mergeKey = meta.mergeKey
  if (mergeKey === undefined) {
    if (!options.ignoreChanges && !equalJson(before, after)) patch[key] = after
    return
  }
  const keyOf = (item: unknown): unknown => (item as Data)[mergeKey]
  const changes: Data[] = []
  for (const item of after as Data[]) {
    const old = (before as Data[]).find((other) => equalJson(keyOf(other), keyOf(item)))
    if (!old) {
      if (!options.ignoreChanges) changes.push(item)
      continue
    }
    const inner = diffMaps(old, item, meta.item(), options)
    if (Object.keys(inner).length > 0) changes.push({ ...inner, [mergeKey]: keyOf(item) })
  }
  if (!options.ignoreDeletions) for (const old of before) if (!after.some((item) => equalJson(keyOf(item), keyOf(old)))) changes.push({ $patch: 'delete', [mergeKey]: keyOf(old) })
  const order = after.map(keyOf)
  const sameOrder = equalJson(before.map(keyOf).filter((name) => order.includes(name)), order)
  if (changes.length > 0) patch[key] = changes
  if (options.setElementOrder && (options.ignoreChanges ? changes.length > 0 : changes.length > 0 || !sameOrder)) patch[`$setElementOrder/${key}`] = after.map((item) => ({ [mergeKey]: keyOf(item) }))
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
