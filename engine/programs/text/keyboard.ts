/** Keys of a pager, one by one, from the terminal even when the text comes by stdin. */
import { Utf8Stream } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'

const named: Readonly<Record<string, string>> = { '[A': 'up', '[B': 'down', OA: 'up', OB: 'down', '[H': 'home', '[F': 'end', OH: 'home', OF: 'end', '[1~': 'home', '[4~': 'end', '[5~': 'pageup', '[6~': 'pagedown' }

export class Keyboard {
  /** Nobody has typed anything: the screen may be drawn from elsewhere. */
  waiting = false
  private pending = ''
  private readonly decoder = new Utf8Stream()
  private readonly source

  constructor(process: Process) {
    this.source = process.descriptors().get(0)?.kind === 'tty' ? process.descriptor(0) : process.files.open('/dev/tty', { read: true, write: true })
  }

  /** The next key: a character, the name of a special key, nothing at the end of the terminal. */
  async key(): Promise<string> {
    while (this.pending === '') {
      this.waiting = true
      const bytes = await this.source.read(4096).finally(() => (this.waiting = false))
      if (bytes === null) return ''
      this.pending = this.decoder.push(bytes)
    }
    const sequence = /^\x1b([[O][0-9;]*[A-Za-z~])/.exec(this.pending)
    if (sequence) {
      this.pending = this.pending.slice(sequence[0].length)
      return named[sequence[1] as string] ?? this.key()
    }
    const key = String.fromCodePoint(this.pending.codePointAt(0) as number)
    this.pending = this.pending.slice(key.length)
    return key
  }

  /** A line typed at the foot of the screen; nothing if it is given up. */
  async line(show: (typed: string) => Promise<void>): Promise<string | undefined> {
    let text = ''
    for (;;) {
      await show(text)
      const key = await this.key()
      const erases = key === '\x7f' || key === '\b'
      if (key === '\r' || key === '\n') return text
      if (key === '' || key === '\x1b' || (erases && text === '')) return undefined
      text = edited(text, key)
    }
  }
}

function edited(text: string, key: string): string {
  if (key === '\x7f' || key === '\b') return text.slice(0, -1)
  if (key === '\x15') return ''
  return key.length === 1 ? text + key : text
}
