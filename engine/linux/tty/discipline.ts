/**
 * The line discipline, n_tty: typed bytes become lines to read, echo and signals; written bytes become output. In canonical
 * mode a line holds 4095 bytes; what comes beyond is dropped with a bell, as on Linux.
 */
import { concatBytes } from '#engine/base/bytes'
import type { TerminalMode } from '#engine/linux/abi/files'
import type { Signal } from '#engine/linux/abi/signals'

const lineLimit = 4095
const rawLimit = 65536
export const outputLimit = 65536

const control = { interrupt: 3, eof: 4, backspace: 8, newline: 10, carriageReturn: 13, reprint: 18, kill: 21, literalNext: 22, wordErase: 23, suspend: 26, quit: 28, erase: 127 } as const

interface ReadyLine {
  bytes: Uint8Array
  /** ^D on an empty line: the reader sees the end once. */
  readonly end: boolean
}

export class LineDiscipline {
  readonly mode: TerminalMode = { canonical: true, echo: true, signals: true, crToNl: true, nlToCrNl: true }
  private line: number[] = []
  private readonly ready: ReadyLine[] = []
  private readyBytes = 0
  private literal = false
  private rang = false
  private column = 0
  private output: Uint8Array[] = []
  private outputBytes = 0

  constructor(
    private readonly onSignal: (signal: Signal) => void,
    private readonly onInput: () => void,
    private readonly onOutput: () => void,
  ) {}

  setMode(change: Partial<TerminalMode>): void {
    const wasCanonical = this.mode.canonical
    Object.assign(this.mode, change)
    if (wasCanonical && !this.mode.canonical && this.line.length > 0) this.commit(false)
  }

  /** Typed bytes; returns how many were taken. When nobody reads, raw input waits and lines are lost, all but ^C, ^Z and ^\\. */
  input(bytes: Uint8Array): number {
    if (this.passesUntouched) return this.inputUntouched(bytes)
    this.rang = false
    let taken = 0
    for (const byte of bytes) {
      const full = this.readyBytes >= rawLimit
      if (full && !this.mode.canonical) break
      if (!full || (this.mode.signals && [control.interrupt, control.quit, control.suspend].includes(byte as 3))) this.type(byte)
      taken++
    }
    return taken
  }

  /** Raw mode: no byte means anything, so they go on in one piece. */
  private get passesUntouched(): boolean {
    const { mode } = this
    return !mode.canonical && !mode.signals && !mode.echo && !mode.crToNl && !this.literal
  }

  private inputUntouched(bytes: Uint8Array): number {
    const taken = Math.max(0, Math.min(bytes.length, rawLimit - this.readyBytes))
    if (taken > 0) this.push(bytes.slice(0, taken), false)
    return taken
  }

  /** For the reading program: undefined where it would wait, null at the end. */
  read(max: number): Uint8Array | null | undefined {
    const first = this.ready[0]
    if (!first) return undefined
    if (first.end) {
      this.ready.shift()
      return null
    }
    const all = this.mode.canonical ? first.bytes : this.gather(max)
    const part = all.subarray(0, max)
    if (all === first.bytes) {
      if (part.length === all.length) this.ready.shift()
      else first.bytes = all.subarray(max)
      this.readyBytes -= part.length
    }
    return part
  }

  get hasInput(): boolean {
    return this.ready.length > 0
  }

  /** Written by programs; returns how many bytes there was room for. */
  write(bytes: Uint8Array): number {
    const room = outputLimit - this.outputBytes
    if (room <= 0) return 0
    const part = bytes.subarray(0, room)
    this.emit(this.mode.nlToCrNl ? expandNewlines(part) : part.slice())
    const last = part.lastIndexOf(10)
    this.column = last >= 0 ? part.length - last - 1 : this.column + part.length
    return part.length
  }

  takeOutput(max: number): Uint8Array | undefined {
    if (this.outputBytes === 0) return undefined
    const all = concatBytes(this.output)
    const part = all.subarray(0, max)
    this.output = part.length < all.length ? [all.subarray(max)] : []
    this.outputBytes -= part.length
    return part
  }

  flushInput(): void {
    this.line = []
    this.ready.length = 0
    this.readyBytes = 0
  }

  private gather(max: number): Uint8Array {
    const parts: Uint8Array[] = []
    let size = 0
    while (size < max) {
      const next = this.ready[0]
      if (!next || next.end) break
      const part = next.bytes.subarray(0, max - size)
      parts.push(part)
      size += part.length
      if (part.length === next.bytes.length) this.ready.shift()
      else next.bytes = next.bytes.subarray(part.length)
    }
    this.readyBytes -= size
    return concatBytes(parts)
  }

  private type(typed: number): void {
    const { mode } = this
    if (this.literal) {
      this.literal = false
      return this.accept(typed)
    }
    if (mode.signals && this.signal(typed)) return
    const byte = typed === control.carriageReturn && mode.crToNl ? control.newline : typed
    if (!mode.canonical) {
      this.push(Uint8Array.of(byte), false)
      if (mode.echo) this.echo(byte)
      return
    }
    if (!this.edit(byte)) this.accept(byte)
  }

  private signal(byte: number): boolean {
    const signal = byte === control.interrupt ? 'SIGINT' : byte === control.quit ? 'SIGQUIT' : byte === control.suspend ? 'SIGTSTP' : undefined
    if (!signal) return false
    this.flushInput()
    if (this.mode.echo) this.echo(byte)
    this.onSignal(signal)
    return true
  }

  /** True when the byte was an editing key of canonical mode. */
  private edit(byte: number): boolean {
    switch (byte) {
      case control.erase:
      case control.backspace:
        this.eraseCharacter()
        return true
      case control.kill:
        while (this.line.length > 0) this.eraseCharacter()
        return true
      case control.wordErase:
        this.eraseWord()
        return true
      case control.literalNext:
        this.literal = true
        if (this.mode.echo) this.emit(Uint8Array.of(94, 8))
        return true
      case control.reprint:
        this.echo(byte)
        this.emit(Uint8Array.of(13, 10))
        for (const each of this.line) this.echo(each)
        return true
      case control.eof:
        this.commit(true)
        return true
      default:
        return false
    }
  }

  private accept(byte: number): void {
    if (byte !== control.newline && this.line.length >= lineLimit) return this.ring()
    this.line.push(byte)
    if (this.mode.echo || byte === control.newline) this.echo(byte)
    if (byte === control.newline) this.commit(false)
  }

  /** Once for all that is dropped together. */
  private ring(): void {
    if (!this.rang) this.emit(Uint8Array.of(7))
    this.rang = true
  }

  private commit(endIfEmpty: boolean): void {
    const bytes = Uint8Array.from(this.line)
    this.line = []
    this.push(bytes, endIfEmpty && bytes.length === 0)
  }

  private push(bytes: Uint8Array, end: boolean): void {
    const last = this.ready.at(-1)
    if (!this.mode.canonical && last && !last.end && !end && last.bytes.length < 4096) last.bytes = concatBytes([last.bytes, bytes])
    else this.ready.push({ bytes, end })
    this.readyBytes += bytes.length
    this.onInput()
  }

  private eraseWord(): void {
    const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 9
    while (this.line.length > 0 && isBlank(this.line.at(-1))) this.eraseCharacter()
    while (this.line.length > 0 && !isBlank(this.line.at(-1))) this.eraseCharacter()
  }

  private eraseCharacter(): void {
    let byte = this.line.pop()
    if (byte === undefined) return
    const isControl = byte < 32
    while (byte !== undefined && (byte & 0xc0) === 0x80) byte = this.line.pop()
    const columns = isControl ? 2 : byte !== undefined && byte >= 0xe3 ? 2 : 1
    if (this.mode.echo) for (let i = 0; i < columns; i++) this.emit(Uint8Array.of(8, 32, 8))
  }

  private echo(byte: number): void {
    if (byte === control.newline) {
      if (this.mode.echo) this.emit(this.mode.nlToCrNl ? Uint8Array.of(13, 10) : Uint8Array.of(10))
    } else if (byte < 32 && byte !== 9) this.emit(Uint8Array.of(94, byte + 64))
    else this.emit(Uint8Array.of(byte))
  }

  private emit(bytes: Uint8Array): void {
    if (this.outputBytes > outputLimit * 2) return
    this.output.push(bytes)
    this.outputBytes += bytes.length
    this.onOutput()
  }
}

function expandNewlines(bytes: Uint8Array): Uint8Array {
  let newlines = 0
  for (const byte of bytes) if (byte === 10) newlines++
  if (newlines === 0) return bytes.slice()
  const out = new Uint8Array(bytes.length + newlines)
  let at = 0
  for (const byte of bytes) {
    if (byte === 10) out[at++] = 13
    out[at++] = byte
  }
  return out
}
