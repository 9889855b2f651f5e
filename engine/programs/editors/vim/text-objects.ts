/** `iw`, `a"`, `i{`, `ip` ... */
import { bracketPair } from '#engine/programs/editors/vim/brackets'
import type { Place, TextBuffer } from '#engine/programs/editors/vim/text'
import { kindOf } from '#engine/programs/editors/vim/words'

export interface Region {
  readonly from: Place
  /** Exclusive; for lines, the last line. */
  readonly to: Place
  readonly lines: boolean
}

const brackets: Readonly<Record<string, string>> = { b: '(', ')': '(', '(': '(', B: '{', '}': '{', '{': '{', ']': '[', '[': '[', '<': '<', '>': '<' }

export function textObject(buffer: TextBuffer, at: Place, around: boolean, name: string, count = 1): Region | undefined {
  if (name === 'w' || name === 'W') return words(buffer, at, around, name === 'W', count)
  if (name === 'p') return paragraph(buffer, at, around)
  if ('"\'`'.includes(name)) return quoted(buffer, at, around, name)
  const open = brackets[name]
  return open === undefined ? undefined : bracketed(buffer, at, around, open)
}

function words(buffer: TextBuffer, at: Place, around: boolean, big: boolean, count: number): Region {
  const { line } = at
  const text = buffer.line(line)
  const first = word(text, at.column, around, big)
  let { end } = first
  for (let i = 1; i < count && end < text.length; i++) end = word(text, end, around, big).end
  return { from: { line, column: first.start }, to: { line, column: Math.min(end, text.length) }, lines: false }
}

function word(text: string, column: number, around: boolean, big: boolean): { start: number; end: number } {
  const kind = kindOf(text[column], big)
  let [start, end] = [column, column + 1]
  while (start > 0 && kindOf(text[start - 1], big) === kind) start--
  while (end < text.length && kindOf(text[end], big) === kind) end++
  if (!around) return { start, end }
  const before = end
  while (end < text.length && kindOf(text[end], big) === 0) end++
  if (end === before) while (start > 0 && kindOf(text[start - 1], big) === 0) start--
  return { start, end }
}

function paragraph(buffer: TextBuffer, at: Place, around: boolean): Region {
  const blank = buffer.line(at.line) === ''
  let [start, end] = [at.line, at.line]
  while (start > 0 && (buffer.line(start - 1) === '') === blank) start--
  while (end + 1 < buffer.count && (buffer.line(end + 1) === '') === blank) end++
  if (around) while (end + 1 < buffer.count && (buffer.line(end + 1) === '') !== blank) end++
  return { from: { line: start, column: 0 }, to: { line: end, column: 0 }, lines: true }
}

function quoted(buffer: TextBuffer, at: Place, around: boolean, quote: string): Region | undefined {
  const { line } = at
  const text = buffer.line(line)
  const places = [...text].flatMap((c, index) => (c === quote && text[index - 1] !== '\\' ? [index] : []))
  for (let i = 0; i + 1 < places.length; i += 2) {
    const [start, end] = [places[i] as number, places[i + 1] as number]
    if (at.column > end) continue
    if (!around) return { from: { line, column: start + 1 }, to: { line, column: end }, lines: false }
    return { from: { line, column: withBlanks(text, start, end) }, to: { line, column: end + 1 + blanksAt(text, end + 1) }, lines: false }
  }
  return undefined
}

function blanksAt(text: string, column: number): number {
  return /^[ \t]*/.exec(text.slice(column))?.[0].length ?? 0
}

/** Blanks behind belong to it; where there are none, those before. */
function withBlanks(text: string, start: number, end: number): number {
  return blanksAt(text, end + 1) > 0 ? start : text.slice(0, start).trimEnd().length
}

function bracketed(buffer: TextBuffer, at: Place, around: boolean, open: string): Region | undefined {
  const pair = bracketPair(buffer, at, open)
  if (!pair) return undefined
  const { start, end } = pair
  if (around) return { from: start, to: { line: end.line, column: end.column + 1 }, lines: false }
  const inner = { line: start.line, column: start.column + 1 }
  const onItsOwn = inner.column >= buffer.line(start.line).length && end.line > start.line && buffer.line(end.line).slice(0, end.column).trim() === ''
  if (onItsOwn) return { from: { line: start.line + 1, column: 0 }, to: { line: end.line - 1, column: 0 }, lines: true }
  return { from: inner, to: end, lines: false }
}
