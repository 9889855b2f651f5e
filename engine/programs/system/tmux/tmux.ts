/** `tmux`: the client; starts the server where a session is to be made and none runs. */
import { Errno, isErrno } from '#engine/linux/abi/errno'
import type { Terminal } from '#engine/linux/abi/files'
import type { Connection } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { Wire } from '../ssh/wire'
import { serve } from './server'

export const tmux: Program = {
  name: 'tmux',
  unsupported: 'panes side by side on one screen (the active one is shown), copy mode, configuration, key bindings beyond ^b with d c n p x & 0-9',
  async run(process) {
    const args = process.argv.slice(1)
    const option = args[0]
    if (option === '-V') {
      await process.stdout.write('tmux 3.3a\n')
      return 0
    }
    if (option?.startsWith('-') && !'2CDlNuvfLS'.includes(option.charAt(1))) {
      await process.stderr.write(`tmux: unknown option -- ${option.charAt(1)}\nusage: tmux [-2CDlNuvV] [-c shell-command] [-f file] [-L socket-name]\n            [-S socket-path] [-T features] [command [flags]]\n`)
      return 1
    }
    const words = args.filter((arg) => !/^-[2uCv]$/.test(arg))
    const command = words[0] ?? 'new-session'
    const connection = await reach(process, ['new', 'new-session', 'start-server', 'start'].includes(command))
    return connection ? talk(process, connection, words.length > 0 ? words : [command]) : 1
  },
}

async function reach(process: Process, mayStart: boolean): Promise<Connection | undefined> {
  const path = `/tmp/tmux-${process.credentials.uid}/default`
  try {
    return await process.net.connect({ unix: path })
  } catch (error) {
    if (!isErrno(error)) throw error
    if (!mayStart) {
      await process.stderr.write(error.code === 'ENOENT' ? `error connecting to ${path} (No such file or directory)\n` : `no server running on ${path}\n`)
      return undefined
    }
  }
  const devNull = process.files.open('/dev/null', { read: true, write: true })
  process.files.mkdirAll(path.slice(0, path.lastIndexOf('/')), 0o700)
  process.fork((server) => serve(server, path), { session: {}, onlyNamedDescriptors: true, descriptors: new Map([[0, devNull], [1, devNull], [2, devNull]]) })
  for (let tries = 0; tries < 50; tries++) {
    await process.clock.sleep(2)
    try {
      return await process.net.connect({ unix: path })
    } catch (error) {
      if (!(error instanceof Errno)) throw error
    }
  }
  await process.stderr.write('tmux: the server did not start\n')
  return undefined
}

async function talk(process: Process, connection: Connection, args: readonly string[]): Promise<number> {
  const wire = new Wire(process.descriptor(process.install(connection)))
  const local = process.descriptors().get(0)?.tty
  const terminal = local && { columns: local.columns, rows: local.rows, term: process.env.get('TERM') ?? 'screen' }
  await wire.send('open', { command: JSON.stringify({ args, cwd: process.cwd() }), ...(terminal ? { terminal } : {}), env: [...process.env] })
  const before = local?.mode()
  try {
    return await receive(process, wire, local)
  } finally {
    if (before && !process.dying.aborted) local?.setMode(before)
  }
}

/** What the server says until it lets go of this client. A `resize` means that keys are wanted from now on. */
async function receive(process: Process, wire: Wire, local: Terminal | undefined): Promise<number> {
  for (let frame = await wire.receive(); frame; frame = await wire.receive()) {
    if (frame.type === 'data') await process.stdout.write(frame.bytes)
    else if (frame.type === 'errors') await process.stderr.write(frame.bytes)
    else if (frame.type === 'message' && frame.message.kind === 'exit') return frame.message.value.code ?? 1
    else if (frame.type === 'message' && local) sendKeys(process, wire, local)
  }
  await process.stdout.write('[server exited]\n')
  return 1
}

function sendKeys(process: Process, wire: Wire, local: Terminal): void {
  local.setMode({ canonical: false, echo: false, signals: false, crToNl: false, nlToCrNl: false })
  process.background(async () => {
    for await (const bytes of process.stdin) await wire.data(bytes)
  })
}
