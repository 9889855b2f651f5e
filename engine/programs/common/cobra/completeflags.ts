/** Which flags a half-typed word may become. */
import { type Completion, type Invocation, inheritedFlags } from './command'
import type { Flag } from './flags'

const repeatable: ReadonlySet<string> = new Set(['strings', 'stringArray', 'stringMap'])

/** Required flags that are missing are the only candidates; else the inherited ones come first. */
export function completeFlagNames(invocation: Invocation, toComplete: string): Completion {
  const required = completeRequired(invocation, toComplete)
  if (required.length > 0) return { candidates: required }
  const { flags } = invocation
  const hidden = excludedFlags(invocation)
  const open = inOrder(invocation).filter((flag) => !hidden.has(flag.name) && (!flags.changed(flag.name) || repeatable.has(flag.kind)))
  return { candidates: open.flatMap((flag) => namesOf(flag, toComplete)) }
}

export function completeRequired(invocation: Invocation, toComplete: string): string[] {
  const names = requiredFlags(invocation)
  return inOrder(invocation).filter((flag) => (flag.required || names.has(flag.name)) && !invocation.flags.changed(flag.name)).flatMap((flag) => namesOf(flag, toComplete))
}

function inOrder({ command, flags }: Invocation): Flag[] {
  const inherited = new Set(inheritedFlags(command).map(({ name }) => name))
  for (const { name } of [...(command.spec.flags ?? []), ...(command.spec.persistentFlags ?? [])]) inherited.delete(name)
  const all = flags.all()
  return [...all.filter(({ name }) => inherited.has(name)), ...all.filter(({ name }) => !inherited.has(name))]
}

function namesOf(flag: Flag, toComplete: string): string[] {
  if (flag.hidden || flag.deprecated !== undefined) return []
  const names = flag.shorthand ? [`--${flag.name}`, `-${flag.shorthand}`] : [`--${flag.name}`]
  return names.filter((name) => name.startsWith(toComplete)).map((name) => `${name}\t${flag.usage.replaceAll('`', '')}`)
}

/** Flags that the groups of the command make required by what is given. */
function requiredFlags({ command, flags }: Invocation): Set<string> {
  const together = (command.spec.requiredTogether ?? []).filter((group) => group.some((name) => flags.changed(name)))
  const one = (command.spec.oneRequired ?? []).filter((group) => !group.some((name) => flags.changed(name)))
  return new Set([...together, ...one].flat())
}

function excludedFlags({ command, flags }: Invocation): Set<string> {
  return new Set((command.spec.exclusive ?? []).filter((group) => group.some((name) => flags.changed(name))).flat().filter((name) => !flags.changed(name)))
}
