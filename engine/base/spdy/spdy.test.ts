import { constants, createDeflate, createInflate } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { SpdyReader, SpdyWriter } from '#engine/base/spdy/spdy'
import { spdyDictionary } from '#engine/base/spdy/spdy.table'

const number32 = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value)
  return out
}

/** A client as moby/spdystream is one: one deflater for all headers, flushed after each block. */
function client(): (stream: number, headers: Readonly<Record<string, string>>) => Promise<Buffer> {
  const deflate = createDeflate({ dictionary: Buffer.from(spdyDictionary) })
  let chunks: Buffer[] = []
  deflate.on('data', (chunk: Buffer) => chunks.push(chunk))
  return async (stream, headers) => {
    chunks = []
    const parts = Object.entries(headers).flatMap(([key, value]) => [number32(key.length), Buffer.from(key), number32(value.length), Buffer.from(value)])
    deflate.write(Buffer.concat([number32(Object.keys(headers).length), ...parts]))
    await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve))
    const body = Buffer.concat([number32(stream), number32(0), Buffer.from([0, 0]), ...chunks])
    return Buffer.concat([Buffer.from([0x80, 3, 0, 1, 0, 0, body.length >> 8, body.length & 255]), body])
  }
}

describe('SPDY frames', () => {
  it('read the headers of several streams, however the bytes are cut', async () => {
    const open = client()
    const bytes = Buffer.concat([await open(1, { streamtype: 'error', port: '80' }), await open(3, { streamtype: 'data', port: '80' })])
    const reader = new SpdyReader()
    const frames = [...bytes].flatMap((byte) => reader.push(Uint8Array.of(byte)))
    expect(frames.map((frame) => (frame.kind === 'open' ? [frame.stream, frame.headers.get('streamtype')] : frame.kind))).toEqual([[1, 'error'], [3, 'data']])
  })

  it('open streams that the other end reads, one after another', () => {
    const [writer, reader] = [new SpdyWriter(), new SpdyReader()]
    const frames = [1, 3].flatMap((stream) => reader.push(writer.open(stream, { streamtype: 'data', port: '80' })))
    expect(frames.map((frame) => (frame.kind === 'open' ? [frame.stream, frame.headers.get('port')] : frame.kind))).toEqual([[1, '80'], [3, '80']])
  })

  it('carry data and the end of a stream', () => {
    const frames = new SpdyReader().push(new SpdyWriter().data(3, Uint8Array.of(1, 2), true))
    expect(frames).toEqual([{ kind: 'data', stream: 3, data: Uint8Array.of(1, 2), end: true }])
  })

  it('answer with headers that any inflater reads at once', async () => {
    const writer = new SpdyWriter()
    const inflate = createInflate()
    const got: Buffer[] = []
    inflate.on('data', (chunk: Buffer) => got.push(chunk))
    for (const stream of [1, 3]) {
      inflate.write(writer.reply(stream).subarray(12))
      await new Promise<void>((resolve) => inflate.flush(constants.Z_SYNC_FLUSH, resolve))
    }
    expect(Buffer.concat(got)).toEqual(Buffer.alloc(8))
  })
})
