/** Random objects of any kind, from the type tables: right in their types, not in their meaning. */
import type { KubeObject } from '#engine/api/object'
import { groupVersion } from '#engine/api/object'
import type { Type } from '#engine/apiserver/schema/type'
import type { Dice } from './random'

const words = ['a', 'web', 'x-1', '', 'ünï', 'two words', 'kubernetes.io/name', '0', 'true', 'null', '~', '1e3', '"q"', 'line\nbreak', '- item', '{}', '#c', ' lead', 'tab\t', '\u2028', 'a\u2028b', '\x85', '\n', '\n a', 'a \nb', ' \n', 'a\n\n', '\r', 'x\r\ny', '%', '|', '>', '&a', '*a', '?', '? a', ':', '::', 'a:', ',', '[', '012', '0o7', '1_000', '12:30:45', '.inf', '-', '---', '...', '=', '<<', 'NaN', 'off', "it's", '\\', '\u0000', '\ufeff', '😀', 'a: b', '0x1F', '2026-11-21', 'yes', '!!str']
const keys = ['a', 'b', 'app', 'kubernetes.io/name', 'x', 'ü', '0', 'true', 'a.b']
const quantities = ['1', '100m', '1Gi', '500Mi', '2k', '0', '12e6', '1500']
const times = ['2026-11-21T09:00:00Z', '1970-01-01T00:00:01Z', '2038-01-19T03:14:08Z']
const deepest = 9

export function randomObject(dice: Dice, kind: { readonly group: string; readonly version: string; readonly kind: string }, type: Type): KubeObject {
  return { ...(randomValue(dice, type, 0) as object), apiVersion: groupVersion(kind.group, kind.version), kind: kind.kind } as KubeObject
}

/** Never null: a null field reads like an absent one. */
export function randomValue(dice: Dice, type: Type, depth: number): unknown {
  switch (type.kind) {
    case 'struct': return randomStruct(dice, type, depth)
    case 'list': return dice.times(depth > 4 ? 1 : 3, () => randomValue(dice, type.element as Type, depth + 1))
    case 'map': return Object.fromEntries(dice.times(2, () => [dice.pick(keys), randomValue(dice, type.element as Type, depth + 1)]))
    default: return randomLeaf(dice, type)
  }
}

function randomStruct(dice: Dice, type: Type, depth: number): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  if (depth > deepest) return out
  const share = depth === 0 ? 80 : Math.max(8, 40 - depth * 6)
  // Kind and apiVersion of what is inside an object are no part of its protobuf form.
  for (const field of type.fields.values()) if (dice.chance(share) && (depth === 0 || field.number > 0 || !['kind', 'apiVersion'].includes(field.name))) out[field.name] = randomValue(dice, field.type, depth + 1)
  return out
}

function randomLeaf(dice: Dice, type: Type): unknown {
  switch (type.kind) {
    case 'string': return dice.pick(words)
    case 'boolean': return dice.chance(50)
    case 'integer': return dice.pick(type.bits === 64 ? [0, 1, -1, 80, 2 ** 31, 2 ** 53 - 1, -(2 ** 40)] : [0, 1, -1, 8080, 2 ** 31 - 1, -(2 ** 31)])
    case 'number': return dice.pick([0, 1, -1.5, 1e10])
    case 'bytes': return dice.pick(['', 'aGVsbG8=', 'AAEC/w=='])
    case 'time': return dice.pick(times)
    case 'microtime': return '2026-11-21T09:00:00.123456Z'
    case 'duration': return dice.pick(['0s', '1s', '1m30s', '2h0m0s', '250ms'])
    case 'quantity': return dice.pick(quantities)
    case 'int-or-string': return dice.pick([80, 'http', '25%', 0])
    default: return dice.pick([{ a: 1 }, { x: ['y', { z: null }] }, { s: 'text' }])
  }
}
