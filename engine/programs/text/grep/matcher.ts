/** What of a line matches. */
import { escapeRegExp } from '#engine/shell/patterns/classes'
import { pcreRegExp } from '#engine/shell/patterns/pcre'
import { posixRegExp } from '#engine/shell/patterns/posix'
import { type Kind, type Options, Trouble } from '#engine/programs/text/grep/options'

export interface Found {
  readonly index: number
  readonly text: string
}

export class Matcher {
  /** Of what stands where nothing can be repeated; said once, before the search. */
  readonly warnings: readonly string[]
  private readonly regexes: readonly RegExp[]

  constructor(
    patterns: readonly string[],
    kind: Kind,
    o: Options,
    /** Every match of a line is wanted, not only whether there is one. */
    private readonly all: boolean,
  ) {
    this.warnings = kind === 'extended' ? [...new Set(patterns.flatMap(strayRepetitions))] : []
    this.regexes = patterns.map((pattern) => compile(pattern, kind, o))
  }

  matches(line: string): Found[] {
    const found: Found[] = []
    for (const regex of this.regexes) {
      regex.lastIndex = 0
      for (let match = regex.exec(line); match; match = regex.exec(line)) {
        if (!this.all) return [{ index: match.index, text: match[0] }]
        found.push({ index: match.index, text: match[0] })
        if (match[0] === '') regex.lastIndex++
      }
    }
    return this.regexes.length > 1 ? withoutOverlap(found) : found
  }
}

function strayRepetitions(pattern: string): string[] {
  const stray = /(?:^|\(|\||\^)(\*|\+|\?|\{\d*,?\d*\})/.exec(pattern.replace(/\\[^]|\[\^?\]?(?:\[[:.=].*?[:.=]\]|[^\]])*\]/g, 'x'))?.[1]
  return stray === undefined ? [] : [`warning: ${stray.startsWith('{') ? '{...}' : stray} at start of expression`]
}

function compile(pattern: string, kind: Kind, o: Options): RegExp {
  if (kind === 'basic' || kind === 'extended') checkBrackets(pattern)
  const ignoreCase = o.ignoreCase && !o.noIgnoreCase
  const base = kind === 'fixed' ? new RegExp(escapeRegExp(pattern), ignoreCase ? 'iu' : 'u') : kind === 'perl' ? pcreRegExp(pattern, ignoreCase) : posixRegExp(kind === 'extended' ? withPlainBrace(pattern) : pattern, { extended: kind === 'extended', ignoreCase })
  return new RegExp(wrapped(base.source, o), base.flags.includes('g') ? base.flags : `${base.flags}g`)
}

/** GNU's own words where a class stands outside of brackets, and where nothing follows an open one. */
function checkBrackets(pattern: string): void {
  const rest = pattern.replace(/\\[^]|\[\^?\]?(?:\[[:.=].*?[:.=]\]|[^\]])*\]/g, (piece) => {
    if (/^\[:[a-z]+:\]$/.test(piece)) throw new Trouble('character class syntax is [[:space:]], not [:space:]')
    return ''
  })
  if (/\[\^?$/.test(rest)) throw new Trouble('Invalid regular expression')
}

/** A brace that nothing closes is itself to egrep. */
function withPlainBrace(pattern: string): string {
  return pattern.replace(/(?<!\\)\{(?=[^}]*$)/g, '\\{')
}

function wrapped(source: string, o: Options): string {
  if (o.line) return `^(?:${source})$`
  return o.word ? `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])` : source
}

function withoutOverlap(found: Found[]): Found[] {
  const out: Found[] = []
  let end = -1
  for (const one of found.sort((a, b) => a.index - b.index || b.text.length - a.text.length)) {
    if (one.index < end) continue
    out.push(one)
    end = one.index + one.text.length
  }
  return out
}
