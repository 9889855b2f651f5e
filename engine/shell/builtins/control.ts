/** break, continue, return, exit, eval, source, exec, command, builtin, and the commands that do nothing. */
import { isErrno } from '#engine/linux/abi/errno'
import { decodeLossless } from '#engine/base/lossless'
import { builtin, type BuiltinCall, parseOptions, usageError, usageOf, write } from '#engine/shell/builtins/builtin'
import { describeCommand } from '#engine/shell/builtins/type'
import { environment, replaceProcess } from '#engine/shell/interpreter/execute'
import { findExecutable, looksBinary, searchPath, standardPath } from '#engine/shell/interpreter/lookup'
import { readScriptFile } from '#engine/shell/interpreter/script-file'
import type { Shell } from '#engine/shell/state/shell'
import { BreakLoop, BuiltinError, DiscardLine, ExitShell, ReturnFunction } from '#engine/shell/state/signals'

function leaveLoop(call: BuiltinCall, again: boolean): number {
  const [count = '1', extra] = call.args
  if (call.shell.loopDepth === 0) throw new BuiltinError("only meaningful in a `for', `while', or `until' loop", 0)
  if (!/^[+-]?\d+$/.test(count)) {
    throw new NumericArgument(count)
  }
  if (extra !== undefined) throw new TooMany()
  if (Number(count) <= 0) {
    call.shell.status = 1
    throw new OutOfRange(count, again)
  }
  call.shell.status = 0
  throw new BreakLoop(Math.min(Number(count), call.shell.loopDepth), again)
}

/** Drops all that is left of the outermost text. */
class TooMany {}

class NumericArgument {
  constructor(readonly text: string) {}
}

class OutOfRange {
  constructor(
    readonly text: string,
    readonly again: boolean,
  ) {}
}

const loopBuiltin = (again: boolean): ReturnType<typeof builtin> =>
  builtin(async (call) => {
    try {
      return leaveLoop(call, again)
    } catch (error) {
      if (error instanceof NumericArgument) {
        await call.shell.error(`${call.name}: ${error.text}: numeric argument required`)
        throw new ExitShell(128)
      }
      if (error instanceof OutOfRange) {
        await call.shell.error(`${call.name}: ${error.text}: loop count out of range`)
        call.shell.status = 1
        throw new BreakLoop(call.shell.loopDepth, false)
      }
      if (error instanceof TooMany) return tooMany(call)
      throw error
    }
  })

export async function tooMany(call: BuiltinCall): Promise<never> {
  await call.shell.error(`${call.name}: too many arguments`)
  throw new DiscardLine(1, true)
}

export const breakBuiltin = loopBuiltin(false)
export const continueBuiltin = loopBuiltin(true)

/** The status argument of exit, return and logout; undefined for the current one. */
async function statusArgument(call: BuiltinCall): Promise<number> {
  const args = call.args[0] === '--' ? call.args.slice(1) : call.args
  const [text] = args
  if (text === undefined) return call.shell.status
  if (!/^\s*[+-]?\d+\s*$/.test(text)) {
    await call.shell.error(`${call.name}: ${text}: numeric argument required`)
    return -1
  }
  return Number(text) & 255
}

export const exitBuiltin = builtin(async (call) => {
  const { shell } = call
  const status = await statusArgument(call)
  if (status < 0) throw new ExitShell(2)
  if (call.args.length > 1) await tooMany(call)
  const leaving = shell.interactive && shell.subshellLevel === 0
  if (leaving) await shell.complain(shell.login ? 'logout' : 'exit')
  if (leaving && !shell.exitWarned && shell.jobs.all().some((job) => job.stopped !== undefined)) {
    shell.exitWarned = true
    await shell.complain('There are stopped jobs.')
    return 1
  }
  throw new ExitShell(status)
})

export const logoutBuiltin = builtin(async (call) => {
  if (!call.shell.login) throw new BuiltinError("not login shell: use `exit'")
  const status = await statusArgument(call)
  throw new ExitShell(status < 0 ? 2 : status)
})

export const returnBuiltin = builtin(async (call) => {
  const atTop = call.shell.frames.length === 0
  if (atTop && !call.shell.posixShell) throw new BuiltinError("can only `return' from a function or sourced script", 2)
  if (call.args.length > 1) await tooMany(call)
  const status = await statusArgument(call)
  if (atTop) throw new ExitShell(status < 0 ? 2 : status)
  throw new ReturnFunction(status < 0 ? 2 : status)
})

export const colon = builtin(() => 0)
export const trueBuiltin = builtin(() => 0)
export const falseBuiltin = builtin(() => 1)

export const evalBuiltin = builtin(async (call) => {
  const { rest } = parseOptions(call, '')
  if (rest.join(' ').trim() === '') return 0
  return call.shell.hooks.runText(call.shell, rest.join(' '), 'eval')
})

export const sourceBuiltin = builtin(async (call) => {
  const { shell } = call
  const { rest } = parseOptions(call, '')
  const [name, ...args] = rest
  if (name === undefined) throw usageError(call.name, 'filename argument required')
  const path = name.includes('/') ? name : (searchPathForSource(call, name) ?? name)
  const text = await readSource(call, name, path)
  const { positional, loopDepth } = shell
  if (args.length > 0) shell.positional = args
  shell.loopDepth = 0
  try {
    return await shell.hooks.runText(shell, text, 'source', { file: name })
  } finally {
    if (args.length > 0) shell.positional = positional
    shell.loopDepth = loopDepth
  }
})

function searchPathForSource(call: BuiltinCall, name: string): string | undefined {
  for (const directory of (call.shell.vars.find('PATH')?.scalar() ?? '').split(':')) {
    const candidate = `${directory || '.'}/${name}`
    if (call.shell.files.exists(candidate)?.type === 'file') return candidate
  }
  return undefined
}

async function readSource(call: BuiltinCall, name: string, path: string): Promise<string> {
  try {
    const bytes = await readScriptFile(call.shell, path)
    if (looksBinary(bytes)) throw new BuiltinError(`${name}: cannot execute binary file`, 126)
    return decodeLossless(bytes)
  } catch (error) {
    if (!isErrno(error)) throw error
    const message = error.code === 'EISDIR' ? 'is a directory' : error.message
    if (call.shell.posixShell) throw new BuiltinError(`cannot open ${name}: ${error.code === 'ENOENT' ? 'No such file' : error.message}`, 2)
    throw new PlainError(`${error.code === 'EISDIR' ? `${call.name}: ` : ''}${name}: ${message}`)
  }
}

/** A complaint that does not begin with the builtin's name. */
export class PlainError extends BuiltinError {}

export const execBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'cla:')
  const name = rest[0]
  if (name === undefined) return 0
  const path = findExecutable(shell, name)
  if (path === undefined || (name.includes('/') && shell.files.exists(path) === undefined)) {
    await shell.error(path === undefined ? `exec: ${name}: not found` : `${name}: No such file or directory`)
    if (shell.interactive || shell.options.shopt.get('execfail')) return 127
    throw new ExitShell(127)
  }
  const status = await replaceProcess(shell, name, path, [shownName(name, flags), ...rest.slice(1)], flags.has('c') ? new Map() : environment(shell, [], path))
  if (status === 126) await tellAgain(shell, path, name)
  if (shell.interactive || shell.options.shopt.get('execfail')) return status
  throw new ExitShell(status)
})

/** `-a NAME`, and the dash of `-l`. */
function shownName(name: string, flags: ReadonlyMap<string, string | true>): string {
  const given = flags.get('a')
  return `${flags.has('l') ? '-' : ''}${typeof given === 'string' ? given : name}`
}

/** After why a file cannot be run, exec says so in its own name. */
async function tellAgain(shell: Shell, path: string, name: string): Promise<void> {
  const type = shell.files.exists(path)?.type
  if (type === undefined || shell.posixShell) return
  if (type === 'file' && shell.files.access(path, { execute: true })) return shell.error(`${name}: Success`)
  await shell.error(`exec: ${name}: cannot execute: ${type === 'directory' ? 'Is a directory' : 'Permission denied'}`)
}

export const commandBuiltin = builtin(async (call) => {
  const { flags, rest } = parseOptions(call, 'pvV')
  const { shell } = call
  if (rest.length === 0) return 0
  if (!flags.has('v') && !flags.has('V')) return shell.hooks.runWords(shell, rest, { skipFunctions: true, ...(flags.has('p') ? { standardPath: true } : {}) })
  let found = false
  for (const name of rest) {
    const lines = flags.has('v') ? commandV(call, name) : describeCommand(shell, name, { all: false })
    if (lines.length > 0) {
      found = true
      await write(call, lines.map((line) => `${line}\n`).join(''))
    } else if (flags.has('V')) await shell.error(`command: ${name}: not found`)
  }
  return found ? 0 : 1
})

function commandV(call: BuiltinCall, name: string): string[] {
  const { shell } = call
  const alias = shell.aliases.get(name)
  if (alias !== undefined && shell.options.shopt.get('expand_aliases')) return [`alias ${name}='${alias.replace(/'/g, "'\\''")}'`]
  if (describeCommand(shell, name, { all: false, kind: true }).some((kind) => kind !== 'file' && kind !== 'alias')) return [name]
  if (name.includes('/')) return shell.files.exists(name) && shell.files.access(name, { execute: true }) ? [name] : []
  const found = searchPath(shell, name)[0]
  return found === undefined ? [] : [found]
}

export const builtinBuiltin = builtin(async (call) => {
  const { rest } = parseOptions(call, '')
  const name = rest[0]
  if (name === undefined) return 0
  if (describeCommand(call.shell, name, { all: true, kind: true }).includes('builtin')) return call.shell.hooks.runWords(call.shell, rest, { builtinOnly: true })
  throw new BuiltinError(`${name}: not a shell builtin`)
})

export { DiscardLine, standardPath, usageOf }
