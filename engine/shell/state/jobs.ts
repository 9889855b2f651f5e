/** Jobs: pipelines in the background or stopped. */
import type { ChildProcess } from '#engine/linux/abi/process'
import type { ExitStatus, Signal } from '#engine/linux/abi/signals'

export interface JobProcess {
  readonly pid: number
  readonly child: ChildProcess
  status: ExitStatus | undefined
}

export interface Job {
  readonly number: number
  readonly processGroup: number
  readonly processes: JobProcess[]
  readonly text: string
  stopped: Signal | undefined
  /** Started by `&` and not brought forward. */
  background: boolean
  notified: boolean
  disowned: boolean
}

export class JobTable {
  private jobs: Job[] = []
  current: number | undefined
  previous: number | undefined
  /** The parent's jobs, to be shown only; gone once the subshell has one of its own. */
  private inherited = false
  /** Statuses of children that `wait` may still ask for. */
  readonly finished = new Map<number, ExitStatus>()
  lastPid: number | undefined

  all(): readonly Job[] {
    return this.jobs
  }

  add(processes: JobProcess[], text: string, processGroup: number, background: boolean): Job {
    if (this.inherited) this.forget()
    const number = (this.jobs[this.jobs.length - 1]?.number ?? 0) + 1
    const job: Job = { number, processes, text, processGroup, stopped: undefined, background, notified: false, disowned: false }
    this.jobs.push(job)
    this.makeCurrent(job)
    return job
  }

  /** Jobs whose processes are children of this shell. */
  own(): readonly Job[] {
    return this.inherited ? [] : this.jobs
  }

  private forget(): void {
    this.inherited = false
    this.jobs = []
    this.current = undefined
    this.previous = undefined
  }

  makeCurrent(job: Job): void {
    if (this.current === job.number) return
    this.previous = this.current
    this.current = job.number
  }

  remove(job: Job): void {
    this.jobs = this.jobs.filter((other) => other !== job)
    if (this.current === job.number) {
      this.current = this.previous ?? this.jobs[this.jobs.length - 1]?.number
      this.previous = this.jobs.filter((other) => other.number !== this.current).pop()?.number
    } else if (this.previous === job.number) this.previous = this.jobs.filter((other) => other.number !== this.current).pop()?.number
    if (this.current === this.previous) this.previous = undefined
  }

  mark(job: Job): string {
    return job.number === this.current ? '+' : job.number === this.previous ? '-' : ' '
  }

  byPid(pid: number): Job | undefined {
    return this.own().find((job) => job.processes.some((process) => process.pid === pid))
  }

  /** `%1`, `%+`, `%%`, `%-`, `%name`, `%?text`; a string says what is wrong. */
  find(spec: string): Job | 'none' | 'ambiguous' {
    const text = spec.startsWith('%') ? spec.slice(1) : spec
    if (text === '' || text === '%' || text === '+') return this.jobs.find((job) => job.number === this.current) ?? 'none'
    if (text === '-') return this.jobs.find((job) => job.number === (this.previous ?? this.current)) ?? 'none'
    if (/^\d+$/.test(text)) return this.jobs.find((job) => job.number === Number(text)) ?? 'none'
    const found = this.jobs.filter((job) => (text.startsWith('?') ? job.text.includes(text.slice(1)) : job.text.startsWith(text)))
    return found.length > 1 ? 'ambiguous' : (found[0] ?? 'none')
  }

  /** A subshell knows its parent's jobs by text only; it cannot wait for them. */
  forSubshell(): JobTable {
    const copy = new JobTable()
    copy.lastPid = this.lastPid
    copy.jobs = [...this.jobs]
    copy.inherited = this.jobs.length > 0
    copy.current = this.current
    copy.previous = this.previous
    return copy
  }
}

export function isDone(job: Job): boolean {
  return job.processes.every((process) => process.status !== undefined)
}
