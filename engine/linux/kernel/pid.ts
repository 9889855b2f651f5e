/** Process ids: one `Pid` has a number in its namespace and in each one above. Groups and sessions are named by the Pid of their leader. */
import type { Task } from '#engine/linux/kernel/task'
import type { Tty } from '#engine/linux/tty/tty'
import { Errno } from '#engine/linux/abi/errno'

const pidMax = 4_194_304

export class PidNamespace {
  readonly tasks = new Map<number, Task>()
  /** Pid 1 of the namespace: inherits orphans; its death ends all. */
  init: Task | undefined
  dying = false
  readonly pids = new Map<number, Pid>()
  private last = 0

  constructor(
    readonly inode: number,
    readonly parent: PidNamespace | undefined,
    readonly level: number,
  ) {}

  allocate(wanted: number | undefined): number {
    if (wanted !== undefined && wanted > 0 && !this.pids.has(wanted)) {
      this.last = Math.max(this.last, wanted)
      return wanted
    }
    if (this.pids.size >= pidMax - 400) throw new Errno('EAGAIN')
    do this.last = this.last >= pidMax ? 300 : this.last + 1
    while (this.pids.has(this.last))
    return this.last
  }

  get lastPid(): number {
    return this.last
  }

  startAfter(pid: number): void {
    this.last = Math.max(this.last, pid)
  }
}

export class Pid {
  /** By level of namespace; the last is that of the own namespace. */
  private readonly numbers: number[] = []
  readonly group = new Set<Task>()
  readonly sessionMembers = new Set<Task>()
  /** The controlling terminal of the session this Pid leads. */
  terminal: Tty | undefined

  constructor(
    readonly namespace: PidNamespace,
    /** The number wanted in the namespace of level `wantedLevel`. */
    wanted?: { readonly level: number; readonly number: number },
  ) {
    for (let at: PidNamespace | undefined = namespace; at; at = at.parent) {
      const number = at.allocate(wanted?.level === at.level ? wanted.number : undefined)
      this.numbers[at.level] = number
      at.pids.set(number, this)
    }
  }

  /** The number as a namespace sees it; 0 where it is not visible. */
  in(namespace: PidNamespace): number {
    return this.visibleIn(namespace) ? (this.numbers[namespace.level] ?? 0) : 0
  }

  get number(): number {
    return this.numbers[this.namespace.level] as number
  }

  /** The number at the top level: unique on the machine. */
  get global(): number {
    return this.numbers[0] as number
  }

  private visibleIn(namespace: PidNamespace): boolean {
    for (let at: PidNamespace | undefined = this.namespace; at; at = at.parent) if (at === namespace) return true
    return false
  }

  enter(task: Task): void {
    for (let at: PidNamespace | undefined = this.namespace; at; at = at.parent) at.tasks.set(this.numbers[at.level] as number, task)
  }

  /** The process has been reaped. The numbers stay taken while a group or session bears them. */
  leave(): void {
    for (let at: PidNamespace | undefined = this.namespace; at; at = at.parent) at.tasks.delete(this.numbers[at.level] as number)
    this.freeIfUnused(true)
  }

  freeIfUnused(processGone: boolean): void {
    if (!processGone && this.namespace.tasks.has(this.number)) return
    if (this.group.size > 0 || this.sessionMembers.size > 0) return
    for (let at: PidNamespace | undefined = this.namespace; at; at = at.parent) at.pids.delete(this.numbers[at.level] as number)
  }
}
