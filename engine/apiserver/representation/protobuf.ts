/** Protobuf bodies of the built-in kinds (`k8s\0` envelope), by the field numbers of the struct table. */
import { concatBytes, decodeUtf8, encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import { badRequestError } from '#engine/api/errors'
import { parseGroupVersion, type KubeObject } from '#engine/api/object'
import { schemaNameOfKind, structRows } from '#engine/apiserver/schema/builtin'
import { ProtoReader, ProtoWriter, type ProtoField } from './wire'

const magic = [0x6b, 0x38, 0x73, 0x00]
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.'

export function isProtobuf(bytes: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte)
}

/** The object in an envelope. Throws a Status 400 on what is none, or a kind that has no field numbers. */
export function decodeProtobufObject(bytes: Uint8Array): KubeObject {
  if (!isProtobuf(bytes)) throw badRequestError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  try {
    return decodeEnvelope(bytes.subarray(4))
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) throw badRequestError(`unable to decode protobuf: ${error.message}`)
    throw error
  }
}

function decodeEnvelope(bytes: Uint8Array): KubeObject {
  let apiVersion = ''
  let kind = ''
  let raw: Uint8Array = new Uint8Array(0)
  for (const field of new ProtoReader(bytes).fields()) {
    if (field.number === 1) {
      for (const inner of new ProtoReader(field.bytes).fields()) {
        if (inner.number === 1) apiVersion = decodeUtf8(inner.bytes)
        if (inner.number === 2) kind = decodeUtf8(inner.bytes)
      }
    } else if (field.number === 2) raw = field.bytes
  }
  const { group, version } = parseGroupVersion(apiVersion)
  const name = schemaNameOfKind(group, version, kind) ?? optionsName(kind)
  if (name === undefined || !structRows(name)) throw badRequestError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`)
  return { ...(decodeMessage(name, raw) as object), apiVersion, kind } as KubeObject
}

function optionsName(kind: string): string | undefined {
  return structRows(`${meta}${kind}`) ? `${meta}${kind}` : undefined
}

export function encodeProtobufObject(object: KubeObject): Uint8Array | undefined {
  const { group, version } = parseGroupVersion(object.apiVersion)
  const name = schemaNameOfKind(group, version, object.kind) ?? optionsName(object.kind)
  if (name === undefined || !structRows(name)) return undefined
  const type = new ProtoWriter()
  type.text(1, object.apiVersion)
  type.text(2, object.kind)
  const envelope = new ProtoWriter()
  envelope.message(1, type.finish())
  envelope.message(2, encodeMessage(name, object))
  envelope.text(3, '')
  envelope.text(4, '')
  return concatBytes([Uint8Array.from(magic), envelope.finish()])
}

type Fields = Record<string, unknown>

function decodeMessage(name: string, bytes: Uint8Array): Fields {
  const rows = structRows(name) ?? []
  const out: Fields = {}
  for (const field of new ProtoReader(bytes).fields()) {
    const row = rows.find((item) => item[1] === field.number)
    if (!row) continue
    const text = bodyOf(row[2])
    if ((row[3] & 8) !== 0 && row[0] === '') Object.assign(out, decodeMessage(text.slice(1), field.bytes))
    else decodeField(out, row[0], text, field)
  }
  return out
}

function bodyOf(text: string): string {
  const bar = text.indexOf('|')
  return bar < 0 ? text : text.slice(0, bar)
}

function decodeField(out: Fields, name: string, text: string, field: ProtoField): void {
  if (text.startsWith('[]')) {
    const list = (out[name] ??= []) as unknown[]
    const element = text.slice(2)
    if (field.delimited && isVarint(element)) for (const value of new ProtoReader(field.bytes).packed()) list.push(decodeValue(element, { ...field, value }))
    else list.push(decodeValue(element, field))
  } else if (text.startsWith('{}')) {
    const map = (out[name] ??= {}) as Fields
    const [key, value] = decodeEntry(text.slice(2), field.bytes)
    map[key] = value
  } else out[name] = decodeValue(text, field)
}

function isVarint(text: string): boolean {
  return text === 'bool' || !(text.startsWith('@') || text in decoders)
}

function decodeEntry(element: string, bytes: Uint8Array): [string, unknown] {
  let key = ''
  let value: unknown = element === 'string' ? '' : element === 'bytes' ? '' : undefined
  for (const field of new ProtoReader(bytes).fields()) {
    if (field.number === 1) key = decodeUtf8(field.bytes)
    else if (field.number === 2) value = element.startsWith('[]') ? decodeItems(element.slice(2), field.bytes) : decodeValue(element, field)
  }
  return [key, value]
}

/** A map's list values are messages of their own: `message ExtraValue { repeated string items = 1; }`. */
function decodeItems(element: string, bytes: Uint8Array): unknown[] {
  return [...new ProtoReader(bytes).fields()].map((field) => decodeValue(element, field))
}

function decodeValue(text: string, field: ProtoField): unknown {
  if (text.startsWith('@')) return decodeMessage(text.slice(1), field.bytes)
  const decode = decoders[text]
  return decode ? decode(field) : Number(BigInt.asIntN(64, field.value))
}

const float = ({ value }: ProtoField): number => new DataView(new BigUint64Array([value]).buffer).getFloat64(0, true)
const raw = ({ bytes }: ProtoField): unknown => rawJson(bytes)

/** What is no message and no whole number. */
const decoders: Readonly<Record<string, (field: ProtoField) => unknown>> = {
  string: ({ bytes }) => decodeUtf8(bytes), bool: ({ value }) => value !== 0n, bytes: ({ bytes }) => toBase64(bytes), float64: float, float32: float,
  '!Time': ({ bytes }) => timeOf(bytes, false), '!MicroTime': ({ bytes }) => timeOf(bytes, true), '!Quantity': ({ bytes }) => textOf(bytes, 1) ?? '0',
  '!IntOrString': ({ bytes }) => intOrString(bytes), '!Duration': ({ bytes }) => durationText(numberOf(bytes, 1)), '!RawExtension': raw, '!FieldsV1': raw,
}

function numberOf(bytes: Uint8Array, number: number): number {
  for (const field of new ProtoReader(bytes).fields()) if (field.number === number) return Number(BigInt.asIntN(64, field.value))
  return 0
}

function textOf(bytes: Uint8Array, number: number): string | undefined {
  for (const field of new ProtoReader(bytes).fields()) if (field.number === number) return decodeUtf8(field.bytes)
  return undefined
}

function timeOf(bytes: Uint8Array, micro: boolean): string | null {
  if (bytes.length === 0) return null
  const seconds = numberOf(bytes, 1)
  // Go's zero time.
  if (seconds === -62135596800) return null
  const text = new Date(seconds * 1000).toISOString().slice(0, 19)
  return micro ? `${text}.${String(Math.floor(numberOf(bytes, 2) / 1000)).padStart(6, '0')}Z` : `${text}Z`
}

function intOrString(bytes: Uint8Array): number | string {
  return numberOf(bytes, 1) === 1 ? (textOf(bytes, 3) ?? '') : numberOf(bytes, 2)
}

function rawJson(bytes: Uint8Array): unknown {
  const text = textOf(bytes, 1)
  return text === undefined || text === '' ? null : (JSON.parse(text) as unknown)
}

/** Go's `time.Duration.String` for whole milliseconds and up. */
export function durationText(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s'
  const seconds = nanoseconds / 1e9
  if (seconds < 1) return nanoseconds % 1e6 === 0 ? `${nanoseconds / 1e6}ms` : `${nanoseconds / 1e3}µs`
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const rest = `${Number((seconds % 60).toFixed(9))}s`
  return hours > 0 ? `${hours}h${minutes}m${rest}` : minutes > 0 ? `${minutes}m${rest}` : rest
}

function encodeMessage(name: string, value: Fields): Uint8Array {
  const writer = new ProtoWriter()
  for (const [field, number, typeText, flags] of [...(structRows(name) ?? [])].sort((a, b) => a[1] - b[1])) {
    if (number === 0) continue
    const text = bodyOf(typeText)
    if ((flags & 8) !== 0 && field === '') {
      writer.message(number, encodeMessage(text.slice(1), value))
      continue
    }
    const given = value[field]
    if (given !== undefined && given !== null) encodeField(writer, number, text, given)
  }
  return writer.finish()
}

function encodeField(writer: ProtoWriter, number: number, text: string, value: unknown): void {
  if (text.startsWith('[]')) for (const item of value as unknown[]) encodeValue(writer, number, text.slice(2), item)
  else if (text.startsWith('{}')) {
    for (const [key, item] of Object.entries(value as Fields)) {
      const entry = new ProtoWriter()
      entry.text(1, key)
      const element = text.slice(2)
      if (element.startsWith('[]')) {
        const items = new ProtoWriter()
        for (const one of item as unknown[]) encodeValue(items, 1, element.slice(2), one)
        entry.message(2, items.finish())
      } else encodeValue(entry, 2, element, item)
      writer.message(number, entry.finish())
    }
  } else encodeValue(writer, number, text, value)
}

function encodeValue(writer: ProtoWriter, number: number, text: string, value: unknown): void {
  if (text.startsWith('@')) return writer.message(number, encodeMessage(text.slice(1), value as Fields))
  if (text === 'bool') return writer.varint(number, value ? 1n : 0n)
  if (text === 'float64' || text === 'float32') return writer.fixed64(number, value as number)
  const encode = encoders[text]
  if (encode) writer.message(number, encode(value))
  else writer.varint(number, BigInt(value as number))
}

const encodeRaw = (value: unknown): Uint8Array => single((inner) => inner.message(1, encodeUtf8(JSON.stringify(value))))

/** What stands as bytes of a length. */
const encoders: Readonly<Record<string, (value: unknown) => Uint8Array>> = {
  string: (value) => encodeUtf8(String(value)), bytes: (value) => fromBase64(String(value)), '!Time': (value) => encodeTime(value as string), '!MicroTime': (value) => encodeTime(value as string),
  '!Quantity': (value) => single((inner) => inner.text(1, String(value))), '!IntOrString': (value) => encodeIntOrString(value as number | string),
  '!Duration': (value) => single((inner) => inner.varint(1, BigInt(durationNanoseconds(String(value))))), '!RawExtension': encodeRaw, '!FieldsV1': encodeRaw,
}

function single(write: (inner: ProtoWriter) => void): Uint8Array {
  const inner = new ProtoWriter()
  write(inner)
  return inner.finish()
}

function encodeTime(text: string): Uint8Array {
  const ms = Date.parse(text)
  const micros = Number((/\.(\d{1,6})/.exec(text)?.[1] ?? '').padEnd(6, '0'))
  return single((inner) => {
    inner.varint(1, BigInt(Math.floor(ms / 1000)))
    inner.varint(2, BigInt(micros * 1000))
  })
}

function encodeIntOrString(value: number | string): Uint8Array {
  return single((inner) => {
    inner.varint(1, typeof value === 'string' ? 1n : 0n)
    inner.varint(2, typeof value === 'string' ? 0n : BigInt(value))
    inner.text(3, typeof value === 'string' ? value : '')
  })
}

const unitNanoseconds: Readonly<Record<string, number>> = { ns: 1, us: 1e3, 'µs': 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }

export function durationNanoseconds(text: string): number {
  let total = 0
  for (const [, amount = '0', unit = 's'] of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) total += Number(amount) * (unitNanoseconds[unit] ?? 0)
  return text.startsWith('-') ? -total : total
}
