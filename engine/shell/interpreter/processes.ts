/** Children: forking subshells, waiting in the foreground, jobs, and the words about those that died. */
import { isErrno } from '#engine/linux/abi/errno'
import type { ChildOptions, ChildProcess, Process } from '#engine/linux/abi/process'
import { exitCodeOf, type ExitStatus, type Signal } from '#engine/linux/abi/signals'
import { subshellBody } from '#engine/shell/interpreter/flow'
import { setsTrapInSubshell } from '#engine/shell/interpreter/trap-run'
import { isDone, type Job, type JobProcess } from '#engine/shell/state/jobs'
import { interruptedWithin } from '#engine/shell/interpreter/interruptible'
import { DiscardLine } from '#engine/shell/state/signals'
import type { Shell } from '#engine/shell/state/shell'

export function monitoring(shell: Shell): boolean {
  return shell.options.on('monitor')
}

/** With job control the terminal belongs to the pipeline that runs in the foreground, from its first moment. */
export function giveTerminal(shell: Shell, processGroup: number): void {
  if (monitoring(shell)) shell.process.terminal()?.setForeground(processGroup)
}

/** A child that runs `body` in a copy of the shell. Where no process can be had, bash tries again for a while. */
export async function forkShell(shell: Shell, body: (copy: Shell) => Promise<number>, options: ChildOptions = {}): Promise<ChildProcess> {
  return retryFork(shell, () =>
    shell.process.fork(async (child: Process) => {
      const copy = shell.forked(child)
      copy.mayExec = false
      setsTrapInSubshell(copy)
      if (shell.options.on('errtrace')) copy.traps.adopt(shell.traps, ['ERR'])
      if (shell.options.on('functrace')) copy.traps.adopt(shell.traps, ['DEBUG', 'RETURN'])
      return subshellBody(copy, () => body(copy))
    }, options),
  )
}

export async function retryFork(shell: Shell, start: () => ChildProcess): Promise<ChildProcess> {
  for (let wait = 1; ; wait *= 2) {
    try {
      return start()
    } catch (error) {
      if (!isErrno(error, 'EAGAIN')) throw error
      if (wait > 8) await giveUp(shell, 'Resource temporarily unavailable')
      await shell.complain(`${shell.errorName()}: fork: retry: Resource temporarily unavailable`)
      if (await interruptedWithin(shell, wait * 1000)) await giveUp(shell, 'Interrupted system call')
    }
  }
}

async function giveUp(shell: Shell, why: string): Promise<never> {
  await shell.complain(`${shell.errorName()}: fork: ${why}`)
  throw new DiscardLine(254)
}

export const signalWords: Readonly<Record<string, string>> = {
  SIGHUP: 'Hangup', SIGINT: 'Interrupt', SIGQUIT: 'Quit', SIGILL: 'Illegal instruction', SIGTRAP: 'Trace/breakpoint trap', SIGABRT: 'Aborted',
  SIGBUS: 'Bus error', SIGFPE: 'Floating point exception', SIGKILL: 'Killed', SIGUSR1: 'User defined signal 1', SIGSEGV: 'Segmentation fault',
  SIGUSR2: 'User defined signal 2', SIGPIPE: 'Broken pipe', SIGALRM: 'Alarm clock', SIGTERM: 'Terminated', SIGSTKFLT: 'Stack fault',
  SIGXCPU: 'CPU time limit exceeded', SIGXFSZ: 'File size limit exceeded', SIGVTALRM: 'Virtual timer expired', SIGPROF: 'Profiling timer expired',
  SIGIO: 'I/O possible', SIGPWR: 'Power failure', SIGSYS: 'Bad system call',
}

/** Waits for a foreground pipeline. Returns the statuses of its processes, or `stopped`. */
export async function waitForeground(shell: Shell, processes: readonly JobProcess[], text: string, processGroup: number): Promise<number[] | 'stopped'> {
  if (!monitoring(shell)) {
    for (const process of processes) process.status ??= await process.child.wait()
    await tellDeath(shell, processes, text, true)
    return processes.map((process) => exitCodeOf(process.status as ExitStatus))
  }
  return waitMonitored(shell, shell.jobs.add([...processes], text, processGroup, false))
}

/** Waits for a job brought to the foreground, with the terminal given to it. */
export async function waitMonitored(shell: Shell, job: Job): Promise<number[] | 'stopped'> {
  const terminal = shell.process.terminal()
  terminal?.setForeground(job.processGroup)
  while (!isDone(job) && job.stopped === undefined) if (!(await reapOne(shell))) break
  terminal?.setForeground(shell.process.processGroup)
  if (job.stopped !== undefined) {
    job.background = true
    job.notified = true
    shell.jobs.makeCurrent(job)
    await shell.complain(`\n${jobLine(shell, job)}`)
    return 'stopped'
  }
  shell.jobs.remove(job)
  await tellDeath(shell, job.processes, job.text, true)
  if (shell.interactive) await notifyJobs(shell)
  return job.processes.map((process) => (process.status ? exitCodeOf(process.status) : 127))
}

/** Waits for a change of any child and notes it. False where there are no children. */
export async function reapOne(shell: Shell): Promise<boolean> {
  const change = await shell.process.waitAny()
  if (!change) return false
  note(shell, change)
  return true
}

/** Notes what has changed already. */
export async function reapReady(shell: Shell): Promise<void> {
  if (!monitoring(shell)) return
  for (;;) {
    const change = await shell.process.waitAny({ now: true })
    if (!change) return
    note(shell, change)
  }
}

function note(shell: Shell, change: { pid: number; status: ExitStatus } | { pid: number; stopped: Signal }): void {
  const job = shell.jobs.byPid(change.pid)
  if ('stopped' in change) {
    if (job) job.stopped = change.stopped
    return
  }
  const process = job?.processes.find((candidate) => candidate.pid === change.pid)
  if (process) process.status = change.status
  if (job && isDone(job)) job.stopped = undefined
  shell.jobs.finished.set(change.pid, change.status)
}

/** Tells of jobs in the background that ended or stopped since the last time. */
export async function notifyJobs(shell: Shell): Promise<void> {
  await reapReady(shell)
  for (const job of [...shell.jobs.own()]) {
    if (!job.background) continue
    if (isDone(job)) {
      await shell.complain(jobLine(shell, job))
      shell.jobs.remove(job)
    } else if (job.stopped !== undefined && !job.notified) {
      job.notified = true
      await shell.complain(`\n${jobLine(shell, job)}`)
    }
  }
}

/** A job in the background; without job control its end is noted as it comes. */
export function addBackground(shell: Shell, processes: JobProcess[], text: string, processGroup: number): Job {
  const job = shell.jobs.add(processes, text, processGroup, true)
  if (!monitoring(shell)) {
    for (const process of processes) {
      shell.process.background(async () => {
        process.status = await process.child.wait()
        shell.jobs.finished.set(process.pid, process.status)
      })
    }
  }
  return job
}

/** `Killed`, `Terminated`: bash speaks of foreground processes that a signal ended, except by ^C and broken pipes. */
export async function tellDeath(shell: Shell, processes: readonly JobProcess[], text: string, foreground: boolean): Promise<void> {
  const last = processes.findLast((process) => process.status?.kind === 'signaled')
  if (last?.status?.kind !== 'signaled' || last.status.signal === 'SIGPIPE') return
  const { signal } = last.status
  if (signal === 'SIGINT') return interruptedBy(shell, processes, foreground)
  if (last !== processes[processes.length - 1]) return
  const words = deathWords(last.status)
  if (shell.interactive || shell.posixShell) {
    if (foreground) await shell.complain(words)
  } else if (signal !== 'SIGTERM') await shell.error(`${String(last.pid).padStart(5)} ${words.padEnd(23)} ${text}`)
  else if (foreground) await shell.complain(words)
}

/** What ^C has ended ends the whole line that an interactive shell runs, loops and all. */
async function interruptedBy(shell: Shell, processes: readonly JobProcess[], foreground: boolean): Promise<void> {
  if (!shell.interactive) return
  await shell.complain('')
  if (!foreground || shell.traps.get('SIGINT') !== undefined) return
  shell.pipeStatus = processes.map((process) => (process.status ? exitCodeOf(process.status) : 0))
  throw new DiscardLine(shell.pipeStatus.at(-1) ?? 130)
}

function deathWords({ signal, coreDumped }: { readonly signal: Signal; readonly coreDumped: boolean }): string {
  return `${signalWords[signal] ?? signal}${coreDumped ? ' (core dumped)' : ''}`
}

/** A line of `jobs`; with pids each process of a pipeline has its own. */
export function jobLine(shell: Shell, job: Job, withPid = false): string {
  const head = `[${job.number}]${shell.jobs.mark(job)} `
  const running = job.background && !isDone(job) && job.stopped === undefined ? ' &' : ''
  const state = jobState(job, withPid).padEnd(23)
  if (!withPid) return `${head} ${state} ${job.text}${running}`
  const pid = (process: JobProcess | undefined): string => String(process?.pid ?? 0).padStart(5)
  const stages = job.processes.length > 1 ? job.text.split(/ (?=\|)/) : [job.text]
  if (stages.length !== job.processes.length) return `${head}${pid(job.processes[0])} ${state} ${job.text}${running}`
  const lines = stages.map((stage, index) => (index === 0 ? `${head}${pid(job.processes[0])} ${state} ${stage}` : `     ${pid(job.processes[index])}                       ${stage}`))
  return `${lines.join('\n')}${running}`
}

export function jobState(job: Job, long = false): string {
  if (job.stopped !== undefined) return !long || job.stopped === 'SIGTSTP' ? 'Stopped' : `Stopped (${job.stopped === 'SIGSTOP' ? 'signal' : job.stopped === 'SIGTTIN' ? 'tty input' : 'tty output'})`
  if (!isDone(job)) return 'Running'
  const status = job.processes[job.processes.length - 1]?.status
  if (status?.kind === 'signaled') return deathWords(status)
  return status && status.code !== 0 ? `Exit ${status.code}` : 'Done'
}
