/** What the kernel keeps of one process. */
import type { Credentials, Executable, SignalHandler } from '#engine/linux/abi/process'
import type { ExitStatus, Signal } from '#engine/linux/abi/signals'
import type { Cgroup } from '#engine/linux/kernel/cgroup'
import { DescriptorTable } from '#engine/linux/kernel/descriptors'
import type { Kernel } from '#engine/linux/kernel/kernel'
import type { Namespaces } from '#engine/linux/kernel/namespaces'
import type { Pid } from '#engine/linux/kernel/pid'
import { WaitList } from '#engine/linux/kernel/pipe'
import type { Task } from '#engine/linux/kernel/task'
import type { TaskStart } from '#engine/linux/kernel/taskstart'
import { Waits } from '#engine/linux/kernel/waits'
import type { Place } from '#engine/linux/vfs/mount'

export abstract class TaskState {
  readonly pids: Pid
  parent: Task | undefined
  group: Pid
  sessionPid: Pid
  namespaces: Namespaces
  credentials: Credentials
  root: Place
  place: Place
  fileMask: number
  env: Map<string, string>
  argv: readonly string[]
  executable: Executable
  command: string
  readonly startedAtMs: number
  readonly resumed: boolean
  readonly waits: Waits
  readonly table: DescriptorTable
  readonly handlers = new Map<Signal, SignalHandler>()
  readonly children = new Set<Task>()
  readonly zombies: Task[] = []
  stops: { task: Task; signal: Signal }[] = []
  readonly childChanged = new WaitList()
  readonly ended = new WaitList()
  /** How many wait for just this process: they reap it, not waitAny. */
  awaited = 0
  status: ExitStatus | undefined
  reaped = false
  cgroup: Cgroup
  memoryBytes = 1024 * 1024
  oomScoreAdjust = 0
  /** -20 to 19; only shown: all get the same of the processor. */
  nice = 0
  onEnd: ((status: ExitStatus) => void) | undefined

  constructor(
    readonly kernel: Kernel,
    start: TaskStart,
    cgroup: Cgroup,
  ) {
    this.pids = start.pids
    this.parent = start.parent
    this.group = start.group
    this.sessionPid = start.session
    this.namespaces = start.namespaces
    this.credentials = start.credentials
    this.root = start.root
    this.place = start.cwd
    this.fileMask = start.umask
    this.env = start.env
    this.argv = start.argv
    this.executable = start.executable
    this.command = start.command
    this.startedAtMs = start.startedAtMs
    this.resumed = start.resumed
    this.cgroup = cgroup
    this.nice = start.parent?.nice ?? 0
    this.waits = new Waits(kernel.clock)
    this.waits.slowdown = () => this.cgroup.slowdown()
    this.table = new DescriptorTable(kernel.openFiles)
  }
}
