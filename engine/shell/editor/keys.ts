/** Bytes of a terminal become keys: control characters, escape sequences of xterm, pasted text. */
import { Utf8Stream } from '#engine/base/bytes'

export type Key =
  | { readonly kind: 'text'; readonly text: string }
  /** `C-a`, `M-b`, `up`, `delete`, `tab`, `enter`, `backspace`. */
  | { readonly kind: 'key'; readonly name: string }
  /** `length`: of all that was pasted; of a very long text only the beginning is kept. */
  | { readonly kind: 'paste'; readonly text: string; readonly length: number }

const sequences: Readonly<Record<string, string>> = {
  '[A': 'up', '[B': 'down', '[C': 'right', '[D': 'left', OA: 'up', OB: 'down', OC: 'right', OD: 'left', '[H': 'home', '[F': 'end', OH: 'home', OF: 'end',
  '[1~': 'home', '[4~': 'end', '[7~': 'home', '[8~': 'end', '[3~': 'delete', '[2~': 'insert', '[5~': 'page-up', '[6~': 'page-down', '[1;5C': 'M-f', '[1;5D': 'M-b', '[1;3C': 'M-f', '[1;3D': 'M-b', '[Z': 'shift-tab',
}

const controls: Readonly<Record<number, string>> = { 0: 'C-@', 28: 'C-\\', 29: 'C-]', 30: 'C-^', 31: 'C-_', 8: 'backspace', 9: 'tab', 10: 'enter', 13: 'enter', 127: 'backspace' }

/** A paste longer than this is cut: no line is. */
const longestPaste = 1024 * 1024

export class KeyReader {
  private pending = ''
  private pasting: string[] | undefined
  private pasted = 0
  private readonly utf8 = new Utf8Stream()

  push(bytes: Uint8Array): Key[] {
    this.pending += this.utf8.push(bytes)
    const keys: Key[] = []
    while (this.pending !== '') {
      const taken = this.pasting === undefined ? this.one(keys) : this.paste(keys)
      if (taken === 0) break
      this.pending = this.pending.slice(taken)
    }
    return keys
  }

  /** How many characters the next key takes; 0 where more must come. */
  private one(keys: Key[]): number {
    const first = this.pending.charCodeAt(0)
    if (first === 27) return this.escape(keys)
    if (first < 32 || first === 127) {
      keys.push({ kind: 'key', name: controls[first] ?? `C-${String.fromCharCode(first + 96)}` })
      return 1
    }
    const text = /^[^\x00-\x1f\x7f]+/.exec(this.pending)?.[0] ?? ''
    keys.push({ kind: 'text', text })
    return text.length
  }

  private escape(keys: Key[]): number {
    const rest = this.pending.slice(1)
    if (rest === '') return 0
    const sequence = /^(\[[0-9;?]*[A-Za-z~]|O[A-Za-z])/.exec(rest)?.[0]
    if (sequence === '[200~') {
      this.pasting = []
      this.pasted = 0
      return 1 + sequence.length
    }
    if (sequence !== undefined) {
      const name = sequences[sequence]
      if (name) keys.push({ kind: 'key', name })
      return 1 + sequence.length
    }
    if (/^(\[[0-9;?]*|O)$/.test(rest)) return 0
    const code = rest.charCodeAt(0)
    keys.push({ kind: 'key', name: code === 127 || code === 8 ? 'M-backspace' : `M-${rest.charAt(0)}` })
    return 2
  }

  private paste(keys: Key[]): number {
    const end = this.pending.indexOf('\x1b[201~')
    const take = end < 0 ? Math.max(0, this.pending.length - 5) : end
    this.keepPasted(this.pending.slice(0, take))
    if (end < 0) return take
    keys.push({ kind: 'paste', text: (this.pasting ?? []).join('').replace(/\r\n?/g, '\n'), length: this.pasted })
    this.pasting = undefined
    return end + 6
  }

  private keepPasted(text: string): void {
    if (this.pasted < longestPaste) this.pasting?.push(text)
    this.pasted += text.length
  }
}
