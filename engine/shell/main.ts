/** bash as a program: its arguments, its start, its ends. The one place that joins the shell's parts. */
import { decodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { wordHooks } from '#engine/shell/expand/expander'
import { leaveStatus } from '#engine/shell/interpreter/flow'
import { callFunction } from '#engine/shell/interpreter/functions'
import { looksBinary } from '#engine/shell/interpreter/lookup'
import { runInput } from '#engine/shell/interpreter/input-run'
import { runList, runNode } from '#engine/shell/interpreter/run'
import { runWords } from '#engine/shell/interpreter/simple'
import { readScriptFile } from '#engine/shell/interpreter/script-file'
import { processSubstitution, substitute } from '#engine/shell/interpreter/substitution'
import { runScript, runText } from '#engine/shell/interpreter/text-run'
import { runExitTrap, runPendingTraps } from '#engine/shell/interpreter/trap-run'
import { runInteractive } from '#engine/shell/editor/session'
import { initializeVariables } from '#engine/shell/state/startup'
import { type Invocation, parseInvocation } from '#engine/shell/invocation'
import { Shell, type ShellHooks } from '#engine/shell/state/shell'

const hooks: ShellHooks = {
  words: wordHooks,
  node: runNode,
  list: runList,
  substitute,
  processSubstitution,
  runText,
  runWords,
  callFunction,
  interpretFile: (process, path, args) => runBash(process, { ...plainInvocation, operands: [path, ...args] }),
}

const plainInvocation: Invocation = { name: 'bash', operands: [], command: undefined, interactive: false, login: false, readInput: false, posixShell: false, set: [], shopt: [], profile: true, rc: true, rcFile: undefined }

/** `bash`, `sh` (dash's words), `rbash`, `dash`. */
export function shellProgram(name: string, posixShell: boolean): Program {
  return {
    name,
    async run(process) {
      const parsed = parseInvocation(process.argv, posixShell)
      if (typeof parsed === 'object' && 'message' in parsed) {
        await (parsed.status === 0 ? process.stdout : process.stderr).write(parsed.message)
        return parsed.status
      }
      return runBash(process, parsed)
    },
  }
}

export async function runBash(process: Process, invocation: Invocation): Promise<number> {
  const shell = createShell(process, invocation)
  initializeVariables(shell)
  for (const [option, on] of invocation.set) shell.options.put(option, on)
  for (const [option, on] of invocation.shopt) shell.options.shopt.set(option, on)
  if (shell.interactive || invocation.posixShell) shell.options.shopt.set('expand_aliases', true)
  if (shell.interactive) shell.options.put('histexpand', true)
  if (invocation.login) shell.options.shopt.set('login_shell', true)
  return finish(shell, () => body(shell, invocation, scriptOf(invocation)))
}

function createShell(process: Process, invocation: Invocation): Shell {
  const { operands, command } = invocation
  const script = scriptOf(invocation)
  const interactive = invocation.interactive || (command === undefined && script === undefined && atTerminal(process))
  const named = command !== undefined || script !== undefined
  const shell = new Shell(process, hooks, { name: (named ? operands[0] : undefined) ?? invocation.name, positional: named ? operands.slice(1) : operands, interactive, login: invocation.login, posixShell: invocation.posixShell })
  shell.origin = command !== undefined ? 'command' : script !== undefined ? 'script' : interactive ? 'interactive' : 'input'
  shell.executionString = command
  return shell
}

/** The script that is named; with `-c` and `-s` there is none. */
function scriptOf({ command, readInput, operands }: Invocation): string | undefined {
  return command === undefined && !readInput ? operands[0] : undefined
}

function atTerminal(process: Process): boolean {
  return [0, 2].every((fd) => process.descriptors().get(fd)?.kind === 'tty')
}

async function body(shell: Shell, invocation: Invocation, script: string | undefined): Promise<number> {
  if (invocation.login && invocation.profile) await startFiles(shell, ['/etc/profile', ...loginFile(shell)])
  else if (shell.interactive && invocation.rc && !invocation.posixShell) await startFiles(shell, ['/etc/bash.bashrc', invocation.rcFile ?? `${home(shell)}/.bashrc`])
  else if (!shell.interactive && !invocation.posixShell) await startFiles(shell, [shell.vars.find('BASH_ENV')?.scalar() ?? ''])
  if (invocation.command !== undefined) return runCommandString(shell, invocation.command)
  if (script !== undefined) return runFile(shell, script)
  if (shell.interactive) return runInteractive(shell)
  return runInput(shell)
}

async function runCommandString(shell: Shell, command: string): Promise<number> {
  return runScript(shell, command)
}

function home(shell: Shell): string {
  return shell.vars.find('HOME')?.scalar() ?? '/root'
}

function loginFile(shell: Shell): string[] {
  const found = ['.bash_profile', '.bash_login', '.profile'].map((file) => `${home(shell)}/${file}`).find((path) => shell.files.exists(path) !== undefined)
  return found === undefined ? [] : [found]
}

async function startFiles(shell: Shell, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (path === '' || shell.files.exists(path)?.type !== 'file') continue
    await runText(shell, decodeLossless(shell.files.readFile(path)), 'source', { file: path })
  }
  shell.status = 0
}

async function runFile(shell: Shell, path: string): Promise<number> {
  let bytes: Uint8Array
  try {
    if (shell.files.stat(path).type === 'directory') {
      await shell.complain(`${shell.name}: ${path}: Is a directory`)
      return 126
    }
    bytes = await readScriptFile(shell, path)
  } catch (error) {
    if (!isErrno(error)) throw error
    await shell.complain(shell.posixShell ? `sh: 0: cannot open ${path}: ${error.code === 'ENOENT' ? 'No such file' : error.message}` : `${bashName(shell)}: ${path}: ${error.message}`)
    return shell.posixShell ? 2 : error.code === 'ENOENT' ? 127 : 126
  }
  if (looksBinary(bytes)) {
    await shell.complain(`${path}: ${path}: cannot execute binary file`)
    return 126
  }
  shell.scriptFile = path
  return runScript(shell, decodeLossless(bytes))
}

function bashName(shell: Shell): string {
  return shell.process.argv[0] ?? 'bash'
}

/** Runs to the end: exit, the EXIT trap, and what a login shell leaves. */
async function finish(shell: Shell, run: () => Promise<number>): Promise<number> {
  try {
    shell.status = await run()
  } catch (error) {
    shell.status = leaveStatus(shell, error)
  }
  try {
    await runPendingTraps(shell)
    return (await runExitTrap(shell)) & 255
  } catch (error) {
    return leaveStatus(shell, error) & 255
  }
}
