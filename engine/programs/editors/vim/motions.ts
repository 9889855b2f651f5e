/** Where motions lead and what text objects cover. */
import type { Place, TextBuffer } from '#engine/programs/editors/vim/text'

export interface Motion {
  readonly to: Place
  readonly kind: 'exclusive' | 'inclusive' | 'line'
}

function kindOf(c: string | undefined, big: boolean): number {
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
  let { line, column } = from
  for (;;) {
    column--
    while (column < 0) {
      if (line === 0) return { line: 0, column: 0 }
      line--
      column = buffer.line(line).length - 1
      if (buffer.line(line) === '') return { line, column: 0 }
    }
    if (kindOf(buffer.line(line)[column], big) !== 0) break
  }
  const kind = kindOf(buffer.line(line)[column], big)
  while (column > 0 && kindOf(buffer.line(line)[column - 1], big) === kind) column--
  return { line, column }
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
  const kind = kindOf(buffer.line(line)[column], big)
  while (column + 1 < buffer.line(line).length && kindOf(buffer.line(line)[column + 1], big) === kind) column++
  return { line, column }
}

export function firstNonBlank(text: string): number {
  const at = text.search(/\S/)
  return at < 0 ? Math.max(0, text.length - 1) : at
}

/** f, t, F, T. */
export function findCharacter(text: string, column: number, kind: string, c: string, count: number): number | undefined {
  let at = column
  const forward = kind === 'f' || kind === 't'
  for (let i = 0; i < count; i++) {
    at = forward ? text.indexOf(c, at + 1) : text.lastIndexOf(c, at - 1)
    if (at < 0 || (!forward && column === 0)) return undefined
  }
  return kind === 't' ? at - 1 : kind === 'T' ? at + 1 : at
}

const pairs: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', ')': '(', ']': '[', '}': '{' }

/** `%`. */
export function matchingBracket(buffer: TextBuffer, from: Place): Place | undefined {
  const line = buffer.line(from.line)
  const offset = line.slice(from.column).search(/[()[\]{}]/)
  if (offset < 0) return undefined
  const open = line[from.column + offset] as string
  const close = pairs[open] as string
  const step = '([{'.includes(open) ? 1 : -1
  let depth = 0
  let place = { line: from.line, column: from.column + offset }
  for (;;) {
    const c = buffer.line(place.line)[place.column]
    if (c === open) depth++
    else if (c === close && --depth === 0) return place
    place = { line: place.line, column: place.column + step }
    while (place.column < 0 || place.column >= buffer.line(place.line).length) {
      const next = place.line + step
      if (next < 0 || next >= buffer.count) return undefined
      place = { line: next, column: step > 0 ? 0 : buffer.line(next).length - 1 }
      if (buffer.line(next) === '') place.column = step > 0 ? 0 : -1
      if (buffer.line(next) === '' && step > 0) {
        place.column = 0
        break
      }
      if (buffer.line(next) === '') break
    }
    if (buffer.line(place.line) === '' ) {
      const next = place.line + step
      if (next < 0 || next >= buffer.count) return undefined
      place = { line: next, column: step > 0 ? 0 : Math.max(0, buffer.line(next).length - 1) }
    }
  }
}

export function paragraph(buffer: TextBuffer, line: number, step: 1 | -1): number {
  let at = line
  while (at >= 0 && at < buffer.count && buffer.line(at) === '') at += step
  while (at >= 0 && at < buffer.count && buffer.line(at) !== '') at += step
  return Math.max(0, Math.min(buffer.count - 1, at))
}

export interface Region {
  readonly from: Place
  /** Exclusive; for lines, the last line. */
  readonly to: Place
  readonly lines: boolean
}

/** `iw`, `a"`, `i{`, `ip` ... */
export function textObject(buffer: TextBuffer, at: Place, around: boolean, name: string): Region | undefined {
  if (name === 'w' || name === 'W') return wordObject(buffer, at, around, name === 'W')
  if (name === 'p') return paragraphObject(buffer, at, around)
  if ('"\'`'.includes(name)) return quoteObject(buffer, at, around, name)
  const open = ({ b: '(', ')': '(', '(': '(', B: '{', '}': '{', '{': '{', ']': '[', '[': '[', '<': '<', '>': '<' } as Record<string, string>)[name]
  return open === undefined ? undefined : bracketObject(buffer, at, around, open)
}

function wordObject(buffer: TextBuffer, at: Place, around: boolean, big: boolean): Region {
  const text = buffer.line(at.line)
  const kind = kindOf(text[at.column], big)
  let [start, end] = [at.column, at.column + 1]
  while (start > 0 && kindOf(text[start - 1], big) === kind) start--
  while (end < text.length && kindOf(text[end], big) === kind) end++
  if (around) {
    const before = end
    while (end < text.length && kindOf(text[end], big) === 0) end++
    if (end === before) while (start > 0 && kindOf(text[start - 1], big) === 0) start--
  }
  return { from: { line: at.line, column: start }, to: { line: at.line, column: Math.min(end, text.length) }, lines: false }
}

function paragraphObject(buffer: TextBuffer, at: Place, around: boolean): Region {
  const blank = buffer.line(at.line) === ''
  let [start, end] = [at.line, at.line]
  while (start > 0 && (buffer.line(start - 1) === '') === blank) start--
  while (end + 1 < buffer.count && (buffer.line(end + 1) === '') === blank) end++
  if (around) while (end + 1 < buffer.count && (buffer.line(end + 1) === '') !== blank) end++
  return { from: { line: start, column: 0 }, to: { line: end, column: 0 }, lines: true }
}

function quoteObject(buffer: TextBuffer, at: Place, around: boolean, quote: string): Region | undefined {
  const text = buffer.line(at.line)
  const places = [...text].flatMap((c, index) => (c === quote && text[index - 1] !== '\\' ? [index] : []))
  for (let i = 0; i + 1 < places.length; i += 2) {
    const [start, end] = [places[i] as number, places[i + 1] as number]
    if (at.column > end) continue
    return { from: { line: at.line, column: around ? start : start + 1 }, to: { line: at.line, column: around ? end + 1 : end }, lines: false }
  }
  return undefined
}

function bracketObject(buffer: TextBuffer, at: Place, around: boolean, open: string): Region | undefined {
  const close = open === '<' ? '>' : (pairs[open] as string)
  const start = scan(buffer, at, open, close, -1)
  const end = start && scan(buffer, start, close, open, 1)
  if (!start || !end) return undefined
  if (around) return { from: start, to: { line: end.line, column: end.column + 1 }, lines: false }
  const inner = { line: start.line, column: start.column + 1 }
  if (inner.column >= buffer.line(start.line).length && end.line > start.line && buffer.line(end.line).slice(0, end.column).trim() === '') return { from: { line: start.line + 1, column: 0 }, to: { line: end.line - 1, column: 0 }, lines: true }
  return { from: inner, to: end, lines: false }
}

function scan(buffer: TextBuffer, from: Place, wanted: string, other: string, step: 1 | -1): Place | undefined {
  let depth = 0
  for (let line = from.line; line >= 0 && line < buffer.count; line += step) {
    const text = buffer.line(line)
    let column = line === from.line ? from.column : step > 0 ? 0 : text.length - 1
    if (line === from.line && step > 0) column++
    for (; column >= 0 && column < text.length; column += step) {
      const c = text[column]
      if (c === wanted) {
        if (depth === 0) return { line, column }
        depth--
      } else if (c === other && !(line === from.line && column === from.column)) depth++
    }
  }
  return undefined
}
