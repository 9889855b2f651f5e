/** HTTP/1.1 as bytes: read from a stream with limits, and written. */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import type { Headers } from '#engine/base/http'

/** Wrong bytes, with the status a server answers them with. */
export class HttpWireError extends Error {
  override readonly name = 'HttpWireError'

  constructor(readonly status: number, message: string) {
    super(message)
  }
}

export interface ByteSource {
  read(max?: number): Promise<Uint8Array | null>
}

export interface WireHead {
  /** Request or status line. */
  readonly line: string
  readonly headers: Headers
  /** Header lines as they came, for those who print them. */
  readonly raw: readonly string[]
}

const headLimit = 1024 * 1024

/** Reads ahead; whoever takes the stream over gets the rest from `buffered`. */
export class HttpReader {
  private buffer: Uint8Array = new Uint8Array(0)
  private ended = false

  constructor(private readonly source: ByteSource) {}

  get buffered(): Uint8Array {
    return this.buffer
  }

  /** More bytes into the buffer; false at the end. */
  private async fill(): Promise<boolean> {
    if (this.ended) return false
    const part = await this.source.read()
    if (part === null) {
      this.ended = true
      return false
    }
    this.buffer = this.buffer.length === 0 ? part : concatBytes([this.buffer, part])
    return true
  }

  /** Request line or status line with headers; null where the stream ends before anything came. */
  async head(): Promise<WireHead | null> {
    let first = ''
    do {
      const next = await this.line()
      if (next === null) return null
      first = next
    } while (first === '')
    const raw: string[] = []
    let size = first.length
    for (;;) {
      const line = await this.line()
      if (line === null) throw new HttpWireError(400, 'unexpected EOF')
      if (line === '') return { line: first, headers: parseHeaders(raw), raw }
      size += line.length
      if (size > headLimit || raw.length > 1000) throw new HttpWireError(431, 'Request Header Fields Too Large')
      raw.push(line)
    }
  }

  /** Up to the newline, without it; null at the end of the stream. */
  async line(): Promise<string | null> {
    for (let from = 0; ;) {
      const at = this.buffer.indexOf(10, from)
      if (at >= 0) {
        const line = decodeUtf8(this.buffer.subarray(0, at > 0 && this.buffer[at - 1] === 13 ? at - 1 : at))
        this.buffer = this.buffer.subarray(at + 1)
        return line
      }
      if (this.buffer.length > headLimit) throw new HttpWireError(431, 'Request Header Fields Too Large')
      from = this.buffer.length
      if (!(await this.fill())) return null
    }
  }

  /** The first bytes, left in the buffer. */
  async peek(): Promise<Uint8Array> {
    if (this.buffer.length === 0) await this.fill()
    return this.buffer
  }

  /** The next bytes, at most `max`; null at the end. */
  async some(max: number): Promise<Uint8Array | null> {
    if (this.buffer.length === 0 && !(await this.fill())) return null
    const part = this.buffer.subarray(0, max)
    this.buffer = this.buffer.subarray(part.length)
    return part
  }

  /** A body as its headers frame it. `untilClose` for answers without a length. */
  body(headers: Headers, untilClose: boolean): AsyncIterable<Uint8Array> {
    if (/chunked/i.test(headers['transfer-encoding'] ?? '')) return this.chunked()
    const length = headers['content-length']
    if (length !== undefined) return this.exactly(Number(length))
    return untilClose ? this.rest() : nothing()
  }

  private async *exactly(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0;) {
      const part = await this.some(left)
      if (part === null) throw new HttpWireError(400, `transfer closed with ${left} bytes remaining to read`)
      left -= part.length
      yield part
    }
  }

  private async *chunked(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const size = Number.parseInt((await this.line()) ?? '', 16)
      if (Number.isNaN(size)) throw new HttpWireError(400, 'malformed chunked encoding')
      if (size === 0) break
      yield* this.exactly(size)
      await this.line()
    }
    while (((await this.line()) ?? '') !== '');
  }

  private async *rest(): AsyncGenerator<Uint8Array> {
    for (let part = await this.some(65536); part !== null; part = await this.some(65536)) yield part
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  await Promise.resolve()
}

function parseHeaders(lines: readonly string[]): Headers {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon <= 0) throw new HttpWireError(400, `malformed MIME header line: ${line}`)
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  return headers
}

/** `content-type` becomes `Content-Type`, as Go and most servers write it. */
export function spelled(name: string, names: Readonly<Record<string, string>> = {}): string {
  return names[name] ?? name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
}

export function encodeHead(line: string, headers: Headers, names?: Readonly<Record<string, string>>): Uint8Array {
  const lines = Object.entries(headers).map(([name, value]) => `${spelled(name, names)}: ${value}\r\n`)
  return encodeUtf8(`${line}\r\n${lines.join('')}\r\n`)
}

export function encodeChunk(bytes: Uint8Array): Uint8Array {
  return concatBytes([encodeUtf8(`${bytes.length.toString(16)}\r\n`), bytes, encodeUtf8('\r\n')])
}

export const lastChunk = encodeUtf8('0\r\n\r\n')

export const statusTexts: Readonly<Record<number, string>> = {
  100: 'Continue', 101: 'Switching Protocols', 200: 'OK', 201: 'Created', 202: 'Accepted', 204: 'No Content', 206: 'Partial Content', 301: 'Moved Permanently', 302: 'Found', 303: 'See Other',
  304: 'Not Modified', 307: 'Temporary Redirect', 308: 'Permanent Redirect', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable',
  408: 'Request Timeout', 409: 'Conflict', 410: 'Gone', 411: 'Length Required', 412: 'Precondition Failed', 413: 'Request Entity Too Large', 414: 'Request-URI Too Large', 415: 'Unsupported Media Type', 416: 'Requested Range Not Satisfiable', 418: "I'm a teapot",
  422: 'Unprocessable Entity', 426: 'Upgrade Required', 429: 'Too Many Requests', 431: 'Request Header Fields Too Large', 500: 'Internal Server Error', 501: 'Not Implemented', 502: 'Bad Gateway', 503: 'Service Unavailable', 504: 'Gateway Timeout', 505: 'HTTP Version Not Supported',
}

export function httpDate(ms: number): string {
  return new Date(ms).toUTCString()
}
