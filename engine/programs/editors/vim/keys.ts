/** A command of normal mode while it is typed: its count, its register, and who carries it out. */
import type { ExHost } from '#engine/programs/editors/vim/ex-host'
import type { VimState } from '#engine/programs/editors/vim/state'

export interface NormalHost extends ExHost {
  /** Reads a command line after `:`, `/` or `?`; undefined when it was left. */
  commandLine(prompt: string, start?: string): Promise<string | undefined>
  ex(line: string): Promise<void>
  scroll(rows: number): void
  readonly height: number
  redraw(): Promise<void>
  suspend(): void
  /** One command of normal mode, from insert mode. */
  once(): Promise<void>
}

export const escape = '\x1b'

const maxCount = 100_000

export class Keys {
  count: number | undefined
  register: string | undefined

  constructor(
    readonly vim: VimState,
    readonly host: NormalHost,
  ) {}

  get times(): number {
    return Math.min(this.count ?? 1, maxCount)
  }

  /** The next key behind a count, which is kept. */
  async counted(): Promise<string> {
    let digits = ''
    for (;;) {
      const key = await this.vim.key()
      if (/[1-9]/.test(key) || (key === '0' && digits !== '')) digits += key
      else {
        if (digits !== '') this.count = (this.count ?? 1) * Number(digits)
        return key
      }
    }
  }

  /** Says how much was done where that is more than two lines. */
  tell(count: number, what: string): void {
    if (count > 2) this.vim.message = `${count} ${what}`
  }
}
