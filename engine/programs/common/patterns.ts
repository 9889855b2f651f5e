/** Basic regular expressions that a user gives to coreutils, and how those word a wrong one. */
import { PatternError, posixRegExp } from '#engine/shell/patterns/posix'

/** A string says what is wrong. */
export function userPattern(source: string): RegExp | string {
  try {
    return posixRegExp(source, { extended: false })
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    return error.message.startsWith('Unmatched [') ? 'Invalid regular expression' : error.message
  }
}
