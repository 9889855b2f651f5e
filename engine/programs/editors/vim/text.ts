/** A vim buffer: lines, marks, and what can be undone. Knows nothing of keys or screens. */
export interface Place {
  line: number
  column: number
}

interface Change {
  readonly at: number
  readonly before: readonly string[]
  readonly after: readonly string[]
}

interface UndoStep {
  readonly changes: Change[]
  cursor: Place
  number: number
  atMs: number
}

/** What an undo or redo did: where the cursor goes (no column: the first text of the line), and by how many lines. */
export interface Undone {
  readonly line: number
  readonly column: number | undefined
  readonly removed: number
  readonly added: number
  readonly number: number
  readonly atMs: number
}

const maxUndo = 1000

export class TextBuffer {
  lines: string[] = ['']
  path: string | undefined
  modified = false
  /** The file ended without a newline. */
  noNewline = false
  readonly marks = new Map<string, Place>()
  private undos: UndoStep[] = []
  private redos: UndoStep[] = []
  private open: UndoStep | undefined
  private steps = 0

  constructor(private readonly now: () => number) {}

  load(text: string): void {
    this.noNewline = text !== '' && !text.endsWith('\n')
    this.lines = text === '' ? [''] : text.replace(/\n$/, '').split('\n')
    this.modified = false
    this.undos = []
    this.redos = []
  }

  text(): string {
    return this.lines.map((line) => `${line}\n`).join('')
  }

  get count(): number {
    return this.lines.length
  }

  line(index: number): string {
    return this.lines[index] ?? ''
  }

  /** Where an operator starts is where undoing it returns to. */
  startsAt(cursor: Place): void {
    if (this.open && this.open.changes.length === 0) this.open.cursor = { ...cursor }
  }

  /** All changes until `end` are undone together. */
  begin(cursor: Place): void {
    this.open ??= { changes: [], cursor: { ...cursor }, number: 0, atMs: 0 }
  }

  end(): void {
    if (this.open && this.open.changes.length > 0) this.keep(this.open)
    this.open = undefined
  }

  private keep(step: UndoStep): void {
    step.number = ++this.steps
    step.atMs = this.now()
    this.undos.push(step)
    this.redos = []
    if (this.undos.length > maxUndo) this.undos.shift()
  }

  /** Replaces `count` lines at `at`. */
  splice(at: number, count: number, lines: readonly string[]): void {
    const before = this.lines.slice(at, at + count)
    const after = [...lines]
    this.lines = [...this.lines.slice(0, at), ...after, ...this.lines.slice(at + count)]
    this.modified = true
    const change = { at, before, after }
    if (this.open) this.open.changes.push(change)
    else this.keep({ changes: [change], cursor: { line: at, column: 0 }, number: 0, atMs: 0 })
    if (this.lines.length === 0) this.lines = ['']
    this.moveMarks(at, before.length, after.length)
    this.marks.set('.', { line: Math.min(at, this.lines.length - 1), column: 0 })
  }

  /** Marks on lines that are gone go with them. */
  private moveMarks(at: number, before: number, after: number): void {
    for (const [name, mark] of [...this.marks]) {
      if (mark.line >= at + before) mark.line += after - before
      else if (mark.line >= at + after && mark.line >= at) this.marks.delete(name)
    }
  }

  /** The number of the last change that is not undone. */
  get undoNumber(): number {
    return this.undos.at(-1)?.number ?? 0
  }

  set(index: number, text: string): void {
    if (this.line(index) !== text) this.splice(index, 1, [text])
  }

  undo(): Undone | undefined {
    const step = this.undos.pop()
    if (!step) return undefined
    for (const { at, before, after } of [...step.changes].reverse()) this.put(at, after.length, before)
    this.redos.push(step)
    this.modified = true
    return undone(step, 'before')
  }

  redo(): Undone | undefined {
    const step = this.redos.pop()
    if (!step) return undefined
    for (const { at, before, after } of step.changes) this.put(at, before.length, after)
    this.undos.push(step)
    this.modified = true
    return undone(step, 'after')
  }

  private put(at: number, count: number, lines: readonly string[]): void {
    const only = this.lines.length === 1 && this.lines[0] === '' && count === 0
    this.lines = only && lines.length > 0 ? [...lines] : [...this.lines.slice(0, at), ...lines, ...this.lines.slice(at + count)]
    if (this.lines.length === 0) this.lines = ['']
  }

  /** Text between two places, the second exclusive. */
  slice(from: Place, to: Place): string {
    if (from.line === to.line) return this.line(from.line).slice(from.column, to.column)
    return [this.line(from.line).slice(from.column), ...this.lines.slice(from.line + 1, to.line), this.line(to.line).slice(0, to.column)].join('\n')
  }

  remove(from: Place, to: Place): void {
    this.splice(from.line, to.line - from.line + 1, [this.line(from.line).slice(0, from.column) + this.line(to.line).slice(to.column)])
  }

  insert(at: Place, text: string): Place {
    const line = this.line(at.line)
    const parts = text.split('\n')
    const last = parts.length - 1
    const column = last === 0 ? at.column + text.length : (parts[last] as string).length
    parts[0] = line.slice(0, at.column) + (parts[0] as string)
    parts[last] = (parts[last] as string) + line.slice(at.column)
    this.splice(at.line, 1, parts)
    return { line: at.line + last, column }
  }
}

/** The cursor returns to where it was if that lies in the change, or goes to the first line changed. */
function undone(step: UndoStep, now: 'before' | 'after'): Undone {
  const removed = step.changes.reduce((sum, change) => sum + (now === 'before' ? change.after : change.before).length, 0)
  const added = step.changes.reduce((sum, change) => sum + (now === 'before' ? change.before : change.after).length, 0)
  const first = Math.min(...step.changes.map((change) => change.at))
  const last = Math.max(...step.changes.map((change) => change.at + change[now].length - 1))
  const { cursor } = step
  const within = cursor.line >= first - 1 && cursor.line <= last
  const line = within ? cursor.line : first
  return { line, column: within && now === 'before' ? cursor.column : undefined, removed, added, number: step.number, atMs: step.atMs }
}
