/**
 * The v5.channel.k8s.io framing of exec and attach: each message is a channel's number and its bytes. Channel 255 tells
 * which channel the peer has closed.
 */
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import type { MessageChannel } from '#engine/base/http'

export const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const
export const execProtocol = 'v5.channel.k8s.io'
export const portForwardProtocol = 'SPDY/3.1+portforward.k8s.io'

export function frame(number: number, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 1)
  out[0] = number
  out.set(data, 1)
  return out
}

/** Both ends of a channel of messages within one job queue. */
export function channelPair(): readonly [MessageChannel, MessageChannel] {
  const a = new Pipe()
  const b = new Pipe()
  const end = (incoming: Pipe, outgoing: Pipe): MessageChannel => ({
    send: (message) => outgoing.put(message),
    receive: () => incoming.take(),
    close: () => {
      outgoing.end()
      incoming.end()
    },
    get closed() {
      return outgoing.ended
    },
  })
  return [end(a, b), end(b, a)]
}

const roomBytes = 1024 * 1024

class Pipe {
  ended = false
  private readonly queue: Uint8Array[] = []
  private size = 0
  private readers: (() => void)[] = []
  private writers: (() => void)[] = []

  async put(message: Uint8Array): Promise<void> {
    while (!this.ended && this.size > roomBytes) await new Promise<void>((resolve) => this.writers.push(resolve))
    if (this.ended) throw new Error('channel is closed')
    this.queue.push(message)
    this.size += message.length
    wakeAll(this.readers)
  }

  async take(): Promise<Uint8Array | null> {
    while (this.queue.length === 0 && !this.ended) await new Promise<void>((resolve) => this.readers.push(resolve))
    const message = this.queue.shift()
    if (!message) return null
    this.size -= message.length
    wakeAll(this.writers)
    return message
  }

  end(): void {
    this.ended = true
    wakeAll(this.readers)
    wakeAll(this.writers)
  }
}

function wakeAll(waiting: (() => void)[]): void {
  for (const wake of waiting.splice(0)) wake()
}

/** The Status object of channel 3 for how a command ended. */
export function exitStatusMessage(exitCode: number): Uint8Array {
  const status = exitCode === 0
    ? { metadata: {}, status: 'Success' }
    : {
        metadata: {},
        status: 'Failure',
        message: `command terminated with non-zero exit code: error executing command in container: exit status ${exitCode}`,
        reason: 'NonZeroExitCode',
        details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
      }
  return encodeUtf8(JSON.stringify(status))
}

export function internalErrorMessage(text: string): Uint8Array {
  const message = `Internal error occurred: ${text}`
  return encodeUtf8(JSON.stringify({ metadata: {}, status: 'Failure', message, reason: 'InternalError', details: { causes: [{ message: text }] }, code: 500 }))
}

export function parseResize(data: Uint8Array): { columns: number; rows: number } | undefined {
  try {
    const size = JSON.parse(decodeUtf8(data)) as { Width?: number; Height?: number }
    return { columns: size.Width ?? 80, rows: size.Height ?? 24 }
  } catch {
    return undefined
  }
}
