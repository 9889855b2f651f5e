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

  /** `asVersion3` is what go-yaml v3 says, which names the line where the context begins. */
  constructor(message: string, readonly asVersion3 = message) {
    super(message)
  }
}

export function scannerError(line: number, contextLine: number, problem: string): YamlError {
  const context = contextLine !== 0 ? contextLine + 1 : line === 0 ? 0 : line + 1
  return new YamlError(worded(line !== 0 ? line + 1 : contextLine, problem), worded(context, problem))
}

export function parserError(line: number, contextLine: number, problem: string): YamlError {
  return new YamlError(worded(line !== 0 ? line : contextLine, problem), worded(contextLine !== 0 ? contextLine : line, problem))
}

function worded(line: number, problem: string): string {
  return `yaml: ${line === 0 ? '' : `line ${line}: `}${problem}`
}
