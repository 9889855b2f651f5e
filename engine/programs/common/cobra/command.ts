/** A tree of commands and how one of them is found and run. */
import type { Process } from '#engine/linux/abi/process'
import { bareValue, type Flag, FlagError, Flags } from './flags'

export interface Invocation {
  readonly process: Process
  readonly command: ResolvedCommand
  readonly args: readonly string[]
  readonly flags: Flags
  /** How many arguments stood before `--`; -1 without it. */
  readonly argsBeforeDash: number
}

export interface Completion {
  /** Each may carry a description after a tab. */
  readonly candidates: readonly string[]
  /** Default: no file names. */
  readonly files?: boolean
  /** The candidates are endings of file names. */
  readonly extensions?: boolean
  readonly noSpace?: boolean
}

export interface Command {
  /** `get [flags] TYPE`: the first word is the name. */
  readonly use: string
  readonly aliases?: readonly string[]
  readonly suggestFor?: readonly string[]
  readonly short: string
  readonly long?: string
  readonly example?: string
  readonly flags?: readonly Flag[]
  readonly persistentFlags?: readonly Flag[]
  readonly commands?: readonly Command[]
  readonly hidden?: boolean
  readonly deprecated?: string
  /** Its heading in the parent's help. */
  readonly group?: string
  /** All arguments are handed on as they are. */
  readonly rawArguments?: boolean
  /** Of a root: a beginning that only one command has stands for it. */
  readonly prefixMatching?: boolean
  /** Flags may stand after arguments; default true. */
  readonly interspersed?: boolean
  readonly noFlagsInUsage?: boolean
  /** Refuses arguments: returns the message. */
  readonly args?: (args: readonly string[], path: string) => string | undefined
  readonly exclusive?: readonly (readonly string[])[]
  readonly oneRequired?: readonly (readonly string[])[]
  readonly requiredTogether?: readonly (readonly string[])[]
  readonly version?: string
  readonly run?: (invocation: Invocation) => Promise<number | undefined>
  readonly complete?: Completer
  /** Words the first argument may be. */
  readonly validArgs?: readonly string[]
  /** Candidates for the values of its flags, by name. */
  readonly completeFlags?: Readonly<Record<string, Completer>>
}

export type Completer = (invocation: Invocation, toComplete: string) => Promise<Completion> | Completion

/** A command and its place in the tree. */
export interface ResolvedCommand {
  readonly spec: Command
  readonly name: string
  readonly path: string
  readonly parent?: ResolvedCommand
}

export function commandName(command: Command): string {
  return command.use.split(' ')[0] as string
}

export function rootCommand(spec: Command): ResolvedCommand {
  return { spec, name: commandName(spec), path: commandName(spec) }
}

export function children(command: ResolvedCommand): ResolvedCommand[] {
  return (command.spec.commands ?? []).map((spec) => {
    const name = commandName(spec)
    return { spec, name, path: `${command.path} ${name}`, parent: command }
  })
}

export function isAvailable(command: ResolvedCommand): boolean {
  if (command.spec.hidden || command.spec.deprecated !== undefined) return false
  return command.spec.run !== undefined || children(command).some(isAvailable)
}

export const helpFlag: Flag = { name: 'help', shorthand: 'h', kind: 'bool', default: false, usage: '' }

export function inheritedFlags(command: ResolvedCommand): Flag[] {
  const out: Flag[] = []
  for (let at = command.parent; at; at = at.parent) out.push(...(at.spec.persistentFlags ?? []))
  return out
}

/** All flags the command understands: its own, the inherited ones, help. */
export function allFlags(command: ResolvedCommand): Flags {
  const flags = new Flags([...(command.spec.flags ?? []), ...(command.spec.persistentFlags ?? []), ...inheritedFlags(command)])
  flags.add(flags.lookupShorthand('h') ? { ...helpFlag, shorthand: '' } : { ...helpFlag, usage: `help for ${command.name}` })
  if (command.spec.version !== undefined) flags.add({ name: 'version', kind: 'bool', default: false, usage: `version for ${command.name}`, ...(flags.lookupShorthand('v') ? {} : { shorthand: 'v' }) })
  return flags
}

export interface Found {
  readonly command: ResolvedCommand
  readonly args: readonly string[]
}

/** Walks down as far as the words, flags set aside, name commands. */
export function findCommand(root: ResolvedCommand, args: readonly string[]): Found {
  let command = root
  let rest = [...args]
  for (;;) {
    const words = withoutFlags(rest, allFlags(command))
    const name = words[0]
    if (name === undefined) return { command, args: rest }
    const next = children(command).find((child) => child.name === name || child.spec.aliases?.includes(name)) ?? (root.spec.prefixMatching ? onlyOne(command, name) : undefined)
    if (!next) return { command, args: rest }
    rest = removeFirst(rest, name, allFlags(command))
    command = next
  }
}

function onlyOne(command: ResolvedCommand, beginning: string): ResolvedCommand | undefined {
  const [found, ...others] = children(command).filter((child) => child.name.startsWith(beginning))
  return others.length === 0 ? found : undefined
}

/** The flag for help is only known once the command is found. */
function takesNext(arg: string, flags: Flags): boolean {
  if (arg.startsWith('--')) {
    if (arg.includes('=')) return false
    const flag = arg === '--help' ? undefined : flags.lookup(arg.slice(2))
    return !flag || bareValue(flag) === undefined
  }
  if (arg.length !== 2) return false
  const flag = arg === '-h' ? undefined : flags.lookupShorthand(arg.charAt(1))
  return !flag || bareValue(flag) === undefined
}

/** The words that are neither flags nor their values. */
export function withoutFlags(args: readonly string[], flags: Flags): string[] {
  const out: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (arg === '--') return out
    if (arg.startsWith('-') && arg.length > 1) {
      if (takesNext(arg, flags)) {
        if (i + 1 >= args.length - 0) return out
        i++
      }
    } else if (arg !== '') out.push(arg)
  }
  return out
}

function removeFirst(args: readonly string[], word: string, flags: Flags): string[] {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (arg === '--') break
    if (arg.startsWith('-') && arg.length > 1) {
      if (takesNext(arg, flags)) i++
    } else if (arg === word) return [...args.slice(0, i), ...args.slice(i + 1)]
  }
  return [...args]
}

/** An error of usage, to be worded by the program's own habit. */
export class CommandError extends Error {
  override readonly name = 'CommandError'

  constructor(
    message: string,
    readonly kind: 'unknown-command' | 'flag' | 'args',
    readonly command: ResolvedCommand,
  ) {
    super(message)
  }
}

export function suggestions(command: ResolvedCommand, typed: string): string {
  const found: string[] = []
  for (const child of children(command).filter(isAvailable)) {
    if (levenshtein(typed.toLowerCase(), child.name.toLowerCase()) <= 2 || child.name.toLowerCase().startsWith(typed.toLowerCase())) found.push(child.name)
    for (const word of child.spec.suggestFor ?? []) if (word.toLowerCase() === typed.toLowerCase()) found.push(child.name)
  }
  return found.length === 0 ? '' : `\n\nDid you mean this?\n${found.map((name) => `\t${name}\n`).join('')}`
}

/** Parses and checks; throws CommandError. `help` is set where help was asked for, or is all there is. */
export function prepare(process: Process, found: Found): { invocation: Invocation; help: boolean; version: boolean } {
  const { command } = found
  const flags = allFlags(command)
  checkRoot(found, flags)
  if (command.spec.rawArguments) flags.args = [...found.args]
  else {
    try {
      flags.parse(found.args, command.spec.interspersed ?? true)
    } catch (error) {
      if (error instanceof FlagError) throw new CommandError(error.message, 'flag', command)
      throw error
    }
  }
  const invocation: Invocation = { process, command, args: flags.args, flags, argsBeforeDash: flags.argsBeforeDash }
  if (flags.bool('help') || !command.spec.run) return { invocation, help: true, version: false }
  if (command.spec.version !== undefined && flags.bool('version')) return { invocation, help: false, version: true }
  checkArguments(command, flags)
  return { invocation, help: false, version: false }
}

function checkArguments(command: ResolvedCommand, flags: Flags): void {
  const refused = command.spec.args ? command.spec.args(flags.args, command.path) : rootArguments(command, flags.args)
  if (refused !== undefined) throw new CommandError(refused, 'args', command)
  const missing = flags.missing()
  if (missing.length > 0) throw new CommandError(`required flag(s) ${missing.map((name) => `"${name}"`).join(', ')} not set`, 'args', command)
  for (const group of command.spec.requiredTogether ?? []) {
    const set = group.filter((name) => flags.changed(name))
    if (set.length > 0 && set.length < group.length)
      throw new CommandError(`if any flags in the group [${group.join(' ')}] are set they must all be set; missing [${group.filter((name) => !flags.changed(name)).sort().join(' ')}]`, 'args', command)
  }
  for (const group of command.spec.oneRequired ?? [])
    if (!group.some((name) => flags.changed(name))) throw new CommandError(`at least one of the flags in the group [${group.join(' ')}] is required`, 'args', command)
  for (const group of command.spec.exclusive ?? []) {
    const set = group.filter((name) => flags.changed(name)).sort()
    if (set.length > 1) throw new CommandError(`if any flags in the group [${group.join(' ')}] are set none of the others can be; [${set.join(' ')}] were all set`, 'args', command)
  }
}

/** A word that names no command is refused before flags are looked at. */
function checkRoot({ command, args }: Found, flags: Flags): void {
  const refused = command.spec.args ? undefined : rootArguments(command, withoutFlags(args, flags))
  if (refused !== undefined) throw new CommandError(refused, 'unknown-command', command)
}

/** Without a rule of its own a root with subcommands takes no other words. */
function rootArguments(command: ResolvedCommand, args: readonly string[]): string | undefined {
  if (command.parent || !command.spec.commands?.length || args.length === 0) return undefined
  return unknownCommand(command, args[0] as string)
}

export function unknownCommand(command: ResolvedCommand, word: string): string {
  return `unknown command ${JSON.stringify(word)} for ${JSON.stringify(command.path)}${suggestions(command, word)}`
}

export const noArgs = (args: readonly string[], path: string): string | undefined => (args.length > 0 ? `unknown command ${JSON.stringify(args[0])} for ${JSON.stringify(path)}` : undefined)
export const exactArgs = (count: number) => (args: readonly string[]): string | undefined => (args.length === count ? undefined : `accepts ${count} arg(s), received ${args.length}`)
export const minimumArgs = (count: number) => (args: readonly string[]): string | undefined => (args.length >= count ? undefined : `requires at least ${count} arg(s), only received ${args.length}`)
export const maximumArgs = (count: number) => (args: readonly string[]): string | undefined => (args.length <= count ? undefined : `accepts at most ${count} arg(s), received ${args.length}`)
export const rangeArgs = (least: number, most: number) => (args: readonly string[]): string | undefined => (args.length >= least && args.length <= most ? undefined : `accepts between ${least} and ${most} arg(s), received ${args.length}`)

function levenshtein(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next[j] = Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length] as number
}
