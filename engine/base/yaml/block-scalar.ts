/** Literal and folded scalars: header, indentation, folding and chomping. */
import type { Cursor } from '#engine/base/yaml/cursor'
import { scannerError } from '#engine/base/yaml/tokens'

/** The text of a literal or folded scalar; `indent` is that of the block it stands in, -1 at the top. */
export function blockScalar(cursor: Cursor, literal: boolean, indent: number): string {
  const { line } = cursor
  cursor.skip()
  const header = blockHeader(cursor, line)
  const end = { indent: header.increment > 0 ? Math.max(indent, 0) + header.increment : 0, breaks: '' }
  blockBreaks(cursor, end, indent, line)
  let out = ''
  let leadingBreak = ''
  let leadingBlank = false
  while (cursor.column === end.indent && !cursor.isEnd()) {
    const blank = isBlank(cursor)
    if (!literal && leadingBreak.startsWith('\n') && !leadingBlank && !blank) {
      if (end.breaks === '') out += ' '
    } else out += leadingBreak
    out += end.breaks
    end.breaks = ''
    leadingBlank = blank
    out += restOfLine(cursor)
    leadingBreak = cursor.isEnd() ? '' : cursor.readBreak()
    blockBreaks(cursor, end, indent, line)
  }
  if (header.chomping !== -1) out += leadingBreak
  if (header.chomping === 1) out += end.breaks
  return out
}

function isBlank(cursor: Cursor): boolean {
  return cursor.at() === ' ' || cursor.at() === '\t'
}

function restOfLine(cursor: Cursor): string {
  const start = cursor.pos
  while (!cursor.isEnd() && !cursor.isBreak()) cursor.skip()
  return cursor.text.slice(start, cursor.pos)
}

function blockHeader(cursor: Cursor, line: number): { chomping: number; increment: number } {
  const header = blockIndicators(cursor, line)
  while (isBlank(cursor)) cursor.skip()
  cursor.skipComment()
  if (!cursor.isEnd() && !cursor.isBreak()) throw scannerError(cursor.line, line, 'did not find expected comment or line break')
  if (cursor.isBreak()) cursor.readBreak()
  return header
}

function blockIndicators(cursor: Cursor, line: number): { chomping: number; increment: number } {
  let chomping = 0
  let increment = 0
  for (let i = 0; i < 2; i++) {
    const char = cursor.at()
    if ((char === '+' || char === '-') && chomping === 0) chomping = char === '+' ? 1 : -1
    else if (char === '0' && increment === 0) throw scannerError(cursor.line, line, 'found an indentation indicator equal to 0')
    else if (/[1-9]/.test(char) && increment === 0) increment = Number(char)
    else break
    cursor.skip()
  }
  return { chomping, increment }
}

function blockBreaks(cursor: Cursor, end: { indent: number; breaks: string }, parent: number, line: number): void {
  let widest = 0
  for (;;) {
    while ((end.indent === 0 || cursor.column < end.indent) && cursor.at() === ' ') cursor.skip()
    if (cursor.column > widest) widest = cursor.column
    if ((end.indent === 0 || cursor.column < end.indent) && cursor.at() === '\t') throw scannerError(cursor.line, line, 'found a tab character where an indentation space is expected')
    if (cursor.isEnd() || !cursor.isBreak()) break
    end.breaks += cursor.readBreak()
  }
  if (end.indent === 0) end.indent = Math.max(widest, parent + 1, 1)
}
