/** KYAML: YAML in flow style, keys bare where they can be, text always quoted. */
const plainKey = /^[A-Za-z_][A-Za-z0-9_.\-/]*$/
const ambiguous = /^(?:y|yes|n|no|on|off|true|false|null|~|nan|inf)$/i

export function kyaml(value: unknown): string {
  return `---\n${node(value, 0)}\n`
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
  return `{\n${keys.map((key) => `${pad}${plainKey.test(key) && !ambiguous.test(key) ? key : JSON.stringify(key)}: ${node(value[key], depth + 1)},\n`).join('')}${'  '.repeat(depth)}}`
}

function sequence(items: readonly unknown[], depth: number): string {
  if (items.length === 0) return '[]'
  const cuddled = items.every((item) => item !== null && typeof item === 'object')
  if (cuddled) return `[${items.map((item) => node(item, depth)).join(', ')}]`
  const pad = '  '.repeat(depth + 1)
  return `[\n${items.map((item) => `${pad}${node(item, depth + 1)},\n`).join('')}${'  '.repeat(depth)}]`
}

function text(value: string, depth: number): string {
  if (!value.includes('\n')) return JSON.stringify(value)
  const pad = '  '.repeat(depth)
  const lines = value.split('\n')
  return `"\\\n${lines.map((line, index) => `${pad} ${JSON.stringify(line).slice(1, -1)}${index < lines.length - 1 ? '\\n\\' : '\\'}\n`).join('')}${pad} "`
}
