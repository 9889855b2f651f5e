/** A place in a list of tokens that ends with a token of its own: what the grammars of awk and jq read with. */
export abstract class TokenCursor<T extends { readonly kind: string; readonly text: string }> {
  protected at = 0

  constructor(protected readonly tokens: readonly T[]) {}

  /** Complains about the token at hand; `wanted` is what stood alone to be expected. */
  protected abstract unexpected(wanted?: string): never

  protected peek(ahead = 0): T {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)] as T
  }

  protected is(text: string): boolean {
    const { kind, text: own } = this.peek()
    return (kind === 'operator' || kind === 'keyword') && own === text
  }

  protected accept(text: string): boolean {
    if (!this.is(text)) return false
    this.at++
    return true
  }

  protected expect(text: string): void {
    if (!this.accept(text)) this.unexpected(text)
  }
}
