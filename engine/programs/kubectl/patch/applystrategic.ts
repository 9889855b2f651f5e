/** Applying a strategic merge patch on this side, for --local and --overrides. */
import { equalJson, type KubeObject, parseGroupVersion } from '#engine/api/object'
import type { Session } from '../session/session'
import type { PatchMeta} from '#engine/programs/common/patch/schema';
import { patchMetaFor } from './served'
import { builtinPatchMeta } from './builtin'

type Data = Record<string, unknown>

export async function applyStrategic(session: Session, object: KubeObject, patch: Data): Promise<KubeObject> {
  const { group, version } = parseGroupVersion(object.apiVersion)
  let meta: PatchMeta | undefined
  try {
    meta = await patchMetaFor(session, group, version, object.kind)
  } catch {
    meta = undefined
  }
  return mergeStrategic(object, patch, meta ?? builtinPatchMeta(object.kind)) as KubeObject
}

function isMap(value: unknown): value is Data {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

export function mergeStrategic(target: Data, patch: Data, meta: PatchMeta): Data {
  if (patch['$patch'] === 'replace') {
    const { $patch: _, ...rest } = patch
    return rest
  }
  if (patch['$patch'] === 'delete') return {}
  let out: Data = { ...target }
  const keep = patch['$retainKeys']
  if (Array.isArray(keep)) out = Object.fromEntries(Object.entries(out).filter(([key]) => keep.includes(key)))
  for (const [key, value] of Object.entries(patch)) {
    if (key === '$patch' || key === '$retainKeys' || key.startsWith('$setElementOrder/')) continue
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      const field = key.slice('$deleteFromPrimitiveList/'.length)
      out[field] = ((out[field] as unknown[] | undefined) ?? []).filter((item) => !(value as unknown[]).some((other) => equalJson(other, item)))
    } else if (value === null) delete out[key]
    else out[key] = mergeField(out[key], value, meta.field(key))
  }
  for (const [key, value] of Object.entries(patch)) if (key.startsWith('$setElementOrder/')) reorder(out, key.slice('$setElementOrder/'.length), value as unknown[], meta)
  return out
}

function mergeField(target: unknown, value: unknown, meta: PatchMeta): unknown {
  if (isMap(value)) return meta.strategies.includes('replace') ? value : mergeStrategic(isMap(target) ? target : {}, value, meta)
  if (!Array.isArray(value) || !meta.strategies.includes('merge')) return value
  return mergeList(Array.isArray(target) ? (target as unknown[]) : [], value as unknown[], meta)
}

function mergeList(target: readonly unknown[], patch: readonly unknown[], meta: PatchMeta): unknown[] {
  const mergeKey = meta.mergeKey
  if (mergeKey === undefined || !patch.every(isMap)) return [...target, ...patch.filter((item) => !target.some((other) => equalJson(other, item)))]
  if (patch.some((item) => (item as Data)['$patch'] === 'replace')) return patch.filter((item) => (item as Data)['$patch'] !== 'replace')
  const out = [...target] as Data[]
  for (const item of patch as Data[]) {
    const at = out.findIndex((other) => equalJson(other[mergeKey], item[mergeKey]))
    if (item['$patch'] === 'delete') {
      if (at >= 0) out.splice(at, 1)
    } else if (at < 0) out.push(item)
    else out[at] = mergeStrategic(out[at] as Data, item, meta.item())
  }
  return out
}

function reorder(out: Data, field: string, order: readonly unknown[], meta: PatchMeta): void {
  const list = out[field]
  if (!Array.isArray(list)) return
  const mergeKey = meta.field(field).mergeKey
  const rank = (item: unknown): number => order.findIndex((entry) => (mergeKey !== undefined && isMap(entry) && isMap(item) ? equalJson(entry[mergeKey], item[mergeKey]) : equalJson(entry, item)))
  const ranked = list.map((item: unknown, index) => ({ item, index, rank: rank(item) }))
  ranked.sort((a, b) => (a.rank < 0 || b.rank < 0 ? a.index - b.index : a.rank - b.rank))
  out[field] = ranked.map((entry) => entry.item)
}
