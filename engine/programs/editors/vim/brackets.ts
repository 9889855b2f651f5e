/** Brackets that belong together. */
import type { Place, TextBuffer } from '#engine/programs/editors/vim/text'

const pairs: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>', ')': '(', ']': '[', '}': '{' }

/** `%`: the partner of the first bracket at or behind a place. */
export function matchingBracket(buffer: TextBuffer, from: Place): Place | undefined {
  const text = buffer.line(from.line)
  const offset = text.slice(from.column).search(/[()[\]{}]/)
  if (offset < 0) return undefined
  const column = from.column + offset
  const bracket = text.charAt(column)
  return findBracket(buffer, { line: from.line, column }, pairs[bracket] ?? '', bracket, '([{'.includes(bracket) ? 1 : -1)
}

/** The pair around a place, or the next one on its line. */
export function bracketPair(buffer: TextBuffer, at: Place, open: string): { start: Place; end: Place } | undefined {
  const close = pairs[open] ?? ''
  const text = buffer.line(at.line)
  const here = text[at.column] === open ? at : findBracket(buffer, at, open, close, -1)
  const next = text.indexOf(open, at.column)
  const start = here ?? (next < 0 ? undefined : { line: at.line, column: next })
  const end = start && findBracket(buffer, start, close, open, 1)
  return start && end ? { start, end } : undefined
}

/** From a place onwards, not counting itself: the bracket wanted that no other one pairs with. */
export function findBracket(buffer: TextBuffer, from: Place, wanted: string, other: string, step: 1 | -1): Place | undefined {
  let depth = 0
  for (let line = from.line; line >= 0 && line < buffer.count; line += step) {
    const text = buffer.line(line)
    let column = line === from.line ? from.column + step : step > 0 ? 0 : text.length - 1
    for (; column >= 0 && column < text.length; column += step) {
      if (text[column] === other) depth++
      else if (text[column] === wanted && depth-- === 0) return { line, column }
    }
  }
  return undefined
}
