/** Standard streams over a channel of messages: exec with its exit status, and attach to a running container. */
import type { MessageChannel } from '#engine/base/http'
import { isErrno } from '#engine/linux/abi/errno'
import type { ChildProcess } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { channel, exitStatusMessage, frame, parseResize } from '#engine/cri/streaming/channels'
import type { StreamRequest } from './protocol'
import { readOrEnd, type Stdio, type Task } from './task'

export interface LiveProcess { readonly child: ChildProcess; readonly stdio: Stdio }

export async function serveStreams(peer: MessageChannel, live: LiveProcess, request: StreamRequest): Promise<void> {
  const outputs = live.stdio.outputs.map(async ({ stream, reader }) => {
    const wanted = stream === 'stdout' ? request.stdout : request.stderr
    for (;;) {
      const data = await readOrEnd(reader)
      if (!data) break
      if (wanted) await trySend(peer, frame(channel[stream], data))
    }
    reader.release()
  })
  const input = pumpInput(peer, live.stdio)
  const status = await live.child.wait()
  await Promise.all(outputs)
  await trySend(peer, frame(channel.error, exitStatusMessage(exitCodeOf(status))))
  peer.close()
  await input
}

export async function attachStreams(peer: MessageChannel, task: Task, request: StreamRequest): Promise<void> {
  const abort = new AbortController()
  const input = pumpInput(peer, task.stdio, request.stdin).then((gone) => {
    if (gone) abort.abort()
  })
  for await (const { stream, data } of task.follow(abort.signal)) {
    if (stream === 'stdout' ? request.stdout : request.stderr) await trySend(peer, frame(channel[stream], data))
  }
  await trySend(peer, frame(channel.error, exitStatusMessage(0)))
  peer.close()
  await input
}

/** Input and window sizes from the peer. True when the peer went away, false when it only ended its input. */
async function pumpInput(peer: MessageChannel, stdio: Stdio, wanted = true): Promise<boolean> {
  for (;;) {
    const message = await peer.receive()
    if (!message) break
    const data = message.subarray(1)
    if (message[0] === channel.stdin && wanted) await writeOrDrop(stdio, data)
    else if (message[0] === channel.resize) {
      const size = parseResize(data)
      if (size) stdio.slave?.tty?.resize(size.columns, size.rows)
    } else if (message[0] === channel.close && message[1] === channel.stdin) closeInput(stdio)
  }
  closeInput(stdio)
  return true
}

/** A terminal is not closed by the end of input: the master stays for its output. */
function closeInput(stdio: Stdio): void {
  if (!stdio.master) stdio.stdin?.release()
}

async function writeOrDrop(stdio: Stdio, data: Uint8Array): Promise<void> {
  try {
    await stdio.stdin?.write(data)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

async function trySend(peer: MessageChannel, message: Uint8Array): Promise<void> {
  if (peer.closed) return
  try {
    await peer.send(message)
  } catch {
    // The reader has gone: what is left of the output is dropped, as a closed connection drops it.
  }
}
