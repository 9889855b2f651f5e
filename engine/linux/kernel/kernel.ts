/** One running machine's kernel: its processes, open files, namespaces, devices and file systems. */
import type { Clock } from '#engine/base/clock'
import type { KeySource } from '#engine/base/pki/keys'
import type { Random } from '#engine/base/random'
import { Errno, ProcessKilled } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { NetworkNamespace } from '#engine/linux/abi/net'
import type { NetworkProvider } from '#engine/linux/abi/netprovider'
import type { ChildOptions, Credentials, ProcessEntry, Uname } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { ExitStatus } from '#engine/linux/abi/signals'
import { giveBirth } from '#engine/linux/kernel/birth'
import { Cgroup } from '#engine/linux/kernel/cgroup'
import { reportCrash } from '#engine/linux/kernel/crash'
import { allCapabilities } from '#engine/linux/kernel/credentials'
import { OpenFileCounts } from '#engine/linux/kernel/descriptors'
import { Devices } from '#engine/linux/kernel/devices'
import { waitForOne } from '#engine/linux/kernel/family'
import { FileSystems } from '#engine/linux/kernel/filesystems'
import { Journal } from '#engine/linux/journald/journal'
import { KernelContext } from '#engine/linux/kernel/context'
import { KernelLog } from '#engine/linux/kernel/log'
import { relieve } from '#engine/linux/kernel/oom'
import { firstInodes, NamespaceFiles, type Namespaces, UtsNamespace } from '#engine/linux/kernel/namespaces'
import { Pid, PidNamespace } from '#engine/linux/kernel/pid'
import { Pipe, PipeEnd, pipeStat } from '#engine/linux/kernel/pipe'
import { Swaps } from '#engine/linux/kernel/swap'
import { Sysctl } from '#engine/linux/kernel/sysctl'
import type { Task } from '#engine/linux/kernel/task'
import { Ttys } from '#engine/linux/kernel/ttys'
import { Mount, MountNamespace, type Place } from '#engine/linux/vfs/mount'
import type { FileSystem } from '#engine/linux/vfs/filesystem'
import { ProcessFiles } from '#engine/linux/vfs/files'

export interface KernelOptions {
  readonly hostname: string
  readonly clock: Clock
  readonly random: Random
  readonly programs: ReadonlyMap<string, Program>
  readonly network: NetworkProvider
  readonly keys?: KeySource
  readonly memoryBytes: number
  readonly processors: number
  readonly bootedAtMs: number
  readonly bootId: string
  readonly machineUuid: string
  readonly resumed: boolean
  /** A program threw what no program should: tests fail on it. */
  readonly onProgramError: (command: string, error: unknown) => void
  readonly onHalt: (how: 'reboot' | 'poweroff') => void
}

const maxProcesses = 32768

export class Kernel {
  readonly clock: Clock
  readonly random: Random
  readonly programs: ReadonlyMap<string, Program>
  readonly network: NetworkProvider
  readonly openFiles = new OpenFileCounts()
  readonly pidNamespace = new PidNamespace(firstInodes.pid, undefined, 0)
  readonly namespaces: Namespaces
  readonly namespaceFiles: NamespaceFiles
  readonly cgroups = new Cgroup('', undefined)
  readonly devices: Devices
  readonly fileSystems: FileSystems
  readonly ttys: Ttys
  readonly log: KernelLog
  readonly sysctl: Sysctl
  readonly swaps = new Swaps()
  readonly uname: Uname = { sysname: 'Linux', nodename: '', release: '6.8.0-101-generic', version: '#101-Ubuntu SMP PREEMPT_DYNAMIC Mon Feb  9 10:15:05 UTC 2026', machine: 'x86_64' }
  /** Processes made since boot. */
  forks = 0
  halted = false
  /** Whose system call is being served: what /proc/self means. */
  current: Task | undefined
  private nextInode = 4026532200
  private ownJournal: Journal | undefined
  private readonly networkUsers = new Map<NetworkNamespace, number>()

  constructor(
    readonly options: KernelOptions,
    rootFileSystem: FileSystem,
    rootSource: string,
  ) {
    this.clock = options.clock
    this.random = options.random
    this.programs = options.programs
    this.network = options.network
    const now = (): number => this.clock.now()
    this.log = new KernelLog(now, () => options.bootedAtMs)
    this.namespaceFiles = new NamespaceFiles(now)
    this.ttys = new Ttys(now)
    this.sysctl = new Sysctl(this)
    const root = new Mount(rootFileSystem, rootFileSystem.root, rootSource, rootFileSystem.type, ['relatime', 'errors=remount-ro'], false, undefined)
    const mount = new MountNamespace(firstInodes.mnt, root)
    this.namespaces = { mount, pid: this.pidNamespace, uts: new UtsNamespace(firstInodes.uts, options.hostname), ipc: { inode: firstInodes.ipc }, network: options.network.createNamespace() }
    this.devices = new Devices(this)
    this.fileSystems = new FileSystems(this)
  }

  /** The machine's journal; what reaches it is on disk at once. */
  get journal(): Journal {
    if (this.ownJournal) return this.ownJournal
    const files = new ProcessFiles(new KernelContext(this))
    const machineId = files.exists('/etc/machine-id') ? files.readText('/etc/machine-id').trim() : this.options.machineUuid.replace(/-/g, '')
    return (this.ownJournal = new Journal(files, {
      machineId,
      bootId: this.options.bootId.replace(/-/g, ''),
      bootedAtMs: this.options.bootedAtMs,
      now: () => this.clock.now(),
      hostname: () => this.namespaces.uts.hostname,
    }))
  }

  newInode(): number {
    return this.nextInode++
  }

  makePipe(): { reader: PipeEnd; writer: PipeEnd } {
    const inode = this.newInode() - 4026532200 + 20_000
    const pipe = new Pipe(inode)
    const status = (): ReturnType<typeof pipeStat> => pipeStat(inode, this.clock.now())
    return { reader: new PipeEnd(pipe, true, false, `pipe:[${inode}]`, status), writer: new PipeEnd(pipe, false, true, `pipe:[${inode}]`, status) }
  }

  /** A new process: of a parent, or of the kernel itself. */
  birth(parent: Task | undefined, options: ChildOptions): Task {
    if (this.halted) throw new ProcessKilled()
    if (this.pidNamespace.tasks.size >= maxProcesses) throw new Errno('EAGAIN')
    const task = giveBirth(this, parent, options)
    this.forks++
    this.networkUsers.set(task.namespaces.network, (this.networkUsers.get(task.namespaces.network) ?? 0) + 1)
    return task
  }

  noteEnded(task: Task): void {
    const { network } = task.namespaces
    const users = (this.networkUsers.get(network) ?? 1) - 1
    if (users > 0 || network === this.namespaces.network) this.networkUsers.set(network, users)
    else {
      this.networkUsers.delete(network)
      if (!this.namespaceFiles.isPinned(network)) this.network.destroyNamespace?.(network)
    }
  }

  forget(task: Task): void {
    if (task.status === undefined) {
      task.cgroup.leave(task)
      task.table.closeAll()
      this.noteEnded(task)
      task.parent?.children.delete(task)
    }
    task.group.group.delete(task)
    task.sessionPid.sessionMembers.delete(task)
    task.pids.leave()
    if (task.group !== task.pids) task.group.freeIfUnused(false)
    if (task.sessionPid !== task.pids) task.sessionPid.freeIfUnused(false)
  }

  waitFor(parent: Task, child: Task): Promise<ExitStatus> {
    return waitForOne(parent, child)
  }

  /** An end that became no descriptor, or is let go by its user before it did. */
  releaseUninstalled(file: OpenFile): void {
    if (!this.openFiles.has(file)) file.release()
  }

  handleCrash(task: Task, error: unknown): void {
    reportCrash(this, task, error)
  }

  setMemory(task: Task, bytes: number): void {
    const change = bytes - task.memoryBytes
    task.memoryBytes = bytes
    const over = task.cgroup.charge(change)
    if (over) relieve(this, over)
    else if (change > 0 && this.cgroups.memoryBytes > this.options.memoryBytes) relieve(this, this.cgroups)
  }

  boundingSet(task: Task): Credentials['capabilities'] {
    const init = task.pids.namespace.init
    return task.pids.namespace === this.pidNamespace || !init ? new Set(allCapabilities) : init.credentials.capabilities
  }

  networkNamespaceAt(place: Place, path: string): NetworkNamespace {
    const found = this.namespaceFiles.namespaceOf(place)
    if (found?.kind !== 'net') throw new Errno('EINVAL', path)
    return found.namespace as NetworkNamespace
  }

  entryOf(task: Task, namespace: PidNamespace): ProcessEntry {
    return {
      pid: task.pids.in(namespace),
      ppid: task.parent?.pids.in(namespace) ?? 0,
      processGroup: task.group.in(namespace),
      session: task.sessionPid.in(namespace),
      argv: task.argv,
      command: task.command,
      uid: task.credentials.euid,
      state: this.stateOf(task),
      startedAtMs: task.startedAtMs,
      cpuMs: task.waits.cpuMs,
      memoryBytes: task.waits.dead ? 0 : task.memoryBytes,
      nice: task.nice,
      tty: task.sessionPid.terminal?.name,
      cgroup: task.cgroup.path,
    }
  }

  stateOf(task: Task): ProcessEntry['state'] {
    if (task.waits.dead) return 'Z'
    if (task.waits.stopped) return 'T'
    return task.waits.waiting || this.clock.now() - task.waits.lastRunMs > 5 ? 'S' : 'R'
  }

  /** Ends everything at once: what a machine without power does. */
  halt(how: 'reboot' | 'poweroff'): void {
    this.stop()
    this.options.onHalt(how)
  }

  stop(): void {
    if (this.halted) return
    this.halted = true
    for (const task of [...this.pidNamespace.tasks.values()].reverse()) {
      task.parent = undefined
      task.terminate({ kind: 'signaled', signal: 'SIGKILL', coreDumped: false })
    }
  }

  newPid(namespace: PidNamespace, wanted?: { level: number; number: number }): Pid {
    return new Pid(namespace, wanted)
  }
}
