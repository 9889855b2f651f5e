/** kubectl as a program: finds the command, runs it, and words what fails. */
import type { Program } from '#engine/linux/abi/program'
import type { Process } from '#engine/linux/abi/process'
import { children, type Command, type CommandError, commandName, rootCommand, unknownCommand } from '../common/cobra/command'
import { runCommand } from '../common/cobra/run'
import { kubectlHelp } from './help'
import { tryPlugin } from './plugins'
import { gatedRoot } from './gates'
import { root } from './root'
import { describeError, flatten, PlainError, PrintFailure } from './session/errors'
import { withPreferences } from './session/kuberc'
import { pluginCommands } from './verbs/completion/plugins'

export const kubectl: Program = {
  name: 'kubectl',
  unsupported: '--profile; of kustomize: repositories, helm charts, plugins from outside',
  run: runKubectl,
}

async function runKubectl(process: Process): Promise<number> {
  const commands = gatedRoot(process)
  const plugin = await tryPlugin(process, commands)
  if (plugin !== undefined) return plugin
  const tree = showsCommands(process.argv) ? withPlugins(process, commands) : commands
  let args: readonly string[]
  try {
    args = await withPreferences(process, commands)
  } catch (error) {
    if (error instanceof PlainError) return await onError(error, process)
    throw error
  }
  if (args[0]?.startsWith('__complete')) {
    if (args.length === 1) return await fail(process, 'error: requires at least 1 arg(s), only received 0', 1)
    if (args.length > 2 && unknownWord(args.slice(1)) !== undefined) await process.stderr.write('[Debug] Cleared global flags for plugin completion\n')
  }
  const unknown = unknownWord(args)
  if (unknown !== undefined) return await fail(process, `error: ${unknownCommand(rootCommand(suggestible), unknown)}`, 1)
  return await runCommand(process, tree, { help: kubectlHelp, standardCommands: false, args, onUsageError, onError })
}

/** What a mistyped word may have meant. */
const suggestible: Command = { ...root, commands: (root.commands ?? []).filter((command) => commandName(command) !== 'help') }

function showsCommands([, first, ...rest]: readonly string[]): boolean {
  return first === undefined || first === 'help' || first.startsWith('__complete') || [first, ...rest].some((word) => word === '--help' || word === '-h')
}

/** Plugins have a place in help and in completion. */
function withPlugins(process: Process, root: Command): Command {
  const own = root.commands ?? []
  const plugins = pluginCommands(process, new Set(own.map(commandName)))
  return plugins.length === 0 ? root : { ...root, commands: [...own, ...plugins] }
}

/** A first word that is no command, whatever flags follow. */
function unknownWord(args: readonly string[]): string | undefined {
  const [first] = args
  if (first === undefined || first.startsWith('-') || first.startsWith('__complete') || first === 'help') return undefined
  return children(rootCommand(root)).some((child) => child.name === first || child.spec.aliases?.includes(first)) ? undefined : first
}

async function onUsageError(error: CommandError, process: Process): Promise<number> {
  const suffix = error.kind === 'flag' ? `\n${error.command.name === 'options' ? `Run '${error.command.path}' without flags.` : `See '${error.command.path} --help' for usage.`}` : ''
  if (error.kind === 'flag' && error.command.path === 'kubectl diff') return await fail(process, `error: ${error.message}\nSee 'kubectl diff -h' for help and examples`, 2)
  return await fail(process, `error: ${error.message}${suffix}`, 1)
}

async function onError(error: Error, process: Process): Promise<number> {
  for (const failure of flatten([error])) if (failure instanceof PrintFailure) await process.stdout.write(failure.printed)
  const { text, code } = describeError(error)
  return await fail(process, text, code)
}

async function fail(process: Process, text: string, code: number): Promise<number> {
  if (text !== '') await process.stderr.write(text.endsWith('\n') ? text : `${text}\n`)
  return code
}
