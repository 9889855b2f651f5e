/** jq's tree. */
export type Filter =
  | { readonly type: 'identity' }
  | { readonly type: 'recurse' }
  | { readonly type: 'literal'; readonly value: unknown }
  | { readonly type: 'string'; readonly format: string | undefined; readonly parts: readonly ({ readonly text: string } | { readonly filter: Filter })[] }
  | { readonly type: 'format'; readonly name: string }
  | { readonly type: 'index'; readonly on: Filter; readonly key: Filter }
  | { readonly type: 'slice'; readonly on: Filter; readonly from: Filter | undefined; readonly to: Filter | undefined }
  | { readonly type: 'each'; readonly on: Filter }
  | { readonly type: 'try'; readonly body: Filter; readonly handler: Filter | undefined }
  | { readonly type: 'pipe'; readonly left: Filter; readonly right: Filter }
  | { readonly type: 'comma'; readonly left: Filter; readonly right: Filter }
  | { readonly type: 'negate'; readonly operand: Filter }
  | { readonly type: 'binary'; readonly operator: string; readonly left: Filter; readonly right: Filter }
  | { readonly type: 'and' | 'or' | 'alternative'; readonly left: Filter; readonly right: Filter }
  | { readonly type: 'assign'; readonly operator: string; readonly left: Filter; readonly right: Filter }
  | { readonly type: 'array'; readonly body: Filter | undefined }
  | { readonly type: 'object'; readonly entries: readonly { readonly key: Filter; readonly value: Filter }[] }
  | { readonly type: 'variable'; readonly name: string; readonly at: number }
  | { readonly type: 'call'; readonly name: string; readonly arguments: readonly Filter[]; readonly at: number }
  | { readonly type: 'if'; readonly test: Filter; readonly yes: Filter; readonly no: Filter | undefined }
  | { readonly type: 'reduce'; readonly source: Filter; readonly pattern: Pattern; readonly start: Filter; readonly update: Filter }
  | { readonly type: 'foreach'; readonly source: Filter; readonly pattern: Pattern; readonly start: Filter; readonly update: Filter; readonly extract: Filter | undefined }
  | { readonly type: 'as'; readonly source: Filter; readonly patterns: readonly Pattern[]; readonly body: Filter }
  | { readonly type: 'def'; readonly definition: Definition; readonly body: Filter }
  | { readonly type: 'label'; readonly name: string; readonly body: Filter }
  | { readonly type: 'break'; readonly name: string }

export type Pattern =
  | { readonly type: 'variable'; readonly name: string }
  | { readonly type: 'array'; readonly items: readonly Pattern[] }
  | { readonly type: 'object'; readonly entries: readonly { readonly key: Filter; readonly variable: string | undefined; readonly pattern: Pattern | undefined }[] }

export interface Definition {
  readonly name: string
  readonly parameters: readonly string[]
  readonly body: Filter
}
