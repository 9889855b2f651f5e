/** Whether an applied object fits its type, in the words of structured-merge-diff. */
import type { Type } from '#engine/apiserver/schema/type'
import { fieldOf, itemPart, TypedError } from './typed'

/** The problems, one a line; empty where there are none. */
export function typedProblems(type: Type, value: unknown, path = ''): string[] {
  if (value === null || value === undefined || type.kind === 'any') return []
  switch (type.kind) {
    case 'struct': case 'map': return mapProblems(type, value, path)
    case 'list': return listProblems(type, value, path)
    default: return scalarProblems(type, value, path)
  }
}

const wantedScalars: Partial<Record<Type['kind'], readonly [kind: string, words: string]>> = {
  string: ['string', 'string'], bytes: ['string', 'string'], time: ['string', 'string'], microtime: ['string', 'string'], duration: ['string', 'string'],
  boolean: ['boolean', 'boolean'], integer: ['number', 'numeric (int or float)'], number: ['number', 'numeric (int or float)'],
}

function scalarProblems(type: Type, value: unknown, path: string): string[] {
  const [kind, words] = wantedScalars[type.kind] ?? ['', 'scalar']
  const fits = kind === '' ? typeof value !== 'object' : typeof value === kind
  return fits ? [] : [`${path}: expected ${words}, got ${valueText(value)}`]
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
