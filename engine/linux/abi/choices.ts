/** gnulib's argmatch: an option's argument that is one of a few words, which may be shortened. */
import { type FlagSpec, UsageError } from '#engine/linux/abi/flags'

/** Groups of words that mean the same; the first of a group is the answer. */
export interface Choices {
  /** The option as messages name it. */
  readonly context: string
  readonly groups: readonly (readonly string[])[]
  /** The answer where the option is given without an argument; the first group's unless said. */
  readonly bare?: string
}

/** Declares what a flag's argument may be. `context` is the flag's long name unless given, `bare` the answer where no argument is. */
export function choice<S extends FlagSpec>(spec: S, groups: Choices['groups'], more: { context?: string; bare?: string } = {}): S {
  return { ...spec, choices: { context: more.context ?? spec.names.find((name) => name.startsWith('--')) ?? spec.names[0] ?? '', groups, ...(more.bare === undefined ? {} : { bare: more.bare }) } }
}

export const whenChoices: Choices['groups'] = [['always', 'yes', 'force'], ['never', 'no', 'none'], ['auto', 'tty', 'if-tty']]

/** The values with each chosen word in its full form; a UsageError lists what is valid. */
export function withChoices<V extends Readonly<Record<string, unknown>>>(specs: Readonly<Record<string, FlagSpec>>, values: V, quote: (text: string) => string): V {
  const out: Record<string, unknown> = { ...values }
  for (const [key, { choices }] of Object.entries(specs)) {
    const value = values[key]
    if (choices && typeof value === 'string') out[key] = chosen(choices, value, quote)
  }
  return out as V
}

function chosen({ context, groups, bare }: Choices, value: string, quote: (text: string) => string): string {
  if (value === '') return bare ?? groups[0]?.[0] ?? ''
  const exact = groups.find((group) => group.includes(value))
  if (exact) return exact[0] as string
  const near = groups.filter((group) => group.some((word) => word.startsWith(value)))
  if (near.length === 1) return near[0]?.[0] as string
  const lines = groups.map((group) => `  - ${group.map(quote).join(', ')}`)
  throw new UsageError(`${near.length > 1 ? 'ambiguous' : 'invalid'} argument ${quote(value)} for ${quote(context)}\nValid arguments are:\n${lines.join('\n')}`, 1)
}
