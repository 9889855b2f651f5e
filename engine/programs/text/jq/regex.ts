/** match and test: Oniguruma's expressions as JavaScript's. Offsets count code points. */
import { pcreRegExp } from '#engine/shell/patterns/pcre'
import { PatternError } from '#engine/shell/patterns/posix'
import { described, fail, type Json } from '#engine/programs/text/jq/values'

export function matchAll(value: Json, pattern: Json, flags: Json, testing: boolean): Json {
  if (typeof value !== 'string') return fail(`${described(value)} cannot be matched, as it is not a string`)
  if (typeof pattern !== 'string') return fail(`${described(pattern)} cannot be matched, as it is not a string`)
  if (flags !== null && typeof flags !== 'string') return fail(`${described(flags)} is not a string`)
  const letters = flags ?? ''
  if (/[^gimnpslx]/.test(letters)) return fail(`${letters} is not a valid modifier string`)
  const regex = compile(pattern, letters)
  if (testing) return regex.test(value)
  const matches = letters.includes('g') ? [...value.matchAll(regex)] : [value.match(new RegExp(regex.source, regex.flags.replace('g', '')))].filter((match) => match !== null)
  const groups = groupNames(regex.source)
  return matches.map((match) => ({
    offset: points(value.slice(0, match.index)),
    length: points(match[0]),
    string: match[0],
    captures: match.slice(1).map((text: string | undefined, index) => {
      const range = (match as { indices?: ([number, number] | undefined)[] }).indices?.[index + 1]
      return { offset: range === undefined ? -1 : points(value.slice(0, range[0])), length: text === undefined ? 0 : points(text), string: text ?? null, name: groups[index] ?? null }
    }),
  }))
}

function compile(pattern: string, letters: string): RegExp {
  const source = letters.includes('x') ? pattern.replace(/\s+|#.*$/gm, '') : pattern
  try {
    const base = pcreRegExp(source, letters.includes('i'))
    const dotAll = letters.includes('s') || letters.includes('p') ? 's' : ''
    return new RegExp(base.source, `${base.flags.replace(/[gds]/g, '')}gd${dotAll}`)
  } catch (error) {
    if (error instanceof PatternError) return fail(`Regex failure: ${inOniguruma(pattern, error.message)}`)
    throw error
  }
}

/** The words of jq's own library. */
function inOniguruma(pattern: string, message: string): string {
  if (/closing parenthesis|[Uu]nmatched \( /.test(message)) return 'end pattern with unmatched parenthesis'
  if (/unmatched closing|Unmatched \)/.test(message) || /^[^(]*\)/.test(pattern)) return 'unmatched close parenthesis'
  if (/\[\[:\w+:\]/.test(pattern)) return 'invalid POSIX bracket type'
  if (/^\[[^\]]*$|\[[^\]]*$/.test(pattern)) return 'premature end of char-class'
  if (/^[*+?]|[(|][*+?]/.test(pattern)) return 'target of repeat operator is not specified'
  if (/\{\d+,\d+\}/.test(pattern)) return 'upper is smaller than lower in repeat range'
  return /\[.*-.*\]/.test(pattern) ? 'empty range in char class' : message
}

function points(text: string): number {
  return [...text].length
}

/** Names of groups by position. */
function groupNames(source: string): (string | undefined)[] {
  const out: (string | undefined)[] = []
  for (let i = 0; i < source.length; i++) {
    if (source[i] === '\\') i++
    else if (source[i] === '[') {
      for (i++; i < source.length && source[i] !== ']'; i++) if (source[i] === '\\') i++
    } else if (source[i] === '(') {
      const name = /^\(\?<([A-Za-z_]\w*)>/.exec(source.slice(i))?.[1]
      if (name !== undefined) out.push(name)
      else if (source[i + 1] !== '?') out.push(undefined)
    }
  }
  return out
}
