/** A protobuf encoder of its own, for what clients may send: fields in any order, unknown fields, packed numbers, long varints. */
import { structRows } from '#engine/apiserver/schema/builtin'
import { schemaNameOfKind } from '#engine/apiserver/schema/builtin'
import { parseGroupVersion, type KubeObject } from '#engine/api/object'
import type { Dice } from './random'

type Fields = Record<string, unknown>

/** The bytes of an object in its envelope; undefined for a kind without field numbers. */
export function encodeAnyhow(dice: Dice, object: KubeObject): Uint8Array | undefined {
  const { group, version } = parseGroupVersion(object.apiVersion)
  const name = schemaNameOfKind(group, version, object.kind)
  if (name === undefined || !structRows(name)) return undefined
  const type = [...tagged(1, utf8(object.apiVersion)), ...tagged(2, utf8(object.kind))]
  const parts = [tagged(1, type), tagged(2, message(dice, name, object as unknown as Fields)), ...(dice.chance(50) ? [tagged(3, []), tagged(4, [])] : [])]
  return Uint8Array.from([0x6b, 0x38, 0x73, 0, ...parts.flat()])
}

function message(dice: Dice, name: string, value: Fields): number[] {
  const parts: number[][] = []
  for (const [field, number, typeText, flags] of structRows(name) ?? []) {
    if (number === 0) continue
    const text = typeText.split('|')[0] as string
    if ((flags & 8) !== 0 && field === '') parts.push(tagged(number, message(dice, text.slice(1), value)))
    else if (value[field] !== undefined && value[field] !== null) parts.push(...fieldParts(dice, number, text, value[field]))
  }
  if (dice.chance(10)) parts.push(unknownField(dice))
  if (dice.chance(20)) shuffleOthers(dice, parts)
  return parts.flat()
}

/** Repeated fields must keep their order; whole messages with none may come in any. */
function shuffleOthers(dice: Dice, parts: number[][]): void {
  const firsts = parts.map((part) => part[0])
  if (new Set(firsts).size !== parts.length) return
  for (let at = parts.length - 1; at > 0; at--) {
    const other = dice.below(at + 1)
    const kept = parts[at] as number[]
    parts[at] = parts[other] as number[]
    parts[other] = kept
  }
}

function unknownField(dice: Dice): number[] {
  const number = 900 + dice.below(50)
  switch (dice.below(4)) {
    case 0: return [...varint(number * 8), ...varint(dice.below(1e6))]
    case 1: return [...varint(number * 8 + 1), 1, 2, 3, 4, 5, 6, 7, 8]
    case 2: return tagged(number, [1, 2, 3])
    default: return [...varint(number * 8 + 5), 1, 2, 3, 4]
  }
}

function fieldParts(dice: Dice, number: number, text: string, value: unknown): number[][] {
  if (text.startsWith('[]')) {
    const element = text.slice(2)
    if (isNumber(element) && dice.chance(30)) return [tagged(number, (value as unknown[]).flatMap((item) => varint(item as number)))]
    return (value as unknown[]).map((item) => single(dice, number, element, item))
  }
  if (text.startsWith('{}')) return Object.entries(value as Fields).map(([key, item]) => tagged(number, entry(dice, text.slice(2), key, item)))
  return [single(dice, number, text, value)]
}

function entry(dice: Dice, element: string, key: string, item: unknown): number[] {
  if (!element.startsWith('[]')) return [...tagged(1, utf8(key)), ...single(dice, 2, element, item)]
  return [...tagged(1, utf8(key)), ...tagged(2, (item as unknown[]).flatMap((one) => single(dice, 1, element.slice(2), one)))]
}

function isNumber(text: string): boolean {
  return ['int32', 'int64', 'int', 'uint16', 'bool'].includes(text)
}

function single(dice: Dice, number: number, text: string, value: unknown): number[] {
  if (text.startsWith('@')) return tagged(number, message(dice, text.slice(1), value as Fields))
  if (text === 'float64' || text === 'float32') return [...varint(number * 8 + 1), ...new Uint8Array(new Float64Array([value as number]).buffer)]
  const bytes = delimited[text]
  return bytes ? tagged(number, bytes(value)) : [...varint(number * 8), ...varint(Number(value))]
}

const raw = (value: unknown): number[] => tagged(1, utf8(JSON.stringify(value)))

/** What stands as bytes of a length. */
const delimited: Readonly<Record<string, (value: unknown) => number[]>> = {
  string: (value) => utf8(value as string), bytes: (value) => [...Buffer.from(value as string, 'base64')], '!Time': (value) => time(value as string), '!MicroTime': (value) => time(value as string),
  '!Quantity': (value) => tagged(1, utf8(String(value))), '!Duration': (value) => [8, ...varint(nanoseconds(value as string))], '!RawExtension': raw, '!FieldsV1': raw,
  '!IntOrString': (value) => (typeof value === 'string' ? [8, 1, ...tagged(3, utf8(value))] : [8, 0, 16, ...varint(value as number)]),
}

function time(text: string): number[] {
  const micros = Number((/\.(\d+)/.exec(text)?.[1] ?? '0').padEnd(6, '0'))
  return [8, ...varint(Math.floor(Date.parse(text) / 1000)), ...(micros === 0 ? [] : [16, ...varint(micros * 1000)])]
}

const known: Readonly<Record<string, number>> = { '0s': 0, '1s': 1e9, '1m30s': 90e9, '2h0m0s': 7200e9, '250ms': 250e6 }

function nanoseconds(text: string): number {
  return known[text] as number
}

function varint(value: number): number[] {
  const out: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128)
  out.push(Number(rest))
  return out
}

function tagged(number: number, bytes: readonly number[]): number[] {
  return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes]
}

function utf8(text: string): number[] {
  return [...Buffer.from(text, 'utf8')]
}
