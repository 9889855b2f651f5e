/** The events of a watch in the form the client asked for. */
import { type HttpBody, type HttpResponse, valuesBody } from '#engine/base/http'
import type { KubeObject } from '#engine/api/object'
import type { ServedResource } from '#engine/apiserver/catalog'
import { describeColumn } from '#engine/apiserver/openapi/descriptions'
import { encodeProtobufObject } from '#engine/apiserver/representation/protobuf'
import { ProtoWriter } from '#engine/apiserver/representation/wire'
import { negotiate, type Accepted } from '#engine/apiserver/representation/negotiate'
import { columnDefinitions, partialMetadata, tableRow } from '#engine/apiserver/representation/table'
import type { Watching, WatchMessage } from '#engine/apiserver/rest/watch'
import type { Call } from './call'
import { jsonBytes, warningHeaders } from './respond'
import { tableOptions } from './shape'

/** Begins the watch once it is known in which form its events are wanted. */
export async function watchResponse(call: Call, served: ServedResource, begin: () => Watching | Promise<Watching>): Promise<HttpResponse> {
  const accepted = negotiate(call.http.headers['accept'], !served.custom)
  const begun = begin()
  const { state, events } = begun instanceof Promise ? await begun : begun
  const answer = (media: string, body: HttpBody): HttpResponse => ({ status: 200, headers: { 'content-type': media, 'cache-control': 'no-cache, private', ...warningHeaders(call.warnings) }, body })
  if (accepted.media === 'application/vnd.kubernetes.protobuf' && accepted.as === '')
    return answer(`${accepted.media};stream=watch`, valuesBody(events, (value) => protobufEvent(value as WatchMessage), state))
  const media = accepted.media === 'application/yaml' ? 'application/json' : accepted.media
  if (accepted.as === '') return answer(media, valuesBody(events, encodeShared, state))
  const shape = shaped(call, served, accepted)
  return answer(media, valuesBody(each(events, shape), jsonBytes, state.map(shape)))
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

async function* each(messages: AsyncIterable<WatchMessage>, shape: (message: WatchMessage) => unknown): AsyncGenerator<unknown> {
  for await (const message of messages) yield shape(message)
}

/** Events as rows of a table, the first with its columns, or as metadata alone. */
function shaped(call: Call, served: ServedResource, accepted: Accepted): (message: WatchMessage) => unknown {
  let first = true
  return ({ type, object }) => {
    if (type === 'ERROR') return { type, object }
    if (accepted.as !== 'Table') return { type, object: partialMetadata(object as KubeObject, accepted.version) }
    const table = eventTable(call, served, accepted, object as KubeObject, first, type === 'BOOKMARK')
    first = false
    return { type, object: table }
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
