/** TOML as BurntSushi's encoder writes it: keys in order, plain ones before tables, two spaces a level. */
import { isTable, type Values } from '#engine/programs/helm/values/types'

export function toToml(value: unknown): string {
  if (!isTable(value)) throw new Error('toml: top-level values must be Go maps or structs')
  const out: string[] = []
  table(value, [], out)
  return out.join('')
}

const bare = (key: string): string => (/^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key))

function isTables(value: unknown): value is Values[] {
  return Array.isArray(value) && value.length > 0 && value.every(isTable)
}

function table(values: Values, path: readonly string[], out: string[]): void {
  const keys = Object.keys(values).sort((a, b) => (a < b ? -1 : 1)).filter((key) => values[key] !== null && values[key] !== undefined)
  const indent = '  '.repeat(path.length)
  for (const key of keys) if (!isTable(values[key]) && !isTables(values[key])) out.push(`${indent}${bare(key)} = ${inline(values[key])}\n`)
  for (const key of keys) {
    const value = values[key]
    const below = [...path, key]
    const heading = below.map(bare).join('.')
    if (isTable(value)) {
      out.push(`${out.length > 0 && path.length === 0 ? '\n' : ''}${indent}[${heading}]\n`)
      table(value, below, out)
    } else if (isTables(value)) {
      for (const item of value) {
        out.push(`${out.length > 0 ? '\n' : ''}${indent}[[${heading}]]\n`)
        table(item, below, out)
      }
    }
  }
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (isTable(value)) return `{${Object.keys(value).sort().map((key) => `${bare(key)} = ${inline(value[key])}`).join(', ')}}`
  // Numbers of values are float64, which TOML writes with a point.
  if (typeof value === 'number') return Number.isInteger(value) ? `${value}.0` : String(value)
  return JSON.stringify(value)
}
