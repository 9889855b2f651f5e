/** The tree of a template, and how its nodes read in errors. */
export interface At {
  readonly pos: number
  readonly tree: Tree
}

/** A parsed text: named templates of one text share it. */
export interface Tree {
  readonly name: string
  readonly text: string
}

export type Node =
  | (At & { readonly type: 'text'; readonly text: string })
  | (At & { readonly type: 'action'; readonly pipe: Pipe })
  | (At & { readonly type: 'if' | 'range' | 'with'; readonly pipe: Pipe; readonly list: Node[]; readonly otherwise: Node[] | undefined })
  | (At & { readonly type: 'template'; readonly name: string; readonly pipe: Pipe | undefined })
  | (At & { readonly type: 'break' | 'continue' })

export interface Pipe extends At {
  readonly type: 'pipe'
  readonly assign: boolean
  readonly declarations: readonly (At & { readonly name: string })[]
  readonly commands: Command[]
}

export interface Command extends At {
  readonly type: 'command'
  readonly args: Operand[]
}

export type Operand =
  | (At & { readonly type: 'identifier'; readonly name: string })
  | (At & { readonly type: 'dot' | 'nil' })
  | (At & { readonly type: 'field'; readonly names: readonly string[] })
  | (At & { readonly type: 'variable'; readonly names: readonly string[] })
  | (At & { readonly type: 'chain'; readonly node: Operand; readonly names: readonly string[] })
  | (At & { readonly type: 'bool'; readonly value: boolean })
  | (At & { readonly type: 'number'; readonly text: string; readonly value: unknown })
  | (At & { readonly type: 'string'; readonly quoted: string; readonly value: string })
  | Pipe

type AnyNode = Operand | Command | Node
type TextOf<T extends AnyNode['type']> = (node: Extract<AnyNode, { readonly type: T }>) => string

const dotted = (names: readonly string[]): string => names.map((name) => `.${name}`).join('')
const inParentheses = (node: Operand): string => (node.type === 'pipe' ? `(${nodeText(node)})` : nodeText(node))

/** Nodes that errors quote; the others have no text. */
const texts: { readonly [T in AnyNode['type']]?: TextOf<T> } = {
  identifier: ({ name }) => name,
  dot: () => '.',
  nil: () => 'nil',
  field: ({ names }) => dotted(names),
  variable: ({ names }) => names.join('.'),
  chain: ({ node, names }) => inParentheses(node) + dotted(names),
  bool: ({ value }) => String(value),
  number: ({ text }) => text,
  string: ({ quoted }) => quoted,
  command: ({ args }) => args.map(inParentheses).join(' '),
  pipe: pipeText,
  template: ({ name, pipe }) => `{{template ${JSON.stringify(name)}${pipe ? ` ${nodeText(pipe)}` : ''}}}`,
  action: ({ pipe }) => `{{${nodeText(pipe)}}}`,
}

function pipeText({ declarations, assign, commands }: Pipe): string {
  const names = declarations.map(({ name }) => name).join(', ')
  return `${names === '' ? '' : `${names} ${assign ? '=' : ':='} `}${commands.map(nodeText).join(' | ')}`
}

export function nodeText(node: AnyNode): string {
  const text = texts[node.type] as ((node: AnyNode) => string) | undefined
  return text ? text(node) : ''
}
