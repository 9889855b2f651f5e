/** The line being edited: text, cursor, what was killed, what can be undone. Positions are UTF-16 units. */
export class Line {
  text = ''
  cursor = 0
  private killed: string[] = []
  private lastWasKill = false
  private typing = false
  private readonly undoStack: { text: string; cursor: number }[] = []
  private yanked: { from: number; to: number; index: number } | undefined

  /** A new line: nothing of the last one can come back by undo. */
  begin(): void {
    this.text = ''
    this.cursor = 0
    this.undoStack.length = 0
    this.typing = false
  }

  set(text: string, cursor = text.length): void {
    this.remember()
    this.text = text
    this.cursor = cursor
  }

  /** `joined`: typed on, so that one undo takes it all back. */
  insert(text: string, joined = false): void {
    if (!joined || !this.typing) this.remember()
    this.typing = joined
    this.text = this.text.slice(0, this.cursor) + text + this.text.slice(this.cursor)
    this.cursor += text.length
  }

  /** Removes [from, to); kept for yanking where `kill` says so. */
  remove(from: number, to: number, kill = false): void {
    const [start, end] = [Math.max(0, Math.min(from, to)), Math.min(this.text.length, Math.max(from, to))]
    if (start === end) return
    this.remember()
    const gone = this.text.slice(start, end)
    if (kill) this.keep(gone, from < this.cursor)
    this.text = this.text.slice(0, start) + this.text.slice(end)
    this.cursor = start
  }

  move(to: number): void {
    this.cursor = Math.max(0, Math.min(this.text.length, to))
  }

  wordLeft(boundary: RegExp = /[A-Za-z0-9]/): number {
    let at = this.cursor
    while (at > 0 && !boundary.test(this.text.charAt(at - 1))) at--
    while (at > 0 && boundary.test(this.text.charAt(at - 1))) at--
    return at
  }

  wordRight(): number {
    let at = this.cursor
    while (at < this.text.length && !/[A-Za-z0-9]/.test(this.text.charAt(at))) at++
    while (at < this.text.length && /[A-Za-z0-9]/.test(this.text.charAt(at))) at++
    return at
  }

  yank(): void {
    const text = this.killed.at(-1)
    if (text === undefined) return
    const from = this.cursor
    this.insert(text)
    this.yanked = { from, to: this.cursor, index: this.killed.length - 1 }
  }

  /** Replaces what was just yanked by the kill before it. */
  yankPop(): void {
    if (!this.yanked) return
    const { from, to, index } = this.yanked
    const next = (index + this.killed.length - 1) % this.killed.length
    const text = this.killed[next] ?? ''
    this.text = this.text.slice(0, from) + text + this.text.slice(to)
    this.cursor = from + text.length
    this.yanked = { from, to: this.cursor, index: next }
  }

  transpose(): void {
    if (this.cursor === 0 || this.text.length < 2) return
    const at = this.cursor === this.text.length ? this.cursor - 1 : this.cursor
    this.remember()
    this.text = this.text.slice(0, at - 1) + this.text.charAt(at) + this.text.charAt(at - 1) + this.text.slice(at + 1)
    this.cursor = at + 1
  }

  /** The next word changed in case. */
  changeWord(change: (word: string) => string): void {
    const end = this.wordRight()
    this.remember()
    this.text = this.text.slice(0, this.cursor) + change(this.text.slice(this.cursor, end)) + this.text.slice(end)
    this.cursor = end
  }

  undo(): void {
    const before = this.undoStack.pop()
    if (before) Object.assign(this, before)
  }

  /** Called after each key: a run of kills is one, and so is a run of typed text. */
  keyDone(kill: boolean, typed = false): void {
    this.lastWasKill = kill
    if (!typed) this.typing = false
  }

  private keep(text: string, backwards: boolean): void {
    const last = this.killed.at(-1)
    if (this.lastWasKill && last !== undefined) this.killed[this.killed.length - 1] = backwards ? text + last : last + text
    else this.killed.push(text)
    if (this.killed.length > 32) this.killed.shift()
  }

  private remember(): void {
    this.undoStack.push({ text: this.text, cursor: this.cursor })
    if (this.undoStack.length > 200) this.undoStack.shift()
  }
}
