/** Making JSON merge patches (RFC 7396). */
import { equalJson } from '#engine/api/object'

type Data = Record<string, unknown>

function isMap(value: unknown): value is Data {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

export function twoWayMergePatch(before: Data, after: Data): Data {
  const patch: Data = {}
  for (const key of Object.keys(before)) {
    if (before[key] === undefined) continue
    const [old, now] = [before[key], after[key]]
    if (now === undefined) patch[key] = null
    else if (isMap(old) && isMap(now)) {
      const inner = twoWayMergePatch(old, now)
      if (Object.keys(inner).length > 0) patch[key] = inner
    } else if (!equalJson(old, now)) patch[key] = now
  }
  for (const key of Object.keys(after)) if (before[key] === undefined && after[key] !== undefined) patch[key] = after[key]
  return patch
}

export function threeWayMergePatch(original: Data, modified: Data, current: Data): Data {
  return join(onlyNulls(twoWayMergePatch(original, modified)), withoutNulls(twoWayMergePatch(current, modified)))
}

export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  const out: Data = isMap(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key]
    else out[key] = applyMergePatch(out[key], value)
  }
  return out
}

function onlyNulls(patch: Data): Data {
  const out: Data = {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) out[key] = null
    else if (isMap(value)) {
      const inner = onlyNulls(value)
      if (Object.keys(inner).length > 0) out[key] = inner
    }
  }
  return out
}

function withoutNulls(patch: Data): Data {
  const out: Data = {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) continue
    if (!isMap(value)) out[key] = value
    else {
      const inner = withoutNulls(value)
      if (Object.keys(inner).length > 0 || Object.keys(value).length === 0) out[key] = inner
    }
  }
  return out
}

function join(first: Data, second: Data): Data {
  const out: Data = { ...first }
  for (const [key, value] of Object.entries(second)) out[key] = isMap(out[key]) && isMap(value) ? join(out[key] as Data, value) : value
  return out
}
