/** `seatrial exec HOST -- CMD...`: runs a command on a machine of the cluster that is up. */
import { encodeFrame } from '#app/shared/frames'
import { UsageError } from './arguments'
import { openSession } from './client'
import { usageOf } from './usage'

export async function execCommand(args: readonly string[]): Promise<number> {
  const [host, separator, ...rest] = args
  const argv = separator === '--' ? rest : args.slice(1)
  if (!host || host.startsWith('-') || argv.length === 0) throw new UsageError(usageOf('exec'))
  return new Promise((resolve, reject) => {
    openSession({ kind: 'exec', host, argv }, (frame) => {
      if (frame.kind === 'stdout') process.stdout.write(frame.payload)
      else if (frame.kind === 'stderr') process.stderr.write(frame.payload)
      else if (frame.kind === 'exit') resolve(Number(new TextDecoder().decode(frame.payload)))
      else if (frame.kind === 'error') reject(new Error(new TextDecoder().decode(frame.payload)))
    }).then((socket) => {
      socket.on('close', () => reject(new Error('the host went away')))
      process.stdin.on('data', (chunk: Buffer) => void socket.write(encodeFrame('stdin', chunk)))
      process.stdin.on('end', () => void socket.write(encodeFrame('stdinEnd')))
      process.stdin.on('error', () => void socket.write(encodeFrame('stdinEnd')))
    }, reject)
  })
}
