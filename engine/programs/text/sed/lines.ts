/** Lines of several files, with one of look-ahead for `$`. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { inputLines } from '#engine/programs/common/gnu'

export interface Line {
  readonly text: string
  readonly ended: boolean
}

export class LineSource {
  current = ''
  failed = false
  private iterator: AsyncIterator<string> | undefined
  private ahead: Line | undefined
  private index = 0

  constructor(
    private readonly process: Process,
    private readonly names: readonly string[],
    private readonly terminator: number,
    private readonly problem: (name: string, error: unknown) => Promise<void>,
  ) {}

  async next(): Promise<Line | undefined> {
    const line = this.ahead ?? (await this.read())
    this.ahead = undefined
    return line
  }

  async isLast(): Promise<boolean> {
    this.ahead ??= await this.read()
    return this.ahead === undefined
  }

  private async read(): Promise<Line | undefined> {
    for (;;) {
      if (!this.iterator && !this.open()) return undefined
      try {
        const next = await this.iterator?.next()
        if (next && !next.done) return this.line(next.value)
      } catch (error) {
        if (!isErrno(error)) throw error
        this.failed = true
        await this.problem(this.current, error)
      }
      this.iterator = undefined
    }
  }

  private open(): boolean {
    const name = this.names[this.index++]
    if (name === undefined) return false
    this.current = name
    this.iterator = inputLines(this.process, name, this.terminator)[Symbol.asyncIterator]()
    return true
  }

  private line(text: string): Line {
    const ended = text.charCodeAt(text.length - 1) === this.terminator
    return { text: ended ? text.slice(0, -1) : text, ended }
  }
}
