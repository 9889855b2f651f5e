/** JSON merge patch. */
type Fields = Record<string, unknown>

export function applyMergePatch(original: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const out: Fields = isObject(original) ? { ...original } : {}
  for (const key in patch) {
    const value = patch[key]
    if (value === null) delete out[key]
    else out[key] = applyMergePatch(out[key], value)
  }
  return out
}

function isObject(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
