/** The `l` command: a line shown unambiguously, folded. */
import { encodeLossless } from '#engine/base/lossless'

const shown: Readonly<Record<string, string>> = { '\\': '\\\\', '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' }

export function listed(text: string, width: number): string {
  const pieces = [...text].flatMap(pieceOf)
  if (width <= 1) return `${pieces.join('')}$`
  let out = ''
  let column = 0
  for (const piece of pieces) {
    if (column + piece.length > width - 1) {
      out += '\\\n'
      column = 0
    }
    out += piece
    column += piece.length
  }
  return `${out}$`
}

function pieceOf(c: string): string[] {
  const known = shown[c]
  if (known !== undefined) return [known]
  if (c >= ' ' && c <= '~') return [c]
  return [...encodeLossless(c)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
}
