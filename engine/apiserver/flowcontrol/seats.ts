/** How many requests are served at a time; who comes when all seats are taken waits in line, up to a line's length. */
export class Seats {
  private taken = 0
  private readonly line: (() => void)[] = []

  constructor(
    private readonly most: number,
    private readonly longestLine: number,
  ) {}

  /** Nothing where there is a seat, what to wait for, or false where the line is too long. */
  take(): Promise<void> | undefined | false {
    if (this.taken < this.most) {
      this.taken++
      return undefined
    }
    if (this.line.length >= this.longestLine) return false
    return new Promise((resolve) => this.line.push(resolve))
  }

  /** The seat goes to the first in line. */
  leave(): void {
    const next = this.line.shift()
    if (next) next()
    else this.taken--
  }
}
