/** Container output in the CRI log format: `2026-11-21T09:35:19.419483330Z stdout F text`. Long lines are cut at 16 KiB (`P`). */
import { concatBytes, encodeUtf8 } from '#engine/base/bytes'
import type { Clock } from '#engine/base/clock'
import type { Files, OpenFile } from '#engine/linux/abi/files'

const maxLine = 16 * 1024
const newline = 10

/** Where a task's output is kept. */
export interface LogFile {
  write(stream: 'stdout' | 'stderr', chunk: Uint8Array): Promise<void>
  end(stream: 'stdout' | 'stderr'): Promise<void>
  reopen(): void
  close(): void
}

export class CriLog implements LogFile {
  private file: OpenFile | undefined
  private readonly pending = new Map<string, Uint8Array>()

  constructor(
    private readonly files: Files,
    private readonly path: string,
    private readonly clock: Clock,
  ) {
    this.reopen()
  }

  /** After rotation: goes on in a new file of the same name. */
  reopen(): void {
    this.file?.release()
    const directory = this.path.slice(0, this.path.lastIndexOf('/'))
    if (!this.files.exists(directory)) this.files.mkdirAll(directory)
    this.file = this.files.open(this.path, { write: true, append: true, create: true }, 0o640)
  }

  async write(stream: 'stdout' | 'stderr', chunk: Uint8Array): Promise<void> {
    const held = this.pending.get(stream)
    let rest = held ? concatBytes([held, chunk]) : chunk
    const lines: Uint8Array[] = []
    for (;;) {
      const end = rest.indexOf(newline)
      if (end < 0 && rest.length < maxLine) break
      const full = end >= 0 && end <= maxLine
      const length = full ? end : maxLine
      lines.push(this.head(stream, full ? 'F' : 'P'), rest.subarray(0, length), lineEnd)
      rest = rest.subarray(full ? length + 1 : length)
    }
    this.pending.set(stream, rest)
    if (lines.length > 0) await this.file?.write(concatBytes(lines))
  }

  /** Writes what has no newline yet, as containerd does at the stream's end. */
  async end(stream: 'stdout' | 'stderr'): Promise<void> {
    const rest = this.pending.get(stream)
    this.pending.delete(stream)
    if (rest && rest.length > 0) await this.file?.write(concatBytes([this.head(stream, 'F'), rest, lineEnd]))
  }

  close(): void {
    this.file?.release()
    this.file = undefined
  }

  private head(stream: string, tag: 'F' | 'P'): Uint8Array {
    return encodeUtf8(`${rfc3339Nano(this.clock.now())} ${stream} ${tag} `)
  }
}

const lineEnd = Uint8Array.of(newline)

/** Nine digits after the point, of which six are the clock's. */
export function rfc3339Nano(ms: number): string {
  const whole = Math.floor(ms)
  const micros = Math.floor((ms - whole) * 1e6)
  if (last.whole !== whole) last = { whole, text: new Date(whole).toISOString().slice(0, -1) }
  return `${last.text}${String(micros).padStart(6, '0')}Z`
}

/** Many lines are written in one millisecond. */
let last = { whole: Number.NaN, text: '' }
