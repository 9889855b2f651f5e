/** jobs, fg, bg, wait, disown. */
import { isErrno } from '#engine/linux/abi/errno'
import { exitCodeOf, type ExitStatus, type Signal, signalNumbers } from '#engine/linux/abi/signals'
import { builtin, type BuiltinCall, parseOptions, write } from '#engine/shell/builtins/builtin'
import { jobLine, monitoring, reapOne, reapReady, tellDeath, waitMonitored } from '#engine/shell/interpreter/processes'
import { assign } from '#engine/shell/state/access'
import { isDone, type Job, type JobProcess } from '#engine/shell/state/jobs'
import { BuiltinError } from '#engine/shell/state/signals'
import { runPendingTraps } from '#engine/shell/interpreter/trap-run'

function findJob(call: BuiltinCall, spec: string): Job {
  const job = call.shell.jobs.find(spec)
  if (job === 'none') throw new BuiltinError(`${spec}: no such job`)
  if (job === 'ambiguous') throw new BuiltinError(`${spec.replace(/^%/, '')}: ambiguous job spec`)
  return job
}

export const jobsBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'lnprsx')
  await reapReady(shell)
  if (flags.has('x')) return runWithGroups(call, rest)
  let status = 0
  const chosen: Job[] = []
  for (const spec of rest) {
    const job = shell.jobs.find(spec)
    if (typeof job === 'string') {
      await shell.error(`jobs: ${spec}: no such job`)
      status = 1
    } else chosen.push(job)
  }
  for (const job of rest.length > 0 ? chosen : [...shell.jobs.all()]) {
    if (!isWanted(job, flags)) continue
    await write(call, flags.has('p') ? `${job.processes[0]?.pid ?? 0}\n` : `${jobLine(shell, job, flags.has('l'))}\n`)
    if (isDone(job)) shell.jobs.remove(job)
  }
  return status
})

/** `-r`: running ones; `-s`: stopped ones. */
function isWanted(job: Job, flags: ReadonlyMap<string, string | true>): boolean {
  if (flags.has('r')) return !isDone(job) && job.stopped === undefined
  return !flags.has('s') || job.stopped !== undefined
}

/** `jobs -x`: what stands for a job becomes its process group. */
async function runWithGroups(call: BuiltinCall, words: readonly string[]): Promise<number> {
  if (words.length === 0) return 0
  return call.shell.hooks.runWords(call.shell, words.map((word) => (word.startsWith('%') ? groupOf(call, word) : word)))
}

function groupOf(call: BuiltinCall, spec: string): string {
  const job = call.shell.jobs.find(spec)
  return typeof job === 'string' ? spec : String(job.processGroup)
}

function needsControl(call: BuiltinCall): void {
  if (!monitoring(call.shell)) throw new BuiltinError('no job control')
}

export const fgBuiltin = builtin(async (call) => {
  const { shell } = call
  needsControl(call)
  const { rest } = parseOptions(call, '')
  const spec = rest[0] ?? '%%'
  if (rest[0] === undefined && shell.jobs.current === undefined) throw new BuiltinError('current: no such job')
  const job = findJob(call, spec)
  await write(call, `${job.text}\n`)
  job.background = false
  job.stopped = undefined
  shell.process.terminal()?.setForeground(job.processGroup)
  continueJob(call, job)
  const statuses = await waitMonitored(shell, job)
  return statuses === 'stopped' ? 148 : (statuses[statuses.length - 1] ?? 0)
})

export const bgBuiltin = builtin(async (call) => {
  const { shell } = call
  needsControl(call)
  const { rest } = parseOptions(call, '')
  if (rest.length === 0 && shell.jobs.current === undefined) throw new BuiltinError('current: no such job')
  for (const spec of rest.length > 0 ? rest : ['%%']) {
    const job = findJob(call, spec)
    if (job.stopped === undefined) {
      await shell.error(`bg: job ${job.number} already in background`)
      continue
    }
    job.stopped = undefined
    job.background = true
    continueJob(call, job)
    await write(call, `[${job.number}]${shell.jobs.mark(job)} ${job.text} &\n`)
  }
  return 0
})

function continueJob(call: BuiltinCall, job: Job): void {
  try {
    call.shell.process.kill(-job.processGroup, 'SIGCONT')
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

export const waitBuiltin = builtin(async (call) => {
  const { shell } = call
  const { flags, rest } = parseOptions(call, 'fnp:')
  const interrupted = arrival(call)
  try {
    if (flags.has('n')) return await waitNext(call, rest, interrupted, flags.get('p'))
    if (rest.length === 0) {
      for (const job of [...shell.jobs.own()]) {
        const signal = await Promise.race([finished(call, job.processes), interrupted])
        if (typeof signal === 'number') return signal
        if (isDone(job) && !monitoring(shell)) shell.jobs.remove(job)
      }
      return 0
    }
    let status = 0
    for (const spec of rest) status = await waitFor(call, spec, interrupted)
    return status
  } finally {
    shell.traps.onArrival = undefined
    await runPendingTraps(shell)
  }
})

/** Resolves with 128 and the signal's number when one with a trap comes in. */
function arrival(call: BuiltinCall): Promise<number> {
  const { traps } = call.shell
  return new Promise((resolve) => {
    const answer = (): void => {
      const name = traps.pending[0]
      if (name !== undefined && name !== 'SIGCHLD') resolve(128 + (signalNumbers[name as Signal] ?? 0))
    }
    traps.onArrival = answer
    answer()
  })
}

async function finished(call: BuiltinCall, processes: readonly JobProcess[]): Promise<undefined> {
  const { shell } = call
  if (monitoring(shell)) {
    while (processes.some((process) => process.status === undefined)) if (!(await reapOne(shell))) break
    return undefined
  }
  for (const process of processes) process.status ??= await process.child.wait()
  return undefined
}

async function waitFor(call: BuiltinCall, spec: string, interrupted: Promise<number>): Promise<number> {
  const { shell } = call
  if (spec.startsWith('%')) {
    const job = shell.jobs.find(spec)
    if (typeof job === 'string') {
      await shell.error(`wait: ${spec}: no such job`)
      return 127
    }
    return waitJob(call, job, interrupted)
  }
  if (!/^\d+$/.test(spec)) {
    await shell.error(`wait: \`${spec}': not a pid or valid job spec`)
    return 1
  }
  const job = shell.jobs.byPid(Number(spec))
  if (job) return waitJob(call, job, interrupted)
  const known = shell.jobs.finished.get(Number(spec))
  if (known) return exitCodeOf(known)
  await shell.error(`wait: pid ${spec} is not a child of this shell`)
  return 127
}

async function waitJob(call: BuiltinCall, job: Job, interrupted: Promise<number>): Promise<number> {
  const signal = await Promise.race([finished(call, job.processes), interrupted])
  if (typeof signal === 'number') return signal
  if (!monitoring(call.shell)) call.shell.jobs.remove(job)
  const status = job.processes[job.processes.length - 1]?.status as ExitStatus
  for (const process of job.processes) if (process.status) call.shell.jobs.finished.set(process.pid, process.status)
  if (!call.shell.interactive) await tellDeath(call.shell, job.processes, job.text, false)
  return exitCodeOf(status)
}

async function waitNext(call: BuiltinCall, specs: readonly string[], interrupted: Promise<number>, variable: string | true | undefined): Promise<number> {
  const { shell } = call
  const jobs = specs.length > 0 ? specs.map((spec) => (spec.startsWith('%') ? findJob(call, spec) : shell.jobs.byPid(Number(spec)))).filter((job) => job !== undefined) : [...shell.jobs.own()]
  if (jobs.length === 0) return 127
  const winner = await Promise.race([...jobs.map(async (job) => {
    await finished(call, job.processes)
    return job
  }), interrupted])
  if (typeof winner === 'number') return winner
  shell.jobs.remove(winner)
  const last = winner.processes[winner.processes.length - 1]
  if (typeof variable === 'string') assign(shell, variable, String(last?.pid ?? ''))
  return exitCodeOf(last?.status as ExitStatus)
}

export const disownBuiltin = builtin((call) => {
  const { flags, rest } = parseOptions(call, 'har')
  for (const job of disowned(call, flags, rest)) {
    if (flags.has('h')) job.disowned = true
    else call.shell.jobs.remove(job)
  }
  return 0
})

function disowned(call: BuiltinCall, flags: ReadonlyMap<string, string | true>, specs: readonly string[]): readonly Job[] {
  const { jobs } = call.shell
  if (flags.has('a')) return [...jobs.all()]
  if (flags.has('r')) return jobs.all().filter((job) => !isDone(job) && job.stopped === undefined)
  if (specs.length === 0) return [findJob(call, jobs.current === undefined ? 'current' : '%%')]
  return specs.map((spec) => (/^\d+$/.test(spec) ? jobs.byPid(Number(spec)) : undefined) ?? findJob(call, spec))
}
