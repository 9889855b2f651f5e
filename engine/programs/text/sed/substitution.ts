/** Reads `s/regex/replacement/flags`. */
import { countGroups } from '#engine/shell/patterns/posix'
import type { ReplacementPart, Substitution } from '#engine/programs/text/sed/commands'
import { type Scanner, withCharacters } from '#engine/programs/text/sed/scanner'

type Flags = { -readonly [K in Exclude<keyof Substitution, 'source' | 'replacement'>]: Substitution[K] }

export function readSubstitution(scanner: Scanner): Substitution {
  const delimiter = scanner.take()
  if (delimiter === undefined || delimiter === '\n' || delimiter === '\\') scanner.fail("unterminated `s' command", scanner.length)
  const given = scanner.delimited(delimiter, true)
  const replacement = given === undefined ? undefined : scanner.delimited(delimiter, false)
  if (given === undefined || replacement === undefined) scanner.fail("unterminated `s' command", scanner.length)
  const flags = new FlagReader(scanner).read()
  const source = withCharacters(given, /[$*.[\\\]^]/)
  scanner.checkRegex(source, flags.ignoreCase)
  const parts = replacementParts(withCharacters(replacement, /[&\\]/))
  const highest = Math.max(0, ...parts.map((part) => ('group' in part ? part.group : 0)))
  if (source !== '' && highest > countGroups(source, scanner.extended)) scanner.fail(`invalid reference \\${highest} on \`s' command's RHS`)
  return { source: source === '' ? undefined : source, replacement: parts, ...flags }
}

class FlagReader {
  private readonly flags: Flags = { ignoreCase: false, multiline: false, global: false, occurrence: 1, print: 0, evaluate: false, file: undefined }
  private counted = false

  private readonly letters: Readonly<Record<string, () => void>> = {
    g: () => (this.flags.global = this.once('g', this.flags.global)),
    p: () => (this.flags.print = Number(this.once('p', this.flags.print > 0))),
    i: () => (this.flags.ignoreCase = true),
    I: () => (this.flags.ignoreCase = true),
    m: () => (this.flags.multiline = true),
    M: () => (this.flags.multiline = true),
    e: () => (this.flags.evaluate = true),
    w: () => (this.flags.file = this.fileName()),
  }

  constructor(private readonly scanner: Scanner) {}

  read(): Flags {
    for (;;) {
      const scanner: Scanner = this.scanner
      if (/\d/.test(scanner.peek ?? '')) this.occurrence()
      else if (/[gpiImMew]/.test(scanner.peek ?? '')) this.letters[scanner.take() ?? '']?.()
      else if (this.flags.file === undefined && / |\t/.test(scanner.peek ?? '')) scanner.blanks()
      else break
      if (this.flags.file !== undefined) return this.flags
    }
    this.scanner.endOfCommand("unknown option to `s'")
    return this.flags
  }

  private occurrence(): void {
    const scanner: Scanner = this.scanner
    if (this.counted) scanner.fail("multiple number options to `s' command", scanner.at + 1)
    const number = Number(scanner.match(/^\d+/)?.[0])
    if (number === 0) scanner.fail("number option to `s' command may not be zero")
    this.counted = true
    this.flags.occurrence = number
  }

  private once(letter: string, given: boolean): true {
    if (given) this.scanner.fail(`multiple \`${letter}' options to \`s' command`)
    return true
  }

  private fileName(): string {
    this.scanner.blanks()
    const file = this.scanner.line()
    if (file === '') this.scanner.fail('missing filename in r/R/w/W commands')
    return file
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n' }

function replacementParts(text: string): ReplacementPart[] {
  const out: ReplacementPart[] = []
  let plain = ''
  for (const [piece] of text.matchAll(/\\[^]|[^]/gu)) {
    const part = partOf(piece)
    if ('text' in part) {
      plain += part.text
      continue
    }
    if (plain !== '') out.push({ text: plain })
    plain = ''
    out.push(part)
  }
  return plain === '' ? out : [...out, { text: plain }]
}

function partOf(piece: string): ReplacementPart {
  if (piece === '&') return { group: 0 }
  if (piece.length === 1 || !piece.startsWith('\\')) return { text: piece }
  const escape = piece.slice(1)
  if (/\d/.test(escape)) return { group: Number(escape) }
  return 'ULulE'.includes(escape) ? { change: escape as 'U' } : { text: escapes[escape] ?? escape }
}
