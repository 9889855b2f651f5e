/** The line typed after `:`, `/` or `?`. */
import type { VimState } from '#engine/programs/editors/vim/state'

/** Undefined when it was left. */
export async function readCommandLine(vim: VimState, redraw: () => Promise<void>, prompt: string, start: string): Promise<string | undefined> {
  const { mode } = vim
  const line = new TypedLine(vim, start)
  vim.message = ''
  vim.mode = 'command'
  try {
    for (;;) {
      vim.commandLine = prompt + line.text
      if (vim.queue.length === 0) await redraw()
      const key = await vim.key()
      if (key === '\r' || key === '\n') return line.text
      if (key === '\x1b' || key === '\x03') return undefined
      if ((key === '\x7f' || key === '\b') && line.text === '') return undefined
      await line.press(key)
    }
  } finally {
    vim.mode = mode
    vim.commandLine = ''
  }
}

class TypedLine {
  private index: number

  constructor(
    private readonly vim: VimState,
    public text: string,
  ) {
    this.index = vim.commandHistory.length
  }

  async press(key: string): Promise<void> {
    if (key === '\x7f' || key === '\b') this.text = this.text.slice(0, -1)
    else if (key === '\x15') this.text = ''
    else if (key === '\x17') this.text = this.text.replace(/\S+\s*$/, '')
    else if (key === 'up' || key === 'down') this.older(key === 'up' ? -1 : 1)
    else if (key === '\x12') await this.insert(await this.vim.key())
    else if (key.length <= 2 && key >= ' ') this.text += key
  }

  private older(step: number): void {
    const { commandHistory } = this.vim
    this.index = Math.max(0, Math.min(commandHistory.length, this.index + step))
    this.text = commandHistory[this.index] ?? ''
  }

  /** Ctrl-R: a register, or with Ctrl-W the word under the cursor. */
  private async insert(name: string): Promise<void> {
    const { vim } = this
    this.text += name === '\x17' ? (/\w+/.exec(vim.line.slice(vim.line.slice(0, vim.cursor.column + 1).search(/\w*$/)))?.[0] ?? '') : (vim.fetch(name)?.text ?? '')
  }
}
