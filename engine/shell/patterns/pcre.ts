/** Perl's regular expressions as JavaScript's: what both share, and the few spellings that differ. */
import { characterClasses } from '#engine/shell/patterns/classes'
import { PatternError } from '#engine/shell/patterns/posix'

export function pcreRegExp(pattern: string, ignoreCase: boolean): RegExp {
  let flags = ignoreCase ? 'i' : ''
  let source = pattern
  const inline = /^\(\?([imsx]+)\)/.exec(source)
  if (inline) {
    flags += [...(inline[1] as string)].filter((letter) => 'ims'.includes(letter) && !flags.includes(letter)).join('')
    source = source.slice(inline[0].length)
  }
  source = source
    .replace(/\[\[:(\w+):\]\]/g, (_, name: string) => `[${characterClasses[name] ?? ''}]`)
    .replace(/\[:(\w+):\]/g, (_, name: string) => characterClasses[name] ?? '')
    .replace(/\(\?P?<(\w+)>/g, '(?<$1>')
    .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replace(/\\h/g, '[ \\t]')
    .replace(/\\A/g, '(?<![^])')
    .replace(/\\[zZ]/g, '(?![^])')
    .replace(/([*+?}])\+/g, '$1')
  source = withKeep(source)
  try {
    return new RegExp(source, flags)
  } catch (error) {
    throw new PatternError(/Unterminated group|Unmatched/.test((error as Error).message) ? 'missing closing parenthesis' : (error as Error).message.replace(/^Invalid regular expression: .*: /, '').toLowerCase())
  }
}

/** `a\Kb` matches only the b after an a. */
function withKeep(source: string): string {
  const at = source.indexOf('\\K')
  return at < 0 ? source : `(?<=${source.slice(0, at)})${source.slice(at + 2)}`
}
