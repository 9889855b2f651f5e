/** timeout. */
import { isErrno } from '#engine/linux/abi/errno'
import type { ChildProcess, Process } from '#engine/linux/abi/process'
import { defineProgram, type Program } from '#engine/linux/abi/program'
import { flag, option } from '#engine/linux/abi/flags'
import { exitCodeOf, type ExitStatus, parseSignal, type Signal, signalNumbers } from '#engine/linux/abi/signals'
import { complain, programName, quote, reason, usageFailure } from '#engine/programs/common/gnu'
import { isBusybox } from '#engine/programs/common/busybox'
import { fail } from '#engine/programs/common/operands'
import { which } from '#engine/programs/coreutils/become'
import { parseDuration } from '#engine/programs/coreutils/sleep'

const timeout = defineProgram({
  name: 'timeout',
  usage: '[OPTION] DURATION COMMAND [ARG]...',
  flags: { foreground: flag('--foreground'), killAfter: option('-k', '--kill-after'), preserve: flag('--preserve-status'), signal: option('-s', '--signal'), verbose: flag('-v', '--verbose') },
  stopAtOperand: true,
  usageExit: 125,
  async run(process, o) {
    const [limit, ...words] = o.operands
    if (limit === undefined || words.length === 0) return process.stderr.write(`Try '${programName(process)} --help' for more information.\n`).then(() => 125)
    const ms = parseDuration(limit)
    if (ms === undefined) return usageFailure(process, `invalid time interval ${quote(process, limit)}`, 125)
    if (o.killAfter !== undefined && parseDuration(o.killAfter) === undefined) return usageFailure(process, `invalid time interval ${quote(process, o.killAfter)}`, 125)
    const signal: Signal | undefined = o.signal === undefined ? 'SIGTERM' : parseSignal(o.signal)
    if (signal === undefined) return usageFailure(process, `${quote(process, o.signal ?? '')}: invalid signal`, 125)
    return runLimited(process, words, { ms, signal, killAfter: o.killAfter, preserve: o.preserve, verbose: o.verbose, foreground: o.foreground })
  },
})

interface Limit {
  readonly ms: number
  readonly signal: Signal
  readonly killAfter: string | undefined
  readonly preserve: boolean
  readonly verbose: boolean
  readonly foreground: boolean
}

async function runLimited(process: Process, words: readonly string[], limit: Limit): Promise<number> {
  const grouped = !limit.foreground && !isBusybox(process)
  if (grouped) process.setProcessGroup(process.pid, process.pid)
  const child = await start(process, words)
  if (typeof child === 'number') return child
  const timer = new Timer(process, child, words[0] as string, limit, grouped)
  for (const passed of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.handle(passed, () => timer.send(passed))
  timer.start()
  const status = await child.wait()
  timer.cancel()
  if (!timer.expired || limit.preserve || isBusybox(process)) return endOfCommand(process, status, timer.expired)
  return status.kind === 'signaled' && status.signal === 'SIGKILL' ? 137 : 124
}

/** The status where the command cannot be started. */
async function start(process: Process, words: readonly string[]): Promise<ChildProcess | number> {
  const name = words[0] as string
  const path = which(process, name)
  if (path === undefined) return fail(process, `failed to run command ${quote(process, name)}: No such file or directory`, 127)
  try {
    return process.spawn(path, words)
  } catch (error) {
    return fail(process, `failed to run command ${quote(process, name)}: ${reason(error)}`, isErrno(error, 'ENOENT') ? 127 : 126)
  }
}

/** Sends the signal when the time is up, and SIGKILL some time after it. */
class Timer {
  expired = false
  private readonly timers: { cancel(): void }[] = []

  constructor(
    private readonly process: Process,
    private readonly child: ChildProcess,
    private readonly name: string,
    private readonly limit: Limit,
    /** Whether it leads a group, which gets the signals too. */
    private readonly grouped: boolean,
  ) {}

  start(): void {
    const { ms } = this.limit
    if (ms > 0 && ms !== Infinity) this.timers.push(this.process.clock.after(ms, () => this.expire()))
  }

  cancel(): void {
    for (const timer of this.timers) timer.cancel()
  }

  private expire(): void {
    const { process, limit } = this
    this.expired = true
    if (limit.verbose) process.background(() => complain(process, `sending signal ${limit.signal.slice(3)} to command ${quote(process, this.name)}`))
    this.send(limit.signal)
    const after = limit.killAfter === undefined ? undefined : parseDuration(limit.killAfter)
    if (after !== undefined) this.timers.push(process.clock.after(after, () => this.send('SIGKILL')))
  }

  /** What the command has started gets the signal too; timeout itself only the one that nobody can ignore. */
  private toGroup(signal: Signal): void {
    const { process } = this
    if (signal !== 'SIGKILL') process.handle(signal, 'ignore')
    process.kill(-process.pid, signal)
    if (signal !== 'SIGKILL' && signal !== 'SIGCONT') process.kill(-process.pid, 'SIGCONT')
  }

  send(signal: Signal): void {
    try {
      this.child.kill(signal)
      if (this.grouped) this.toGroup(signal)
      if (signal !== 'SIGKILL' && signal !== 'SIGCONT') this.child.kill('SIGCONT')
    } catch (error) {
      if (!isErrno(error, 'ESRCH')) throw error
    }
  }
}

/** busybox's timeout becomes the command, so its end is always the command's. */
function endOfCommand(process: Process, status: ExitStatus, expired: boolean): number {
  if (status.kind === 'signaled' && !expired) {
    process.handle(status.signal === 'SIGKILL' ? 'SIGTERM' : status.signal, 'default')
    return 128 + signalNumbers[status.signal]
  }
  return exitCodeOf(status)
}

export const timeoutPrograms: readonly Program[] = [timeout]
