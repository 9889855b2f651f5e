/** Signals by name, with the numbers and default actions of Linux on x86-64 (signal(7)). */
export const signalNumbers = {
  SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGILL: 4, SIGTRAP: 5, SIGABRT: 6, SIGBUS: 7, SIGFPE: 8, SIGKILL: 9, SIGUSR1: 10,
  SIGSEGV: 11, SIGUSR2: 12, SIGPIPE: 13, SIGALRM: 14, SIGTERM: 15, SIGSTKFLT: 16, SIGCHLD: 17, SIGCONT: 18, SIGSTOP: 19,
  SIGTSTP: 20, SIGTTIN: 21, SIGTTOU: 22, SIGURG: 23, SIGXCPU: 24, SIGXFSZ: 25, SIGVTALRM: 26, SIGPROF: 27, SIGWINCH: 28,
  SIGIO: 29, SIGPWR: 30, SIGSYS: 31,
} as const

export type Signal = keyof typeof signalNumbers
export type SignalAction = 'terminate' | 'core' | 'stop' | 'continue' | 'ignore'

const actions: Partial<Record<Signal, SignalAction>> = {
  SIGCHLD: 'ignore', SIGURG: 'ignore', SIGWINCH: 'ignore',
  SIGCONT: 'continue',
  SIGSTOP: 'stop', SIGTSTP: 'stop', SIGTTIN: 'stop', SIGTTOU: 'stop',
  SIGQUIT: 'core', SIGILL: 'core', SIGTRAP: 'core', SIGABRT: 'core', SIGBUS: 'core', SIGFPE: 'core', SIGSEGV: 'core', SIGXCPU: 'core',
  SIGXFSZ: 'core', SIGSYS: 'core',
}

export function defaultAction(signal: Signal): SignalAction {
  return actions[signal] ?? 'terminate'
}

/** From `TERM`, `SIGTERM`, `sigterm` or `15`. */
export function parseSignal(text: string): Signal | undefined {
  const upper = text.toUpperCase()
  const name = (upper.startsWith('SIG') ? upper : `SIG${upper}`) as Signal
  if (name in signalNumbers) return name
  const number = Number(text)
  return (Object.keys(signalNumbers) as Signal[]).find((signal) => signalNumbers[signal] === number)
}

/** How a process ended, as wait(2) tells it. */
export type ExitStatus =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: Signal; readonly coreDumped: boolean }

/** The shell's view: the code, or 128 and the signal's number. */
export function exitCodeOf(status: ExitStatus): number {
  return status.kind === 'exited' ? status.code : 128 + signalNumbers[status.signal]
}
