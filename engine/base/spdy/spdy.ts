/**
 * SPDY/3.1 frames as far as Kubernetes' streaming speaks them: streams are opened with headers, answered, carry data both ways
 * and are closed by halves. Headers come compressed against a fixed dictionary; ours go out in stored blocks, which every
 * inflater reads. No flow control: moby/spdystream has none either.
 */
import { Unzlib } from 'fflate'
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { spdyDictionary } from './spdy.table'

export type SpdyFrame =
  | { readonly kind: 'open'; readonly stream: number; readonly headers: ReadonlyMap<string, string>; readonly end: boolean }
  | { readonly kind: 'data'; readonly stream: number; readonly data: Uint8Array; readonly end: boolean }
  | { readonly kind: 'reset'; readonly stream: number }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'goaway' }

const type = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goaway: 7 } as const
const maxFrame = 16 * 1024 * 1024

export class SpdyError extends Error {
  override readonly name = 'SpdyError'
}

export class SpdyReader {
  private held = new Uint8Array(0)
  private readonly headers = new HeaderReader()

  /** Frames that are complete with these bytes. Throws SpdyError on what is no SPDY. */
  push(bytes: Uint8Array): SpdyFrame[] {
    this.held = concatBytes([this.held, bytes]) as Uint8Array<ArrayBuffer>
    const out: SpdyFrame[] = []
    for (;;) {
      if (this.held.length < 8) return out
      const length = read24(this.held, 5)
      if (length > maxFrame) throw new SpdyError('frame too large')
      if (this.held.length < 8 + length) return out
      const frame = this.parse(this.held.subarray(0, 8), this.held.subarray(8, 8 + length))
      this.held = this.held.slice(8 + length)
      if (frame) out.push(frame)
    }
  }

  private parse(head: Uint8Array, body: Uint8Array): SpdyFrame | undefined {
    const end = ((head[4] ?? 0) & 1) !== 0
    if (((head[0] ?? 0) & 0x80) === 0) return { kind: 'data', stream: read32(head, 0), data: body.slice(), end }
    const kind = ((head[2] ?? 0) << 8) | (head[3] ?? 0)
    if (kind === type.synStream) return { kind: 'open', stream: read32(body, 0) & 0x7fffffff, headers: this.headers.read(body.subarray(10)), end }
    if (kind === type.rstStream) return { kind: 'reset', stream: read32(body, 0) & 0x7fffffff }
    if (kind === type.ping) return { kind: 'ping', id: read32(body, 0) }
    if (kind === type.goaway) return { kind: 'goaway' }
    return undefined
  }
}

/** One inflater for all headers of a connection, as SPDY has it. */
class HeaderReader {
  private chunks: Uint8Array[] = []
  private readonly inflater = new Unzlib({ dictionary: spdyDictionary }, (chunk) => void this.chunks.push(chunk.slice()))

  read(block: Uint8Array): Map<string, string> {
    this.chunks = []
    try {
      this.inflater.push(block.slice(), false)
    } catch (error) {
      throw new SpdyError(`bad header block: ${(error as Error).message}`)
    }
    return parseHeaders(concatBytes(this.chunks))
  }
}

function parseHeaders(bytes: Uint8Array): Map<string, string> {
  const out = new Map<string, string>()
  let at = 4
  const text = (): string => {
    const length = read32(bytes, at)
    const value = decodeUtf8(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
    return value
  }
  const count = Math.min(bytes.length < 4 ? 0 : read32(bytes, 0), 1000)
  for (let i = 0; i < count && at < bytes.length; i++) out.set(text().toLowerCase(), text())
  return out
}

/** zlib's head that names the preset dictionary. */
const dictionaryHead = [0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2]

export class SpdyWriter {
  private begun = false

  reply(stream: number): Uint8Array {
    return control(type.synReply, concatBytes([number32(stream), this.block(number32(0))]))
  }

  /** The client's side: opens a stream with headers. */
  open(stream: number, headers: Readonly<Record<string, string>>): Uint8Array {
    const pairs = Object.entries(headers).flatMap(([key, value]) => [encodeUtf8(key), encodeUtf8(value)]).flatMap((text) => [number32(text.length), text])
    return control(type.synStream, concatBytes([number32(stream), number32(0), Uint8Array.of(0, 0), this.block(concatBytes([number32(Object.keys(headers).length), ...pairs]), dictionaryHead)]))
  }

  data(stream: number, data: Uint8Array, end: boolean): Uint8Array {
    return concatBytes([number32(stream), Uint8Array.of(end ? 1 : 0), number24(data.length), data])
  }

  reset(stream: number): Uint8Array {
    return control(type.rstStream, concatBytes([number32(stream), number32(5)]))
  }

  ping(id: number): Uint8Array {
    return control(type.ping, number32(id))
  }

  private block(plain: Uint8Array, first: readonly number[] = [0x78, 0x01]): Uint8Array {
    const { length } = plain
    const head = this.begun ? [] : first
    this.begun = true
    // The empty block at the end is zlib's flush: readers give out what they hold when they see it.
    return concatBytes([Uint8Array.of(...head, 0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255), plain, Uint8Array.of(0, 0, 0, 255, 255)])
  }
}

export function errorText(text: string): Uint8Array {
  return encodeUtf8(text)
}

function control(kind: number, body: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of(0x80, 3, kind >> 8, kind & 255, 0), number24(body.length), body])
}

function read24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
}

function read32(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 24) | read24(bytes, at + 1)) >>> 0
}

function number24(value: number): Uint8Array {
  return Uint8Array.of((value >> 16) & 255, (value >> 8) & 255, value & 255)
}

function number32(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255)
}
