/** KYAML: YAML in flow style, keys bare where they can be, text always quoted. */
import { sortKeys } from '#engine/api/jsonpath/evaluate'

const plainKey = /^[A-Za-z0-9_][A-Za-z0-9_.\-/]*$/
const numberLike = /^[-+]?[0-9.]+([eE][-+]?\d+)?$|^0[xob][0-9a-fA-F]+$/
const ambiguous = /^(?:y|yes|n|no|on|off|true|false|null|~|nan|inf)$/i

/** `sorted` is right for objects from a server; those made here are written in the order of their fields. */
export function kyaml(value: unknown, sorted = true): string {
  return `---\n${node(sorted ? sortKeys(value) : value, 0)}\n`
}

function node(value: unknown, depth: number): string {
  if (Array.isArray(value)) return sequence(value, depth)
  if (value !== null && typeof value === 'object') return mapping(value as Record<string, unknown>, depth)
  if (typeof value === 'string') return text(value, depth)
  return value === undefined ? 'null' : String(value)
}

function mapping(value: Record<string, unknown>, depth: number): string {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  if (keys.length === 0) return '{}'
  const pad = '  '.repeat(depth + 1)
  return `{\n${keys.map((key) => `${pad}${isPlainKey(key) ? key : quoted(key)}: ${node(value[key], depth + 1)},\n`).join('')}${'  '.repeat(depth)}}`
}

function isPlainKey(key: string): boolean {
  return plainKey.test(key) && !ambiguous.test(key) && !numberLike.test(key)
}

/** Tabs and letters of any script stand as they are. */
function quoted(value: string): string {
  const escaped = [...value].map((char) => (char === '"' || char === '\\' ? `\\${char}` : char < ' ' && char !== '\t' ? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}` : char))
  return `"${escaped.join('')}"`
}

function sequence(items: readonly unknown[], depth: number): string {
  if (items.length === 0) return '[]'
  const cuddled = items.every((item) => item !== null && typeof item === 'object')
  if (cuddled) return `[${items.map((item) => node(item, depth)).join(', ')}]`
  const pad = '  '.repeat(depth + 1)
  return `[\n${items.map((item) => `${pad}${node(item, depth + 1)},\n`).join('')}${'  '.repeat(depth)}]`
}

function text(value: string, depth: number): string {
  if (!value.includes('\n')) return quoted(value)
  const pad = '  '.repeat(depth)
  const lines = value.split('\n')
  const shown = lines.map((line, index) => `${pad}  ${line.startsWith(' ') ? '\\' : ' '}${quoted(line).slice(1, -1)}${index < lines.length - 1 ? '\\n\\' : '\\'}\n`)
  // A newline at the end needs no empty line after it.
  return `"\\\n${(lines.at(-1) === '' ? shown.slice(0, -1) : shown).join('')}${pad}  "`
}
