/** Runs a program that is a tree of commands. */
import type { Process } from '#engine/linux/abi/process'
import { bashCompletionScript } from './bash'
import { type Command, CommandError, findCommand, type Invocation, prepare, type ResolvedCommand, rootCommand } from './command'
import { runComplete } from './complete'
import { cobraHelp, cobraUsage } from './help'

export interface RunOptions {
  /** Default: cobra's own layout. */
  readonly help?: (command: ResolvedCommand) => string
  /** Wrong usage. Default: `Error: MESSAGE` and the usage on standard error, exit 1. */
  readonly onUsageError?: (error: CommandError, process: Process) => Promise<number>
  /** Whatever a command's run throws that is no death of the process. Default: `Error: MESSAGE`, exit 1. */
  readonly onError?: (error: Error, process: Process, command: ResolvedCommand) => Promise<number>
  /** Adds `completion bash` and `help` to the tree; default true. */
  readonly standardCommands?: boolean
  readonly beforeRun?: (invocation: Invocation) => Promise<void>
  readonly silenceUsage?: boolean
  /** Default: those of the process. */
  readonly args?: readonly string[]
}

export async function runCommand(process: Process, spec: Command, options: RunOptions = {}): Promise<number> {
  const root = rootCommand(options.standardCommands === false ? spec : withStandardCommands(spec, options))
  const args = options.args ?? process.argv.slice(1)
  if (args[0] === '__complete' || args[0] === '__completeNoDesc') return await runComplete(process, root, args.slice(1), args[0] === '__complete')
  const found = findCommand(root, args)
  try {
    const prepared = prepare(process, found)
    for (const warning of prepared.invocation.flags.warnings) await process.stderr.write(`${warning}\n`)
    if (prepared.help) {
      await process.stdout.write((options.help ?? cobraHelp)(found.command))
      return 0
    }
    if (prepared.version) {
      await process.stdout.write(`${found.command.name} version ${found.command.spec.version ?? ''}\n`)
      return 0
    }
    await options.beforeRun?.(prepared.invocation)
    return (await found.command.spec.run?.(prepared.invocation)) ?? 0
  } catch (error) {
    if (error instanceof CommandError) return await (options.onUsageError ?? ((wrong, at) => usageError(wrong, at, options)))(error, process)
    if (!(error instanceof Error) || error.name === 'ProcessKilled') throw error
    return await (options.onError ?? plainError)(error, process, found.command)
  }
}

async function usageError(error: CommandError, process: Process, options: RunOptions): Promise<number> {
  await process.stderr.write(`Error: ${error.message}\n`)
  if (error.kind !== 'flag' && error.message.startsWith('unknown command')) await process.stderr.write(`Run '${error.command.path} --help' for usage.\n`)
  else if (!options.silenceUsage) await process.stderr.write(`${cobraUsage(error.command)}\n`)
  return 1
}

async function plainError(error: Error, process: Process): Promise<number> {
  await process.stderr.write(`Error: ${error.message}\n`)
  return 1
}

function withStandardCommands(spec: Command, options: RunOptions): Command {
  const names = new Set((spec.commands ?? []).map((command) => command.use.split(' ')[0]))
  const extra: Command[] = []
  if (!names.has('completion')) extra.push(completionCommand(spec.use.split(' ')[0] as string))
  const out: { commands: Command[] } & Omit<Command, 'commands'> = { ...spec, commands: [...(spec.commands ?? []), ...extra] }
  if (!names.has('help')) out.commands.push(helpCommand(() => out, options))
  return out
}

function completionCommand(program: string): Command {
  return {
    use: 'completion', short: 'Generate the autocompletion script for the specified shell',
    commands: [{
      use: 'bash', short: 'Generate the autocompletion script for bash',
      async run({ process }) {
        await process.stdout.write(bashCompletionScript(program))
        return 0
      },
    }],
  }
}

function helpCommand(root: () => Command, options: RunOptions): Command {
  return {
    use: 'help [command]', short: 'Help about any command',
    async run({ process, args }) {
      const top = rootCommand(root())
      const found = findCommand(top, args)
      if (found.args.length > 0) {
        await process.stderr.write(`Unknown help topic [${args.map((arg) => `\`${arg}\``).join(' ')}]\n`)
        await process.stderr.write(cobraUsage(top))
        return 0
      }
      await process.stdout.write((options.help ?? cobraHelp)(found.command))
      return 0
    },
  }
}
