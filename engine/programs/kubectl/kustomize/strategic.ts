/** Strategic merge as kyaml does it: maps join, lists with a merge key join by it, the patch's items first; other lists are replaced. */
import type { PatchMeta } from '#engine/programs/common/patch/schema'
import { isMap } from './fieldpath'
import type { Data } from './resource'

/** Undefined: the patch deletes the whole. */
export function mergeMaps(target: Data, patch: Data, meta: PatchMeta): Data | undefined {
  const directive = patch['$patch']
  const { $patch: _, ...changes } = patch
  if (directive === 'delete') return undefined
  if (directive === 'replace') return clean(changes) as Data
  const out: Data = { ...target }
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) delete out[key]
    else {
      const merged = mergeValue(out[key], value, meta.field(key))
      if (merged === undefined) delete out[key]
      else out[key] = merged
    }
  }
  return out
}

function mergeValue(target: unknown, value: unknown, meta: PatchMeta): unknown {
  if (isMap(value)) return isMap(target) ? mergeMaps(target, value, meta) : value['$patch'] === 'delete' ? undefined : clean(value)
  if (!Array.isArray(value)) return value
  return meta.strategies.includes('merge') ? mergeSequence(Array.isArray(target) ? (target as unknown[]) : [], value as unknown[], meta) : clean(value)
}

function mergeSequence(target: readonly unknown[], value: readonly unknown[], meta: PatchMeta): unknown {
  const keys = meta.mergeKeys
  if (keys.length > 0 && value.every(isMap)) return mergeLists(target as Data[], value, keys, meta)
  return keys.length === 0 && !value.some(isMap) ? [...new Set([...value, ...target])] : clean(value)
}

function mergeLists(target: readonly Data[], patch: readonly Data[], keys: readonly string[], meta: PatchMeta): unknown[] {
  const replace = patch.some((item) => item['$patch'] === 'replace' && keys.every((key) => item[key] === undefined))
  if (replace) return patch.filter((item) => item['$patch'] !== 'replace').map(clean)
  const used = keys.filter((key, index) => index === 0 || patch.some((item) => item[key] !== undefined))
  const same = (a: Data, b: Data): boolean => used.every((key) => a[key] === b[key])
  const changed = patch.flatMap((item) => {
    const old = target.find((other) => same(other, item))
    const merged = old ? mergeMaps(old, item, meta.item()) : item['$patch'] === 'delete' ? undefined : clean(item)
    return merged === undefined ? [] : [merged]
  })
  return [...changed, ...target.filter((item) => !patch.some((other) => same(other, item)))]
}

/** Without directives and nulls, which have nothing to act on. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean)
  if (!isMap(value)) return value
  const out: Data = {}
  for (const [key, item] of Object.entries(value)) if (key !== '$patch' && item !== null && !(isMap(item) && item['$patch'] === 'delete')) out[key] = clean(item)
  return out
}
