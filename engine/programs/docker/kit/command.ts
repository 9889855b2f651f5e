/** Commands of the client: their arguments, usage and help in the words of docker's CLI. */
import type { Command, Invocation, ResolvedCommand } from '#engine/programs/common/cobra/command'
import { allFlags, children, inheritedFlags } from '#engine/programs/common/cobra/command'
import { type Flag, Flags } from '#engine/programs/common/cobra/flags'
import { cobraFlagUsages } from '#engine/programs/common/cobra/help'
import { Api, DockerFailure } from './api'

export interface Context extends Invocation { readonly api: Api }
type Run = (context: Context) => Promise<number>

export interface Leaf {
  /** `run [OPTIONS] IMAGE [COMMAND] [ARG...]`. */
  readonly use: string
  readonly short: string
  readonly flags?: readonly Flag[]
  readonly args: Count
  readonly aliases?: readonly string[]
  readonly stopAtOperand?: boolean
  /** All ways to say it, for help. */
  readonly ways?: readonly string[]
  readonly run: Run
}

/** How many arguments: exactly, at least, from and to. */
export type Count = { readonly exactly: number } | { readonly atLeast: number } | { readonly atMost: number } | { readonly from: number; readonly to: number }

export function leaf({ use, short, flags = [], args, aliases, stopAtOperand, ways, run }: Leaf): Command {
  return {
    use, short, flags, ...(aliases ? { aliases } : {}), ...(stopAtOperand ? { interspersed: false } : {}), ...(ways ? { example: ways.join(', ') } : {}),
    args: (given, path) => complaint(args, given.length, path),
    run: (invocation) => run({ ...invocation, api: new Api(invocation.process, hostOf(invocation.flags)) }),
  }
}

function hostOf(flags: Flags): string {
  return flags.has('host') ? (flags.list('host').at(-1) ?? '') : ''
}

/** Commands below a noun: `docker image`. */
export function group(use: string, short: string, commands: readonly Command[], aliases?: readonly string[]): Command {
  const run: Command['run'] = async ({ process, command }) => (await process.stdout.write(helpText(command)), 0)
  return { use, short, commands, ...(aliases ? { aliases } : {}), args: (given) => (given.length === 0 ? undefined : `unknown ${given[0] ?? ''}`), run }
}

function complaint(count: Count, given: number, path: string): string | undefined {
  const plural = (n: number): string => `${n} argument${n === 1 ? '' : 's'}`
  if ('exactly' in count) return given === count.exactly ? undefined : count.exactly === 0 ? `'${path}' accepts no arguments` : `'${path}' requires ${plural(count.exactly)}`
  if ('atLeast' in count) return given >= count.atLeast ? undefined : `'${path}' requires at least ${plural(count.atLeast)}`
  if ('atMost' in count) return given <= count.atMost ? undefined : `'${path}' requires at most ${plural(count.atMost)}`
  return given >= count.from && given <= count.to ? undefined : `'${path}' requires at least ${count.from} and at most ${plural(count.to)}`
}

export function usageLine(command: ResolvedCommand): string {
  return `${command.path}${command.spec.use.slice(command.name.length)}`
}

/** What is said of wrong arguments. */
export function argumentsText(command: ResolvedCommand, message: string): string {
  const advice = message.includes('requires at least') && !message.includes(' and at most ') ? 'See' : 'Run'
  return `docker: ${message}\n\nUsage:  ${usageLine(command)}\n\n${advice} '${command.path} --help' for more information\n`
}

export function flagText(command: ResolvedCommand, message: string): string {
  return `${message}\n\nUsage:  ${usageLine(command)}\n\nRun '${command.path} --help' for more information\n`
}

export function unknownText(command: ResolvedCommand, word: string): string {
  const usage = command.parent ? `Usage:  ${usageLine(command)}\n\n` : ''
  return `docker: unknown command: ${command.path} ${word}\n\n${usage}Run '${command.path} --help' for more information\n`
}

export function helpText(command: ResolvedCommand): string {
  const subcommands = children(command).filter((child) => !child.spec.hidden)
  if (subcommands.length > 0) return groupHelp(command, subcommands)
  const own = allFlags(command).all().filter((flag) => flag.name !== 'help' && !inheritedFlags(command).some((other) => other.name === flag.name))
  const aliases = command.spec.example === undefined ? '' : `\n\nAliases:\n  ${command.spec.example}`
  const options = own.length === 0 ? '' : `\n\nOptions:\n${cobraFlagUsages(own).trimEnd()}`
  return `Usage:  ${usageLine(command)}\n\n${command.spec.short}${aliases}${options}\n`
}

const common = ['run', 'exec', 'ps', 'build', 'pull', 'push', 'images', 'login', 'logout', 'version', 'info']

function groupHelp(command: ResolvedCommand, subcommands: readonly ResolvedCommand[]): string {
  const width = Math.max(11, ...subcommands.map((child) => child.name.length))
  const lines = (list: readonly ResolvedCommand[]): string => list.map((child) => `  ${child.name.padEnd(width)} ${child.spec.short}\n`).join('')
  const sorted = [...subcommands].sort((a, b) => (a.name < b.name ? -1 : 1))
  const advice = `Run '${command.path} COMMAND --help' for more information on a command.\n`
  if (command.parent) return `Usage:  ${command.path} COMMAND\n\n${command.spec.short}\n\nCommands:\n${lines(sorted)}\n${advice}`
  const named = common.flatMap((name) => sorted.filter((child) => child.name === name))
  const nouns = sorted.filter((child) => child.spec.commands)
  const others = sorted.filter((child) => !child.spec.commands && !common.includes(child.name))
  const globals = cobraFlagUsages(new Flags(command.spec.persistentFlags ?? []).all())
  return `Usage:  docker [OPTIONS] COMMAND\n\n${command.spec.short}\n\nCommon Commands:\n${lines(named)}\nManagement Commands:\n${lines(nouns)}\nCommands:\n${lines(others)}\nGlobal Options:\n${globals}\n${advice}\nFor more help on how to use Docker, head to https://docs.docker.com/go/guides/\n`
}

/** Each operand in turn; what fails is told together at the end. */
export async function each({ process, args }: Context, work: (name: string) => Promise<string | undefined>): Promise<number> {
  const failures: string[] = []
  for (const name of args) {
    try {
      const said = await work(name)
      if (said !== undefined) await process.stdout.write(`${said}\n`)
    } catch (error) {
      if (!(error instanceof DockerFailure)) throw error
      failures.push(error.message)
    }
  }
  if (failures.length > 0) throw new DockerFailure(failures.join('\n'))
  return 0
}
