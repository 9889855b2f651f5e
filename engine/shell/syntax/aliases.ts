/** Alias expansion on the text of a command: the first word of each simple command, and the one after an alias that ends in a blank. */
import { UnterminatedError } from '#engine/shell/syntax/scanner'
import { type Token, Tokens } from '#engine/shell/syntax/tokens'

const maxRounds = 64
const beforeCommand = new Set(['if', 'then', 'else', 'elif', 'while', 'until', 'do', '{', '!', 'time', '&&', '||', ';', '&', '|', '|&', '(', ')', ';;', ';&', ';;&'])

export function expandAliases(text: string, aliases: ReadonlyMap<string, string>): string {
  try {
    return expand(text, aliases, new Set(), 0).text
  } catch (error) {
    if (error instanceof UnterminatedError) return text
    throw error
  }
}

function expand(text: string, aliases: ReadonlyMap<string, string>, used: ReadonlySet<string>, depth: number): { text: string } {
  const tokens = new Tokens(text, true)
  let out = ''
  let last = 0
  const place = new Place()
  for (let token = tokens.next(); token.kind !== 'end'; token = tokens.next()) {
    if (token.kind !== 'word') {
      place.passOperator(token)
      continue
    }
    if (place.takesTarget()) continue
    const value = place.command && !used.has(token.text) && depth < maxRounds ? aliases.get(token.text) : undefined
    if (value === undefined) {
      place.command &&= beforeCommand.has(token.text) || /^[A-Za-z_]\w*\+?=/.test(token.text)
      continue
    }
    out += text.slice(last, token.start) + expand(value, aliases, new Set([...used, token.text]), depth + 1).text
    last = token.end
    place.command = /[ \t]$/.test(value)
  }
  return { text: out + text.slice(last) }
}

/** Where in a command the next word stands. */
class Place {
  command = true
  private redirecting = false

  passOperator(token: Token): void {
    this.redirecting = token.kind === 'operator' && /^(&>|[<>])/.test(token.text)
    if (!this.redirecting) this.command = token.kind === 'newline' || beforeCommand.has(token.text)
  }

  /** The word after a redirection is no command. */
  takesTarget(): boolean {
    const target = this.redirecting
    this.redirecting = false
    return target
  }
}
