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

export function nodeText(node: Operand | Command | Node): string {
  switch (node.type) {
    case 'identifier': return node.name
    case 'dot': return '.'
    case 'nil': return 'nil'
    case 'field': return node.names.map((name) => `.${name}`).join('')
    case 'variable': return node.names.join('.')
    case 'chain': return `${node.node.type === 'pipe' ? `(${nodeText(node.node)})` : nodeText(node.node)}${node.names.map((name) => `.${name}`).join('')}`
    case 'bool': return String(node.value)
    case 'number': return node.text
    case 'string': return node.quoted
    case 'command': return node.args.map((arg) => (arg.type === 'pipe' ? `(${nodeText(arg)})` : nodeText(arg))).join(' ')
    case 'pipe': return `${node.declarations.length > 0 ? `${node.declarations.map((entry) => entry.name).join(', ')} ${node.assign ? '=' : ':='} ` : ''}${node.commands.map(nodeText).join(' | ')}`
    case 'template': return `{{template ${JSON.stringify(node.name)}${node.pipe ? ` ${nodeText(node.pipe)}` : ''}}}`
    case 'action': return `{{${nodeText(node.pipe)}}}`
    default: return ''
  }
}
