/** cobra's `__complete` protocol: candidates, one a line, then `:` and a sum of directives. */
import type { Process } from '#engine/linux/abi/process'
import { allFlags, children, type Completion, findCommand, type Found, helpFlag, type Invocation, isAvailable, type ResolvedCommand, withoutFlags } from './command'
import { completeFlagNames, completeRequired } from './completeflags'
import { type Flag, FlagError, Flags } from './flags'
import { flagInQuestion, type FlagInQuestion } from './flagword'

const noSpaceDirective = 2
const noFilesDirective = 4
const extensionsDirective = 8
const directiveNames: readonly (readonly [number, string])[] = [[noSpaceDirective, 'ShellCompDirectiveNoSpace'], [noFilesDirective, 'ShellCompDirectiveNoFileComp'], [extensionsDirective, 'ShellCompDirectiveFilterFileExt']]
const files: Completion = { candidates: [], files: true }

export async function runComplete(process: Process, root: ResolvedCommand, words: readonly string[], descriptions: boolean): Promise<number> {
  const completion = await completionsFor(process, root, words.slice(0, -1), words[words.length - 1] ?? '')
  const directive = directiveOf(completion)
  const lines = completion.candidates.map((candidate) => candidate.split('\n')[0] as string).map((line) => (descriptions ? line.trimEnd() : (line.split('\t')[0] as string)))
  await process.stdout.write([...lines, `:${directive}`, ''].join('\n'))
  await process.stderr.write(`Completion ended with directive: ${directiveName(directive)}\n`)
  return 0
}

function directiveOf(completion: Completion): number {
  if (completion.extensions) return extensionsDirective
  return (completion.noSpace ? noSpaceDirective : 0) + (completion.files ? 0 : noFilesDirective)
}

function directiveName(directive: number): string {
  const names = directiveNames.filter(([bit]) => (directive & bit) !== 0).map(([, name]) => name)
  return names.length === 0 ? 'ShellCompDirectiveDefault' : names.join(', ')
}

async function completionsFor(process: Process, root: ResolvedCommand, words: readonly string[], toComplete: string): Promise<Completion> {
  const found = findCommand(root, words)
  const stranger = strangerOf(found, words)
  if (stranger) return await failed(process, stranger)
  const flags = allFlags(found.command)
  const question = flagInQuestion(flags, found.args, toComplete)
  const parsed = new Flags(flags.all())
  try {
    parsed.parse(question?.args ?? found.args, found.command.spec.interspersed ?? true)
  } catch (error) {
    if (error instanceof FlagError) return await failed(process, `Error while parsing flags from args [${(question?.args ?? found.args).join(' ')}]: ${error.message}`)
    throw error
  }
  const invocation: Invocation = { process, command: found.command, args: parsed.args, flags: parsed, argsBeforeDash: parsed.argsBeforeDash }
  return await completionsOf(invocation, question, toComplete)
}

/** Words that lead to no command: completion ends there. */
function strangerOf({ command, args }: Found, words: readonly string[]): string | undefined {
  const isLost = !command.parent && (command.spec.commands?.length ?? 0) > 0 && withoutFlags(args, allFlags(command)).length > 0
  return isLost ? `unable to find a command for arguments: [${words.join(' ')}]` : undefined
}

async function failed(process: Process, message: string): Promise<Completion> {
  await process.stderr.write(`[Debug] [Error] ${message}\n`)
  return files
}

async function completionsOf(invocation: Invocation, question: FlagInQuestion | undefined, toComplete: string): Promise<Completion> {
  const { flags } = invocation
  if (flags.changed(helpFlag.name)) return { candidates: [] }
  if (question) return await completeFlagValue(invocation, question)
  if (toComplete.startsWith('-') && !toComplete.includes('=') && invocation.argsBeforeDash < 0) return completeFlagNames(invocation, toComplete)
  return await completeArguments(invocation, toComplete)
}

async function completeFlagValue(invocation: Invocation, { flag, text }: FlagInQuestion): Promise<Completion> {
  if (flag.extensions) return { candidates: flag.extensions, extensions: true }
  const completer = completerOf(invocation.command, flag)
  if (completer) return await completer(invocation, text)
  return flag.complete ? { candidates: flag.complete(text) } : files
}

/** The completer of the command that declares the flag: a command's own flag hides one of its parents' by the same name. */
function completerOf(command: ResolvedCommand, flag: Flag): ((invocation: Invocation, text: string) => Completion | Promise<Completion>) | undefined {
  for (let at: ResolvedCommand | undefined = command; at; at = at.parent) {
    const declared = at === command ? [...(at.spec.flags ?? []), ...(at.spec.persistentFlags ?? [])] : (at.spec.persistentFlags ?? [])
    if (declared.some(({ name }) => name === flag.name)) return at.spec.completeFlags?.[flag.name]
  }
  return undefined
}

async function completeArguments(invocation: Invocation, toComplete: string): Promise<Completion> {
  const { command, args } = invocation
  const own = (command.spec.flags ?? []).some((flag) => invocation.flags.changed(flag.name))
  const below = args.length === 0 && !own ? children(command).filter(isAvailable) : []
  const candidates = below.filter(({ name }) => name.startsWith(toComplete)).sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, spec }) => `${name}\t${spec.short}`)
  candidates.push(...completeRequired(invocation, toComplete))
  if (command.spec.validArgs) return validArguments(command.spec.validArgs, args, toComplete, candidates)
  const more = command.spec.complete ? await command.spec.complete(invocation, toComplete) : { candidates: [], files: below.length === 0 }
  return { ...more, candidates: [...candidates, ...more.candidates] }
}

function validArguments(valid: readonly string[], args: readonly string[], toComplete: string, before: readonly string[]): Completion {
  if (args.length > 0) return { candidates: before, files: true }
  return { candidates: [...before, ...valid.filter((word) => word.startsWith(toComplete))] }
}
