/** A word on its way to fields: pieces that remember whether they were quoted and whether they may be split. */
import { escapeGlob, hasGlob } from '#engine/shell/patterns/glob'

export interface Piece {
  readonly text: string
  readonly quoted: boolean
  /** Comes from an expansion outside quotes: split at IFS. */
  readonly split: boolean
}

export class FieldBuilder {
  /** Pieces between forced breaks (`"$@"`). */
  readonly runs: Piece[][] = [[]]

  add(text: string, quoted: boolean, split: boolean): void {
    if (text === '' && !quoted) return
    ;(this.runs[this.runs.length - 1] as Piece[]).push({ text, quoted, split })
  }

  break(): void {
    this.runs.push([])
  }

  /** Everything as one text; breaks become `separator`. */
  text(separator = ' '): string {
    return this.runs.map((run) => run.map((piece) => piece.text).join('')).join(separator)
  }

  /** Everything as one pattern, quoted pieces escaped. */
  pattern(): string {
    return this.runs.map(patternOf).join(' ')
  }
}

export function patternOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (piece.quoted ? escapeGlob(piece.text) : piece.text)).join('')
}

export function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.text).join('')
}

export function fieldHasGlob(pieces: readonly Piece[], extglob: boolean): boolean {
  return pieces.some((piece) => !piece.quoted && /[*?[@+!]/.test(piece.text)) && hasGlob(patternOf(pieces), extglob)
}

/** Word splitting. `ifs` undefined is the default. */
export function splitFields(runs: readonly Piece[][], ifs: string | undefined): Piece[][] {
  const separators = ifs ?? ' \t\n'
  const out: Piece[][] = []
  for (const run of runs) {
    if (separators === '' || !run.some((piece) => piece.split)) {
      if (run.length > 0) out.push([...run])
    } else new Splitter(separators, out).run(run)
  }
  return out
}

class Splitter {
  private current: Piece[] = []
  private started = false
  private afterSpace = false
  private readonly whitespace: string

  constructor(
    private readonly separators: string,
    private readonly out: Piece[][],
  ) {
    this.whitespace = [...separators].filter((c) => c === ' ' || c === '\t' || c === '\n').join('')
  }

  run(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      if (!piece.split) {
        this.current.push(piece)
        this.started = true
        this.afterSpace = false
      } else this.splitPiece(piece)
    }
    if (this.started) this.finish()
  }

  private splitPiece(piece: Piece): void {
    let plain = ''
    const flush = (): void => {
      if (plain !== '') this.current.push({ text: plain, quoted: false, split: false })
      plain = ''
    }
    for (const c of piece.text) {
      if (!this.separators.includes(c)) {
        plain += c
        this.started = true
        this.afterSpace = false
        continue
      }
      flush()
      if (this.whitespace.includes(c)) {
        if (this.started) {
          this.finish()
          this.afterSpace = true
        }
      } else if (this.started) this.finish()
      else if (this.afterSpace) this.afterSpace = false
      else this.out.push([{ text: '', quoted: true, split: false }])
    }
    flush()
  }

  private finish(): void {
    this.out.push(this.current)
    this.current = []
    this.started = false
  }
}
