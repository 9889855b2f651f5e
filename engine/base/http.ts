/**
 * HTTP messages as objects. Between two simulated programs a request is handed over as this object, with its decoded
 * value beside its bytes; only a side that speaks bytes (nc, openssl s_client, the gateway) pays for encoding.
 */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'

/** Header names are lower case. A header that occurs several times has its values joined by ", ". */
export type Headers = Readonly<Record<string, string>>

export interface HttpRequest {
  readonly method: string
  /** Path and query, as on the request line: `/api/v1/pods?limit=500`. */
  readonly path: string
  readonly headers: Headers
  readonly body: HttpBody
  /** Aborted when the client goes away or gives up. */
  readonly signal?: AbortSignal
  /** The same without a signal, which is dear; only what a server is handed has it. See `whenGone`. */
  onGone?(leave: () => void): () => void
  /** What the server knows of the connection. Set by the side that accepts it, never by the client. */
  readonly peer?: HttpPeer
}

/** Calls `leave` once the client of a request goes away, at once where it has; what comes back forgets about it. */
export function whenGone(request: HttpRequest, leave: () => void): () => void {
  if (request.onGone) return request.onGone(leave)
  const { signal } = request
  if (signal?.aborted) leave()
  else signal?.addEventListener('abort', leave, { once: true })
  return () => signal?.removeEventListener('abort', leave)
}

export interface HttpPeer {
  readonly address: string
  readonly port: number
  /** DER of the client's certificate chain, leaf first; the TLS layer has checked possession of the key, not trust. */
  readonly certificates: readonly Uint8Array[]
  readonly tls: boolean
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: HttpBody
  /** With status 101: the messages of the upgraded connection (WebSocket messages, framed by the agreed subprotocol). */
  readonly upgraded?: MessageChannel
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse>

/** A two-way channel of whole messages. */
export interface MessageChannel {
  /** Resolves when the peer has room. Rejects when the channel is closed. */
  send(message: Uint8Array): Promise<void>
  /** The next message, or null once the peer has closed and all messages were read. */
  receive(): Promise<Uint8Array | null>
  close(): void
  readonly closed: boolean
}

/** A body: bytes, and where the sender is in the same simulation, the value they encode (shared, never to be mutated). */
export interface HttpBody {
  readonly value?: unknown
  /** For a streamed body of values (a watch): each event as it comes. Reading it is instead of reading bytes. */
  readonly values?: AsyncIterable<unknown>
  /** The same stream cut in two: what stood already when the answer was made, to be had at once, and what comes after. */
  readonly begun?: { readonly values: readonly unknown[]; readonly rest: AsyncIterable<unknown> }
  /** The bytes come bit by bit: their number is not known before the end. */
  readonly streamed?: boolean
  bytes(): Promise<Uint8Array>
  text(): Promise<string>
  stream(): AsyncIterable<Uint8Array>
}

export const emptyBody: HttpBody = bytesBody(new Uint8Array(0))

export function bytesBody(bytes: Uint8Array): HttpBody {
  return {
    bytes: () => Promise.resolve(bytes),
    text: () => Promise.resolve(decodeUtf8(bytes)),
    stream: () => once(bytes),
  }
}

export function textBody(text: string): HttpBody {
  return bytesBody(encodeUtf8(text))
}

/** A value that is encoded only if somebody asks for bytes, and then once. */
export function valueBody(value: unknown, encode: (value: unknown) => Uint8Array): HttpBody {
  let encoded: Uint8Array | undefined
  const bytes = (): Uint8Array => (encoded ??= encode(value))
  return {
    value,
    bytes: () => Promise.resolve(bytes()),
    text: () => Promise.resolve(decodeUtf8(bytes())),
    stream: () => once(bytes()),
  }
}

export function streamBody(chunks: AsyncIterable<Uint8Array>): HttpBody {
  let whole: Promise<Uint8Array> | undefined
  const gather = async (): Promise<Uint8Array> => {
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(chunk)
    return concatBytes(parts)
  }
  // Read as a whole it stays, for whoever asks again.
  const bytes = (): Promise<Uint8Array> => (whole ??= gather())
  return { streamed: true, bytes, text: async () => decodeUtf8(await bytes()), stream: () => chunks }
}

/** A stream of values, each encoded only for a reader of bytes. `begun` are those that stand before it, written at once. */
export function valuesBody(values: AsyncIterable<unknown>, encode: (value: unknown) => Uint8Array, begun: readonly unknown[] = []): HttpBody {
  const body = streamBody(encodeEach(values, encode, begun))
  return begun.length === 0 ? { ...body, values } : { ...body, values: oneByOne(begun, values), begun: { values: begun, rest: values } }
}

async function* encodeEach(values: AsyncIterable<unknown>, encode: (value: unknown) => Uint8Array, begun: readonly unknown[]): AsyncGenerator<Uint8Array> {
  if (begun.length > 0) yield concatBytes(begun.map(encode))
  for await (const value of values) yield encode(value)
}

async function* oneByOne(begun: readonly unknown[], rest: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  yield* begun
  yield* rest
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
  if (bytes.length > 0) yield bytes
}
