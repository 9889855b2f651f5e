/** Runs traps: those of signals that arrived, and DEBUG, ERR, RETURN, EXIT. */
import { parseSignal, signalNumbers, type Signal } from '#engine/linux/abi/signals'
import { ExitShell, ReturnFunction } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'

/** Between commands: everything that came in. */
export async function runPendingTraps(shell: Shell): Promise<void> {
  if (shell.traps.dying) await shell.traps.dying
  while (shell.traps.pending.length > 0) {
    const name = shell.traps.pending.shift() as string
    const action = shell.traps.get(name)
    if (action) await runTrap(shell, action)
  }
}

/** The action, with `$?` kept. */
export async function runTrap(shell: Shell, action: string): Promise<void> {
  const { status, pipeStatus, line } = shell
  shell.traps.running++
  try {
    await shell.hooks.runText(shell, action, 'trap')
    shell.status = status
    shell.pipeStatus = pipeStatus
  } finally {
    shell.traps.running--
    shell.line = line
  }
}

export async function runErrTrap(shell: Shell): Promise<void> {
  const action = shell.traps.get('ERR')
  if (!action || shell.traps.running > 0) return
  if (shell.frames.some((frame) => frame.kind === 'function') && !shell.options.on('errtrace')) return
  await runTrap(shell, action)
}

export async function runDebugTrap(shell: Shell): Promise<void> {
  const action = shell.traps.get('DEBUG')
  if (!action || shell.traps.running > 0) return
  if (shell.frames.some((frame) => frame.kind === 'function') && !shell.options.on('functrace')) return
  await runTrap(shell, action)
}

/** Runs the EXIT trap once; returns the status to leave with. */
export async function runExitTrap(shell: Shell): Promise<number> {
  const action = shell.traps.get('EXIT')
  if (action === undefined || action === '') return shell.status
  shell.traps.set('EXIT', undefined)
  const { status } = shell
  try {
    await shell.hooks.runText(shell, action, 'trap')
    return status
  } catch (error) {
    if (error instanceof ExitShell || error instanceof ReturnFunction) return error.status
    throw error
  }
}

/** Tells the kernel what a trap means. */
export function applyTrap(shell: Shell, name: string, action: string | undefined): void {
  if (name === 'EXIT') for (const signal of deadly) if (shell.traps.get(signal) === undefined) restore(shell, signal)
  const signal = name.startsWith('SIG') ? (name as Signal) : undefined
  if (!signal || signal === 'SIGKILL' || signal === 'SIGSTOP' || !(signal in signalNumbers)) return
  if (action === undefined) restore(shell, signal)
  else if (action === '') shell.process.handle(signal, 'ignore')
  else shell.process.handle(signal, () => shell.traps.arrive(name))
}

/** Signals that end a shell, but not before its EXIT trap has run. */
const deadly: readonly Signal[] = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGPIPE', 'SIGALRM']

function restore(shell: Shell, signal: Signal): void {
  if (signal === 'SIGINT' && shell.interactive) shell.process.handle(signal, () => shell.traps.interrupt?.())
  else if (deadly.includes(signal) && !shell.interactive && shell.traps.get('EXIT')) shell.process.handle(signal, () => die(shell, signal))
  else shell.process.handle(signal, shell.interactive && interactiveIgnored.has(signal) ? 'ignore' : 'default')
}

/** In a copy of the shell: what it was doing goes no further. */
function die(shell: Shell, signal: Signal): void {
  if (shell.traps.dying) return
  const last = shell.forked(shell.process)
  last.subshellLevel = shell.subshellLevel
  last.jobs = shell.jobs
  last.traps.set('EXIT', shell.traps.get('EXIT'))
  shell.traps.set('EXIT', undefined)
  shell.traps.dying = runExitTrap(last).then(() => {
    shell.process.handle(signal, 'default')
    shell.process.kill(shell.process.pid, signal)
  })
}

const interactiveIgnored = new Set<Signal>(['SIGTERM', 'SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'])

/** `INT`, `SIGINT`, `2`, `0`, `EXIT`: the name under which a trap is kept. */
export function trapName(text: string): string | undefined {
  const upper = text.toUpperCase()
  if (upper === 'EXIT' || text === '0') return 'EXIT'
  if (upper === 'ERR' || upper === 'DEBUG' || upper === 'RETURN') return upper
  return parseSignal(text)
}

export const setsTrapInSubshell = (shell: Shell): void => {
  for (const [name, action] of shell.traps.entries()) if (action !== '' && (name.startsWith('SIG') || name === 'EXIT')) applyTrap(shell, name, undefined)
}
