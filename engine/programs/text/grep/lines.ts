/** How grep shows lines: names, numbers, colours. */
import { encodeLossless } from '#engine/base/lossless'
import type { Process } from '#engine/linux/abi/process'
import { Output } from '#engine/programs/common/gnu'
import type { Found } from '#engine/programs/text/grep/matcher'
import type { Options } from '#engine/programs/text/grep/options'

export interface ShownLine {
  readonly name: string
  readonly text: string
  /** From 1. */
  readonly number: number
  /** Of its first byte. */
  readonly offset: number
}

export class LinePrinter {
  readonly colored: boolean
  private readonly out: Output
  private readonly matchColor: string

  constructor(
    process: Process,
    private readonly o: Options,
    private readonly named: boolean,
  ) {
    this.out = new Output(process)
    this.colored = /^(always|yes|force)$/.test(o.color ?? '') || (/^(auto|tty|if-tty|)$/.test(o.color ?? 'never') && process.descriptor(1).kind === 'tty')
    this.matchColor = /(?:^|:)m[ts]=([\d;]+)/.exec(process.env.get('GREP_COLORS') ?? '')?.[1] ?? '01;31'
  }

  flush(): Promise<void> {
    return this.out.flush()
  }

  /** The mark is `:` for what matches, `-` for context. */
  async show(line: ShownLine, found: readonly Found[], mark: ':' | '-'): Promise<void> {
    const end = this.o.nullData ? '\0' : '\n'
    if (!this.o.only) return this.out.write(this.head(line, 0, mark) + this.body(line.text, found) + end)
    if (mark === '-' || this.o.invert) return
    for (const one of found) if (one.text !== '') await this.out.write(this.head(line, encodeLossless(line.text.slice(0, one.index)).length, mark) + this.paint(this.matchColor, one.text) + end)
  }

  separator(): Promise<void> {
    return this.out.write(`${this.paint('36', this.o.separator ?? '--')}\n`)
  }

  name(name: string): Promise<void> {
    return this.out.write(`${this.paint('35', name)}${this.o.nullName ? '\0' : '\n'}`)
  }

  count(name: string, count: number): Promise<void> {
    return this.out.write(`${this.named ? `${this.paint('35', name)}${this.o.nullName ? '\0' : this.paint('36', ':')}` : ''}${count}\n`)
  }

  private paint(color: string, text: string): string {
    return this.colored ? `\x1b[${color}m\x1b[K${text}\x1b[m\x1b[K` : text
  }

  private head({ name, number, offset }: ShownLine, within: number, mark: string): string {
    const { o } = this
    const separator = this.paint('36', mark)
    const numbered = (value: number, width: number): string => this.paint('32', o.initialTab ? String(value).padStart(width) : String(value)) + separator
    const file = this.named ? this.paint('35', name) + (o.nullName ? '\0' : separator) : ''
    const out = `${file}${o.lineNumber ? numbered(number, 2) : ''}${o.byteOffset ? numbered(offset + within, 2) : ''}`
    return o.initialTab && out !== '' ? `${out}\t` : out
  }

  private body(text: string, found: readonly Found[]): string {
    if (!this.colored || this.o.invert) return text
    let out = ''
    let at = 0
    for (const one of found) {
      if (one.text === '') continue
      out += text.slice(at, one.index) + this.paint(this.matchColor, one.text)
      at = one.index + one.text.length
    }
    return out + text.slice(at)
  }
}
