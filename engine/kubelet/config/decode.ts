/** Decodes a document by the table of fields, with encoding/json's words for wrong types. */
import { parseGoDuration } from './duration'
import { type FieldType, kubeletFields } from './fields.table'

export interface Decoded {
  readonly value: Record<string, unknown>
  /** Paths of fields that are not in the table. */
  readonly unknown: readonly string[]
  readonly failure?: string
}

export function decodeFields(document: Readonly<Record<string, unknown>>): Decoded {
  const decoder = new Decoder()
  const value = decoder.struct(document, kubeletFields, 'KubeletConfiguration', '')
  return { value, unknown: decoder.unknown, ...(decoder.failure === undefined ? {} : { failure: decoder.failure }) }
}

const goTypes: Readonly<Record<string, string>> = { duration: 'string' }

class Decoder {
  readonly unknown: string[] = []
  failure: string | undefined

  struct(document: Readonly<Record<string, unknown>>, fields: Readonly<Record<string, FieldType>>, name: string, path: string): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    for (const [key, value] of Object.entries(document)) {
      const type = fields[key]
      const full = path === '' ? key : `${path}.${key}`
      if (type === undefined) this.unknown.push(full)
      else out[key] = this.field(value, type, name, full)
    }
    return out
  }

  private field(value: unknown, type: FieldType, owner: string, path: string): unknown {
    if (value === null || type === 'any') return value
    if (typeof type === 'object') {
      if (kindOf(value) !== 'object') return this.wrong(value, `v1beta1.${type.struct}`, owner, path)
      return this.struct(value as Record<string, unknown>, type.fields, owner, path)
    }
    return this.scalar(value, type, owner, path)
  }

  private scalar(value: unknown, type: Exclude<FieldType, object>, owner: string, path: string): unknown {
    const kind = kindOf(value)
    if (type === 'duration') return this.duration(value, kind, owner, path)
    if (type.startsWith('map[')) return kind === 'object' ? value : this.wrong(value, type, owner, path)
    if (type === '[]string') return kind === 'array' ? value : this.wrong(value, type, owner, path)
    const wanted = type === 'bool' ? 'bool' : type === 'string' ? 'string' : 'number'
    if (kind !== wanted) return this.wrong(value, type, owner, path)
    if (wanted === 'number' && type !== 'float64' && !Number.isInteger(value)) return this.wrong(value, type, owner, path, `number ${String(value)}`)
    return value
  }

  private duration(value: unknown, kind: string, owner: string, path: string): unknown {
    if (kind !== 'string') return this.wrong(value, goTypes['duration'] ?? 'string', owner, path, undefined, true)
    if (parseGoDuration(value as string) === undefined) this.failure ??= durationFailure(value as string)
    return value
  }

  private wrong(value: unknown, goType: string, owner: string, path: string, shown?: string, bare = false): undefined {
    const what = shown ?? kindOf(value)
    this.failure ??= bare ? `json: cannot unmarshal ${what} into Go value of type ${goType}` : `json: cannot unmarshal ${what} into Go struct field ${owner}.${path} of type ${goType}`
    return undefined
  }
}

function durationFailure(text: string): string {
  return /^\d+$/.test(text) ? `time: missing unit in duration ${JSON.stringify(text)}` : `time: invalid duration ${JSON.stringify(text)}`
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'object') return 'object'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'bigint' ? 'number' : typeof value
}
