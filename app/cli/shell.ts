/** `seatrial shell [HOST]`: an interactive terminal on a machine, in the user's own terminal. */
import { encodeFrame } from '#app/shared/frames'
import { parseArguments } from './arguments'
import { openSession } from './client'

export async function shellCommand(args: readonly string[]): Promise<number> {
  const host = parseArguments(args, [], [], 1).operands[0] ?? 'base'
  const size = (): { columns: number; rows: number } => ({ columns: process.stdout.columns ?? 80, rows: process.stdout.rows ?? 24 })
  return new Promise((resolve, reject) => {
    const restore = (): void => {
      if (process.stdin.isTTY) process.stdin.setRawMode(false)
      process.stdin.pause()
    }
    openSession({ kind: 'shell', host, ...size() }, (frame) => {
      if (frame.kind === 'stdout') process.stdout.write(frame.payload)
      else if (frame.kind === 'exit' || frame.kind === 'error') {
        restore()
        const text = new TextDecoder().decode(frame.payload)
        if (frame.kind === 'exit') resolve(Number(text))
        else reject(new Error(text))
      }
    }).then((socket) => {
      if (process.stdin.isTTY) process.stdin.setRawMode(true)
      process.stdin.on('data', (chunk: Buffer) => void socket.write(encodeFrame('stdin', chunk)))
      process.stdin.on('end', () => void socket.write(encodeFrame('stdin', Uint8Array.of(4))))
      process.stdout.on('resize', () => void socket.write(encodeFrame('resize', JSON.stringify(size()))))
      socket.on('close', () => {
        restore()
        reject(new Error('the host went away'))
      })
    }, reject)
  })
}
