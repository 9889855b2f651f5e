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

/** A watch whose first events, where the server has them ready, need not be waited for one by one. */
export interface BegunWatch<T extends KubeObject> {
  readonly first: readonly WatchEvent<T>[]
  readonly events: AsyncIterable<WatchEvent<T>>
}

/** The same, in two parts. Throws what the first events tell of as an error. */
export function readBegunWatch<T extends KubeObject>(body: HttpBody): BegunWatch<T> {
  if (!body.begun) return { first: [], events: readWatch(body) }
  const { values, rest } = body.begun
  for (const value of values) {
    const failure = failureIn({ done: false, value })
    if (failure) throw failure
  }
  return { first: values as readonly WatchEvent<T>[], events: checked(rest) }
}

/** The same events, but that the one which tells of an error is thrown; the watch is left then. */
function checked<T extends KubeObject>(values: AsyncIterable<unknown>): AsyncIterable<WatchEvent<T>> {
  return {
    [Symbol.asyncIterator]() {
      const inner = values[Symbol.asyncIterator]()
      const leave = (): Promise<IteratorResult<WatchEvent<T>>> => (inner.return?.() ?? Promise.resolve()).then(() => ({ done: true, value: undefined }))
      return { next: () => inner.next().then((result) => (failureIn(result) ? leave().then(() => Promise.reject(failureIn(result) as StatusError)) : (result as IteratorResult<WatchEvent<T>>))), return: leave }
    },
  }
}

function failureIn({ done, value }: IteratorResult<unknown>): StatusError | undefined {
  const event = value as { type: string; object: unknown } | undefined
  return !done && event?.type === 'ERROR' ? new StatusError(event.object as Status) : undefined
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
