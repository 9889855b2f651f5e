/** Scalars without quotes, in block and flow context. */
import { type Cursor, isBreakCode } from '#engine/base/yaml/cursor'
import { scannerError } from '#engine/base/yaml/tokens'

/** A plain scalar, and whether it went on over a line's end. `indent` is the least column that continues it. */
export function plainScalar(cursor: Cursor, indent: number, inFlow: boolean): { readonly value: string; readonly broken: boolean } {
  const { line } = cursor
  let out = ''
  let pending = ''
  let broken = false
  for (;;) {
    if (endsPlain(cursor)) break
    const word = plainWord(cursor, inFlow)
    if (word !== '') {
      out += pending + word
      pending = ''
      broken = false
    }
    if (cursor.isEnd() || !cursor.isBlankOrEnd()) break
    const before = cursor.line
    if (cursor.line === line || !broken) rejectTab(cursor, indent, line)
    pending += cursor.foldBlanks(false)
    if (cursor.line !== before) broken = true
    if (!inFlow && cursor.column < indent) break
  }
  return { value: out, broken }
}

/** A document's mark or a comment ends a plain scalar. */
function endsPlain(cursor: Cursor): boolean {
  return (cursor.column === 0 && (cursor.isDocumentMark('---') || cursor.isDocumentMark('...'))) || cursor.at() === '#'
}

function plainWord(cursor: Cursor, inFlow: boolean): string {
  const start = cursor.pos
  while (!cursor.isBlankOrEnd()) {
    const char = cursor.at()
    if (char === ':' && cursor.isBlankOrEnd(1)) break
    if (inFlow && ',?[]{}'.includes(char)) break
    cursor.skip()
  }
  return cursor.text.slice(start, cursor.pos)
}

/** A continuation line may not be indented by a tab. */
function rejectTab(cursor: Cursor, indent: number, line: number): void {
  let at = cursor.pos
  let column = -1
  for (; at < cursor.text.length; at++) {
    const code = cursor.text.charCodeAt(at)
    if (isBreakCode(code)) column = 0
    else if (code === 9 && column >= 0 && column < indent) throw scannerError(cursor.line + 1, line, 'found a tab character that violates indentation')
    else if (code === 32 || code === 9) { if (column >= 0) column++ }
    else return
  }
}
