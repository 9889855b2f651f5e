/** The flag whose value is being completed: `--name=tex`, `-n=tex`, or the word before. */
import { bareValue, type Flag, type Flags } from './flags'

export interface FlagInQuestion {
  readonly flag: Flag
  readonly text: string
  /** The arguments without the flag that waits for its value. */
  readonly args: readonly string[]
}

export function flagInQuestion(flags: Flags, args: readonly string[], toComplete: string): FlagInQuestion | undefined {
  if (args.includes('--')) return undefined
  const equals = toComplete.indexOf('=')
  if (toComplete.startsWith('-')) {
    const flag = equals > 0 ? flagOf(flags, toComplete.slice(0, equals)) : undefined
    return flag && { flag, text: toComplete.slice(equals + 1), args }
  }
  const before = args[args.length - 1]
  if (before === undefined || before.length < 2 || !before.startsWith('-') || before.includes('=')) return undefined
  const flag = flagOf(flags, before)
  return flag && bareValue(flag) === undefined ? { flag, text: toComplete, args: args.slice(0, -1) } : undefined
}

function flagOf(flags: Flags, word: string): Flag | undefined {
  return word.startsWith('--') ? flags.lookup(word.slice(2)) : flags.lookupShorthand(word.slice(-1))
}
