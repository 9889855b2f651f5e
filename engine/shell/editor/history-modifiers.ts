/** What follows a reference to the history: `:h`, `:t`, `:r`, `:e`, `:p`, `:q`, `:x`, `:s/old/new/`, `:gs`, `:&`. */
import { singleQuote } from '#engine/shell/expand/quote'
import { splitWords } from './history-event'

export interface Modified {
  readonly text: string
  readonly end: number
  readonly printOnly: boolean
}

const simple: Readonly<Record<string, (text: string) => string>> = {
  h: (text) => text.replace(/\/[^/]*$/, ''),
  t: (text) => text.replace(/^.*\//s, ''),
  r: (text) => text.replace(/\.[^./]*$/, ''),
  e: (text) => /\.[^./]*$/.exec(text)?.[0] ?? text,
  q: singleQuote,
  x: (text) => splitWords(text).map(singleQuote).join(' '),
  p: (text) => text,
}

export function modify(line: string, from: number, given: string): Modified | { readonly missing: string } {
  let text = given
  let at = from
  let printOnly = false
  let last: Substitution | undefined
  for (;;) {
    const match = /^:(g|a)?([htreqxps&])/.exec(line.slice(at))
    if (!match) return { text, end: at, printOnly }
    const letter = match[2] as string
    at += match[0].length
    if (letter === 's') {
      const read = readSubstitution(line, at)
      last = read.substitution
      at = read.end
    }
    if (letter === 's' || letter === '&') {
      if (!last || !text.includes(last.old)) return { missing: `:${line.slice(from + 1, at)}: substitution failed` }
      text = substitute(text, last, match[1] !== undefined)
    } else text = (simple[letter] as (text: string) => string)(text)
    if (letter === 'p') printOnly = true
  }
}

interface Substitution {
  readonly old: string
  readonly fresh: string
}

/** `at` is on the delimiter. */
function readSubstitution(line: string, at: number): { substitution: Substitution; end: number } {
  const delimiter = line.charAt(at)
  const piece = (from: number): { text: string; end: number } => {
    let text = ''
    let i = from
    for (; i < line.length && line[i] !== delimiter; i++) {
      if (line[i] === '\\' && line[i + 1] === delimiter) i++
      text += line.charAt(i)
    }
    return { text, end: i + 1 }
  }
  const old = piece(at + 1)
  const fresh = piece(old.end)
  return { substitution: { old: old.text, fresh: fresh.text }, end: Math.min(fresh.end, line.length) }
}

function substitute(text: string, { old, fresh }: Substitution, all: boolean): string {
  const replacement = (): string => fresh.replace(/\\&|&/g, (found) => (found === '&' ? old : '&'))
  return all ? text.replaceAll(old, replacement) : text.replace(old, replacement)
}
