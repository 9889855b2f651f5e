/** The main input: the files and assignments of the command line, one record after the other. */
import { RunTimeError } from '#engine/programs/text/awk/jump'
import type { RecordReader, Separator, Streams } from '#engine/programs/text/awk/streams'
import { fromInput, toNumber, toText } from '#engine/programs/text/awk/values'
import type { Variables } from '#engine/programs/text/awk/variables'

export class MainInput {
  private reader: RecordReader | undefined
  private operand = 0
  private usedOperand = false

  constructor(
    private readonly streams: Streams,
    private readonly variables: Variables,
    private readonly separator: () => Separator,
  ) {}

  setArguments(name: string, operands: readonly string[]): void {
    const argv = this.variables.array('ARGV')
    argv.set(0, name)
    operands.forEach((operand, index) => argv.set(index + 1, fromInput(operand)))
    this.variables.set('ARGC', operands.length + 1)
  }

  get isOpen(): boolean {
    return this.reader !== undefined
  }

  close(): void {
    this.reader?.done()
    this.reader = undefined
  }

  /** The next record; counts it. */
  async next(): Promise<string | undefined> {
    for (;;) {
      if (!this.reader && !(await this.openNext())) return undefined
      const text = await this.reader?.next(this.separator())
      if (text !== undefined) {
        this.variables.counts.NR++
        this.variables.counts.FNR++
        return text
      }
      this.close()
    }
  }

  private async openNext(): Promise<boolean> {
    const argc = Math.trunc(toNumber(this.variables.get('ARGC')))
    while (++this.operand < argc) {
      const argv = this.variables.array('ARGV')
      const text = argv.has(this.operand) ? toText(argv.get(this.operand), this.variables.convert) : ''
      if (text === '' || this.assignment(text)) continue
      this.usedOperand = true
      await this.streams.flush()
      this.open(text)
      return true
    }
    if (this.usedOperand) return false
    this.usedOperand = true
    this.open('-')
    return true
  }

  private assignment(text: string): boolean {
    const match = /^([A-Za-z_]\w*)=([^]*)$/.exec(text)
    if (match) this.assign(match[1] as string, match[2] as string)
    return match !== null
  }

  /** `name=text` of the command line, with the escapes of strings. */
  assign(name: string, raw: string): void {
    this.variables.set(name, fromInput(unescapeAssignment(raw)))
  }

  private open(name: string): void {
    this.variables.set('FILENAME', name)
    this.variables.counts.FNR = 0
    this.reader = this.streams.open(name)
    if (!this.reader) throw new RunTimeError(`cannot open ${name} (No such file or directory)`)
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', '/': '/', a: '\x07', b: '\b', f: '\f', v: '\v' }

function unescapeAssignment(raw: string): string {
  return raw.replace(/\\([0-7]{1,3}|[^])/g, (whole, c: string) => (/^[0-7]/.test(c) ? String.fromCharCode(Number.parseInt(c, 8)) : (escapes[c] ?? whole)))
}
