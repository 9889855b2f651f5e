/** `ssh`: a command or a login on another machine. */
import { Errno } from '#engine/linux/abi/errno'
import type { Terminal } from '#engine/linux/abi/files'
import { UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { logIn, SshFailure } from './client'
import { parseSsh, type SshOptions } from './config'
import type { Wire } from './wire'

export const ssh: Program = {
  name: 'ssh',
  unsupported: 'forwarding (-L -R -D -J -W), agents, X11, multiplexing, encryption',
  async run(process) {
    try {
      if (process.argv.includes('-V')) {
        await process.stderr.write('OpenSSH_9.2p1 Debian-2+deb12u7, OpenSSL 3.0.17 1 Jul 2025\n')
        return 0
      }
      const options = parseSsh(process, process.argv.slice(1))
      const { wire } = await logIn(process, options)
      return await session(process, wire, options)
    } catch (error) {
      if (!(error instanceof SshFailure) && !(error instanceof UsageError)) throw error
      await process.stderr.write(`${error.message}${error.message.endsWith('\n') ? '' : '\r\n'}`)
      return 255
    }
  },
}

async function session(process: Process, wire: Wire, options: SshOptions): Promise<number> {
  const local = process.descriptors().get(0)?.tty
  const wantsTerminal = await decideTerminal(process, options, local !== undefined)
  await wire.send('open', {
    ...(options.command === undefined ? {} : { command: options.command }),
    ...(wantsTerminal ? { terminal: terminalOf(process, local) } : {}),
    env: [...process.env].filter(([name]) => /^(LANG|LC_)/.test(name)),
  })
  const restore = wantsTerminal && local ? makeRaw(process, wire, local) : undefined
  try {
    if (!options.noInput) process.background(() => sendInput(process, wire))
    else await wire.end()
    return await receive(process, wire, options, wantsTerminal)
  } finally {
    if (!process.dying.aborted) restore?.()
  }
}

/** A terminal there: as demanded, or for a login from one. */
async function decideTerminal(process: Process, options: SshOptions, isLocal: boolean): Promise<boolean> {
  const isLogin = options.terminal === 'auto' && options.command === undefined
  if (isLogin && !isLocal) await process.stderr.write('Pseudo-terminal will not be allocated because stdin is not a terminal.\r\n')
  return options.terminal === 'force' || (isLogin && isLocal)
}

function terminalOf(process: Process, local: Terminal | undefined): { columns: number; rows: number; term: string } {
  return { columns: local?.columns ?? 80, rows: local?.rows ?? 24, term: process.env.get('TERM') ?? 'xterm' }
}

/** Hands every key to the other side; returns how to undo it. */
function makeRaw(process: Process, wire: Wire, local: Terminal): () => void {
  const before = local.mode()
  local.setMode({ canonical: false, echo: false, signals: false, crToNl: false, nlToCrNl: false })
  process.handle('SIGWINCH', () => process.background(() => wire.send('resize', { columns: local.columns, rows: local.rows })))
  return () => local.setMode(before)
}

async function sendInput(process: Process, wire: Wire): Promise<void> {
  try {
    for await (const bytes of process.stdin) await wire.data(bytes)
    await wire.end()
  } catch (error) {
    // The other side is gone: whoever receives says so.
    if (!(error instanceof Errno)) throw error
  }
}

async function receive(process: Process, wire: Wire, options: SshOptions, onTerminal: boolean): Promise<number> {
  for (let frame = await wire.receive(); frame; frame = await wire.receive()) {
    if (frame.type === 'data') await process.stdout.write(frame.bytes)
    else if (frame.type === 'errors') await process.stderr.write(frame.bytes)
    else if (frame.type === 'message' && frame.message.kind === 'exit') {
      if (onTerminal && !options.quiet && options.terminal !== 'never') await process.stderr.write(`Connection to ${options.host} closed.\r\n`)
      return frame.message.value.code ?? 255
    }
  }
  await process.stderr.write(onTerminal ? `Connection to ${options.host} closed by remote host.\r\nConnection to ${options.host} closed.\r\n` : `Connection to ${options.host} closed by remote host.\r\n`)
  return 255
}
