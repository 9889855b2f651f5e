/** Programs: finding and starting them, and what is said when they cannot be. */
import { isErrno } from '#engine/linux/abi/errno'
import { exitCodeOf } from '#engine/linux/abi/signals'
import type { PreparedAssignment } from '#engine/shell/interpreter/assignment'
import { findExecutable, findRefused, looksBinary, startFailure } from '#engine/shell/interpreter/lookup'
import { giveTerminal, monitoring, retryFork, waitForeground } from '#engine/shell/interpreter/processes'
import { ExitShell } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'

export interface ExternalOptions {
  readonly mayExec: boolean
  readonly undo: () => void
  readonly path?: string
  /** Where it was found before the process was made. */
  readonly found?: string | undefined
}

export async function runExternal(shell: Shell, words: readonly string[], prefixes: readonly PreparedAssignment[], options: ExternalOptions): Promise<number> {
  const name = words[0] as string
  const path = options.found ?? (name === '' ? undefined : findExecutable(shell, name, options.path))
  if (path === undefined) return (shell.status = await notFound(shell, words))
  const env = environment(shell, prefixes, path)
  if (options.mayExec && shell.traps.get('EXIT') === undefined) return replaceProcess(shell, name, path, words, env)
  const text = shell.commandText
  const monitored = monitoring(shell)
  let child
  try {
    child = await retryFork(shell, () => {
      const started = shell.process.spawn(path, words, { env, descriptors: shell.inheritable(), onlyNamedDescriptors: true, ...(monitored ? { processGroup: 'new' as const } : {}) })
      giveTerminal(shell, started.pid)
      return started
    })
  } catch (error) {
    return startOtherwise(shell, name, path, words, error)
  }
  options.undo()
  const statuses = await waitForeground(shell, [{ pid: child.pid, child, status: undefined }], text, child.pid)
  shell.status = statuses === 'stopped' ? 148 : (statuses[0] as number)
  shell.pipeStatus = [shell.status]
  return shell.status
}

export function environment(shell: Shell, prefixes: readonly PreparedAssignment[], path: string): Map<string, string> {
  const env = shell.vars.exported()
  for (const [name, definition] of shell.exportedFunctions) env.set(`BASH_FUNC_${name}%%`, definition)
  for (const prefix of prefixes) env.set(prefix.name, prefix.append ? `${shell.vars.find(prefix.name)?.scalar() ?? ''}${String(prefix.value)}` : String(prefix.value))
  env.set('_', path)
  return env
}

async function notFound(shell: Shell, words: readonly string[]): Promise<number> {
  const name = words[0] as string
  const handler = shell.functions.get('command_not_found_handle')
  if (handler) return shell.hooks.callFunction(shell, handler, ['command_not_found_handle', ...words])
  const path = shell.vars.find('PATH')?.scalar()
  const refused = shell.posixShell ? undefined : findRefused(shell, name)
  if (refused !== undefined) {
    await shell.error(`${refused}: Permission denied`)
    return 126
  }
  if (shell.posixShell) await shell.error(`${name}: not found`)
  else await shell.error(`${name}: ${path === undefined || path === '' ? 'No such file or directory' : 'command not found'}`)
  return 127
}

/** What a file is that the kernel would not run: a script without `#!`, or nothing. */
async function startOtherwise(shell: Shell, name: string, path: string, words: readonly string[], error: unknown): Promise<number> {
  if (isErrno(error, 'ENOEXEC') && !looksBinary(shell.files.readFile(path))) {
    const child = await retryFork(shell, () => shell.process.fork((process) => shell.hooks.interpretFile(process, path, words.slice(1))))
    const status = await child.wait()
    return (shell.status = exitCodeOf(status))
  }
  const failure = startFailure(shell, name, path, error)
  await shell.error(shell.posixShell && failure.status === 127 ? `${name}: not found` : failure.message)
  return (shell.status = failure.status)
}

/** Becomes the program: for the last command of a subshell, and for `exec`. */
export async function replaceProcess(shell: Shell, name: string, path: string, words: readonly string[], env: ReadonlyMap<string, string>): Promise<number> {
  try {
    throw new ExitShell(await shell.process.exec(path, words, env), true)
  } catch (error) {
    if (error instanceof ExitShell || !isErrno(error)) throw error
    return startOtherwise(shell, name, path, words, error)
  }
}
