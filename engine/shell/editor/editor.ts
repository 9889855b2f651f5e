/** Reads one line from a terminal with readline's emacs keys. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { OpenFile, Terminal, TerminalMode } from '#engine/linux/abi/files'
import type { Shell } from '#engine/shell/state/shell'
import { commonStart, complete, inColumns } from './completion'
import { Display } from './display'
import { type Key, KeyReader } from './keys'
import { splitWords } from './history-event'
import { Line } from './line'

export type LineResult = { readonly kind: 'line'; readonly text: string } | { readonly kind: 'interrupt' } | { readonly kind: 'end' }

/** A line longer than this takes no more. */
const longestLine = 128 * 1024
const raw: TerminalMode = { canonical: false, echo: false, signals: false, crToNl: false, nlToCrNl: false }

const literals: Readonly<Record<string, string>> = { tab: '\t', enter: '\r', backspace: '\x7f', up: '\x1b[A', down: '\x1b[B', right: '\x1b[C', left: '\x1b[D' }

type Action = (editor: LineEditor) => void | Promise<void> | LineResult

export class LineEditor {
  readonly line = new Line()
  private readonly keys = new KeyReader()
  private readonly waiting: Key[] = []
  private readonly display: Display
  private prompt = ''
  private historyAt = 0
  private draft = ''
  private search: { text: string; at: number } | undefined
  private tabs = 0
  /** How far back the last argument was taken from, and where it stands. */
  private argument: { back: number; from: number; to: number } | undefined
  private literal = false
  /** More was typed than a line holds: it will not run. */
  private overfull = false

  constructor(
    readonly shell: Shell,
    private readonly input: OpenFile,
    private readonly terminal: Terminal,
  ) {
    this.display = new Display((text) => this.input.write(encodeUtf8(text)), () => this.terminal.columns)
  }

  async read(prompt: string): Promise<LineResult> {
    const before = { ...this.terminal.mode() }
    this.terminal.setMode(raw)
    this.prompt = prompt
    this.line.begin()
    this.historyAt = this.shell.history.length
    this.search = undefined
    this.overfull = false
    try {
      await this.input.write(encodeUtf8('\x1b[?2004h'))
      await this.display.start(prompt)
      for (;;) {
        const result = await this.step()
        if (result) return result
      }
    } finally {
      await this.input.write(encodeUtf8('\x1b[?2004l'))
      this.terminal.setMode(before)
    }
  }

  private async step(): Promise<LineResult | undefined> {
    while (this.waiting.length === 0) {
      const bytes = await this.input.read(4096)
      if (bytes === null) return { kind: 'end' }
      this.waiting.push(...this.keys.push(bytes))
    }
    const key = this.waiting.shift() as Key
    const result = this.search ? await this.searchKey(key) : await this.key(key)
    if (!result && !this.search && !this.moreText(key)) await this.display.show(this.line.text, this.line.cursor)
    return result
  }

  /** More text follows at once: it is drawn together. */
  private moreText(key: Key): boolean {
    return key.kind === 'text' && this.waiting[0]?.kind === 'text'
  }

  private async key(key: Key): Promise<LineResult | undefined> {
    if (this.literal) return this.insertLiterally(key)
    if (key.kind !== 'key') return this.typed(key)
    if (key.name !== 'tab') this.tabs = 0
    if (key.name !== 'M-.' && key.name !== 'M-_') this.argument = undefined
    const action = actions[key.name]
    const result = action ? await action(this) : undefined
    this.line.keyDone(['C-k', 'C-u', 'C-w', 'M-d', 'M-backspace'].includes(key.name))
    return result ?? undefined
  }

  private async typed(key: Key & { kind: 'text' | 'paste' }): Promise<undefined> {
    this.tabs = 0
    this.argument = undefined
    const length = key.kind === 'paste' ? key.length : key.text.length
    if (this.line.text.length + length <= longestLine) this.line.insert(key.text, key.kind === 'text')
    else if (key.kind === 'paste') await this.refuse(`the pasted text has ${length} characters; a line takes ${longestLine}`)
    else this.overfull = true
    this.line.keyDone(false, key.kind === 'text')
    return undefined
  }

  /** C-v: the next key stands for its character. */
  private insertLiterally(key: Key): undefined {
    this.literal = false
    const name = key.kind === 'key' ? key.name : ''
    this.line.insert(key.kind !== 'key' ? key.text : (literals[name] ?? (/^C-.$/.test(name) ? String.fromCharCode(name.charCodeAt(2) & 31) : '')))
    this.line.keyDone(false)
    return undefined
  }

  takeLiterally(): void {
    this.literal = true
  }

  /** Says below the line what was not taken; the line stays as it was. */
  private async refuse(what: string): Promise<void> {
    await this.display.finish()
    await this.shell.complain(`bash: ${what}`)
    await this.display.again(this.prompt, this.line.text, this.line.cursor)
  }

  async accept(): Promise<LineResult> {
    await this.display.show(this.line.text, this.line.text.length)
    await this.display.finish()
    if (this.overfull) {
      await this.shell.complain(`bash: line too long: more than ${longestLine} characters, not run`)
      return { kind: 'line', text: '' }
    }
    return { kind: 'line', text: this.line.text }
  }

  async interrupt(): Promise<LineResult> {
    await this.input.write(encodeUtf8('^C'))
    await this.display.finish()
    return { kind: 'interrupt' }
  }

  async endOfInput(): Promise<LineResult | undefined> {
    if (this.line.text === '') {
      await this.display.finish()
      return { kind: 'end' }
    }
    this.line.remove(this.line.cursor, this.line.cursor + 1)
    return undefined
  }

  /** One line up or down the history; the line being typed is below the last. */
  recall(step: number): void {
    const { history } = this.shell
    const to = this.historyAt + step
    if (to < 0 || to > history.length) return
    if (this.historyAt === history.length) this.draft = this.line.text
    this.historyAt = to
    this.line.set(to === history.length ? this.draft : (history[to] ?? ''))
  }

  /** The last word of the line before; pressed again, of the one before that. */
  lastArgument(): void {
    const { history } = this.shell
    const back = (this.argument?.back ?? 0) + 1
    const word = back > history.length ? undefined : splitWords(history[history.length - back] ?? '').at(-1)
    if (word === undefined) return
    if (this.argument) this.line.remove(this.argument.from, this.argument.to)
    const from = this.line.cursor
    this.line.insert(word)
    this.argument = { back, from, to: this.line.cursor }
  }

  /** To the oldest line, or back to the one being typed. */
  toEnd(direction: 1 | -1): void {
    this.recall(direction < 0 ? -this.historyAt : this.shell.history.length - this.historyAt)
  }

  async clearScreen(): Promise<void> {
    await this.display.clear(this.prompt, this.line.text, this.line.cursor)
  }

  async tab(): Promise<void> {
    const offer = await complete(this.shell, this.line.text, this.line.cursor)
    const start = commonStart(offer.candidates)
    const typed = this.line.text.slice(offer.from, this.line.cursor)
    this.tabs++
    if (offer.candidates.length === 0) return this.bell()
    if (offer.candidates.length === 1 || start.length > typed.length) {
      if (offer.candidates.length > 1) this.tabs = 0
      const single = offer.candidates.length === 1 && offer.space ? ' ' : ''
      const rest = this.line.text.slice(this.line.cursor)
      this.line.set(this.line.text.slice(0, offer.from) + start + single + rest, offer.from + start.length + single.length)
      return undefined
    }
    if (this.tabs < 2) return this.bell()
    await this.input.write(encodeUtf8(`\r\n${inColumns(offer.shown, this.terminal.columns)}\r\n`))
    await this.display.again(this.prompt, this.line.text, this.line.cursor)
    return undefined
  }

  async bell(): Promise<void> {
    await this.input.write(Uint8Array.of(7))
  }

  async beginSearch(): Promise<void> {
    this.search = { text: '', at: this.shell.history.length }
    await this.showSearch()
  }

  private async searchKey(key: Key): Promise<LineResult | undefined> {
    const search = this.search as { text: string; at: number }
    if (key.kind !== 'key') {
      search.text += key.text
      this.find(search.at)
    } else if (key.name === 'backspace') search.text = search.text.slice(0, -1)
    else if (key.name === 'C-r') this.find(search.at - 1)
    else return this.leaveSearch(key)
    await this.showSearch()
    return undefined
  }

  private find(from: number): void {
    const search = this.search as { text: string; at: number }
    for (let at = Math.min(from, this.shell.history.length - 1); at >= 0; at--) {
      const line = this.shell.history[at] ?? ''
      const found = line.indexOf(search.text)
      if (found < 0) continue
      search.at = at
      this.historyAt = at
      this.line.set(line, found)
      return
    }
  }

  private async showSearch(): Promise<void> {
    this.display.usePrompt(`(reverse-i-search)\`${this.search?.text ?? ''}': `)
    await this.display.show(this.line.text, this.line.cursor)
  }

  private async leaveSearch(key: Key): Promise<LineResult | undefined> {
    this.search = undefined
    if (key.kind === 'key' && (key.name === 'C-g' || key.name === 'C-c')) this.line.set('')
    this.display.usePrompt(this.prompt.split('\n').at(-1) ?? '')
    await this.display.show(this.line.text, this.line.cursor)
    return key.kind === 'key' && key.name !== 'C-g' ? this.key(key) : undefined
  }
}

/** Keys by name. A kill's run is joined; what is not here does nothing. */
const actions: Readonly<Record<string, Action | ((editor: LineEditor) => Promise<LineResult | undefined>)>> = {
  enter: (editor) => editor.accept(),
  'C-o': (editor) => editor.accept(),
  'C-c': (editor) => editor.interrupt(),
  'C-d': (editor) => editor.endOfInput(),
  'C-a': ({ line }) => line.move(0),
  home: ({ line }) => line.move(0),
  'C-e': ({ line }) => line.move(line.text.length),
  end: ({ line }) => line.move(line.text.length),
  'C-b': ({ line }) => line.move(line.cursor - 1),
  left: ({ line }) => line.move(line.cursor - 1),
  'C-f': ({ line }) => line.move(line.cursor + 1),
  right: ({ line }) => line.move(line.cursor + 1),
  'M-b': ({ line }) => line.move(line.wordLeft()),
  'M-f': ({ line }) => line.move(line.wordRight()),
  backspace: ({ line }) => line.remove(line.cursor - 1, line.cursor),
  delete: ({ line }) => line.remove(line.cursor, line.cursor + 1),
  'C-k': ({ line }) => line.remove(line.cursor, line.text.length, true),
  'C-u': ({ line }) => line.remove(0, line.cursor, true),
  'C-w': ({ line }) => line.remove(line.wordLeft(/\S/), line.cursor, true),
  'M-d': ({ line }) => line.remove(line.cursor, line.wordRight(), true),
  'M-backspace': ({ line }) => line.remove(line.wordLeft(), line.cursor, true),
  'C-y': ({ line }) => line.yank(),
  'M-y': ({ line }) => line.yankPop(),
  'C-t': ({ line }) => line.transpose(),
  'M-u': ({ line }) => line.changeWord((word) => word.toUpperCase()),
  'M-l': ({ line }) => line.changeWord((word) => word.toLowerCase()),
  'M-c': ({ line }) => line.changeWord((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()),
  'C-_': ({ line }) => line.undo(),
  up: (editor) => editor.recall(-1),
  'C-p': (editor) => editor.recall(-1),
  down: (editor) => editor.recall(1),
  'C-n': (editor) => editor.recall(1),
  'M-.': (editor) => editor.lastArgument(),
  'M-_': (editor) => editor.lastArgument(),
  'M-<': (editor) => editor.toEnd(-1),
  'M->': (editor) => editor.toEnd(1),
  'C-v': (editor) => editor.takeLiterally(),
  'C-q': (editor) => editor.takeLiterally(),
  'C-r': (editor) => editor.beginSearch(),
  'C-l': (editor) => editor.clearScreen(),
  tab: (editor) => editor.tab(),
}
