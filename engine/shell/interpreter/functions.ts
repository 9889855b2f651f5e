/** Defining and calling functions. */
import type { Function as FunctionNode } from 'unbash'
import { runTrap } from '#engine/shell/interpreter/trap-run'
import { specialBuiltins } from '#engine/shell/builtins/names'
import { ReturnFunction } from '#engine/shell/state/signals'
import { type FunctionDefinition, maxFunctionDepth, type Shell } from '#engine/shell/state/shell'
import { DiscardLine } from '#engine/shell/state/signals'
import { SourceText } from '#engine/shell/syntax/source'
import { printFunction } from '#engine/shell/syntax/printer'

export async function defineFunction(shell: Shell, node: FunctionNode): Promise<number> {
  const name = node.name.text
  if (shell.source) shell.line = shell.source.lineAt(node.pos)
  if (/[$'"`\\]/.test(name) || (shell.posixShell && specialBuiltins.has(name))) {
    await shell.error(`\`${name}': not a valid identifier`)
    return (shell.status = 1)
  }
  if (shell.readonlyFunctions.has(name)) {
    await shell.error(`${name}: readonly function`)
    return (shell.status = 1)
  }
  const source = shell.source ?? new SourceText('', 1)
  const current = shell.frames[shell.frames.length - 1]
  const file = current?.file ?? shell.scriptFile ?? (shell.origin === 'command' ? 'environment' : 'main')
  const text = printFunction(name, node.body, source.text)
  shell.functions.set(name, { name, body: node.body, source, file, line: source.lineAt(node.pos), text })
  return (shell.status = 0)
}

export async function callFunction(shell: Shell, definition: FunctionDefinition, words: readonly string[]): Promise<number> {
  const limit = Number(shell.vars.find('FUNCNEST')?.scalar() ?? 0) || maxFunctionDepth
  if (shell.frames.length >= limit) {
    await shell.error(`${definition.name}: maximum function nesting level exceeded (${limit})`)
    throw new DiscardLine(1)
  }
  const { positional, source, line, loopDepth, nesting } = shell
  shell.frames.push({ name: definition.name, file: definition.file, callLine: line, arguments: words.slice(1), kind: 'function' })
  shell.positional = words.slice(1)
  shell.source = definition.source
  shell.line = definition.line
  shell.loopDepth = 0
  shell.nesting = 0
  shell.vars.push()
  const hidden = hideReturnTrap(shell, definition.name)
  const { getopts } = shell
  try {
    await shell.hooks.node(shell, definition.body)
    return shell.status
  } catch (error) {
    if (error instanceof ReturnFunction) return (shell.status = error.status)
    throw error
  } finally {
    const trap = shell.traps.get('RETURN')
    if (trap) await runTrap(shell, trap)
    else if (hidden !== undefined) shell.traps.set('RETURN', hidden)
    if (shell.vars.findLocal('OPTIND')) shell.getopts = getopts
    shell.vars.pop()
    const ended = shell.frames.pop()
    if (ended?.options) shell.options.takeSet(ended.options)
    shell.positional = positional
    shell.source = source
    shell.line = line
    shell.loopDepth = loopDepth
    shell.nesting = nesting
  }
}

/** A function inherits the RETURN trap only where it is traced; one that it sets itself stays. */
function hideReturnTrap(shell: Shell, name: string): string | undefined {
  const action = shell.traps.get('RETURN')
  if (action === undefined || shell.options.on('functrace') || shell.tracedFunctions.has(name)) return undefined
  shell.traps.set('RETURN', undefined)
  return action
}
