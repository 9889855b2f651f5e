/** Searches one text: its lines with their context, or only whether and how often. */
import { byteLength } from '#engine/base/lossless'
import type { LinePrinter } from '#engine/programs/text/grep/lines'
import type { Matcher } from '#engine/programs/text/grep/matcher'
import type { Options, Request } from '#engine/programs/text/grep/options'

export interface Searching {
  readonly o: Options
  readonly request: Request
  readonly matcher: Matcher
  readonly printer: LinePrinter
  /** `NAME: binary file matches`. */
  sayBinary(name: string): Promise<void>
}

/** How many lines were selected; undefined for a binary file that is passed over. */
export async function searchText(searching: Searching, name: string, text: string): Promise<number | undefined> {
  const { o } = searching
  const binary = !o.text && o.binaryFiles !== 'text' && !o.nullData && (text.includes('\0') || /[\udc80-\udcff]/.test(text))
  if (binary && (o.skipBinary || o.binaryFiles === 'without-match')) return undefined
  const lines = text.split(o.nullData ? '\0' : '\n')
  if (lines[lines.length - 1] === '') lines.pop()
  return new TextSearch(searching, name, lines, binary).run()
}

class TextSearch {
  private count = 0
  private lastShown = -1
  private pendingAfter = 0
  private readonly offsets: number[] = []

  constructor(
    private readonly searching: Searching,
    private readonly name: string,
    private readonly lines: readonly string[],
    private readonly binary: boolean,
  ) {}

  async run(): Promise<number> {
    const { o, request } = this.searching
    const quietly = o.count || o.filesWith || o.filesWithout || o.quiet
    for (let i = 0; i < this.lines.length; i++) {
      this.measure(i)
      const enough = this.count >= request.most
      if (enough && this.pendingAfter <= 0) break
      const selected = !enough && (await this.line(i, quietly))
      if (selected && (quietly ? !o.count : this.binary)) break
    }
    return this.count
  }

  /** Where each line begins, where that is asked for. */
  private measure(index: number): void {
    if (!this.searching.o.byteOffset) return
    this.offsets[index] = index === 0 ? 0 : (this.offsets[index - 1] ?? 0) + byteLength(this.lines[index - 1] ?? '') + 1
  }

  private async line(index: number, quietly: boolean): Promise<boolean> {
    const { matcher, o, request } = this.searching
    const found = matcher.matches(this.lines[index] as string)
    if (found.length > 0 === o.invert) {
      if (!quietly) await this.following(index)
      return false
    }
    this.count++
    if (quietly) return true
    if (this.binary) await this.searching.sayBinary(this.name)
    else {
      await this.preceding(index)
      await this.show(index, found, ':')
      this.pendingAfter = request.after
    }
    return true
  }

  private async show(index: number, found: readonly { index: number; text: string }[], mark: ':' | '-'): Promise<void> {
    await this.searching.printer.show({ name: this.name, text: this.lines[index] as string, number: index + 1, offset: this.offsets[index] ?? 0 }, found, mark)
    this.lastShown = index
  }

  private async following(index: number): Promise<void> {
    if (this.pendingAfter-- > 0) await this.show(index, [], '-')
  }

  /** Lines before a match, and what sets groups apart. */
  private async preceding(index: number): Promise<void> {
    const { request, o, printer } = this.searching
    const from = Math.max(this.lastShown + 1, index - request.before)
    if (request.grouped && this.lastShown >= 0 && from > this.lastShown + 1 && !o.noSeparator) await printer.separator()
    for (let i = from; i < index; i++) await this.show(i, [], '-')
  }
}
