/** Files and commands that an awk program reads and writes. Text is bytes, one character each, as mawk has it. */
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { ChildProcess, Process } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'

export function toBytes(text: string): Uint8Array {
  const out = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i)
  return out
}

export function fromBytes(bytes: Uint8Array): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 8192) out += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return out
}

const bufferSize = 16384

/** What separates records: one character, blank lines, or a regular expression. */
export type Separator = { readonly kind: 'character'; readonly text: string } | { readonly kind: 'paragraph' } | { readonly kind: 'regex'; readonly regex: RegExp }

/** Reads records, as many as are there at once without waiting for more. */
export class RecordReader {
  private buffer = ''
  private ended = false
  private first = true

  constructor(
    private readonly file: OpenFile,
    private readonly close: () => void,
  ) {}

  async next(separator: Separator): Promise<string | undefined> {
    for (;;) {
      const found = this.take(separator)
      if (found !== undefined) return found
      if (this.ended) return this.rest(separator)
      const piece = await this.file.read(65536)
      if (piece === null) this.ended = true
      else this.buffer += fromBytes(piece)
    }
  }

  private take(separator: Separator): string | undefined {
    if (separator.kind === 'character') return this.cut(this.buffer.indexOf(separator.text), 1)
    if (separator.kind === 'paragraph') {
      if (this.first) this.buffer = this.buffer.replace(/^\n+/, '')
      const match = /\n\n+/.exec(this.buffer)
      if (!match || (!this.ended && match.index + match[0].length === this.buffer.length)) return undefined
      this.first = false
      return this.cut(match.index, match[0].length)
    }
    const match = separator.regex.exec(this.buffer)
    if (!match || match[0] === '' || (!this.ended && match.index + match[0].length === this.buffer.length)) return undefined
    return this.cut(match.index, match[0].length)
  }

  private cut(at: number, length: number): string | undefined {
    if (at < 0) return undefined
    const record = this.buffer.slice(0, at)
    this.buffer = this.buffer.slice(at + length)
    return record
  }

  private rest(separator: Separator): string | undefined {
    let record = this.buffer
    this.buffer = ''
    if (separator.kind === 'paragraph') record = record.replace(/^\n+|\n+$/g, '')
    if (separator.kind === 'regex') record = record.replace(/\n$/, '\n')
    return record === '' ? undefined : record
  }

  done(): void {
    this.close()
  }
}

interface Sink {
  readonly file: OpenFile
  readonly child: ChildProcess | undefined
  readonly own: boolean
  pending: string
}

export class Streams {
  private readonly sinks = new Map<string, Sink>()
  private readonly sources = new Map<string, { reader: RecordReader; child: ChildProcess | undefined }>()
  private standard = ''

  constructor(private readonly process: Process) {}

  /** Buffered; true when it is time to flush. */
  print(text: string): boolean {
    this.standard += text
    return this.standard.length > bufferSize
  }

  /** Opens on first use. An Errno where that fails. */
  printTo(kind: '>' | '>>' | '|', name: string, text: string): void {
    if (kind !== '|' && (name === '/dev/stdout' || name === '-')) {
      this.standard += text
      return
    }
    const key = `${kind === '|' ? '|' : '>'}${name}`
    let sink = this.sinks.get(key)
    if (!sink) this.sinks.set(key, (sink = kind === '|' ? this.openCommand(name) : this.openFile(name, kind === '>>')))
    sink.pending += text
  }

  private openFile(name: string, append: boolean): Sink {
    if (name === '/dev/stderr') return { file: this.process.descriptor(2), child: undefined, own: false, pending: '' }
    return { file: this.process.files.open(name, { write: true, create: true, append, truncate: !append }, 0o666), child: undefined, own: true, pending: '' }
  }

  private openCommand(command: string): Sink {
    const pipe = this.process.pipe()
    const child = this.process.spawn('/bin/sh', ['sh', '-c', command], { descriptors: new Map([[0, pipe.reader]]) })
    return { file: pipe.writer, child, own: true, pending: '' }
  }

  async flush(): Promise<void> {
    for (const sink of this.sinks.values()) if (sink.file === this.process.descriptors().get(2)) await this.flushSink(sink)
    const text = this.standard
    this.standard = ''
    if (text !== '') await this.process.stdout.write(toBytes(text))
    for (const sink of this.sinks.values()) await this.flushSink(sink)
  }

  private async flushSink(sink: Sink): Promise<void> {
    const text = sink.pending
    sink.pending = ''
    if (text === '') return
    try {
      await sink.file.write(toBytes(text))
    } catch (error) {
      if (!isErrno(error, 'EPIPE')) throw error
    }
  }

  /** So much is buffered that it is time to flush. */
  get isFull(): boolean {
    if (this.standard.length > bufferSize) return true
    for (const sink of this.sinks.values()) if (sink.pending.length > bufferSize) return true
    return false
  }

  /** The reader of a file or command; undefined where the file cannot be opened. */
  source(kind: 'file' | 'command', name: string): RecordReader | undefined {
    const key = `${kind}${name}`
    const known = this.sources.get(key)
    if (known) return known.reader
    try {
      if (kind === 'file') {
        const file = name === '-' || name === '/dev/stdin' ? this.process.descriptor(0) : this.process.files.open(name, { read: true })
        const reader = new RecordReader(file, () => (name === '-' || name === '/dev/stdin' ? undefined : file.release()))
        this.sources.set(key, { reader, child: undefined })
        return reader
      }
      const pipe = this.process.pipe()
      const child = this.process.spawn('/bin/sh', ['sh', '-c', name], { descriptors: new Map([[1, pipe.writer]]) })
      const reader = new RecordReader(pipe.reader, () => pipe.reader.release())
      this.sources.set(key, { reader, child })
      return reader
    } catch (error) {
      if (isErrno(error)) return undefined
      throw error
    }
  }

  /** A reader of its own: the same file may be an operand twice. */
  open(name: string): RecordReader | undefined {
    try {
      if (name === '-' || name === '/dev/stdin') return new RecordReader(this.process.descriptor(0), () => undefined)
      const file = this.process.files.open(name, { read: true })
      return new RecordReader(file, () => file.release())
    } catch (error) {
      if (isErrno(error)) return undefined
      throw error
    }
  }

  /** -1 where nothing of the name is open. */
  async close(name: string): Promise<number> {
    let status = -1
    for (const key of [`>${name}`, `|${name}`]) {
      const sink = this.sinks.get(key)
      if (!sink) continue
      this.sinks.delete(key)
      status = await this.closeSink(sink)
    }
    for (const key of [`file${name}`, `command${name}`]) {
      const source = this.sources.get(key)
      if (!source) continue
      this.sources.delete(key)
      source.reader.done()
      status = source.child ? exitCodeOf(await source.child.wait()) : 0
    }
    return status
  }

  private async closeSink(sink: Sink): Promise<number> {
    await this.flushSink(sink)
    if (sink.own) sink.file.release()
    return sink.child ? exitCodeOf(await sink.child.wait()) : 0
  }

  /** What goes to a pipe or file is written when all commands are done. */
  async closeAll(): Promise<void> {
    if (this.process.descriptors().get(1)?.tty) await this.flush()
    for (const sink of this.sinks.values()) await this.closeSink(sink)
    await this.flush()
    for (const source of this.sources.values()) source.reader.done()
    this.sinks.clear()
    this.sources.clear()
  }
}
