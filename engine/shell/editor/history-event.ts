/** Which line a `!` refers to, and which words of it. */
export type Event = { readonly text: string; readonly end: number }
export type Missing = { readonly missing: string }

interface Found {
  readonly line: string | undefined
  /** Behind the designator. */
  readonly end: number
}

/** The words that `!...` at this offset stands for. `typed` is what stands before it on the same line, for `!#`. */
export function eventAt(line: string, at: number, history: readonly string[], start: number, typed: string): Event | Missing {
  const found = designated(line, at + 1, history, start, typed)
  if (found.line === undefined) return { missing: `${line.slice(at, found.end)}: event not found` }
  return chosenWords(line, found.line, found.end)
}

function designated(line: string, at: number, history: readonly string[], start: number, typed: string): Found {
  const rest = line.slice(at)
  if (rest.startsWith('!')) return { line: history.at(-1), end: at + 1 }
  if (rest.startsWith('#')) return { line: typed, end: at + 1 }
  if (/^[$^*:-](?!\d)|^[$^*:]/.test(rest)) return { line: history.at(-1), end: at }
  const number = /^-?\d+/.exec(rest)?.[0]
  if (number !== undefined) return { line: number.startsWith('-') ? history.at(Number(number)) : history[Number(number) - start], end: at + number.length }
  const inside = /^\?([^?\n]*)\??/.exec(rest)
  if (inside) return { line: latest(history, (one) => one.includes(inside[1] as string)), end: at + inside[0].length }
  const beginning = /^[^\s:;&|()<>^$*"'-]+(?:-[^\s:;&|()<>^$*"'-]+)*/.exec(rest)?.[0] ?? ''
  return { line: beginning === '' ? undefined : latest(history, (one) => one.startsWith(beginning)), end: at + beginning.length }
}

function latest(history: readonly string[], matches: (line: string) => boolean): string | undefined {
  return history.findLast(matches)
}

/** `:2`, `:1-3`, `:$`, `:^`, `:*`, `:2*`, `:2-`, and `$`, `^`, `*` without the colon. */
function chosenWords(line: string, text: string, at: number): Event | Missing {
  const match = /^:?([$^*])|^:(\d+|\^)?-(\d+|\$)?|^:(\d+)(\*)?/.exec(line.slice(at))
  if (!match) return { text, end: at }
  const words = splitWords(text)
  const end = at + match[0].length
  const range = rangeOf(match, words.length - 1)
  if (range.from > range.to + 1 || range.from >= words.length + (range.all ? 1 : 0)) return { missing: `${match[0]}: bad word specifier` }
  return { text: words.slice(range.from, range.to + 1).join(' '), end }
}

function rangeOf(match: RegExpExecArray, last: number): { from: number; to: number; all: boolean } {
  const [, symbol, low, high, single, star] = match
  if (symbol === '$') return { from: last, to: last, all: false }
  if (symbol === '^') return { from: 1, to: 1, all: false }
  if (symbol === '*') return { from: 1, to: last, all: true }
  if (single !== undefined) return { from: Number(single), to: star ? last : Number(single), all: star !== undefined }
  return { from: low === '^' ? 1 : Number(low ?? 0), to: high === undefined ? last - 1 : high === '$' ? last : Number(high), all: false }
}

/** Words as the shell would see them: quotes keep theirs together, operators stand alone. */
export function splitWords(text: string): string[] {
  return text.match(/(?:\\.|'[^']*'?|"(?:\\.|[^"\\])*"?|`[^`]*`?|\$\([^)]*\)|[^\s'"\\`;&|<>()])+|\d*(?:>>|<<<|<<|>&|<&|>|<)|&&|\|\||;;|[;&|()]/g) ?? []
}
