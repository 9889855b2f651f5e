/** A completion as `complete` declares it. */
export interface CompletionSpec {
  readonly function?: string
  readonly command?: string
  readonly words?: string
  readonly glob?: string
  readonly actions: readonly string[]
  readonly options: readonly string[]
  readonly prefix?: string
  readonly suffix?: string
  readonly filter?: string
}
