/** cobra's `__complete` protocol: candidates, one a line, then `:` and a sum of directives. */
import type { Process } from '#engine/linux/abi/process'
import { allFlags, children, type Completion, findCommand, isAvailable, type ResolvedCommand } from './command'
import { bareValue, type Flag, Flags } from './flags'

const noSpaceDirective = 2
const noFilesDirective = 4
const directiveNames: Readonly<Record<number, string>> = { 0: 'ShellCompDirectiveDefault', 2: 'ShellCompDirectiveNoSpace', 4: 'ShellCompDirectiveNoFileComp', 6: 'ShellCompDirectiveNoSpace, ShellCompDirectiveNoFileComp' }

export async function runComplete(process: Process, root: ResolvedCommand, words: readonly string[], descriptions: boolean): Promise<number> {
  const toComplete = words[words.length - 1] ?? ''
  const completion = await completionsFor(process, root, words.slice(0, -1), toComplete)
  let out = ''
  for (const candidate of completion.candidates) {
    const line = candidate.split('\n')[0] as string
    out += `${descriptions ? line : (line.split('\t')[0] as string)}\n`
  }
  const directive = (completion.noSpace ? noSpaceDirective : 0) + (completion.files ? 0 : noFilesDirective)
  await process.stdout.write(`${out}:${directive}\n`)
  await process.stderr.write(`Completion ended with directive: ${directiveNames[directive] ?? ''}\n`)
  return 0
}

async function completionsFor(process: Process, root: ResolvedCommand, words: readonly string[], toComplete: string): Promise<Completion> {
  const found = findCommand(root, words)
  const { command } = found
  const flags = allFlags(command)
  const pending = pendingFlag(flags, found.args, toComplete)
  if (pending) return await flagCandidates(pending.flag, pending.text, pending.prefix)
  if (toComplete.startsWith('-') && !toComplete.includes('=') && !found.args.includes('--')) return flagNames(flags, found.args, toComplete)
  const parsed = new Flags(flags.all())
  try {
    parsed.parse(found.args, command.spec.interspersed ?? true)
  } catch {
    return { candidates: [] }
  }
  const own = parsed.args.length === 0 ? children(command).filter((child) => isAvailable(child) && child.name.startsWith(toComplete)).map((child) => `${child.name}\t${child.spec.short}`) : []
  if (!command.spec.complete) return { candidates: own, files: own.length === 0 && !command.spec.commands?.length }
  const more = await command.spec.complete({ process, command, args: parsed.args, flags: parsed, argsBeforeDash: parsed.argsBeforeDash }, toComplete)
  return { ...more, candidates: [...own, ...more.candidates.filter((candidate) => candidate.startsWith(toComplete))] }
}

function pendingFlag(flags: Flags, args: readonly string[], toComplete: string): { flag: Flag; text: string; prefix: string } | undefined {
  const equals = toComplete.indexOf('=')
  if (toComplete.startsWith('--') && equals > 0) {
    const flag = flags.lookup(toComplete.slice(2, equals))
    return flag ? { flag, text: toComplete.slice(equals + 1), prefix: '' } : undefined
  }
  const last = args[args.length - 1]
  if (last === undefined || !last.startsWith('-') || last.includes('=') || last === '--' || args.includes('--')) return undefined
  const flag = last.startsWith('--') ? flags.lookup(last.slice(2)) : flags.lookupShorthand(last.slice(-1))
  return flag && bareValue(flag) === undefined ? { flag, text: toComplete, prefix: '' } : undefined
}

async function flagCandidates(flag: Flag, text: string, prefix: string): Promise<Completion> {
  if (!flag.complete) return { candidates: [], files: true }
  const candidates = await flag.complete(text)
  return { candidates: candidates.filter((candidate) => candidate.startsWith(text)).map((candidate) => prefix + candidate) }
}

function flagNames(flags: Flags, args: readonly string[], toComplete: string): Completion {
  const candidates: string[] = []
  for (const flag of flags.all()) {
    if (flag.hidden || flag.deprecated !== undefined) continue
    const repeatable = flag.kind === 'strings' || flag.kind === 'stringArray' || flag.kind === 'stringMap'
    if (!repeatable && args.some((arg) => arg === `--${flag.name}` || arg.startsWith(`--${flag.name}=`))) continue
    const usage = flag.usage.replaceAll('`', '')
    const name = `--${flag.name}`
    if (name.startsWith(toComplete)) candidates.push(bareValue(flag) === undefined && flag.kind !== 'bool' ? `${name}\t${usage}` : `${name}\t${usage}`)
    if (flag.shorthand && `-${flag.shorthand}`.startsWith(toComplete)) candidates.push(`-${flag.shorthand}\t${usage}`)
  }
  return { candidates }
}
