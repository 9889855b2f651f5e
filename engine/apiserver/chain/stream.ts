/** The events of a watch in the form the client asked for. */
import { valuesBody, type HttpResponse } from '#engine/base/http'
import type { KubeObject } from '#engine/api/object'
import type { ServedResource } from '#engine/apiserver/catalog'
import { describeColumn } from '#engine/apiserver/openapi/descriptions'
import { encodeProtobufObject } from '#engine/apiserver/representation/protobuf'
import { ProtoWriter } from '#engine/apiserver/representation/wire'
import { negotiate, type Accepted } from '#engine/apiserver/representation/negotiate'
import { columnDefinitions, partialMetadata, tableRow } from '#engine/apiserver/representation/table'
import type { WatchMessage } from '#engine/apiserver/rest/watch'
import type { Call } from './call'
import { jsonBytes, warningHeaders } from './respond'
import { tableOptions } from './shape'

export function watchResponse(call: Call, served: ServedResource, messages: AsyncIterable<WatchMessage>): HttpResponse {
  const accepted = negotiate(call.http.headers['accept'], !served.custom)
  if (accepted.media === 'application/vnd.kubernetes.protobuf' && accepted.as === '')
    return { status: 200, headers: { 'content-type': `${accepted.media};stream=watch`, 'cache-control': 'no-cache, private', ...warningHeaders(call.warnings) }, body: valuesBody(messages, (value) => protobufEvent(value as WatchMessage)) }
  const media = accepted.media === 'application/yaml' ? 'application/json' : accepted.media
  const headers = { 'content-type': media, 'cache-control': 'no-cache, private', ...warningHeaders(call.warnings) }
  const plain = accepted.as === ''
  const events = plain ? messages : shapedEvents(call, served, accepted, messages)
  return { status: 200, headers, body: valuesBody(events, plain ? encodeShared : jsonBytes) }
}

/** An event as a frame: its length, then a WatchEvent with the object in it. */
function protobufEvent({ type, object }: WatchMessage): Uint8Array {
  const raw = new ProtoWriter()
  raw.message(1, encodeProtobufObject(object as KubeObject) ?? jsonBytes(object))
  const event = new ProtoWriter()
  event.text(1, type)
  event.message(2, raw.finish())
  const message = event.finish()
  const frame = new Uint8Array(4 + message.length)
  new DataView(frame.buffer).setUint32(0, message.length)
  frame.set(message, 4)
  return frame
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
