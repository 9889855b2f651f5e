/** What a sed script is made of. */
export type Address =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'regex'; readonly source: string | undefined; readonly ignoreCase: boolean; readonly multiline: boolean }
  | { readonly kind: 'step'; readonly first: number; readonly step: number }
  | { readonly kind: 'zero' }
  /** Only as the second: `+N` lines, `~N` the next multiple. */
  | { readonly kind: 'plus'; readonly count: number }
  | { readonly kind: 'multiple'; readonly of: number }

export interface Substitution {
  /** Undefined: the last regular expression. */
  readonly source: string | undefined
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly replacement: readonly ReplacementPart[]
  readonly global: boolean
  readonly occurrence: number
  readonly print: number
  readonly evaluate: boolean
  readonly file: string | undefined
}

export type ReplacementPart = { readonly text: string } | { readonly group: number } | { readonly change: 'U' | 'L' | 'u' | 'l' | 'E' }

export interface Command {
  readonly name: string
  readonly from: Address | undefined
  readonly to: Address | undefined
  readonly negated: boolean
  readonly text?: string
  readonly number?: number | undefined
  readonly substitution?: Substitution
  readonly map?: ReadonlyMap<string, string>
  /** Where to go: of `b`, `t`, `T`, and of `{` behind its `}`. */
  target: number
  /** State of a range. */
  active: boolean
  endLine: number
}

export class SedError extends Error {
  constructor(
    message: string,
    /** 4 for what is found when the whole script has been read. */
    readonly exit = 1,
  ) {
    super(message)
  }
}
