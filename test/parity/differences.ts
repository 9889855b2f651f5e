/** What differs between two documents, one line a difference, each with its path. */

/** Keys of arrays of maps: such lists are compared by key, not by place. */
const keys = ['name', 'type', 'key', 'group', 'version', 'resource', 'verb']

export function differences(path: string, real: unknown, ours: unknown): string[] {
  if (Object.is(real, ours)) return []
  if (Array.isArray(real) && Array.isArray(ours)) return ofLists(path, real, ours)
  if (isMap(real) && isMap(ours)) {
    const names = [...new Set([...Object.keys(real), ...Object.keys(ours)])].sort()
    return names.flatMap((name) => differences(`${path}.${name}`, real[name], ours[name]))
  }
  if (typeof real === 'string' && typeof ours === 'string' && real.includes('\n')) return [`${path}: ${toldLines(real, ours)} -> ${toldLines(ours, real)}`]
  return [`${path}: ${told(real)} -> ${told(ours)}`]
}

/** Only the lines that the other text has not. */
function toldLines(text: string, other: string): string {
  const there = new Set(other.split('\n'))
  return told(text.split('\n').filter((line) => !there.has(line)).join('\n'))
}

function ofLists(path: string, real: readonly unknown[], ours: readonly unknown[]): string[] {
  const key = keys.find((name) => [...real, ...ours].every((item) => isMap(item) && typeof item[name] === 'string') && unique(real, name) && unique(ours, name))
  if (key === undefined) {
    if (real.length !== ours.length) return [`${path}: ${told(real)} -> ${told(ours)}`]
    return real.flatMap((item, index) => differences(`${path}[${index}]`, item, ours[index]))
  }
  const find = (list: readonly unknown[], value: unknown): unknown => list.find((item) => (item as Record<string, unknown>)[key] === value)
  const values = [...real, ...ours].map((item) => (item as Record<string, unknown>)[key])
  const order = (list: readonly unknown[]): string => list.map((item) => String((item as Record<string, unknown>)[key])).join(' ')
  const found = [...new Set(values)].flatMap((value) => differences(`${path}[${String(value)}]`, find(real, value), find(ours, value)))
  return found.length === 0 && order(real) !== order(ours) ? [`${path}: order ${order(real)} -> ${order(ours)}`] : found
}

function unique(list: readonly unknown[], key: string): boolean {
  return new Set(list.map((item) => (item as Record<string, unknown>)[key])).size === list.length
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function told(value: unknown): string {
  if (value === undefined) return 'absent'
  const text = JSON.stringify(value)
  return text.length > 300 ? `${text.slice(0, 300)}...` : text
}
