/** Words and variables as the Dockerfile's own little shell reads them. */
import { DockerfileError } from './lines'

/** Parts a line at blanks outside of quotes; quotes and escapes stay. */
export function splitWords(text: string, escape: string): string[] {
  const words: string[] = []
  let word = ''
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === escape && quote !== "'" && i + 1 < text.length) word += char + text.charAt(++i)
    else if (quote !== '') {
      word += char
      if (char === quote) quote = ''
    } else if (char === '"' || char === "'") {
      quote = char
      word += char
    } else if (/\s/.test(char)) {
      if (word !== '') words.push(word)
      word = ''
    } else word += char
  }
  return word === '' ? words : [...words, word]
}

/** `a=b c="d e"`, or the old form `name all the rest`. An ARG may have no value. */
export function pairsOf(keyword: string, text: string, escape: string, line: number): [string, string | undefined][] {
  const words = splitWords(text, escape)
  const first = words[0]
  if (first === undefined) return []
  if (keyword === 'ARG') return words.map((word) => pair(word))
  if (first.includes('=')) {
    for (const word of words) if (!word.includes('=')) throw new DockerfileError(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`, line)
    return words.map((word) => pair(word))
  }
  const rest = text.trim().slice(first.length).trim()
  if (rest === '') throw new DockerfileError(`${keyword} must have two arguments`, line)
  return [[first, rest]]
}

function pair(word: string): [string, string | undefined] {
  const at = word.indexOf('=')
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

export type Variables = (name: string) => string | undefined

/** Takes quotes and escapes away and puts variables in. */
export function expand(text: string, variables: Variables, escape: string): string {
  const reader = new WordReader(text, variables, escape)
  return reader.all()
}

class WordReader {
  private at = 0

  constructor(
    private readonly text: string,
    private readonly variables: Variables,
    private readonly escape: string,
  ) {}

  all(): string {
    let out = ''
    while (this.at < this.text.length) out += this.next()
    return out
  }

  private next(): string {
    const char = this.text.charAt(this.at)
    if (char === "'") return this.single()
    if (char === '"') return this.double()
    if (char === '$') return this.variable()
    this.at++
    if (char !== this.escape) return char
    return this.text.charAt(this.at++)
  }

  private single(): string {
    const end = this.text.indexOf("'", this.at + 1)
    if (end < 0) throw new DockerfileError('unexpected end of statement while looking for matching single-quote')
    const out = this.text.slice(this.at + 1, end)
    this.at = end + 1
    return out
  }

  private double(): string {
    let out = ''
    this.at++
    while (this.at < this.text.length) {
      const char = this.text.charAt(this.at)
      if (char === '"') {
        this.at++
        return out
      }
      if (char === '$') out += this.variable()
      else if (char === this.escape && this.at + 1 < this.text.length) {
        const next = this.text.charAt(this.at + 1)
        out += next === '"' || next === '$' || next === this.escape ? next : char + next
        this.at += 2
      } else {
        out += char
        this.at++
      }
    }
    throw new DockerfileError('unexpected end of statement while looking for matching double-quote')
  }

  private variable(): string {
    const plain = /^\$([A-Za-z_][A-Za-z0-9_]*|[@*#0-9])/.exec(this.text.slice(this.at))
    if (plain) {
      this.at += plain[0].length
      return this.variables(plain[1] ?? '') ?? ''
    }
    if (this.text.charAt(this.at + 1) !== '{') {
      this.at++
      return '$'
    }
    return this.braced()
  }

  private braced(): string {
    const end = closing(this.text, this.at + 2)
    if (end < 0) throw new DockerfileError('syntax error: missing \'}\' in substitution')
    const body = this.text.slice(this.at + 2, end)
    this.at = end + 1
    const [, name = '', operator = '', word = ''] = /^([A-Za-z_][A-Za-z0-9_]*|[0-9])(:?[-+?])?([\s\S]*)$/.exec(body) ?? []
    if (name === '') throw new DockerfileError('bad substitution')
    if (operator === '' && word !== '') throw new DockerfileError(`unsupported modifier (${word.charAt(0)}) in substitution`)
    return this.substituted(name, operator, word)
  }

  private substituted(name: string, operator: string, word: string): string {
    const value = this.variables(name)
    const isSet = value !== undefined && (value !== '' || !operator.startsWith(':'))
    const other = (): string => expand(word, this.variables, this.escape)
    if (operator.endsWith('-')) return isSet ? value : other()
    if (operator.endsWith('+')) return isSet ? other() : ''
    if (operator.endsWith('?') && !isSet) throw new DockerfileError(`${name}: ${word === '' ? 'not allowed to be empty' : other()}`)
    return value ?? ''
  }
}

function closing(text: string, from: number): number {
  let depth = 1
  for (let i = from; i < text.length; i++) {
    if (text.startsWith('${', i)) depth++
    else if (text.charAt(i) === '}' && --depth === 0) return i
  }
  return -1
}
