/** sort's `-k F[.C][OPTS][,F[.C][OPTS]]`. */
export class SortError extends Error {}

export interface KeySpec {
  readonly letters: string
  extract(line: string, separator: string | undefined, letters: string): string
}

interface Position {
  readonly field: number
  readonly character: number
  readonly blanks: boolean
}

export function parseKey(text: string, quote: (value: string) => string): KeySpec {
  const comma = text.indexOf(',')
  const startText = comma < 0 ? text : text.slice(0, comma)
  const endText = comma < 0 ? undefined : text.slice(comma + 1)
  const start = position(startText, text, 'start', quote)
  const end = endText === undefined ? undefined : position(endText, text, 'end', quote)
  const letters = start.letters + (end?.letters ?? '')
  return {
    letters: letters.replace(/b/g, '') === '' ? letters : letters,
    extract: (line, separator, effective) => extract(line, separator, { ...start, blanks: start.letters.includes('b') || (letters === '' && effective.includes('b')) }, end && { ...end, blanks: end.letters.includes('b') || (letters === '' && effective.includes('b')) }),
  }
}

function position(text: string, whole: string, side: 'start' | 'end', quote: (value: string) => string): Position & { letters: string } {
  const match = /^(\d+)(?:\.(\d+))?(.*)$/.exec(text)
  if (!match) throw new SortError(`invalid number at field start: invalid count at start of ${quote(side === 'start' ? whole : text)}`)
  if (Number(match[1]) === 0) throw new SortError(`field number is zero: invalid field specification ${quote(whole)}`)
  if (side === 'start' && match[2] !== undefined && Number(match[2]) === 0) throw new SortError(`character offset is zero: invalid field specification ${quote(whole)}`)
  if (/[^bdfgiMhnRrV]/.test(match[3] as string)) throw new SortError(`stray character in field spec: invalid field specification ${quote(whole)}`)
  return { field: Number(match[1]), character: match[2] === undefined ? 0 : Number(match[2]), blanks: false, letters: match[3] as string }
}

/** Where each field begins and ends. Without a separator a field begins with the blanks before it. */
function fieldBounds(line: string, separator: string | undefined): [number, number][] {
  const out: [number, number][] = []
  if (separator !== undefined) {
    let from = 0
    for (let at = line.indexOf(separator); at >= 0; at = line.indexOf(separator, from)) {
      out.push([from, at])
      from = at + separator.length
    }
    out.push([from, line.length])
    return out
  }
  for (const match of line.matchAll(/[ \t]*[^ \t]+|[ \t]+$/g)) out.push([match.index, match.index + match[0].length])
  return out
}

/** Where a key ends: at its field's end, or after so many characters of it. */
function endOf(line: string, end: Position | undefined, field: readonly [number, number] | undefined): number {
  if (!end || !field) return line.length
  if (end.character <= 0) return field[1]
  let base = field[0]
  if (end.blanks) while (base < field[1] && /[ \t]/.test(line[base] as string)) base++
  return Math.min(line.length, base + end.character)
}

function extract(line: string, separator: string | undefined, start: Position, end: Position | undefined): string {
  const bounds = fieldBounds(line, separator)
  const first = bounds[start.field - 1]
  let from = first ? first[0] : line.length
  if (first && start.blanks) while (from < first[1] && /[ \t]/.test(line[from] as string)) from++
  from = Math.min(line.length, from + Math.max(0, start.character - 1))
  const to = endOf(line, end, end && bounds[end.field - 1])
  return from >= to ? '' : line.slice(from, to)
}
