/** Calls a builtin and words its complaints. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Builtin } from '#engine/shell/builtins/builtin'
import { PlainError } from '#engine/shell/builtins/control'
import { helpText } from '#engine/shell/builtins/help'
import { HelpWanted } from '#engine/shell/builtins/builtin'
import { specialBuiltins } from '#engine/shell/builtins/names'
import { guardExpansion } from '#engine/shell/interpreter/flow'
import type { ExpandedCommand } from '#engine/shell/interpreter/expanded'
import { BuiltinError, ExitShell, OutermostError, VariableError } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'

export async function runBuiltin(shell: Shell, builtin: Builtin, command: ExpandedCommand): Promise<number> {
  const [name, ...args] = command.words as [string, ...string[]]
  const assignments = new Map([...command.assignments].map(([index, one]) => [index - 1, one] as const))
  try {
    shell.status = await guardExpansion(shell, async () => runOnVariables(shell, name, async () => builtin.run({ shell, name, args, assignments })))
  } catch (error) {
    shell.status = await complain(shell, name, error)
    if (shell.posixShell && specialBuiltins.has(name) && error instanceof BuiltinError && !shell.interactive) throw new ExitShell(shell.status)
  }
  shell.pipeStatus = [shell.status]
  return shell.status
}

/** A builtin that may not set its variable says so and fails; the line goes on. */
async function runOnVariables(shell: Shell, name: string, run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof VariableError) || error instanceof OutermostError || shell.posixShell) throw error
    await shell.error(error.message)
    return name === 'getopts' ? 2 : 1
  }
}

async function complain(shell: Shell, name: string, error: unknown): Promise<number> {
  if (error instanceof HelpWanted) {
    await shell.write(1, helpText(name))
    return 2
  }
  if (error instanceof BuiltinError) {
    if (error.message !== '') await shell.error(error instanceof PlainError ? error.message : `${name}: ${error.message}`)
    if (error.usage !== undefined) await shell.complain(`${name}: usage: ${error.usage}`)
    return error.status
  }
  if (isErrno(error, 'EPIPE', 'EBADF', 'EIO', 'ENOSPC', 'EINVAL', 'EACCES', 'EPERM', 'EFBIG', 'EBUSY')) {
    await shell.error(`${name}: write error: ${error.message}`)
    return 1
  }
  throw error
}
