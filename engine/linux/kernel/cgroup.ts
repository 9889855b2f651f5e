/** The tree of control groups (version 2): limits, accounts, and the killer when memory runs out. */
import { Errno } from '#engine/linux/abi/errno'
import type { Task } from '#engine/linux/kernel/task'

export interface CgroupEvents {
  low: number
  high: number
  max: number
  oom: number
  oomKill: number
}

export interface CgroupState {
  readonly name: string
  readonly settings: readonly (readonly [string, string])[]
  readonly children: readonly CgroupState[]
}

let nextId = 1

export class Cgroup {
  readonly id = nextId++
  readonly children = new Map<string, Cgroup>()
  readonly tasks = new Set<Task>()
  /** What was written to its files: `memory.max` and so on. */
  readonly settings = new Map<string, string>()
  readonly events: CgroupEvents = { low: 0, high: 0, max: 0, oom: 0, oomKill: 0 }
  pidsEventsMax = 0
  memoryBytes = 0
  peakBytes = 0
  taskCount = 0
  /** Ended tasks that nobody has waited for: they count for pids.max as they do in Linux. */
  private zombies = 0
  throttledPeriods = 0
  frozen = false
  /** Processor time of tasks that have left. */
  private pastCpuMs = 0
  onChange: ((file: string) => void) | undefined
  memoryMax = Infinity
  private pidsMax = Infinity
  /** Processors it may use; Infinity without a quota. */
  cpuQuota = Infinity

  constructor(
    readonly name: string,
    readonly parent: Cgroup | undefined,
  ) {}

  get path(): string {
    return this.parent ? `${this.parent.parent ? this.parent.path : ''}/${this.name}` : '/'
  }

  child(name: string): Cgroup {
    let found = this.children.get(name)
    if (!found) this.children.set(name, (found = new Cgroup(name, this)))
    return found
  }

  /** Below this one, made where missing. */
  descend(path: string): Cgroup {
    let at: Cgroup = this
    for (const part of path.split('/')) if (part !== '') at = at.child(part)
    return at
  }

  find(path: string): Cgroup | undefined {
    let at: Cgroup | undefined = this
    for (const part of path.split('/')) if (part !== '') at = at?.children.get(part)
    return at
  }

  /** Removes an empty group: EBUSY while tasks or children are in it. */
  remove(name: string): void {
    const child = this.children.get(name)
    if (!child) throw new Errno('ENOENT')
    if (child.taskCount > 0 || child.children.size > 0) throw new Errno('EBUSY')
    this.children.delete(name)
    this.pastCpuMs += child.cpuMs()
  }

  add(task: Task): void {
    this.tasks.add(task)
    for (let at: Cgroup | undefined = this; at; at = at.parent) {
      at.taskCount++
      at.memoryBytes += task.memoryBytes
      if (at.taskCount === 1) at.onChange?.('cgroup.events')
    }
  }

  leave(task: Task): void {
    if (!this.tasks.delete(task)) return
    this.pastCpuMs += task.waits.cpuMs
    for (let at: Cgroup | undefined = this; at; at = at.parent) {
      at.taskCount--
      at.memoryBytes -= task.memoryBytes
      if (at.taskCount === 0) at.onChange?.('cgroup.events')
    }
  }

  bury(by: 1 | -1): void {
    for (let at: Cgroup | undefined = this; at; at = at.parent) at.zombies += by
  }

  /** Throws EAGAIN where one more process would be too many. */
  admitProcess(): void {
    for (let at: Cgroup | undefined = this; at; at = at.parent)
      if (at.taskCount + at.zombies >= at.pidsMax) {
        at.pidsEventsMax++
        at.onChange?.('pids.events')
        throw new Errno('EAGAIN')
      }
  }

  /** Books memory; returns the group whose limit is passed, if any. */
  charge(bytes: number): Cgroup | undefined {
    let over: Cgroup | undefined
    for (let at: Cgroup | undefined = this; at; at = at.parent) {
      at.memoryBytes += bytes
      if (at.memoryBytes > at.peakBytes) at.peakBytes = at.memoryBytes
      if (bytes > 0 && !over && at.memoryBytes > at.memoryMax) over = at
    }
    return over
  }

  noteOom(): void {
    this.events.max++
    this.events.oom++
    for (let at: Cgroup | undefined = this; at; at = at.parent) {
      at.events.oomKill++
      at.onChange?.('memory.events')
    }
  }

  *subtree(): Generator<Task> {
    yield* this.tasks
    for (const child of this.children.values()) yield* child.subtree()
  }

  cpuMs(): number {
    let sum = this.pastCpuMs
    for (const task of this.tasks) sum += task.waits.cpuMs
    for (const child of this.children.values()) sum += child.cpuMs()
    return sum
  }

  /** How much slower work goes here than on a free machine. */
  slowdown(): number {
    let share = 1
    for (let at: Cgroup | undefined = this; at; at = at.parent)
      if (at.cpuQuota < share) {
        share = at.cpuQuota
        at.throttledPeriods++
      }
    return 1 / share
  }

  set(file: string, text: string): void {
    this.settings.set(file, text)
    if (file === 'memory.max') this.memoryMax = limit(text)
    if (file === 'pids.max') this.pidsMax = limit(text)
    if (file === 'cpu.max') this.cpuQuota = quota(text)
  }

  save(): CgroupState {
    return { name: this.name, settings: [...this.settings], children: [...this.children.values()].map((child) => child.save()) }
  }

  load(state: CgroupState): void {
    for (const [file, text] of state.settings) this.set(file, text)
    for (const child of state.children) this.child(child.name).load(child)
  }
}

function limit(text: string): number {
  if (text === 'max') return Infinity
  const match = /^(\d+)([KMG]?)$/i.exec(text)
  if (!match) throw new Errno('EINVAL')
  return Number(match[1]) * { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[(match[2] ?? '').toUpperCase() as '' | 'K' | 'M' | 'G']
}

function quota(text: string): number {
  const [max = '', period = '100000'] = text.split(/\s+/)
  if (max === 'max') return Infinity
  const share = Number(max) / Number(period)
  if (!(share > 0)) throw new Errno('EINVAL')
  return share
}
