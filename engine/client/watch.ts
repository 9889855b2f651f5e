/** The stream of a watch: events from memory where the server hands them over, else lines of JSON. */
import { Utf8Stream } from '#engine/base/bytes'
import type { HttpBody } from '#engine/base/http'
import type { KubeObject } from '#engine/api/object'
import { type Status, StatusError } from '#engine/api/status'

export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: T
}

export function readWatch<T extends KubeObject>(body: HttpBody): AsyncIterable<WatchEvent<T>> {
  return checked<T>(body.values ?? jsonLines(body.stream()))
}

async function* checked<T extends KubeObject>(values: AsyncIterable<unknown>): AsyncGenerator<WatchEvent<T>> {
  for await (const value of values) {
    const event = value as { type: string; object: KubeObject }
    if (event.type === 'ERROR') throw new StatusError(event.object as unknown as Status)
    yield event as WatchEvent<T>
  }
}

async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const text = new Utf8Stream()
  let held = ''
  for await (const chunk of chunks) {
    const lines = (held + text.push(chunk)).split('\n')
    held = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line)
  }
}
