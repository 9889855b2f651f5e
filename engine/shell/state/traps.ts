/** Traps by name (`EXIT`, `ERR`, `SIGINT`), and the signals that came in and wait for their trap to run. */
export class Traps {
  private readonly actions = new Map<string, string>()
  /** Traps of the parent that a subshell shows but does not run. */
  private shown = new Map<string, string>()
  readonly pending: string[] = []
  /** Called when a signal with a trap arrives: ends a `wait`. */
  onArrival: (() => void) | undefined
  running = 0
  /** Set while a signal that ends the shell lets the EXIT trap run: nothing else goes on. */
  dying: Promise<void> | undefined
  /** Set by ^C at an interactive shell: the line that runs is given up at its next command. */
  interrupted = false
  /** What ^C does while a line runs. */
  interrupt: (() => void) | undefined
  /** Ends what the shell waits for when ^C comes. */
  onInterrupt: (() => void) | undefined

  get(name: string): string | undefined {
    return this.actions.get(name)
  }

  set(name: string, action: string | undefined): void {
    this.shown.clear()
    if (action === undefined) this.actions.delete(name)
    else this.actions.set(name, action)
  }

  entries(): [string, string][] {
    return [...(this.shown.size > 0 ? this.shown : this.actions)]
  }

  /** A subshell keeps ignored signals; the others are reset. ERR, DEBUG and RETURN stay only where traced. */
  forSubshell(): Traps {
    const copy = new Traps()
    for (const [name, action] of this.actions) if (action === '' && name.startsWith('SIG')) copy.actions.set(name, action)
    copy.shown = new Map(this.actions)
    return copy
  }

  /** Gives a subshell or function the traps that -E and -T pass on. */
  adopt(from: Traps, names: readonly string[]): void {
    for (const name of names) {
      const action = from.actions.get(name)
      if (action !== undefined) this.actions.set(name, action)
    }
  }

  arrive(name: string): void {
    if (this.pending.length < 256) this.pending.push(name)
    this.onArrival?.()
  }
}
