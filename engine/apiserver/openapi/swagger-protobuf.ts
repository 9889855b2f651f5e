/** The OpenAPI v2 document in gnostic's protobuf form, by the published field numbers: older clients read nothing else. */
import { ProtoWriter } from '#engine/apiserver/representation/wire'
import { emitYaml } from '#engine/base/yaml/emit'

type Fields = Record<string, unknown>
type Write = (writer: ProtoWriter, value: Fields) => void

function message(value: Fields, write: Write): Uint8Array {
  const writer = new ProtoWriter()
  write(writer, value)
  return writer.finish()
}

function texts(writer: ProtoWriter, number: number, value: unknown): void {
  if (typeof value === 'string') writer.text(number, value)
  else if (Array.isArray(value)) for (const item of value) writer.text(number, String(item))
}

function flag(writer: ProtoWriter, number: number, value: unknown): void {
  if (value === true) writer.varint(number, 1n)
}

function any(value: unknown): Uint8Array {
  const writer = new ProtoWriter()
  writer.text(2, emitYaml(value))
  return writer.finish()
}

function extensions(writer: ProtoWriter, number: number, value: Fields): void {
  for (const [name, item] of Object.entries(value)) {
    if (!name.startsWith('x-')) continue
    const named = new ProtoWriter()
    named.text(1, name)
    named.message(2, any(item))
    writer.message(number, named.finish())
  }
}

/** `repeated Named<X>`: a map in order. */
function named(writer: ProtoWriter, number: number, map: Fields, write: Write): void {
  for (const [name, item] of Object.entries(map)) {
    const entry = new ProtoWriter()
    entry.text(1, name)
    entry.message(2, message(item as Fields, write))
    writer.message(number, entry.finish())
  }
}

const schema: Write = (writer, value) => {
  texts(writer, 1, value['$ref'])
  texts(writer, 2, value['format'])
  texts(writer, 4, value['description'])
  if (value['default'] !== undefined) writer.message(5, any(value['default']))
  if (typeof value['maximum'] === 'number') writer.fixed64(7, value['maximum'])
  if (typeof value['minimum'] === 'number') writer.fixed64(9, value['minimum'])
  if (typeof value['maxLength'] === 'number') writer.varint(11, BigInt(value['maxLength']))
  if (typeof value['minLength'] === 'number') writer.varint(12, BigInt(value['minLength']))
  texts(writer, 13, value['pattern'])
  texts(writer, 19, value['required'])
  for (const item of (value['enum'] ?? []) as unknown[]) writer.message(20, any(item))
  const others = value['additionalProperties']
  if (others !== undefined) writer.message(21, message({}, (inner) => (typeof others === 'boolean' ? flag(inner, 2, others) : inner.message(1, message(others as Fields, schema)))))
  if (value['type'] !== undefined) writer.message(22, message({}, (inner) => texts(inner, 1, value['type'])))
  if (value['items']) writer.message(23, message({}, (inner) => inner.message(1, message(value['items'] as Fields, schema))))
  for (const item of (value['allOf'] ?? []) as Fields[]) writer.message(24, message(item, schema))
  if (value['properties']) writer.message(25, message({}, (inner) => named(inner, 1, value['properties'] as Fields, schema)))
  extensions(writer, 31, value)
}

const simpleParameter = (offset: 0 | 1): Write => (writer, value) => {
  flag(writer, 1, value['required'])
  texts(writer, 2, value['in'])
  texts(writer, 3, value['description'])
  texts(writer, 4, value['name'])
  texts(writer, 5 + offset, value['type'])
  texts(writer, 6 + offset, value['format'])
  flag(writer, 19 + offset, value['uniqueItems'])
}

const parameter: Write = (writer, value) => {
  if (value['in'] === 'body') {
    writer.message(1, message(value, (inner) => {
      texts(inner, 1, value['description'])
      texts(inner, 2, value['name'])
      texts(inner, 3, value['in'])
      flag(inner, 4, value['required'])
      if (value['schema']) inner.message(5, message(value['schema'] as Fields, schema))
    }))
    return
  }
  const inPath = value['in'] === 'path'
  writer.message(2, message(value, (inner) => inner.message(inPath ? 4 : 3, message(value, simpleParameter(inPath ? 0 : 1)))))
}

const parameterItem: Write = (writer, value) => {
  if (value['$ref'] === undefined) writer.message(1, message(value, parameter))
  else writer.message(2, message(value, (inner) => texts(inner, 1, value['$ref'])))
}

const response: Write = (writer, value) => {
  writer.message(1, message(value, (inner) => {
    inner.text(1, typeof value['description'] === 'string' ? value['description'] : 'OK')
    if (value['schema']) inner.message(2, message({}, (item) => item.message(1, message(value['schema'] as Fields, schema))))
  }))
}

const operation: Write = (writer, value) => {
  texts(writer, 1, value['tags'])
  texts(writer, 3, value['description'])
  texts(writer, 5, value['operationId'])
  texts(writer, 6, value['produces'])
  texts(writer, 7, value['consumes'])
  for (const item of (value['parameters'] ?? []) as Fields[]) writer.message(8, message(item, parameterItem))
  writer.message(9, message({}, (inner) => named(inner, 1, (value['responses'] ?? {}) as Fields, response)))
  texts(writer, 10, value['schemes'])
  extensions(writer, 13, value)
}

const methods = { get: 2, put: 3, post: 4, delete: 5, options: 6, head: 7, patch: 8 } as const

const pathItem: Write = (writer, value) => {
  for (const [method, number] of Object.entries(methods)) if (value[method]) writer.message(number, message(value[method] as Fields, operation))
  for (const item of (value['parameters'] ?? []) as Fields[]) writer.message(9, message(item, parameterItem))
}

export function encodeSwagger(document: Fields): Uint8Array {
  return message(document, (writer) => {
    texts(writer, 1, document['swagger'])
    writer.message(2, message(document['info'] as Fields, (inner, info) => {
      texts(inner, 1, info['title'])
      texts(inner, 2, info['version'])
    }))
    writer.message(8, message({}, (inner) => named(inner, 2, document['paths'] as Fields, pathItem)))
    writer.message(9, message({}, (inner) => named(inner, 1, document['definitions'] as Fields, schema)))
    writer.message(10, message({}, (inner) => named(inner, 1, (document['parameters'] ?? {}) as Fields, parameter)))
  })
}
