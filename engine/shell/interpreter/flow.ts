/** The end of a chunk of work: which jumps stop where, what a subshell leaves with, and which errors are printed. */
import { ArithmeticFailure } from '#engine/shell/arithmetic/evaluate'
import { TooManyWords } from '#engine/shell/expand/braces'
import { RedirectError } from '#engine/shell/interpreter/redirect'
import { runExitTrap } from '#engine/shell/interpreter/trap-run'
import { BreakLoop, DiscardLine, ExitShell, ExpansionError, OutermostError, ReturnFunction } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'
import { UnterminatedError } from '#engine/shell/syntax/scanner'

/** Runs a whole line: an error in its expansions drops what is left of it. */
export async function guardLine(shell: Shell, run: () => Promise<number>): Promise<number> {
  try {
    return await guardExpansion(shell, run)
  } catch (error) {
    if (!(error instanceof DiscardLine)) throw error
    if (error.outermost && shell.origin === 'command') throw new ExitShell(error.status)
    return (shell.status = error.status)
  } finally {
    releaseAfterCommand(shell)
  }
}

/** `from`: what was there before the command began stays. */
export function releaseAfterCommand(shell: Shell, from = 0): void {
  if (shell.afterCommand.length > from) for (const undo of shell.afterCommand.splice(from)) undo()
}

/** A line of text that a builtin runs: what is left of the text goes on after it, but not in a subshell. */
export async function guardInnerLine(shell: Shell, run: () => Promise<number>): Promise<number> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof DiscardLine) || error.outermost || error.status !== 1 || shell.subshellLevel > 0) throw error
    shell.pipeStatus = [1]
    return (shell.status = 1)
  }
}

/** Runs work whose expansion errors have to be written here. */
export async function guardExpansion<T>(shell: Shell, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    const known = asExpansionError(error)
    if (!known) throw error
    await shell.error(shell.posixShell ? inDash(known.message) : known.message)
    if (shell.posixShell && !shell.interactive) throw new ExitShell(2)
    shell.status = known.status
    if (known.fatal && !shell.interactive) throw new ExitShell(fatalStatus(shell))
    throw new DiscardLine(known.status, known instanceof OutermostError)
  }
}

/** `bash -c` ends with 127, everything else with 1. */
function fatalStatus(shell: Shell): number {
  return shell.origin === 'command' && shell.subshellLevel === 0 && !shell.options.on('errexit') ? 127 : 1
}

/** dash's words for what bash says otherwise; it leaves a script with 2. */
function inDash(message: string): string {
  const arithmetic = /^(.*): division by 0 \(error token is .*\)$/s.exec(message)
  if (arithmetic) return `arithmetic expression: division by zero: "${arithmetic[1] as string}"`
  const syntax = /^(.*): (?:syntax error.*|.*) \(error token is .*\)$/s.exec(message)
  if (syntax) return `arithmetic expression: expecting primary: "${syntax[1] as string}"`
  if (/bad substitution$/.test(message)) return 'Bad substitution'
  return message.replace(/: unbound variable$/, ': parameter not set').replace(/^(\w+): readonly variable$/, '$1: is read only')
}

function asExpansionError(error: unknown): ExpansionError | undefined {
  if (error instanceof ExpansionError) return error
  if (error instanceof ArithmeticFailure || error instanceof TooManyWords) return new ExpansionError(error.message)
  if (error instanceof UnterminatedError) return new ExpansionError(`bad substitution: no closing \`${error.looking}'`)
  if (error instanceof RangeError && /string length/i.test(error.message)) return new ExpansionError('xrealloc: cannot allocate memory', true)
  if (error instanceof RangeError && /call stack/i.test(error.message)) return new ExpansionError('maximum nesting level exceeded')
  if (error instanceof SyntaxError && /regular expression/i.test(error.message)) return new ExpansionError('invalid pattern')
  return undefined
}

/** The body of a forked child: jumps end it, its EXIT trap runs, its status is the result. */
export async function subshellBody(shell: Shell, run: () => Promise<number>): Promise<number> {
  let status: number
  let replaced = false
  try {
    status = await guardExpansion(shell, run)
  } catch (error) {
    status = leaveStatus(shell, error)
    replaced = error instanceof ExitShell && error.replaced
  }
  if (replaced) return status & 255
  shell.status = status
  return (await runExitTrap(shell)) & 255
}

/** The status a jump out of everything ends with; other errors pass. */
export function leaveStatus(shell: Shell, error: unknown): number {
  if (error instanceof ExitShell || error instanceof ReturnFunction || error instanceof DiscardLine) return error.status
  if (error instanceof BreakLoop) return shell.status
  throw error
}

export async function reportRedirect(shell: Shell, error: unknown): Promise<number> {
  if (!(error instanceof RedirectError)) throw error
  if (!error.told) await shell.error(error.message)
  return shell.posixShell && !shell.ash ? 2 : 1
}
