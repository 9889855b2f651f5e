/** Simple commands: words and assignments expanded, redirected, then a function, a builtin or a program. */
import type { Assignment, Command, Redirection } from 'unbash'
import { declarationBuiltins, specialBuiltins } from '#engine/shell/builtins/names'
import { builtins } from '#engine/shell/builtins/table'
import { runBuiltin } from '#engine/shell/interpreter/builtin-run'
import { guardExpansion, reportRedirect } from '#engine/shell/interpreter/flow'
import { doAssignment, prepareAssignment, type PreparedAssignment } from '#engine/shell/interpreter/assignment'
import { runExternal } from '#engine/shell/interpreter/execute'
import type { ExpandedCommand } from '#engine/shell/interpreter/expanded'
import { glued } from '#engine/shell/interpreter/glued'
import { findExecutable, standardPath } from '#engine/shell/interpreter/lookup'
import { forkShell, giveTerminal, monitoring, waitForeground } from '#engine/shell/interpreter/processes'
import { redirect, type Undo } from '#engine/shell/interpreter/redirect'
import { traceAssignment, traceDeclared } from '#engine/shell/interpreter/trace'
import { runDebugTrap } from '#engine/shell/interpreter/trap-run'
import type { Shell } from '#engine/shell/state/shell'
import { Variable } from '#engine/shell/state/variables'
import { printNode } from '#engine/shell/syntax/printer'

export async function runSimple(shell: Shell, node: Command): Promise<number> {
  await shell.tick()
  if (shell.source) shell.line = shell.source.lineAt(linePosition(node))
  const mayExec = shell.mayExec
  shell.mayExec = false
  shell.setCommand(printNode(node, shell.source?.text ?? ''))
  await runDebugTrap(shell)
  shell.lastSubstitutionStatus = undefined
  const prefixes = node.prefix.filter((entry): entry is Assignment => entry.type === 'Assignment')
  const expanded = await guardExpansion(shell, () => expandCommand(shell, node))
  if (expanded.words.length === 0) return runBare(shell, prefixes, node.redirects)
  const prepared = await guardExpansion(shell, () => preparePrefixes(shell, prefixes))
  await traceCommand(shell, prepared, expanded)
  return dispatch(shell, expanded, prepared, node.redirects, mayExec)
}

/** Each sees the values of those before it, as `a=1 b=$a command`. */
async function preparePrefixes(shell: Shell, prefixes: readonly Assignment[]): Promise<PreparedAssignment[]> {
  const out: PreparedAssignment[] = []
  if (prefixes.length > 1) shell.vars.push(true)
  try {
    for (const prefix of prefixes) {
      const prepared = await prepareAssignment(shell, prefix)
      if (prefixes.length > 1 && typeof prepared.value === 'string' && prepared.index === undefined) shell.vars.put(prepared.name, new Variable(prefixValue(shell, prepared)))
      out.push(prepared)
    }
  } finally {
    if (prefixes.length > 1) shell.vars.pop()
  }
  return out
}

function prefixValue(shell: Shell, { name, append, value }: PreparedAssignment): string {
  return append ? `${shell.vars.find(name)?.scalar() ?? ''}${String(value)}` : String(value)
}

/** bash reads one word ahead to tell a command from a function's definition: the line is that of the second word's end. */
function linePosition(node: Command): number {
  if (node.prefix.length > 0) return node.pos
  const seconds = [node.suffix[0], node.redirects[0]].filter((entry) => entry !== undefined).sort((a, b) => a.pos - b.pos)
  return seconds[0]?.end ?? node.pos
}

async function traceCommand(shell: Shell, prepared: readonly PreparedAssignment[], expanded: ExpandedCommand): Promise<void> {
  if (!shell.options.on('xtrace')) return
  for (const one of prepared) await traceAssignment(shell, one)
  await traceDeclared(shell, expanded.words, expanded.assignments)
  if (expanded.words[0] !== 'export' && expanded.words[0] !== 'readonly') return
  for (const one of expanded.assignments.values()) if (typeof one.value === 'string') await traceAssignment(shell, one)
}

async function expandCommand(shell: Shell, node: Command): Promise<ExpandedCommand> {
  const words: string[] = []
  const assignments = new Map<number, PreparedAssignment>()
  for (const entry of glued(node.name ? [node.name, ...node.suffix] : node.suffix)) {
    if (entry.type === 'Word') words.push(...(await shell.hooks.words.fields(shell, [entry])))
    else if (entry.type === 'Assignment') await addArgument(shell, entry, isDeclaration(node, words), words, assignments)
  }
  return { words, assignments }
}

function isDeclaration(node: Command, words: readonly string[]): boolean {
  if (declarationBuiltins.has(words[0] ?? '')) return true
  return (words[0] === 'builtin' || words[0] === 'command') && node.suffix.some((entry) => entry.type === 'Word' && declarationBuiltins.has(entry.text))
}

async function addArgument(shell: Shell, entry: Assignment, declares: boolean, words: string[], assignments: Map<number, PreparedAssignment>): Promise<void> {
  if (!declares) {
    words.push(...(await shell.hooks.words.fields(shell, [entry.text])))
    return
  }
  const prepared = await prepareAssignment(shell, entry)
  assignments.set(words.length, prepared)
  const index = prepared.index === undefined ? '' : `[${prepared.index}]`
  words.push(`${prepared.name}${index}${prepared.append ? '+' : ''}=${typeof prepared.value === 'string' ? prepared.value : '()'}`)
}

/** Only assignments and redirections. */
async function runBare(shell: Shell, prefixes: readonly Assignment[], redirects: readonly Redirection[]): Promise<number> {
  if (redirects.length > 0) {
    try {
      ;(await guardExpansion(shell, () => redirect(shell, redirects)))()
    } catch (error) {
      return (shell.status = await reportRedirect(shell, error))
    }
  }
  await guardExpansion(shell, async () => {
    for (const prefix of prefixes) {
      const prepared = await prepareAssignment(shell, prefix)
      await traceAssignment(shell, prepared)
      await doAssignment(shell, prepared)
    }
  })
  shell.lastArgument = ''
  shell.pipeStatus = [shell.lastSubstitutionStatus ?? 0]
  return (shell.status = shell.lastSubstitutionStatus ?? 0)
}

export interface DispatchOptions {
  readonly skipFunctions?: boolean
  readonly standardPath?: boolean
  readonly builtinOnly?: boolean
}

/** Runs expanded words as a function, a builtin or a program. */
export async function dispatch(shell: Shell, command: ExpandedCommand, prefixes: readonly PreparedAssignment[], redirects: readonly Redirection[], mayExec: boolean, options: DispatchOptions = {}): Promise<number> {
  const inside = insideCommand(shell, command, prefixes, options)
  const path = options.standardPath ? { path: standardPath } : {}
  if (!inside && redirects.length > 0 && !mayExec) return runRedirected(shell, command, prefixes, redirects, path)
  const name = command.words[0] as string
  let undo: Undo = () => undefined
  try {
    const permanent = name === 'exec' && !shell.functions.has(name)
    undo = await guardExpansion(shell, () => redirect(shell, redirects, permanent))
  } catch (error) {
    return (shell.status = await reportRedirect(shell, error))
  }
  try {
    return await (inside ? inside() : runExternal(shell, command.words, prefixes, { mayExec, undo: () => undo(), ...path }))
  } finally {
    undo()
    shell.lastArgument = command.words[command.words.length - 1] as string
  }
}

/** How a function or a builtin of that name runs; undefined for programs. */
function insideCommand(shell: Shell, command: ExpandedCommand, prefixes: readonly PreparedAssignment[], options: DispatchOptions): (() => Promise<number>) | undefined {
  const name = command.words[0] as string
  const definition = options.skipFunctions || options.builtinOnly ? undefined : shell.functions.get(name)
  if (definition) return () => withTemporary(shell, prefixes, false, () => shell.hooks.callFunction(shell, definition, command.words))
  const builtin = shell.disabledBuiltins.has(name) ? undefined : builtins.get(name)
  if (!builtin || isForeign(shell, name)) return undefined
  return () => withTemporary(shell, prefixes, specialBuiltins.has(name) && shell.posixShell, () => runBuiltin(shell, builtin, command))
}

/** A program's redirections are done in its own process: what they open is the child's, and what goes wrong ends the child. */
async function runRedirected(shell: Shell, command: ExpandedCommand, prefixes: readonly PreparedAssignment[], redirects: readonly Redirection[], path: { readonly path?: string }): Promise<number> {
  const name = command.words[0] as string
  const found = name === '' ? undefined : findExecutable(shell, name, path.path)
  const child = await forkShell(shell, async (copy) => {
    copy.subshellLevel--
    try {
      await guardExpansion(copy, () => redirect(copy, redirects, true))
    } catch (error) {
      return reportRedirect(copy, error)
    }
    return runExternal(copy, command.words, prefixes, { mayExec: true, undo: () => undefined, found, ...path })
  }, monitoring(shell) ? { processGroup: 'new' } : {})
  giveTerminal(shell, child.pid)
  const statuses = await waitForeground(shell, [{ pid: child.pid, child, status: undefined }], shell.commandText, child.pid)
  shell.status = statuses === 'stopped' ? 148 : (statuses[0] as number)
  shell.pipeStatus = [shell.status]
  shell.lastArgument = command.words[command.words.length - 1] as string
  return shell.status
}

/** A builtin of bash's that the running shell does not have. */
function isForeign(shell: Shell, name: string): boolean {
  return shell.posixShell && bashOnly.has(name) && !(shell.ash && inAshToo.has(name))
}

const inAshToo = new Set(['source', 'let', 'history', 'help'])
const bashOnly = new Set(['source', 'shopt', 'declare', 'typeset', 'let', 'mapfile', 'readarray', 'pushd', 'popd', 'dirs', 'history', 'help', 'logout', 'complete', 'compgen', 'compopt', 'caller', 'enable', 'builtin', 'disown', 'suspend', 'bind'])

/** `NAME=value command`: the assignments last as long as the command. */
async function withTemporary(shell: Shell, prefixes: readonly PreparedAssignment[], keep: boolean, run: () => Promise<number>): Promise<number> {
  if (prefixes.length === 0) return run()
  if (keep) {
    await guardExpansion(shell, async () => {
      for (const prefix of prefixes) await doAssignment(shell, prefix)
    })
    return run()
  }
  await guardExpansion(shell, () => checkReadonly(shell, prefixes))
  shell.vars.push(true)
  try {
    for (const prefix of prefixes) {
      if (shell.vars.find(prefix.name)?.readonly) continue
      const variable = new Variable(prefixValue(shell, prefix))
      variable.exported = true
      shell.vars.put(prefix.name, variable)
    }
    return await run()
  } finally {
    shell.vars.pop()
  }
}

async function checkReadonly(shell: Shell, prefixes: readonly PreparedAssignment[]): Promise<void> {
  for (const prefix of prefixes) if (shell.vars.find(prefix.name)?.readonly) await shell.error(`${prefix.name}: readonly variable`)
}

/** For `command`, `builtin` and others that run words. */
export async function runWords(shell: Shell, words: readonly string[], options: DispatchOptions = {}): Promise<number> {
  return dispatch(shell, { words: [...words], assignments: new Map() }, [], [], false, options)
}
