/** Where words begin and end. */
import type { Place, TextBuffer } from '#engine/programs/editors/vim/text'

/** 0: a blank; 1: of a word; 2: punctuation, which makes words of its own. */
export function kindOf(c: string | undefined, big: boolean): number {
  if (c === undefined || /\s/.test(c)) return 0
  if (big) return 1
  return /[\p{L}\p{N}_]/u.test(c) ? 1 : 2
}

export function wordForward(buffer: TextBuffer, from: Place, big: boolean): Place {
  let { line, column } = from
  const text = (): string => buffer.line(line)
  const start = kindOf(text()[column], big)
  while (column < text().length && start !== 0 && kindOf(text()[column], big) === start) column++
  for (;;) {
    while (column < text().length && kindOf(text()[column], big) === 0) column++
    if (column < text().length) return { line, column }
    if (line + 1 >= buffer.count) return { line, column: Math.max(0, text().length) }
    line++
    column = 0
    if (text() === '') return { line, column }
  }
}

export function wordBack(buffer: TextBuffer, from: Place, big: boolean): Place {
  const { line, column } = backToText(buffer, from, big)
  const text = buffer.line(line)
  const kind = kindOf(text[column], big)
  let start = column
  while (start > 0 && kindOf(text[start - 1], big) === kind) start--
  return { line, column: start }
}

/** The last character before a place that is no blank; an empty line counts as one. */
function backToText(buffer: TextBuffer, from: Place, big: boolean): Place {
  let { line, column } = from
  for (;;) {
    column--
    while (column < 0) {
      if (line === 0) return { line: 0, column: 0 }
      line--
      column = buffer.line(line).length - 1
      if (buffer.line(line) === '') return { line, column: 0 }
    }
    if (kindOf(buffer.line(line)[column], big) !== 0) return { line, column }
  }
}

/** `ge`: the end of the word before. */
export function wordEndBack(buffer: TextBuffer, from: Place, big: boolean): Place {
  const text = buffer.line(from.line)
  const kind = kindOf(text[from.column], big)
  let column = from.column
  while (kind !== 0 && column > 0 && kindOf(text[column - 1], big) === kind) column--
  return backToText(buffer, { line: from.line, column }, big)
}

export function wordEnd(buffer: TextBuffer, from: Place, big: boolean): Place {
  let { line, column } = from
  column++
  for (;;) {
    while (column < buffer.line(line).length && kindOf(buffer.line(line)[column], big) === 0) column++
    if (column < buffer.line(line).length) break
    if (line + 1 >= buffer.count) return { line, column: Math.max(0, buffer.line(line).length - 1) }
    line++
    column = 0
  }
  const text = buffer.line(line)
  const kind = kindOf(text[column], big)
  while (column + 1 < text.length && kindOf(text[column + 1], big) === kind) column++
  return { line, column }
}

export function firstNonBlank(text: string): number {
  const at = text.search(/\S/)
  return at < 0 ? Math.max(0, text.length - 1) : at
}
