/** Whether an applied object fits its type, in the words of structured-merge-diff. */
import type { Type } from '#engine/apiserver/schema/type'
import { fieldOf, itemPart, TypedError } from './typed'

/** The problems, one a line; empty where there are none. */
export function typedProblems(type: Type, value: unknown, path = ''): string[] {
  if (value === null || value === undefined || type.kind === 'any') return []
  switch (type.kind) {
    case 'struct': case 'map': return mapProblems(type, value, path)
    case 'list': return listProblems(type, value, path)
    case 'string': case 'bytes': case 'time': case 'microtime': case 'duration': return typeof value === 'string' ? [] : [`${path}: expected string, got ${valueText(value)}`]
    case 'boolean': return typeof value === 'boolean' ? [] : [`${path}: expected boolean, got ${valueText(value)}`]
    case 'integer': case 'number': return typeof value === 'number' ? [] : [`${path}: expected numeric (int or float), got ${valueText(value)}`]
    default: return typeof value === 'object' ? [`${path}: expected scalar, got ${valueText(value)}`] : []
  }
}

function mapProblems(type: Type, value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: expected map, got ${valueText(value)}`]
  // The first unknown field ends the look at its siblings.
  const unknown = Object.keys(value).find((key) => !fieldOf(type, key))
  if (unknown !== undefined) return [`${path}.${unknown}: field not declared in schema`]
  return Object.entries(value as Record<string, unknown>).flatMap(([key, item]) => typedProblems(fieldOf(type, key)?.type as Type, item, `${path}.${key}`))
}

function listProblems(type: Type, value: unknown, path: string): string[] {
  if (!Array.isArray(value)) return [`${path}: expected list, got ${valueText(value)}`]
  const out: string[] = []
  const seen = new Set<string>()
  value.forEach((item, index) => {
    let where = `${path}[${index}]`
    if (type.listType === 'map' || type.listType === 'set') {
      try {
        const part = itemPart(type, item, index)
        where = `${path}${partText(part)}`
        if (seen.has(part)) out.push(`${path}: duplicate entries for key ${partText(part)}`)
        seen.add(part)
      } catch (error) {
        if (!(error instanceof TypedError)) throw error
        out.push(`${path}: ${error.message}`)
        return
      }
    }
    out.push(...typedProblems(type.element as Type, item, where))
  })
  return out
}

function partText(part: string): string {
  if (part.startsWith('v:')) return `[=${part.slice(2)}]`
  return `[${Object.entries(JSON.parse(part.slice(2)) as Record<string, unknown>).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
}

/** As `value.ToString` prints it. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(',')}]`
  if (value !== null && typeof value === 'object') return `{${Object.entries(value as Record<string, unknown>).map(([key, item]) => `${JSON.stringify(key)}:${valueText(item)}`).join(',')}}`
  return JSON.stringify(value) ?? 'null'
}
