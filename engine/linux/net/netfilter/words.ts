/** The words of a rule while they are read, and the refusal of them. */
/** Wrong usage, in iptables' words after `iptables v1.8.9 (nf_tables): `. */
export class RuleError extends Error {
  override readonly name = 'RuleError'

  constructor(message: string, readonly exit = 2, readonly hint: 'usage' | 'none' = 'usage') {
    super(message)
  }
}

/** The words still to be read. */
export class Words {
  private at = 0

  constructor(private readonly list: readonly string[]) {}

  peek(): string | undefined {
    return this.list[this.at]
  }

  next(): string | undefined {
    return this.list[this.at++]
  }

  /** The argument of an option. */
  argument(option: string): string {
    const word = this.next()
    if (word === undefined) throw new RuleError(`option "${option}" requires an argument`)
    return word
  }
}
