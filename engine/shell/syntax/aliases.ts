/** Alias expansion on the text of a command: the first word of each simple command, and the one after an alias that ends in a blank. */
import { UnterminatedError } from '#engine/shell/syntax/scanner'
import { Tokens } from '#engine/shell/syntax/tokens'

const maxRounds = 64
const beforeCommand = new Set(['if', 'then', 'else', 'elif', 'while', 'until', 'do', '{', '!', 'time', '&&', '||', ';', '&', '|', '|&', '(', ';;', ';&', ';;&'])

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
  let atCommand = true
  let redirecting = false
  for (;;) {
    const token = tokens.next()
    if (token.kind === 'end') break
    if (token.kind !== 'word') {
      redirecting = token.kind === 'operator' && /^(&>|[<>])/.test(token.text)
      if (!redirecting) atCommand = token.kind === 'newline' || beforeCommand.has(token.text)
      continue
    }
    if (redirecting) {
      redirecting = false
      continue
    }
    const value = atCommand && !used.has(token.text) && depth < maxRounds ? aliases.get(token.text) : undefined
    if (value === undefined) {
      atCommand = atCommand && (beforeCommand.has(token.text) || /^[A-Za-z_]\w*\+?=/.test(token.text))
      continue
    }
    out += text.slice(last, token.start) + expand(value, aliases, new Set([...used, token.text]), depth + 1).text
    last = token.end
    atCommand = /[ \t]$/.test(value)
  }
  return { text: out + text.slice(last) }
}
