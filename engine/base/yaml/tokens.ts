/** What the scanner makes of a text, in libyaml's terms, and the two ways of complaining about it. */
export type TokenType =
  | 'stream-end' | 'directive' | 'document-start' | 'document-end' | 'block-sequence-start' | 'block-mapping-start' | 'block-end'
  | 'flow-sequence-start' | 'flow-sequence-end' | 'flow-mapping-start' | 'flow-mapping-end' | 'block-entry' | 'flow-entry'
  | 'key' | 'value' | 'alias' | 'anchor' | 'tag' | 'scalar'

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

export interface Token {
  readonly type: TokenType
  /** Zero-based line where it starts. */
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly value: string
  readonly style: ScalarStyle
  /** Tags: the handle is in `value`. */
  readonly suffix: string
}

export class YamlError extends Error {
  override readonly name = 'YamlError'
}

export function scannerError(line: number, contextLine: number, problem: string): YamlError {
  const at = line !== 0 ? line + 1 : contextLine
  return new YamlError(`yaml: ${at === 0 ? '' : `line ${at}: `}${problem}`)
}

export function parserError(line: number, contextLine: number, problem: string): YamlError {
  const at = line !== 0 ? line : contextLine
  return new YamlError(`yaml: ${at === 0 ? '' : `line ${at}: `}${problem}`)
}
