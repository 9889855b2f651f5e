/** What was found, and how bad it is. */
export type Severity = 'INFO' | 'WARNING' | 'ERROR'

export interface Message {
  readonly severity: Severity
  readonly path: string
  readonly text: string
}

export class Findings {
  readonly messages: Message[] = []

  /** True where there is nothing to say. */
  rule(severity: Severity, path: string, problem: string | undefined): boolean {
    if (problem !== undefined) this.messages.push({ severity, path, text: problem })
    return problem === undefined
  }
}

export function messageText({ severity, path, text }: Message): string {
  return `[${severity}] ${path}: ${text}`
}

/** The words of what a call throws. */
export function problemOf(call: () => void): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    return (error as Error).message
  }
}
