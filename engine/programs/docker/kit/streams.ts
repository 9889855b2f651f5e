/** Standard streams over the wire: attach and exec, and the framed output of logs. */
import { concatBytes, encodeUtf8 } from '#engine/base/bytes'
import type { HttpBody, MessageChannel } from '#engine/base/http'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { channel, frame } from '#engine/cri/streaming/channels'
import { DockerFailure } from './api'

export interface StreamOptions { readonly stdin: boolean; readonly tty: boolean }

/** Passes input and output until the far side has ended. */
export async function joinStreams(process: Process, peer: MessageChannel, options: StreamOptions): Promise<void> {
  const restore = options.tty ? rawTerminal(process, peer) : () => undefined
  if (options.stdin) process.background(() => sendInput(process, peer))
  try {
    for (let message = await peer.receive(); message; message = await peer.receive()) {
      if (message[0] === channel.stdout) await process.stdout.write(message.subarray(1))
      else if (message[0] === channel.stderr) await process.stderr.write(message.subarray(1))
    }
  } finally {
    restore()
    peer.close()
  }
}

async function sendInput(process: Process, peer: MessageChannel): Promise<void> {
  try {
    for await (const chunk of process.stdin) {
      if (peer.closed) return
      await peer.send(frame(channel.stdin, chunk))
    }
    if (!peer.closed) await peer.send(Uint8Array.of(channel.close, channel.stdin))
  } catch (error) {
    if (!isErrno(error) && !peer.closed) throw error
  }
}

/** The terminal passes every key on; its size follows. */
function rawTerminal(process: Process, peer: MessageChannel): () => void {
  const terminal = process.descriptors().get(0)?.tty
  if (!terminal) return () => undefined
  const before = { ...terminal.mode() }
  terminal.setMode({ canonical: false, echo: false, signals: false, crToNl: false, nlToCrNl: false })
  const tellSize = (): void => void peer.send(frame(channel.resize, encodeUtf8(JSON.stringify({ Width: terminal.columns, Height: terminal.rows })))).catch(() => undefined)
  process.handle('SIGWINCH', tellSize)
  tellSize()
  return () => terminal.setMode(before)
}

/** Of a request for a terminal where standard input is none. */
export function checkTerminal(process: Process, wish: { readonly stdin: boolean; readonly tty: boolean }): void {
  if (wish.stdin && wish.tty && !process.descriptors().get(0)?.tty) throw new DockerFailure('the input device is not a TTY')
}

/** Output in frames of eight bytes of heading and what it tells. */
export async function printFrames(process: Process, body: HttpBody, tty: boolean): Promise<void> {
  let rest: Uint8Array = new Uint8Array(0)
  for await (const chunk of body.stream()) {
    if (tty) {
      await process.stdout.write(chunk)
      continue
    }
    rest = concatBytes([rest, chunk])
    for (let length = frameLength(rest); length !== undefined && rest.length >= 8 + length; length = frameLength(rest)) {
      await (rest[0] === 2 ? process.stderr : process.stdout).write(rest.slice(8, 8 + length))
      rest = rest.slice(8 + length)
    }
  }
}

function frameLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < 8) return undefined
  return ((bytes[4] as number) * 2 ** 24) + ((bytes[5] as number) << 16) + ((bytes[6] as number) << 8) + (bytes[7] as number)
}
