/** What ex commands need of who runs them. */
export interface ExHost {
  /** Runs keys as if typed in normal mode. */
  normal(keys: string): Promise<void>
  /** A command's output, with the text given as its input. */
  shell(command: string, input: string | undefined): Promise<string>
  /** More lines of a script in silent mode: the text of `a`, `i`, `c`. */
  inputLine(): string | undefined
  show(text: string): Promise<void>
}
