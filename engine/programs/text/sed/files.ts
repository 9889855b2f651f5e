/** Files that a script reads and writes. */
import { encodeLossless } from '#engine/base/lossless'
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'

export class ScriptFiles {
  private readonly open = new Map<string, OpenFile>()
  private readonly readers = new Map<string, string[]>()

  constructor(
    private readonly process: Process,
    private readonly output: (text: string) => Promise<void>,
  ) {}

  /** All of it; nothing where it cannot be read. */
  read(path: string): string {
    try {
      return this.process.files.readText(path)
    } catch (error) {
      if (isErrno(error)) return ''
      throw error
    }
  }

  /** The next line of a file, with its newline. */
  readLine(path: string): string | undefined {
    let lines = this.readers.get(path)
    if (!lines) this.readers.set(path, (lines = this.read(path).split('\n')))
    const line = lines.shift()
    return line === undefined || (line === '' && lines.length === 0) ? undefined : `${line}\n`
  }

  async write(path: string, text: string): Promise<void> {
    if (path === '/dev/stdout') return this.output(text)
    if (path === '/dev/stderr') return this.process.stderr.write(encodeLossless(text))
    let file = this.open.get(path)
    if (!file) this.open.set(path, (file = this.process.files.open(path, { write: true, create: true, truncate: true }, 0o666)))
    await file.write(encodeLossless(text))
  }

  release(): void {
    for (const file of this.open.values()) file.release()
    this.open.clear()
  }
}
