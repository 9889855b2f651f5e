/** Reading request bodies into objects: JSON, YAML, protobuf; field validation. */
import { decodeUtf8, toHex } from '#engine/base/bytes'
import type { HttpRequest } from '#engine/base/http'
import { parseYaml } from '#engine/base/yaml/parser'
import { badRequestError } from '#engine/api/errors'
import { JsonSyntaxError, parseJson, parseJsonStrict } from '#engine/api/json'
import { failure } from '#engine/api/status'
import type { KubeObject } from '#engine/api/object'
import { groupVersion } from '#engine/api/object'
import { decodeProtobufObject } from '#engine/apiserver/representation/protobuf'
import { warn, type Call } from '#engine/apiserver/chain/call'
import { decodeInto, type Decoded } from '#engine/apiserver/schema/decode'
import { schemaNameOfKind } from '#engine/apiserver/schema/builtin'
import type { Type } from '#engine/apiserver/schema/type'

export const maxBodyBytes = 3 * 1024 * 1024

export interface RawBody {
  readonly value: unknown
  readonly duplicates: readonly string[]
  /** The body as it came, for error messages. */
  readonly text: () => string
}

/** `exact` also looks for keys that occur twice. */
export async function readBody(request: HttpRequest, exact: boolean): Promise<RawBody> {
  return carriedBody(request) ?? decodedBody(request, exact)
}

/** A body that came as a value. */
function carriedBody({ body: { value } }: HttpRequest): RawBody | undefined {
  if (value === undefined) return undefined
  if (sizeOf(value, 0) > maxBodyBytes) throw tooLarge()
  return { value, duplicates: [], text: () => JSON.stringify(value) }
}

async function decodedBody(request: HttpRequest, exact: boolean): Promise<RawBody> {
  const bytes = await limitedBytes(request)
  const type = mediaType(request)
  if (!readable.has(type)) throw failure(415, 'UnsupportedMediaType', 'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf', {})
  if (type === 'application/vnd.kubernetes.protobuf') return { value: decodeProtobufObject(bytes), duplicates: [], text: () => '' }
  const text = decodeUtf8(bytes)
  if (type === 'application/yaml' || type === 'application/apply-patch+yaml') return readYaml(text)
  return readJson(text, exact)
}

/** Nothing said is JSON. */
const readable = new Set(['', 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/apply-patch+yaml'])

export async function limitedBytes(request: HttpRequest): Promise<Uint8Array> {
  const bytes = await request.body.bytes()
  if (bytes.length > maxBodyBytes) throw tooLarge()
  return bytes
}

function tooLarge(): Error {
  return failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBodyBytes}`)
}

/** About the bytes that a value would be on the wire; counted only until it is clear that they are too many. */
function sizeOf(value: unknown, before: number): number {
  if (typeof value === 'string') return before + value.length + 2
  if (value === null || typeof value !== 'object') return before + 4
  let size = before + 2
  for (const key in value) {
    size = sizeOf((value as Record<string, unknown>)[key], size + (Array.isArray(value) ? 1 : key.length + 4))
    if (size > maxBodyBytes) return size
  }
  return size
}

export function mediaType(request: HttpRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}

function readYaml(text: string): RawBody {
  try {
    return { value: parseYaml(text), duplicates: [], text: () => text }
  } catch (error) {
    throw badRequestError(`error decoding YAML: ${(error as Error).message}`)
  }
}

function readJson(text: string, exact: boolean): RawBody {
  const parsed = exact ? parseJsonStrict(text) : { value: parseJson(text), duplicates: [] }
  return { ...parsed, text: () => text }
}

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

export function fieldValidationOf(call: Call): FieldValidation {
  const given = call.info.query.get('fieldValidation')
  if (given === null || given === '') return 'Warn'
  if (given === 'Strict' || given === 'Warn' || given === 'Ignore') return given
  const kind = call.info.method === 'PATCH' ? 'PatchOptions' : call.info.method === 'PUT' ? 'UpdateOptions' : 'CreateOptions'
  throw failure(422, 'Invalid', `${kind}.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: ${JSON.stringify(given)}: supported values: "Ignore", "Strict", "Warn"`, {
    group: 'meta.k8s.io', kind, causes: [{ reason: 'FieldValueNotSupported', message: `Unsupported value: ${JSON.stringify(given)}: supported values: "Ignore", "Strict", "Warn"`, field: 'fieldValidation' }],
  })
}

export interface Expected {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly type: Type
  /** Custom objects: unknown fields are found by the schema, wrong types are left to validation. */
  readonly prune?: (object: KubeObject) => { value: unknown; unknown: string[] }
}

/** A body read as an object of the expected kind. What the type does not know is dropped, warned of or refused. */
export async function readObject(call: Call, expected: Expected): Promise<KubeObject> {
  const validation = fieldValidationOf(call)
  let raw: RawBody
  try {
    raw = carriedBody(call.http) ?? (await decodedBody(call.http, validation !== 'Ignore'))
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw unrecognized(expected, error.message, await call.http.body.bytes())
    throw error
  }
  const given = (raw.value ?? {}) as KubeObject
  const stranger = checkKind(call, given, expected)
  if (stranger) await stranger
  return readInto(call, expected, given, raw.duplicates, validation)
}

function unrecognized({ kind }: Expected, problem: string, bytes: Uint8Array): Error {
  return badRequestError(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${problem} (${excerpt(bytes)})`)
}

/** The first bytes in hexadecimal. */
function excerpt(bytes: Uint8Array): string {
  return bytes.length > 30 ? `${toHex(bytes.subarray(0, 30))} ...` : toHex(bytes)
}

/** `given` with its fields checked against the type. */
export function readInto(call: Call, expected: Expected, given: KubeObject, duplicates: readonly string[], validation: FieldValidation): KubeObject {
  const decoded = readAs(expected, given)
  const subject = `${given.kind || expected.kind} in version ${JSON.stringify(expected.version)} cannot be handled as a ${expected.kind}`
  if (decoded.error) throw badRequestError(`${subject}: ${decoded.error}`)
  const problems = [...decoded.unknown.map((path) => `unknown field ${JSON.stringify(path)}`), ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`)]
  if (problems.length > 0 && validation === 'Strict') throw badRequestError(`${subject}: strict decoding error: ${problems.join(', ')}`)
  if (validation === 'Warn') for (const problem of problems) warn(call, problem)
  const object = decoded.value as KubeObject
  object.apiVersion = groupVersion(expected.group, expected.version)
  object.kind = expected.kind
  object.metadata ??= {}
  return object
}

/** Metadata of custom objects is typed; the rest is theirs. */
export function readAs({ type, prune }: Pick<Expected, 'type' | 'prune'>, given: KubeObject): Decoded {
  if (!prune) return decodeInto(type, given)
  const pruned = prune(given)
  const object = pruned.value as KubeObject
  const metadata = type.fields.get('metadata')
  if (!metadata || object.metadata === undefined) return { ...pruned, error: undefined }
  const read = decodeInto({ ...type, fields: new Map([['metadata', metadata]]) }, { metadata: given.metadata })
  return { value: { ...object, metadata: (read.value as KubeObject).metadata }, unknown: [...read.unknown, ...pruned.unknown.filter((path) => !path.startsWith('metadata.'))], error: read.error }
}

/** Throws, at once or later, what is wrong with the kind that an object says it is of. */
function checkKind(call: Call, given: unknown, expected: Expected): Promise<never> | undefined {
  if (typeof given !== 'object' || Array.isArray(given)) {
    const what = `json: cannot unmarshal ${jsonKind(given)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`
    return call.http.body.bytes().then((bytes) => Promise.reject(unrecognized(expected, what, bytes)))
  }
  const object = given as KubeObject
  const apiVersion = object.apiVersion || ''
  const wanted = groupVersion(expected.group, expected.version)
  if (apiVersion !== '' && apiVersion !== wanted) throw badRequestError(`the API version in the data (${apiVersion}) does not match the expected API version (${wanted})`)
  if (object.kind && object.kind !== expected.kind) throw badRequestError(`${object.kind} in version ${JSON.stringify(expected.version)} cannot be handled as a ${expected.kind}: ${strangerWords(object.kind, expected)}`)
  return undefined
}

/** Of a kind that is known, and of one that is not. */
function strangerWords(kind: string, { group, version, kind: expected }: Expected): string {
  if (!schemaNameOfKind(group, version, kind)) return `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(groupVersion(group, version))} in scheme "pkg/runtime/scheme.go:111"`
  const internal = group === '' || group === 'events.k8s.io' ? 'core' : group.split('.')[0] ?? ''
  return `converting (${version}.${kind}) to (${internal}.${expected}): unknown conversion`
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
