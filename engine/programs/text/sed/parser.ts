/** Reads a sed script. */
import { readAddresses } from '#engine/programs/text/sed/addresses'
import { type Command, SedError } from '#engine/programs/text/sed/commands'
import { Scanner, type ScriptPart, withCharacters } from '#engine/programs/text/sed/scanner'
import { readSubstitution } from '#engine/programs/text/sed/substitution'

export interface Script {
  readonly commands: Command[]
  /** `#n` on the first line. */
  readonly silent: boolean
}

export function parseSed(parts: readonly ScriptPart[], extended: boolean, sandbox = false): Script {
  const parser = new Parser(extended, sandbox)
  for (const part of parts) parser.part(part)
  return { commands: parser.finish(), silent: /^#n(?:\n|$)/.test(parts[0]?.text ?? '') }
}

type Draft = { -readonly [K in keyof Command]: Command[K] }

const maxCommands = 10_000

class Parser {
  private scanner: Scanner = new Scanner({ text: '', where: '' }, false)
  private readonly commands: Draft[] = []
  private readonly labels = new Map<string, number>()
  private readonly jumps: { index: number; label: string }[] = []
  private readonly blocks: { index: number; where: string }[] = []
  /** `a\` at the end of a part: the next part is its text. */
  private pendingText: Draft | undefined

  /** How the rest of each command is read. */
  private readonly readers: Readonly<Record<string, (draft: Draft) => void>>

  constructor(
    private readonly extended: boolean,
    sandbox: boolean,
  ) {
    const group = (letters: string, read: (draft: Draft) => void): [string, (draft: Draft) => void][] => [...letters].map((letter) => [letter, read])
    const refuse = (): never => this.scanner.fail('e/r/w commands disabled in sandbox mode')
    this.readers = Object.fromEntries([
      ...group('{', (draft) => this.openBlock(draft)),
      ...group('}', (draft) => this.closeBlock(draft)),
      ...group(':', (draft) => this.label(draft)),
      ...group('btT', (draft) => this.jump(draft)),
      ...group('aic', (draft) => this.textCommand(draft)),
      ...group('s', (draft) => this.push({ ...draft, substitution: readSubstitution(this.scanner) })),
      ...group('y', (draft) => this.transliterate(draft)),
      ...group('rRwW', sandbox ? refuse : (draft) => this.fileCommand(draft)),
      ...group('qQlL', (draft) => this.numbered(draft)),
      ...group('e', sandbox ? refuse : (draft) => this.push({ ...draft, text: this.scanner.line().trim() })),
      ...group('v', () => this.version()),
      ...group('=dDgGhHnNpPxzF', (draft) => this.plain(draft)),
    ])
  }

  part(part: ScriptPart): void {
    this.scanner = new Scanner(part, this.extended)
    if (this.pendingText) {
      this.pendingText.text = this.lineText()
      this.pendingText = undefined
    }
    for (;;) {
      this.scanner.match(/^[\s;]+/)
      if (this.scanner.ended) return
      this.command()
    }
  }

  finish(): Command[] {
    if (this.pendingText) this.pendingText.text = ''
    const open = this.blocks.pop()
    if (open) throw new SedError(`${open.where}, char 0: unmatched \`{'`)
    for (const { index, label } of this.jumps) {
      const target = label === '' ? this.commands.length : this.labels.get(label)
      if (target === undefined) throw new SedError(`can't find label for jump to \`${label}'`, 4)
      ;(this.commands[index] as Draft).target = target
    }
    return this.commands
  }

  private command(): void {
    const scanner: Scanner = this.scanner
    if (scanner.peek === '#') {
      scanner.line()
      return
    }
    const addresses = readAddresses(scanner)
    scanner.blanks()
    const name = scanner.peek ?? scanner.fail('missing command')
    scanner.at++
    const read = Object.hasOwn(this.readers, name) ? this.readers[name] : undefined
    if (!read) scanner.fail(`unknown command: \`${name}'`)
    read({ name, ...addresses, target: 0, active: false, endLine: 0 })
  }

  private push(draft: Draft): Draft {
    if (this.commands.length > maxCommands) this.scanner.fail('too many commands')
    this.commands.push(draft)
    return draft
  }

  private end(): void {
    this.scanner.endOfCommand('extra characters after command')
  }

  private plain(draft: Draft): void {
    this.push(draft)
    this.end()
  }

  private openBlock(draft: Draft): void {
    this.blocks.push({ index: this.commands.length, where: this.scanner.where })
    this.push(draft)
  }

  private closeBlock(draft: Draft): void {
    if (draft.from) this.scanner.fail("} doesn't want any addresses")
    const open = this.blocks.pop()
    if (!open) this.scanner.fail("unexpected `}'")
    ;(this.commands[open.index] as Draft).target = this.commands.length
    this.end()
  }

  private label(draft: Draft): void {
    if (draft.from) this.scanner.fail(": doesn't want any addresses")
    const label = this.scanner.match(/^[^\n;]*/)?.[0].trim() ?? ''
    if (label === '') this.scanner.fail('":" lacks a label')
    this.labels.set(label, this.commands.length)
  }

  private jump(draft: Draft): void {
    this.jumps.push({ index: this.commands.length, label: this.scanner.match(/^[^\n;}]*/)?.[0].trim() ?? '' })
    this.push(draft)
  }

  private numbered(draft: Draft): void {
    const number = this.scanner.match(/^[ \t]*(\d+)/)?.[1]
    this.push({ ...draft, number: number === undefined ? undefined : Number(number) })
    if (draft.to && /q/i.test(draft.name)) this.scanner.fail('command only uses one address')
    this.end()
  }

  private version(): void {
    const wanted = this.scanner.match(/^[ \t]*([\d.]*)/)?.[1] ?? ''
    const [major = 0, minor = 0] = wanted.split('.').map(Number)
    if (major > 4 || (major === 4 && minor > 9)) this.scanner.fail('expected newer version of sed')
    this.end()
  }

  private textCommand(draft: Draft): void {
    const scanner: Scanner = this.scanner
    scanner.blanks()
    if (scanner.ended) scanner.fail("expected \\ after `a', `c' or `i'")
    if (scanner.accept('\\') && !scanner.match(/^[ \t]*\n/) && scanner.ended) this.pendingText = this.push(draft)
    else this.push({ ...draft, text: this.lineText() })
  }

  /** Lines up to one that does not end in a backslash. */
  private lineText(): string {
    const raw = this.scanner.match(/^(?:\\[^]|[^\n\\]|\\$)*/)?.[0] ?? ''
    this.scanner.accept('\n')
    // A backslash at the beginning keeps the space behind it.
    return `${withCharacters(raw.replace(/^\\(?=.)/, ''), /\\/).replace(/\\([^])/g, (_, c: string) => (c === 'n' ? '\n' : c))}\n`
  }

  private fileCommand(draft: Draft): void {
    this.scanner.blanks()
    const text = this.scanner.line()
    if (text === '') this.scanner.fail('missing filename in r/R/w/W commands')
    this.push({ ...draft, text })
  }

  private transliterate(draft: Draft): void {
    const scanner: Scanner = this.scanner
    const delimiter = scanner.take() ?? ''
    const from = scanner.delimited(delimiter, false)
    const to = from === undefined ? undefined : scanner.delimited(delimiter, false)
    if (from === undefined || to === undefined) scanner.fail("unterminated `y' command", scanner.length)
    const characters = (text: string): string[] => [...withCharacters(text, /\\/).replace(/\\([\\n])/g, (_, c: string) => (c === 'n' ? '\n' : '\\'))]
    const [a, b] = [characters(from), characters(to)]
    if (a.length !== b.length) scanner.fail("strings for `y' command are different lengths")
    this.push({ ...draft, map: new Map(a.map((c, index) => [c, b[index] as string])) })
    this.end()
  }
}
