/** awk's tree. */
export type Expression =
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'regex'; readonly source: string }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'element'; readonly name: string; readonly index: readonly Expression[] }
  | { readonly type: 'field'; readonly index: Expression }
  | { readonly type: 'assign'; readonly operator: string; readonly target: Place; readonly value: Expression }
  | { readonly type: 'ternary'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly type: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'logical'; readonly operator: '&&' | '||'; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'match'; readonly negated: boolean; readonly left: Expression; readonly right: Expression }
  | { readonly type: 'unary'; readonly operator: string; readonly operand: Expression }
  | { readonly type: 'step'; readonly by: 1 | -1; readonly prefix: boolean; readonly target: Place }
  | { readonly type: 'in'; readonly index: readonly Expression[]; readonly name: string }
  | { readonly type: 'call'; readonly name: string; readonly arguments: readonly Expression[]; readonly line: number }
  | { readonly type: 'builtin'; readonly name: string; readonly arguments: readonly Expression[]; readonly bare: boolean }
  | { readonly type: 'getline'; readonly target: Place | undefined; readonly source: 'main' | 'file' | 'command'; readonly from: Expression | undefined }
  | { readonly type: 'group'; readonly inner: Expression }

export type Place = Extract<Expression, { type: 'name' | 'element' | 'field' }>

export function isPlace(expression: Expression): expression is Place {
  return expression.type === 'name' || expression.type === 'element' || expression.type === 'field'
}

export type Statement =
  | { readonly type: 'expression'; readonly expression: Expression }
  | { readonly type: 'print'; readonly format: boolean; readonly arguments: readonly Expression[]; readonly redirect: '>' | '>>' | '|' | undefined; readonly to: Expression | undefined }
  | { readonly type: 'if'; readonly test: Expression; readonly yes: Statement; readonly no: Statement | undefined }
  | { readonly type: 'while'; readonly test: Expression; readonly body: Statement }
  | { readonly type: 'do'; readonly test: Expression; readonly body: Statement }
  | { readonly type: 'for'; readonly start: Statement | undefined; readonly test: Expression | undefined; readonly step: Statement | undefined; readonly body: Statement }
  | { readonly type: 'forin'; readonly name: string; readonly array: string; readonly body: Statement }
  | { readonly type: 'block'; readonly body: readonly Statement[] }
  | { readonly type: 'delete'; readonly name: string; readonly index: readonly Expression[] | undefined }
  | { readonly type: 'break' | 'continue' | 'next' | 'nextfile' }
  | { readonly type: 'exit' | 'return'; readonly value: Expression | undefined }

export interface Rule {
  readonly kind: 'begin' | 'end' | 'pattern' | 'range'
  readonly test: Expression | undefined
  readonly until: Expression | undefined
  /** Undefined prints the record. */
  readonly body: Statement | undefined
}

export interface FunctionNode {
  readonly name: string
  readonly parameters: readonly string[]
  readonly body: Statement
}

export interface Program {
  readonly rules: readonly Rule[]
  readonly functions: ReadonlyMap<string, FunctionNode>
}
