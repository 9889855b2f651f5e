import type { IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { emptyBody, type MessageChannel } from '#engine/base/http'
import { SpdyReader, SpdyWriter } from '#engine/base/spdy/spdy'
import { asWebSocket, bridgeSpdy } from './spdy'

/** The engine's end of an upgraded connection. */
class Engine implements MessageChannel {
  readonly got: Uint8Array[] = []
  closed = false
  private readonly toSay: (Uint8Array | null)[] = []
  private wake: () => void = () => undefined

  say(message: Uint8Array | null): void {
    this.toSay.push(message)
    this.wake()
  }

  send(message: Uint8Array): Promise<void> {
    this.got.push(message)
    return Promise.resolve()
  }

  async receive(): Promise<Uint8Array | null> {
    while (this.toSay.length === 0) await new Promise<void>((resolve) => void (this.wake = resolve))
    return this.toSay.shift() ?? null
  }

  close(): void {
    this.closed = true
  }
}

function client(): { socket: Duplex; written: () => Buffer } {
  const chunks: Buffer[] = []
  const socket = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk))
      done()
    },
  })
  return { socket, written: () => Buffer.concat(chunks) }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))
const upgraded = (engine: Engine) => ({ status: 101, headers: {}, body: emptyBody, upgraded: engine })

describe('a client that streams over SPDY', () => {
  it('runs a command: its streams are the channels of a WebSocket', async () => {
    const engine = new Engine()
    const { socket, written } = client()
    const writer = new SpdyWriter()
    bridgeSpdy({ url: '/api/v1/namespaces/a/pods/b/exec?command=cat&stdin=true&stdout=true' } as IncomingMessage, socket, Buffer.alloc(0), upgraded(engine), () => undefined)
    engine.say(Uint8Array.of(1, ...encodeUtf8('hello')))
    engine.say(Uint8Array.of(3, ...encodeUtf8('{"status":"Success"}')))
    for (const [stream, streamtype] of [[1, 'error'], [3, 'stdin'], [5, 'stdout']] as const) socket.push(writer.open(stream, { streamtype }))
    socket.push(writer.data(3, encodeUtf8('typed'), true))
    await settled()
    const head = written().indexOf('\r\n\r\n') + 4
    expect(written().subarray(0, head).toString()).toContain('X-Stream-Protocol-Version: v4.channel.k8s.io')
    const frames = new SpdyReader().push(written().subarray(head)).flatMap((frame) => (frame.kind === 'data' && frame.data.length > 0 ? [[frame.stream, decodeUtf8(frame.data)]] : []))
    expect(frames).toEqual([[5, 'hello'], [1, '{"status":"Success"}']])
    expect(engine.got.map((message) => [message[0], decodeUtf8(message.subarray(1))])).toEqual([[0, 'typed'], [255, '\0']])
    expect(engine.closed).toBe(true)
  })

  it('forwards ports: its frames go through as they are', async () => {
    const engine = new Engine()
    const { socket, written } = client()
    bridgeSpdy({ url: '/api/v1/namespaces/a/pods/b/portforward' } as IncomingMessage, socket, Buffer.from('early'), upgraded(engine), () => undefined)
    socket.push('bytes')
    engine.say(encodeUtf8('answer'))
    await settled()
    expect(engine.got.map(decodeUtf8)).toEqual(['early', 'bytes'])
    expect(written().toString()).toMatch(/portforward\.k8s\.io\r\n\r\nanswer$/)
  })

  it('asks the engine as a WebSocket does', () => {
    const request = { method: 'POST', path: '/api/v1/namespaces/a/pods/b/portforward?ports=80', headers: { upgrade: 'SPDY/3.1' }, body: emptyBody }
    expect(asWebSocket(request).headers).toMatchObject({ upgrade: 'websocket', 'sec-websocket-protocol': 'SPDY/3.1+portforward.k8s.io' })
    expect(asWebSocket({ ...request, path: '/api/v1/namespaces/a/pods/b/exec?command=ls' }).headers['sec-websocket-protocol']).toBe('v5.channel.k8s.io')
  })
})
