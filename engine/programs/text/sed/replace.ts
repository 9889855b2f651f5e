/** What a substitution makes of a text. */
import type { Substitution } from '#engine/programs/text/sed/commands'

/** Undefined where nothing was found. */
export function substituted(space: string, base: RegExp, s: Substitution): string | undefined {
  const regex = new RegExp(base.source, base.flags.includes('g') ? base.flags : `${base.flags}g`)
  let count = 0
  let out = ''
  let at = 0
  let lastEnd = -1
  for (const match of space.matchAll(regex)) {
    if (match[0] === '' && match.index === lastEnd) continue
    count++
    lastEnd = match.index + match[0].length
    if (count < s.occurrence) continue
    out += space.slice(at, match.index) + expanded(s, match)
    at = lastEnd
    if (!s.global) break
  }
  return count < s.occurrence ? undefined : out + space.slice(at)
}

/** The replacement with its references and changes of case. */
function expanded(s: Substitution, match: RegExpMatchArray): string {
  const casing = new Casing()
  for (const part of s.replacement) {
    if ('text' in part) casing.add(part.text)
    else if ('group' in part) casing.add(match[part.group] ?? '')
    else casing.change(part.change)
  }
  return casing.out
}

/** `\U` and `\L` up to `\E`, `\u` and `\l` for one character. */
class Casing {
  out = ''
  private run: 'U' | 'L' | undefined
  private once: 'u' | 'l' | undefined

  change(change: 'U' | 'L' | 'u' | 'l' | 'E'): void {
    if (change === 'E') this.run = undefined
    else if (change === 'U' || change === 'L') this.run = change
    else this.once = change
  }

  add(text: string): void {
    let piece = this.run === 'U' ? text.toUpperCase() : this.run === 'L' ? text.toLowerCase() : text
    if (this.once && piece !== '') {
      piece = (this.once === 'u' ? piece.charAt(0).toUpperCase() : piece.charAt(0).toLowerCase()) + piece.slice(1)
      this.once = undefined
    }
    this.out += piece
  }
}
