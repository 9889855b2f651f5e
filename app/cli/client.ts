/** The command line's side of the local socket. */
import { connect, type Socket } from 'node:net'
import { seatrialHome, socketPath } from '#app/host/home'
import { encodeFrame, FrameReader, type Frame, type SessionRequest } from '#app/shared/frames'

/** No host runs for this home. */
export class NoHostError extends Error {
  override readonly name = 'NoHostError'

  constructor() {
    super('no cluster is up: start one with `seatrial cluster up` (or open a lab in the app)')
  }
}

export function openSession(request: SessionRequest, onFrame: (frame: Frame) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath(seatrialHome()))
    const reader = new FrameReader()
    socket.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? new NoHostError() : error))
    socket.once('connect', () => {
      socket.setNoDelay(true)
      socket.write(encodeFrame('request', JSON.stringify(request)))
      resolve(socket)
    })
    socket.on('data', (chunk) => {
      for (const frame of reader.push(chunk)) onFrame(frame)
    })
  })
}

/** One question to the host. */
export function call(method: string, params: unknown = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    openSession({ kind: 'call', method, params }, (frame) => {
      const text = new TextDecoder().decode(frame.payload)
      if (frame.kind === 'error') reject(new Error(text))
      else resolve(JSON.parse(text))
    }).catch(reject)
  })
}
