/** Turns answers into HTTP responses of the form the client asked for. */
import { encodeUtf8 } from '#engine/base/bytes'
import { textBody, valueBody, valuesBody, type Headers, type HttpRequest, type HttpResponse } from '#engine/base/http'
import { emitYaml } from '#engine/base/yaml/emit'
import { ageOf } from '#engine/api/duration'
import type { KubeObject } from '#engine/api/object'
import { failure, StatusError, type Status } from '#engine/api/status'
import type { ServedResource } from '#engine/apiserver/catalog'
import { describeColumn } from '#engine/apiserver/openapi/descriptions'
import { encodeProtobufObject } from '#engine/apiserver/representation/protobuf'
import { negotiate, type Accepted } from '#engine/apiserver/representation/negotiate'
import { columnDefinitions, partialMetadata, tableOf, tableRow, type IncludeObject, type TableOptions } from '#engine/apiserver/representation/table'
import type { ResourceDefinition } from '#engine/apiserver/registry/resource'
import type { WatchMessage } from '#engine/apiserver/rest/watch'
import type { Call } from './call'

export const plainText = 'text/plain; charset=utf-8'

export function warningHeaders(warnings: readonly string[]): Headers {
  if (warnings.length === 0) return {}
  return { warning: warnings.map((text) => `299 - "${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`).join(', ') }
}

export function jsonBytes(value: unknown): Uint8Array {
  return encodeUtf8(`${JSON.stringify(value)}\n`)
}

export function textResponse(status: number, text: string, headers: Headers = {}): HttpResponse {
  return { status, headers: { 'content-type': plainText, 'x-content-type-options': 'nosniff', ...headers }, body: textBody(text) }
}

export function jsonResponse(status: number, value: unknown, headers: Headers = {}): HttpResponse {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: valueBody(value, jsonBytes) }
}

export function statusResponse(status: Status, accept: string | undefined, headers: Headers = {}): HttpResponse {
  const code = status.code ?? 500
  const retry = status.details?.retryAfterSeconds
  const more = { ...headers, ...(retry ? { 'retry-after': String(retry) } : {}) }
  const protobufOnly = accept !== undefined && accept.includes('protobuf') && !accept.includes('json') && !accept.includes('*/*')
  if (protobufOnly) return encoded(code, status as unknown as KubeObject, 'application/vnd.kubernetes.protobuf', more)
  return jsonResponse(code, ordered(status), more)
}

/** Fields in Go's order. */
function ordered(status: Status): Status {
  const { kind, apiVersion, metadata, status: word, message, reason, details, code } = status
  return {
    kind, apiVersion, metadata, status: word, ...(message ? { message } : {}), ...(reason ? { reason } : {}),
    ...(details ? { details: { ...(details.name ? { name: details.name } : {}), ...(details.group ? { group: details.group } : {}), ...(details.kind ? { kind: details.kind } : {}), ...(details.uid ? { uid: details.uid } : {}), ...(details.causes?.length ? { causes: details.causes } : {}), ...(details.retryAfterSeconds ? { retryAfterSeconds: details.retryAfterSeconds } : {}) } } : {}),
    ...(code === undefined ? {} : { code }),
  }
}

export function toStatus(error: unknown): Status {
  if (error instanceof StatusError) return error.status
  return failure(500, '', error instanceof Error ? error.message : String(error)).status
}

export function prettyBytes(value: unknown): Uint8Array {
  return encodeUtf8(JSON.stringify(value, null, 2))
}

/** People at curl, wget and browsers get indented JSON, as does who asks for it. */
export function wantsPretty(request: HttpRequest): boolean {
  const asked = /[?&]pretty=([^&]*)/.exec(request.path)
  if (asked) return asked[1] !== 'false' && asked[1] !== '0'
  return /^(?:curl\/|Wget\/|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '')
}

/** A JSON answer indented where the client wants it so. */
export function prettied(request: HttpRequest, response: HttpResponse): HttpResponse {
  if (response.body.value === undefined || !(response.headers['content-type'] ?? '').startsWith('application/json') || !wantsPretty(request)) return response
  return { ...response, body: valueBody(response.body.value, prettyBytes) }
}

function encoded(status: number, object: unknown, media: Accepted['media'], headers: Headers): HttpResponse {
  if (media === 'application/yaml') return { status, headers: { 'content-type': 'application/yaml', ...headers }, body: textBody(emitYaml(object)) }
  if (media === 'application/vnd.kubernetes.protobuf') {
    const bytes = encodeProtobufObject(object as KubeObject)
    if (bytes) return { status, headers: { 'content-type': media, ...headers }, body: valueBody(object, () => bytes) }
  }
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: valueBody(object, jsonBytes) }
}

export function objectResponse(call: Call, served: ServedResource, status: number, object: unknown): HttpResponse {
  const accepted = negotiate(call.http.headers['accept'], !served.custom)
  const headers = { 'cache-control': 'no-cache, private', ...warningHeaders(call.warnings) }
  const value = accepted.as === '' ? object : shaped(call, served, accepted, object as KubeObject)
  return encoded(status, value, accepted.media, headers)
}

const scaleDefinition: ResourceDefinition = {
  group: 'autoscaling', version: 'v1', kind: 'Scale', plural: 'scales', scope: 'namespaced',
  columns: [
    { name: 'Name', type: 'string', format: 'name', docOf: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#name', cell: (object) => object.metadata.name ?? '' },
    { name: 'Desired', type: 'integer', docOf: 'io.k8s.api.autoscaling.v1.ScaleSpec#replicas', cell: (object) => (object['spec'] as { replicas?: number }).replicas ?? 0 },
    { name: 'Available', type: 'integer', docOf: 'io.k8s.api.autoscaling.v1.ScaleStatus#replicas', cell: (object) => (object['status'] as { replicas?: number }).replicas ?? 0 },
    { name: 'Age', type: 'string', docOf: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#creationTimestamp', cell: (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs) },
  ],
}

/** A Table or metadata alone; other answers (Status, Scale) stay as they are. */
function shaped(call: Call, served: ServedResource, accepted: Accepted, object: KubeObject): unknown {
  const definition = object.kind === 'Scale' && object.apiVersion === 'autoscaling/v1' ? scaleDefinition : served.definition
  const isList = object.kind === `${definition.kind}List` && Array.isArray(object['items'])
  if (!isList && object.kind !== definition.kind) return object
  const objects = isList ? (object['items'] as KubeObject[]) : [object]
  if (accepted.as === 'Table') {
    const metadata = isList ? object.metadata : { resourceVersion: object.metadata.resourceVersion }
    return tableOf(definition, objects, metadata, tableOptions(call, accepted), describeColumn)
  }
  if (accepted.as === 'PartialObjectMetadataList' && isList) return { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${accepted.version}`, metadata: object.metadata, items: objects.map((item) => partialMetadata(item, accepted.version)) }
  if (accepted.as === 'PartialObjectMetadata' && !isList) return partialMetadata(object, accepted.version)
  throw failure(406, 'NotAcceptable', 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf', {})
}

function tableOptions(call: Call, accepted: Accepted): TableOptions {
  const include = (call.info.query.get('includeObject') || 'Metadata') as IncludeObject
  if (!['Metadata', 'None', 'Object'].includes(include)) throw failure(400, 'BadRequest', `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`)
  return { nowMs: call.nowMs, include, version: accepted.version, noHeaders: false }
}

export function watchResponse(call: Call, served: ServedResource, messages: AsyncIterable<WatchMessage>): HttpResponse {
  const accepted = negotiate(call.http.headers['accept'], false)
  const media = accepted.media === 'application/yaml' ? 'application/json' : accepted.media
  const headers = { 'content-type': media, 'cache-control': 'no-cache, private', ...warningHeaders(call.warnings) }
  const plain = accepted.as === ''
  const events = plain ? messages : shapedEvents(call, served, accepted, messages)
  return { status: 200, headers, body: valuesBody(events, plain ? encodeShared : jsonBytes) }
}

const encodedEvents = new WeakMap<object, Uint8Array>()

/** An event's bytes are made once however many watch. */
function encodeShared(value: unknown): Uint8Array {
  const message = value as WatchMessage
  if (!message.source) return jsonBytes({ type: message.type, object: message.object })
  let bytes = encodedEvents.get(message.source)
  if (!bytes) encodedEvents.set(message.source, (bytes = jsonBytes({ type: message.type, object: message.object })))
  return bytes
}

async function* shapedEvents(call: Call, served: ServedResource, accepted: Accepted, messages: AsyncIterable<WatchMessage>): AsyncGenerator<unknown> {
  let first = true
  for await (const { type, object } of messages) {
    if (type === 'ERROR') yield { type, object }
    else if (accepted.as === 'Table') {
      yield { type, object: eventTable(call, served, accepted, object as KubeObject, first, type === 'BOOKMARK') }
      first = false
    } else yield { type, object: partialMetadata(object as KubeObject, accepted.version) }
  }
}

function eventTable(call: Call, served: ServedResource, accepted: Accepted, object: KubeObject, first: boolean, empty: boolean): unknown {
  const { columns } = served.definition
  const options = { ...tableOptions(call, accepted), nowMs: call.nowMs }
  return {
    kind: 'Table', apiVersion: `meta.k8s.io/${accepted.version}`, metadata: { resourceVersion: object.metadata.resourceVersion, ...(empty && object.metadata.annotations ? { annotations: object.metadata.annotations } : {}) },
    columnDefinitions: first ? columnDefinitions(columns, describeColumn) : null, rows: empty ? [{ cells: columns.map(() => null), object: { ...object } }] : [tableRow(object, columns, options)],
  }
}
