/** Reading a body into a type as Go's strict decoder does: the first wrong type fails, unknown fields are listed. */
import { pathText } from '#engine/api/json'
import { illegalBase64At } from '#engine/base/base64'
import { zero } from './canonical'
import type { Type } from './type'

export interface Decoded {
  /** A copy without unknown fields. */
  readonly value: unknown
  /** Paths of fields the type does not have. */
  readonly unknown: readonly string[]
  /** Go's error, without prefix: `json: cannot unmarshal string into Go struct field ...`. */
  readonly error: string | undefined
}

export function decodeInto(type: Type, value: unknown): Decoded {
  const decoder = new Decoder()
  const out = decoder.value(type, value, '')
  return { value: out, unknown: decoder.unknown, error: decoder.error }
}

const quantityPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+|[numkKMGTPE]i?|Ki|Mi|Gi|Ti|Pi|Ei)?$/
const durationPattern = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/
const maxReported = 100

/** Times that were found right lately: objects are full of the same ones. */
const goodTimes = new Set<string>()
const mostGoodTimes = 1024

function remembered(time: string): string {
  if (goodTimes.size >= mostGoodTimes) goodTimes.clear()
  goodTimes.add(time)
  return time
}

class Decoder {
  readonly unknown: string[] = []
  error: string | undefined
  private readonly path: (string | number)[] = []
  /** Struct fields alone: Go's messages name no map keys and no indexes. */
  private readonly fieldPath: string[] = []

  value(type: Type, value: unknown, struct: string): unknown {
    if (value === null || value === undefined || type.kind === 'any') return value
    switch (type.kind) {
      case 'struct': return this.struct(type, value, struct)
      case 'map': return this.map(type, value, struct)
      case 'list': return this.list(type, value, struct)
      default: return this.leaf(type, value, struct)
    }
  }

  private struct(type: Type, value: unknown, struct: string): unknown {
    if (typeof value !== 'object' || Array.isArray(value)) return this.mismatch(type, value, struct)
    const out: Record<string, unknown> = {}
    const given = value as Record<string, unknown>
    for (const key in given) {
      const field = type.fields.get(key)
      this.path.push(key)
      // Null is as if the field were not there.
      if (field && given[key] === null && field.type.kind !== 'any') {
        this.path.pop()
        continue
      }
      if (field) {
        this.fieldPath.push(key)
        out[key] = this.value(field.type, given[key], type.goName)
        this.fieldPath.pop()
      } else if (this.unknown.length < maxReported) this.unknown.push(pathText(this.path))
      this.path.pop()
    }
    return out
  }

  private map(type: Type, value: unknown, struct: string): unknown {
    if (typeof value !== 'object' || Array.isArray(value)) return this.mismatch(type, value, struct)
    const out: Record<string, unknown> = {}
    const given = value as Record<string, unknown>
    for (const key in given) {
      this.path.push(key)
      out[key] = this.element(type.element as Type, given[key], struct)
      this.path.pop()
    }
    return out
  }

  private list(type: Type, value: unknown, struct: string): unknown {
    if (!Array.isArray(value)) return this.mismatch(type, value, struct)
    return value.map((item, index) => {
      this.path.push(index)
      const out = this.element(type.element as Type, item, struct)
      this.path.pop()
      return out
    })
  }

  /** Null in a list or map is the zero value. */
  private element(type: Type, value: unknown, struct: string): unknown {
    return value === null && type.kind !== 'any' ? zero(type) : this.value(type, value, struct)
  }

  private leaf(type: Type, value: unknown, struct: string): unknown {
    switch (type.kind) {
      case 'string': return typeof value === 'string' ? value : this.mismatch(type, value, struct)
      case 'boolean': return typeof value === 'boolean' ? value : this.mismatch(type, value, struct)
      case 'integer': return this.integer(type, value, struct)
      case 'number': return typeof value === 'number' ? value : this.mismatch(type, value, struct)
      case 'bytes': return this.bytes(type, value, struct)
      case 'int-or-string': return this.intOrString(value, struct)
      case 'quantity': return this.quantity(value)
      case 'duration': return this.duration(value)
      default: return this.time(type, value)
    }
  }

  private integer(type: Type, value: unknown, struct: string): unknown {
    if (typeof value === 'number' && Number.isInteger(value) && (type.bits === 64 || (value >= -2147483648 && value <= 2147483647))) return value
    if (typeof value === 'number') return this.fail(`json: cannot unmarshal number ${goNumber(value)} into ${this.target(struct)} of type ${type.goName}`)
    return this.mismatch(type, value, struct)
  }

  private bytes(type: Type, value: unknown, struct: string): unknown {
    if (typeof value !== 'string') return this.mismatch(type, value, struct)
    const bad = illegalBase64At(value)
    return bad === undefined ? value : this.fail(`illegal base64 data at input byte ${bad}`)
  }

  private intOrString(value: unknown, struct: string): unknown {
    if (typeof value === 'string') return value
    if (typeof value !== 'number') return this.fail(`json: cannot unmarshal ${goKind(value)} into ${this.target(struct)} of type int32`)
    if (Number.isInteger(value) && value >= -2147483648 && value <= 2147483647) return value
    return this.fail(`json: cannot unmarshal number ${goNumber(value)} into ${this.target(struct)} of type int32`)
  }

  private quantity(value: unknown): unknown {
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text === 'string' && quantityPattern.test(text)) return value
    if (text === '') return '0'
    if (typeof text === 'string' && /^[+-]?[0-9.]+[eEinumkKMGTP]*[-+]?[0-9]*$/.test(text)) return this.fail('unable to parse quantity\'s suffix')
    return this.fail("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
  }

  private duration(value: unknown): unknown {
    if (typeof value === 'string' && durationPattern.test(value)) return value
    if (typeof value !== 'string') return this.fail(`json: cannot unmarshal ${goKind(value)} into Go value of type string`)
    return this.fail(/^[+-]?[\d.]+$/.test(value) ? `time: missing unit in duration ${JSON.stringify(value)}` : `time: invalid duration ${JSON.stringify(value)}`)
  }

  private time(type: Type, value: unknown): unknown {
    if (type.kind === 'time' && goodTimes.has(value as string)) return value
    if (typeof value !== 'string') return this.fail(`json: cannot unmarshal ${goKind(value)} into Go value of type string`)
    const layout = type.kind === 'time' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00'
    const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(value)
    const ms = match ? Date.parse(value) : Number.NaN
    if (!match || Number.isNaN(ms)) return this.fail(`parsing time ${JSON.stringify(value)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(unparsed(value))} as ${JSON.stringify(layoutPart(value))}`)
    if (type.kind === 'time') return remembered(`${new Date(ms).toISOString().slice(0, 19)}Z`)
    const micros = (match[7] ?? '.').slice(1, 7).padEnd(6, '0')
    return `${new Date(ms).toISOString().slice(0, 19)}.${micros}Z`
  }

  private mismatch(type: Type, value: unknown, struct: string): undefined {
    return this.fail(`json: cannot unmarshal ${goKind(value)} into ${this.target(struct)} of type ${goTypeOf(type)}`)
  }

  private target(struct: string): string {
    return struct === '' ? 'Go value' : `Go struct field ${struct}.${this.fieldPath.join('.')}`
  }

  private fail(message: string): undefined {
    this.error ??= message
    return undefined
  }
}

function goTypeOf(type: Type): string {
  return type.kind === 'struct' ? `v1.${type.goName}` : type.goName
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'object' ? 'object' : typeof value
}

function goNumber(value: number): string {
  return Math.abs(value) >= 1e21 ? value.toExponential().replace('e+', 'e+') : String(value)
}

const layoutParts: readonly (readonly [RegExp, string])[] = [[/^\d{4}/, '2006'], [/^-/, '-'], [/^\d\d/, '01'], [/^-/, '-'], [/^\d\d/, '02'], [/^T/, 'T'], [/^\d\d/, '15'], [/^:/, ':'], [/^\d\d/, '04'], [/^:/, ':'], [/^\d\d/, '05'], [/^(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/, 'Z07:00']]

function scanTime(value: string): { rest: string; part: string } {
  let rest = value
  for (const [pattern, part] of layoutParts) {
    const match = pattern.exec(rest)
    if (!match) return { rest, part }
    rest = rest.slice(match[0].length)
  }
  return { rest, part: '' }
}

function unparsed(value: string): string {
  return scanTime(value).rest
}

function layoutPart(value: string): string {
  return scanTime(value).part
}
