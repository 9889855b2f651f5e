/** The shim's two lives: `start` leaves a daemon behind and tells its pid; the daemon serves until its last task is deleted. */
import type { Process } from '#engine/linux/abi/process'
import { shimSocket } from './protocol'
import { Shim } from './server'

export async function runShim(process: Process): Promise<number> {
  const args = process.argv.slice(1)
  const id = valueOf(args, '-id')
  const namespace = valueOf(args, '-namespace')
  if (id === '') {
    await process.stderr.write('containerd-shim-runc-v2: shim id cannot be empty\n')
    return 1
  }
  return args.includes('start') ? start(process) : serve(process, namespace === '' ? 'default' : namespace, id)
}

async function start(process: Process): Promise<number> {
  const ready = process.pipe()
  const resume = process.env.get('SHIM_RESUME')
  const [pid = 0, startedAtMs = 0] = (resume ?? '').split(' ').map(Number)
  const daemon = process.argv.slice(0, -1)
  const child = process.fork((copy) => copy.exec(process.executable.path, daemon), {
    descriptors: new Map([[1, ready.writer]]),
    session: {},
    ...(resume === undefined ? {} : { resume: { pid, startedAtMs } }),
  })
  const told = await ready.reader.read()
  ready.reader.release()
  if (!told) return 1
  await process.stdout.write(`${child.pid} ${resume === undefined ? process.clock.now() : startedAtMs}\n`)
  return 0
}

async function serve(process: Process, namespace: string, id: string): Promise<number> {
  const socket = shimSocket(namespace, id)
  if (process.files.exists(socket)) process.files.unlink(socket)
  const shim = new Shim(process)
  const listener = process.net.serveHttp({ unix: socket }, shim.handler())
  // Caught and dropped, not ignored: what is ignored would stay so in every process of the container.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGPIPE'] as const) process.handle(signal, () => undefined)
  await process.stdout.write('ready\n')
  process.closeDescriptor(1)
  await shim.stopped
  listener.close()
  return 0
}

function valueOf(args: readonly string[], name: string): string {
  const index = args.indexOf(name)
  return index < 0 ? '' : (args[index + 1] ?? '')
}
