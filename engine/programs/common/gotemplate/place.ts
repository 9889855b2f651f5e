/** Where an execution failed: `template: NAME:LINE:COL: executing "NAME" at <NODE>: `. */
import { type At, type Command, type Node, nodeText, type Operand, type Pipe } from './nodes'

export function placeOf(name: string, node: ((Operand | Command | Node | Pipe) & At) | undefined): string {
  if (!node) return `template: ${name}: `
  const before = node.tree.text.slice(0, node.pos)
  const newline = before.lastIndexOf('\n')
  const line = before.split('\n').length
  const column = newline < 0 ? before.length : before.length - newline - 1
  return `template: ${node.tree.name}:${line}:${column}: executing ${JSON.stringify(name)} at <${nodeText(node)}>: `
}
