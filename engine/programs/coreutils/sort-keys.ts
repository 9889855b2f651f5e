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
  const start = position(comma < 0 ? text : text.slice(0, comma), text, 'start', quote)
  const end = comma < 0 ? undefined : position(text.slice(comma + 1), text, 'end', quote)
  const letters = start.letters + (end?.letters ?? '')
  return {
    letters,
    extract(line, separator, effective) {
      const inherited = letters === '' && effective.includes('b')
      return extract(line, separator, { ...start, blanks: start.letters.includes('b') || inherited }, end && { ...end, blanks: end.letters.includes('b') || inherited })
    },
  }
}

function position(text: string, whole: string, side: 'start' | 'end', quote: (value: string) => string): Position & { letters: string } {
  const wrong = (what: string, about = whole): never => {
    throw new SortError(`${what} ${quote(about)}`)
  }
  const [, field, dot, character, letters = ''] = /^(\d*)(\.?)(\d*)(.*)$/s.exec(text) as unknown as [string, string, string, string, string]
  if (field === '') wrong(side === 'start' ? 'invalid number at field start: invalid count at start of' : "invalid number after ',': invalid count at start of", side === 'start' ? whole : text)
  if (dot !== '' && character === '') wrong("invalid number after '.': invalid count at start of", letters)
  if (Number(field) === 0) wrong('field number is zero: invalid field specification')
  if (side === 'start' && character !== '' && Number(character) === 0) wrong('character offset is zero: invalid field specification')
  if (/[^bdfgiMhnRrV]/.test(letters)) wrong('stray character in field spec: invalid field specification')
  return { field: Number(field), character: Number(character), blanks: false, letters }
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
