/** Goes through jq's tokens, and says which one was not expected. */
import { JqSyntaxError, type Token } from '#engine/programs/text/jq/lexer'
import { TokenCursor } from '#engine/programs/text/token-cursor'

/** What jq's grammar calls its tokens. */
const kindNames: Readonly<Record<string, string>> = { end: '$end', name: 'IDENT', field: 'FIELD', number: 'LITERAL', format: 'FORMAT', variable: "'$'", string: 'QQSTRING_START' }

/** What jq says it would have liked instead, where there is little choice. */
const expectations: Readonly<Record<string, string>> = { '}': ", expecting '}'", $end: ', expecting $end', ';)': ", expecting ';' or ')'" }
const opens = /^[-([{.@"$]/

export class TokenReader extends TokenCursor<Token> {
  protected unexpected(expected?: string): never {
    const token = this.peek()
    const wants = this.at === 0 && token.kind !== 'end' && !opens.test(token.text) ? ', expecting $end' : (expectations[expected ?? ''] ?? '')
    throw new JqSyntaxError(`syntax error, unexpected ${this.nameOf(token, expected)}${wants}`, token.at)
  }

  private nameOf({ kind, text }: Token, expected: string | undefined): string {
    if (kind === 'end') return '$end'
    if (/^[)}\]]$/.test(text)) return expected === '$end' || this.at === 0 ? 'INVALID_CHARACTER' : `'${text}'`
    return kind === 'operator' && text.length === 1 ? `'${text}'` : (kindNames[kind] ?? text)
  }
}
