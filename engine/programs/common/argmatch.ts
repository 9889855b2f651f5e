/** gnulib's argmatch: the argument of an option that is one of a few words, which may be shortened. */
import { UsageError } from '#engine/linux/abi/flags'
import type { Process } from '#engine/linux/abi/process'
import { quote } from '#engine/programs/common/gnu'

/** Groups of words that mean the same; the first of a group is the answer. `''` (an option given bare) means the first group. */
export type Choices = readonly (readonly string[])[]

/** The word meant, or a UsageError that lists what is valid. `context` is the option as its messages name it. */
export function argumentMatch(process: Process, context: string, value: string, choices: Choices, exit = 1): string {
  if (value === '') return choices[0]?.[0] ?? ''
  const exact = choices.find((group) => group.includes(value))
  if (exact) return exact[0] as string
  const near = choices.filter((group) => group.some((word) => word.startsWith(value)))
  if (near.length === 1) return near[0]?.[0] as string
  const lines = choices.map((group) => `  - ${group.map((word) => quote(process, word)).join(', ')}`)
  throw new UsageError(`${near.length > 1 ? 'ambiguous' : 'invalid'} argument ${quote(process, value)} for ${quote(process, context)}\nValid arguments are:\n${lines.join('\n')}`, exit)
}
