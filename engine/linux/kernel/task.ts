/** One process: what the kernel keeps of it, and what its program sees. */
import type { Clock, Timer } from '#engine/base/clock'
import type { KeySource } from '#engine/base/pki/keys'
import type { Random } from '#engine/base/random'
import { swapOff, swapOn } from '#engine/linux/kernel/swapheader'
import { Errno, ProcessKilled } from '#engine/linux/abi/errno'
import type { Files, OpenFile, OpenFlags, MountRequest, Terminal } from '#engine/linux/abi/files'
import type { NetworkNamespace, Sockets } from '#engine/linux/abi/net'
import type { ChildOptions, ChildProcess, Credentials, Process, ProcessEntry, SignalHandler, Uname } from '#engine/linux/abi/process'
import type { ExitStatus, Signal } from '#engine/linux/abi/signals'
import { BoundFile, unbound } from '#engine/linux/kernel/boundfile'
import type { Cgroup } from '#engine/linux/kernel/cgroup'
import { changeCredentials, mayAssume } from '#engine/linux/kernel/credentials'
import { endTask, waitForAny } from '#engine/linux/kernel/family'
import type { Kernel } from '#engine/linux/kernel/kernel'
import type { Namespaces } from '#engine/linux/kernel/namespaces'
import { type Image, loadImage } from '#engine/linux/kernel/program'
import { changeHostname, changeNice } from '#engine/linux/kernel/settings'
import { leadSession, setGroup } from '#engine/linux/kernel/session'
import { deliver, killFrom } from '#engine/linux/kernel/signals'
import { FileReader, FileWriter } from '#engine/linux/kernel/streams'
import type { TaskStart } from '#engine/linux/kernel/taskstart'
import { TaskState } from '#engine/linux/kernel/taskstate'
import { TerminalView } from '#engine/linux/tty/tty'
import type { FilesContext } from '#engine/linux/vfs/context'
import type { Attributes, FileSystem } from '#engine/linux/vfs/filesystem'
import { ProcessFiles } from '#engine/linux/vfs/files'
import { pathOf, type Place } from '#engine/linux/vfs/mount'
import { attributesOf, walk } from '#engine/linux/vfs/walk'

/** What starting a program costs of processor time. */
const execCostMs = 0.8

export class Task extends TaskState implements Process, FilesContext {
  readonly files: Files
  readonly clock: Clock
  readonly stdin: FileReader
  readonly stdout: FileWriter
  readonly stderr: FileWriter
  private sockets: Sockets | undefined
  private ownRandom: Random | undefined
  private controller: AbortController | undefined
  private bound: WeakMap<OpenFile, BoundFile> | undefined
  /** Pipe ends and the like that were made but are no descriptor yet. */
  readonly uninstalled = new Set<OpenFile>()

  constructor(kernel: Kernel, start: TaskStart, cgroup: Cgroup) {
    super(kernel, start, cgroup)
    this.files = new ProcessFiles(this)
    this.clock = { now: () => kernel.clock.now(), sleep: (ms, signal) => this.waits.sleep(ms, signal), after: (ms, run): Timer => this.waits.after(ms, () => this.guarded(run)) }
    this.stdin = new FileReader(() => this.descriptor(0))
    this.stdout = new FileWriter(() => this.descriptor(1))
    this.stderr = new FileWriter(() => this.descriptor(2))
  }

  get pid(): number {
    return this.pids.number
  }

  get ppid(): number {
    return this.parent?.pids.in(this.namespaces.pid) ?? 0
  }

  get processGroup(): number {
    return this.group.in(this.namespaces.pid)
  }

  get session(): number {
    return this.sessionPid.in(this.namespaces.pid)
  }

  get keys(): KeySource | undefined {
    return this.kernel.options.keys
  }

  get net(): Sockets {
    return (this.sockets ??= this.kernel.network.sockets(this, this.namespaces.network))
  }

  get random(): Random {
    return (this.ownRandom ??= this.kernel.random.fork(`pid ${this.pids.global} ${this.startedAtMs}`))
  }

  get dying(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController()
      if (this.waits.dead) this.controller.abort(new ProcessKilled())
    }
    return this.controller.signal
  }

  // What path calls need.
  get namespace(): Namespaces['mount'] {
    return this.namespaces.mount
  }

  get cwdPlace(): Place {
    return this.place
  }

  get umaskBits(): number {
    return this.fileMask
  }

  enter(): void {
    this.waits.enter()
    this.kernel.current = this
  }

  block<T>(start: (done: (value: T) => void) => () => void): Promise<T> {
    return this.waits.block(start)
  }

  openSpecial(place: Place, attributes: Attributes, flags: OpenFlags): OpenFile {
    return this.kernel.devices.open(this, place, attributes, flags)
  }

  makeFileSystem(request: MountRequest): FileSystem {
    return this.kernel.fileSystems.make(this, request)
  }

  bind(file: OpenFile): OpenFile {
    const inner = unbound(file)
    if (inner.kind !== 'file' && inner.kind !== 'directory' && !this.kernel.openFiles.has(inner)) this.uninstalled.add(inner)
    const known = this.bound?.get(inner)
    if (known) return known
    const made = new BoundFile(inner, this)
    if (inner.kind !== 'file') (this.bound ??= new WeakMap()).set(inner, made)
    return made
  }

  cwd(): string {
    this.enter()
    if (!this.place.mount.fs.attributes(this.place.ino)) throw new Errno('ENOENT')
    return pathOf(this.place, this.root)
  }

  chdir(path: string): void {
    this.enter()
    const place = walk(this, path)
    if (attributesOf(place).type !== 'directory') throw new Errno('ENOTDIR', path)
    if (!this.files.access(path, { execute: true })) throw new Errno('EACCES', path)
    this.place = place
  }

  chroot(path: string): void {
    this.enter()
    if (!this.credentials.capabilities.has('SYS_CHROOT')) throw new Errno('EPERM', path)
    this.changeRoot(walk(this, path))
  }

  changeRoot(place: Place): void {
    if (attributesOf(place).type !== 'directory') throw new Errno('ENOTDIR')
    this.root = { ...place, parent: undefined, name: '' }
    this.place = this.root
    if (place.ino === place.mount.rootInode && this.namespaces.mount !== this.kernel.namespaces.mount) this.namespaces.mount.retainBelow(place.mount)
  }

  umask(mask?: number): number {
    const before = this.fileMask
    if (mask !== undefined) this.fileMask = mask & 0o777
    return before
  }

  uname(): Uname {
    return { ...this.kernel.uname, nodename: this.namespaces.uts.hostname }
  }

  readonly setHostname = (name: string): void => changeHostname(this, name)

  terminal(): Terminal | undefined {
    const tty = this.sessionPid.terminal
    return tty && new TerminalView(tty, this.namespaces.pid)
  }

  descriptor(fd: number): OpenFile {
    if (this.waits.dead) throw new ProcessKilled()
    return this.bind(this.table.get(fd))
  }

  descriptors(): ReadonlyMap<number, OpenFile> {
    return new Map([...this.table.files].sort((a, b) => a[0] - b[0]).map(([fd, file]) => [fd, this.bind(file)]))
  }

  install(file: OpenFile, fd?: number): number {
    this.enter()
    const inner = unbound(file)
    const number = this.table.install(inner, fd)
    this.uninstalled.delete(inner)
    return number
  }

  closeDescriptor(fd: number): void {
    this.enter()
    this.table.close(fd)
  }

  pipe(): { reader: OpenFile; writer: OpenFile } {
    this.enter()
    const { reader, writer } = this.kernel.makePipe()
    return { reader: this.bind(reader), writer: this.bind(writer) }
  }

  openPty(size: { columns: number; rows: number }): { master: OpenFile; slave: OpenFile } {
    this.enter()
    const { master, slave } = this.kernel.ttys.open(size)
    return { master: this.bind(master), slave: this.bind(slave) }
  }

  fork(body: (child: Process) => Promise<number>, options: ChildOptions = {}): ChildProcess {
    this.enter()
    const child = this.kernel.birth(this, options)
    child.run(() => body(child))
    return this.handleOf(child)
  }

  spawn(path: string, argv: readonly string[], options: ChildOptions = {}): ChildProcess {
    this.enter()
    const child = this.kernel.birth(this, options)
    try {
      const image = loadImage(child, this.kernel.programs, path, argv, child.env)
      child.become(image)
      child.waits.charge(execCostMs)
      child.run(() => image.program.run(child))
    } catch (error) {
      child.abandon()
      throw error
    }
    return this.handleOf(child)
  }

  async exec(path: string, argv: readonly string[], env?: ReadonlyMap<string, string>): Promise<number> {
    this.enter()
    const image = loadImage(this, this.kernel.programs, path, argv, env ?? this.env)
    if (env) this.env = new Map(env)
    this.become(image)
    return image.program.run(this)
  }

  background(work: () => Promise<void>): void {
    this.enter()
    work().catch((error: unknown) => this.crash(error))
  }

  exit(code: number): never {
    this.terminate({ kind: 'exited', code: code & 255 })
    throw new ProcessKilled()
  }

  async waitAny(options?: { now?: boolean }): Promise<{ pid: number; status: ExitStatus } | { pid: number; stopped: Signal } | null | undefined> {
    await this.waits.pay()
    return waitForAny(this, options?.now === true)
  }

  handle(signal: Signal, handler: SignalHandler): void {
    this.enter()
    if (signal === 'SIGKILL' || signal === 'SIGSTOP') throw new Errno('EINVAL')
    if (handler === 'default') this.handlers.delete(signal)
    else this.handlers.set(signal, handler)
  }

  kill(pid: number, signal: Signal | 0): void {
    this.enter()
    killFrom(this, pid, signal)
    if (this.waits.dead) throw new ProcessKilled()
  }

  signalSelf(signal: Signal): void {
    deliver(this, signal, undefined)
    if (this.waits.dead) throw new ProcessKilled()
  }

  readonly setNice = (pid: number, nice: number): number => changeNice(this, pid, nice)

  setProcessGroup(pid: number, processGroup: number): void {
    this.enter()
    setGroup(this, pid, processGroup)
  }

  newSession(): void {
    this.enter()
    if (this.group === this.pids) throw new Errno('EPERM')
    leadSession(this, undefined)
  }

  setCredentials(credentials: Partial<Credentials>): void {
    this.enter()
    if (!mayAssume(this.credentials, credentials)) throw new Errno('EPERM')
    this.credentials = changeCredentials(this.credentials, credentials)
  }

  processes(): ProcessEntry[] {
    this.enter()
    return [...this.namespaces.pid.tasks.values()].map((task) => this.kernel.entryOf(task, this.namespaces.pid)).sort((a, b) => a.pid - b.pid)
  }

  compute(ms: number): Promise<void> {
    return this.waits.pay(ms)
  }

  setMemory(bytes: number): void {
    this.enter()
    this.kernel.setMemory(this, bytes)
    if (this.waits.dead) throw new ProcessKilled()
  }

  networkNamespace(path?: string): NetworkNamespace {
    this.enter()
    if (path === undefined) return this.namespaces.network
    return this.kernel.networkNamespaceAt(walk(this, path), path)
  }

  swapon(path: string, priority?: number): void {
    this.enter()
    swapOn(this, path, priority)
  }

  swapoff(path: string): void {
    this.enter()
    swapOff(this, path)
  }

  reboot(how: 'reboot' | 'poweroff'): void {
    this.enter()
    if (!this.credentials.capabilities.has('SYS_BOOT')) throw new Errno('EPERM')
    this.kernel.halt(how)
    throw new ProcessKilled()
  }

  // From here on: for the kernel.

  runHandler(handler: () => void): void {
    this.guarded(handler)
  }

  private guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.crash(error)
    }
  }

  noteStopped(child: Task, signal: Signal): void {
    this.stops.push({ task: child, signal })
    deliver(this, 'SIGCHLD', undefined)
    this.childChanged.wakeAll()
  }

  forgetStopped(child: Task): void {
    this.stops = this.stops.filter((stop) => stop.task !== child)
  }

  /** Starts the program's main function, after whoever is running now. */
  run(main: () => Promise<number>): void {
    void Promise.resolve()
      .then(() => (this.waits.stopped ? this.waits.pay(0) : undefined))
      .then(main)
      .then(
        (code) => this.terminate({ kind: 'exited', code: code & 255 }),
        (error: unknown) => this.crash(error),
      )
  }

  crash(error: unknown): void {
    if (this.waits.dead) return
    this.kernel.handleCrash(this, error)
  }

  terminate(status: ExitStatus): void {
    if (this.waits.dead) return
    this.status = status
    this.waits.die()
    this.controller?.abort(new ProcessKilled())
    endTask(this)
  }

  /** A child that could not be started after all: as if it had never been. */
  abandon(): void {
    this.waits.die()
    this.kernel.forget(this)
  }

  become(image: Image): void {
    this.executable = image.executable
    this.argv = image.argv
    this.command = image.command
    for (const [signal, handler] of this.handlers) if (handler !== 'ignore') this.handlers.delete(signal)
    if (image.setUid === undefined && image.setGid === undefined) return
    const capabilities = image.setUid === 0 ? this.kernel.boundingSet(this) : this.credentials.capabilities
    this.credentials = { ...this.credentials, capabilities, ...(image.setUid === undefined ? {} : { euid: image.setUid }), ...(image.setGid === undefined ? {} : { egid: image.setGid }) }
  }

  private handleOf(child: Task): ChildProcess {
    return { pid: child.pids.in(this.namespaces.pid), wait: () => this.kernel.waitFor(this, child), kill: (signal) => deliver(child, signal, this) }
  }
}
