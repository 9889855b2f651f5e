/** Lines of a description: levels indent by two spaces, tabs align by blocks. */
import { alignTabs, describeTabs } from '#engine/programs/common/tabwriter/tabwriter'

export class Writer {
  private done = ''
  private pending = ''

  /** A line of `level`; text after a newline is not indented. */
  line(level: number, text: string): void {
    this.pending += `${'  '.repeat(level)}${text}\n`
  }

  /** Without a newline at the end. */
  part(level: number, text: string): void {
    this.pending += `${'  '.repeat(level)}${text}`
  }

  /** What follows is aligned for itself. */
  flush(): void {
    this.done += alignTabs(this.pending, describeTabs)
    this.pending = ''
  }

  text(): string {
    this.flush()
    return this.done
  }

  /** With tabs as they are. */
  raw(): string {
    return this.pending
  }
}
