/** Container output as docker's `json-file` driver keeps it: an object a line, cut at 16 KiB. */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import type { Clock } from '#engine/base/clock'
import type { Files, OpenFile } from '#engine/linux/abi/files'
import { type LogFile, rfc3339Nano } from './logs'

const maxLine = 16 * 1024
const newline = 10

export class JsonFileLog implements LogFile {
  private file: OpenFile | undefined
  private readonly pending = new Map<string, Uint8Array>()

  constructor(
    private readonly files: Files,
    private readonly path: string,
    private readonly clock: Clock,
  ) {
    this.reopen()
  }

  reopen(): void {
    this.file?.release()
    const directory = this.path.slice(0, this.path.lastIndexOf('/'))
    if (!this.files.exists(directory)) this.files.mkdirAll(directory, 0o710)
    this.file = this.files.open(this.path, { write: true, append: true, create: true }, 0o640)
  }

  async write(stream: 'stdout' | 'stderr', chunk: Uint8Array): Promise<void> {
    const held = this.pending.get(stream)
    let rest = held ? concatBytes([held, chunk]) : chunk
    const lines: Uint8Array[] = []
    for (;;) {
      const end = rest.indexOf(newline)
      if (end < 0 && rest.length < maxLine) break
      const length = end >= 0 && end < maxLine ? end + 1 : maxLine
      lines.push(this.line(stream, rest.subarray(0, length)))
      rest = rest.subarray(length)
    }
    this.pending.set(stream, rest)
    if (lines.length > 0) await this.file?.write(concatBytes(lines))
  }

  async end(stream: 'stdout' | 'stderr'): Promise<void> {
    const rest = this.pending.get(stream)
    this.pending.delete(stream)
    if (rest && rest.length > 0) await this.file?.write(this.line(stream, rest))
  }

  close(): void {
    this.file?.release()
    this.file = undefined
  }

  private line(stream: string, text: Uint8Array): Uint8Array {
    return encodeUtf8(`${JSON.stringify({ log: decodeUtf8(text), stream, time: rfc3339Nano(this.clock.now()) })}\n`)
  }
}
