/** The replacement of `:s`: `&`, `\0`-`\9`, `\r`, `\n`, `\t`, `\u` ...; `~` is the one before. */
const characters: Readonly<Record<string, string>> = { r: '\n', n: '\0', t: '\t' }

export function expandReplacement(template: string, match: RegExpMatchArray, previous: string): string {
  const casing = new Casing()
  for (const [piece] of template.matchAll(/\\[^]|[^]/g)) {
    if (piece.length === 1) casing.add(piece === '&' ? match[0] : piece === '~' ? previous : piece === '\r' ? '\n' : piece)
    else escaped(casing, piece.charAt(1), match)
  }
  return casing.out
}

function escaped(casing: Casing, c: string, match: RegExpMatchArray): void {
  if (/\d/.test(c)) casing.add(match[Number(c)] ?? '')
  else if (/[ULEeul]/.test(c)) casing.change(c)
  else casing.add(characters[c] ?? c)
}

/** `\U` and `\L` up to `\E`, `\u` and `\l` for one character. */
class Casing {
  out = ''
  private run: string | undefined
  private once: string | undefined

  change(c: string): void {
    if (c === 'u' || c === 'l') this.once = c
    else this.run = /e/i.test(c) ? undefined : c
  }

  add(text: string): void {
    let piece = this.run === 'U' ? text.toUpperCase() : this.run === 'L' ? text.toLowerCase() : text
    if (this.once !== undefined && piece !== '') {
      piece = (this.once === 'u' ? piece.charAt(0).toUpperCase() : piece.charAt(0).toLowerCase()) + piece.slice(1)
      this.once = undefined
    }
    this.out += piece
  }
}
