/** All that a running vim knows, shared by normal mode, ex commands and the screen. */
import type { Process } from '#engine/linux/abi/process'
import { defaultOptions, type VimOptions } from '#engine/programs/editors/vim/options'
import { type Place, TextBuffer } from '#engine/programs/editors/vim/text'

export type Mode = 'normal' | 'insert' | 'replace' | 'visual' | 'visual-line' | 'visual-block' | 'command'

export interface Register {
  readonly text: string
  readonly kind: 'characters' | 'lines' | 'block'
}

/** Leaves vim. */
export class Leave {
  constructor(readonly status: number) {}
}

/** A command that cannot be carried out: its message is shown. */
export class VimError extends Error {}

/** `:normal` has no more keys. */
export class OutOfKeys {}

export class VimState {
  readonly buffer = new TextBuffer(() => this.process.clock.now())
  cursor: Place = { line: 0, column: 0 }
  /** The column that moving up and down aims for. */
  wantColumn = 0
  mode: Mode = 'normal'
  readonly options: VimOptions = { ...defaultOptions }
  readonly registers = new Map<string, Register>()
  readonly maps = new Map<string, string>()
  message = ''
  /** Lines of output that wait for Enter. */
  output: string[] = []
  lastPattern = ''
  lastReplacement = ''
  lastFlags = ''
  lastDirection: 1 | -1 = 1
  highlight = false
  lastFind: { kind: string; c: string } | undefined
  visualStart: Place = { line: 0, column: 0 }
  lastVisual: { mode: Mode; start: Place; end: Place } | undefined
  files: readonly string[] = []
  fileIndex = 0
  failed = false
  /** Keys that are to be taken before those typed. */
  queue: string[] = []
  /** Keys of the last change, for `.`. */
  lastChange: string[] = []
  recorded: string[] | undefined
  recording: { name: string; keys: string[] } | undefined
  lastMacro = ''
  commandHistory: string[] = []
  top = 0
  commandLine = ''
  /** `:g` runs: its changes are undone together. */
  inGlobal = false
  /** What the names of files decide: options, and how new lines are indented. */
  readonly fileTypes = { plugin: false, indent: false }
  /** A line that is typed is indented anew where its beginning asks for it; a Tab of one's own ends that. */
  reindents = true

  constructor(
    readonly process: Process,
    private readonly typed: () => Promise<string>,
    readonly silent: boolean,
  ) {}

  /** The next key: of a macro or `:normal`, or typed. */
  async key(): Promise<string> {
    const next = this.queue.shift()
    const key = next ?? (await this.typed())
    this.recorded?.push(key)
    if (next === undefined) this.recording?.keys.push(key)
    return key
  }

  /** New lines are indented as YAML. */
  get yaml(): boolean {
    return this.fileTypes.indent && !this.options.paste && /\.ya?ml$/.test(this.buffer.path ?? '')
  }

  /** As vim's own plugin for YAML. */
  applyFileType(): void {
    if (this.fileTypes.plugin && /\.ya?ml$/.test(this.buffer.path ?? '')) Object.assign(this.options, { expandtab: true, shiftwidth: 2, softtabstop: 2 })
  }

  get line(): string {
    return this.buffer.line(this.cursor.line)
  }

  /** Puts the cursor onto the text. */
  clamp(): void {
    this.cursor.line = Math.max(0, Math.min(this.buffer.count - 1, this.cursor.line))
    const { length } = this.line
    const most = this.mode === 'insert' || this.mode === 'replace' || this.mode.startsWith('visual') ? length : Math.max(0, length - 1)
    this.cursor.column = Math.max(0, Math.min(most, this.cursor.column))
  }

  moveTo(line: number, column: number): void {
    this.cursor = { line, column }
    this.clamp()
    this.wantColumn = this.cursor.column
  }

  store(name: string | undefined, register: Register, deleted: boolean): void {
    if (name === '_') return
    if (name !== undefined && name !== '"') this.storeNamed(name, register)
    else if (!deleted) this.registers.set('0', register)
    else if (register.kind === 'characters' && !register.text.includes('\n')) this.registers.set('-', register)
    else this.storeDeleted(register)
    this.registers.set('"', register)
  }

  /** A capital adds to what is there. */
  private storeNamed(name: string, register: Register): void {
    const before = /[A-Z]/.test(name) ? this.registers.get(name.toLowerCase()) : undefined
    const text = before ? before.text + (register.kind === 'lines' && before.kind !== 'lines' ? '\n' : '') + register.text : register.text
    this.registers.set(name.toLowerCase(), { text, kind: before?.kind ?? register.kind })
  }

  /** What was deleted moves on from 1 to 9. */
  private storeDeleted(register: Register): void {
    for (let i = 9; i > 1; i--) {
      const older = this.registers.get(String(i - 1))
      if (older) this.registers.set(String(i), older)
    }
    this.registers.set('1', register)
  }

  fetch(name: string | undefined): Register | undefined {
    if (name === '%') return { text: this.buffer.path ?? '', kind: 'characters' }
    if (name === '/') return { text: this.lastPattern, kind: 'characters' }
    if (name === '+' || name === '*') return this.registers.get(name) ?? this.registers.get('"')
    return this.registers.get((name ?? '"').toLowerCase())
  }
}
