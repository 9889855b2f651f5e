/** `!!`, `!$`, `!n:2-3:s/a/b/`, `^a^b^`: a typed line with its references to earlier ones replaced, as bash's history library does it. */
import { eventAt, type Event } from './history-event'
import { modify, type Modified } from './history-modifiers'

export interface HistoryExpansion {
  readonly text: string
  /** What is said instead of running anything: `!x: event not found`. */
  readonly missing?: string
  /** `:p`: shown and remembered, not run. */
  readonly printOnly?: boolean
}

class Failure extends Error {}

export function expandHistory(line: string, history: readonly string[], start: number): HistoryExpansion {
  const quick = line.startsWith('^') ? quickSubstitution(line) : line
  try {
    return new Expander(quick, history, start).run()
  } catch (error) {
    if (error instanceof Failure) return { text: line, missing: error.message }
    throw error
  }
}

/** `^old^new^rest` is `!!:s^old^new^rest`. */
function quickSubstitution(line: string): string {
  return `!!:s${line}`
}

class Expander {
  private out = ''
  private at = 0
  private double = false
  private printOnly = false

  constructor(
    private readonly line: string,
    private readonly history: readonly string[],
    private readonly start: number,
  ) {}

  run(): HistoryExpansion {
    while (this.at < this.line.length) this.step()
    return { text: this.out, ...(this.printOnly ? { printOnly: true } : {}) }
  }

  private step(): void {
    const { line } = this
    const c = line[this.at] as string
    if (c === '\\') return this.take(2)
    if (c === "'" && !this.double) {
      const end = line.indexOf("'", this.at + 1)
      return this.take(end < 0 ? line.length - this.at : end + 1 - this.at)
    }
    if (c === '"') this.double = !this.double
    if (c === '!' && this.refers()) return this.reference()
    return this.take(1)
  }

  private take(count: number): void {
    this.out += this.line.slice(this.at, this.at + count)
    this.at += count
  }

  /** A `!` before a blank, `=`, `(`, or the closing quote is only itself, and so is that of `$!` and `${!x}`. */
  private refers(): boolean {
    const next = this.line[this.at + 1]
    if (next === undefined || ' \t\n\r=(;&|'.includes(next) || (next === '"' && this.double)) return false
    const before = this.line[this.at - 1]
    return !(before === '$' || (before === '{' && this.line[this.at - 2] === '$') || before === '[')
  }

  private reference(): void {
    const event = eventAt(this.line, this.at, this.history, this.start, this.out)
    if ('missing' in event) throw new Failure(event.missing)
    const { text, end, printOnly } = this.modified(event)
    if (printOnly) this.printOnly = true
    this.out += text
    this.at = end
  }

  private modified(event: Event & { readonly text: string }): Modified {
    const modified = modify(this.line, event.end, event.text)
    if ('missing' in modified) throw new Failure(modified.missing)
    return modified
  }
}
