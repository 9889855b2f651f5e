/**
 * A simulated machine: a disk, a kernel while it is up, and the host's doors into it. Boot runs /sbin/init as pid 1; all
 * else is started by it.
 */
import type { Clock, Timer } from '#engine/base/clock'
import type { KeySource } from '#engine/base/pki/keys'
import type { Random } from '#engine/base/random'
import { ProcessKilled } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import type { NetworkProvider } from '#engine/linux/abi/netprovider'
import type { ChildOptions, Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { exitCodeOf, type ExitStatus } from '#engine/linux/abi/signals'
import { TreeFileSystem, type TreeSnapshot } from '#engine/linux/fs/cow/tree'
import { type HostSession, type SessionOptions, startSession } from '#engine/linux/kernel/hostsession'
import { KernelContext } from '#engine/linux/kernel/context'
import { makeFirstMounts } from '#engine/linux/kernel/firstmounts'
import { Kernel } from '#engine/linux/kernel/kernel'
import { loadImage } from '#engine/linux/kernel/program'
import { type RunningState, restoreRunning, saveRunning } from '#engine/linux/kernel/snapshot'
import type { Task } from '#engine/linux/kernel/task'
import { ProcessFiles } from '#engine/linux/vfs/files'

export interface MachineOptions {
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  /** Every program there is, by the name that stubs on disk use. */
  readonly programs: ReadonlyMap<string, Program>
  readonly network: NetworkProvider
  readonly disk: TreeSnapshot
  /** From a snapshot of a running machine: it goes on where it was. */
  readonly running?: RunningState
  readonly keys?: KeySource
  readonly memoryBytes?: number
  readonly processors?: number
  /** Told of errors no program should throw. Default: nobody is told; the process is gone with SIGSEGV all the same. */
  readonly onProgramError?: (command: string, error: unknown) => void
  /** Instead of /sbin/init; for tests of what needs no systemd. */
  readonly init?: (process: Process) => Promise<number>
}

export interface MachineSnapshot {
  readonly name: string
  readonly disk: TreeSnapshot
  /** Undefined when the machine was off. */
  readonly running: RunningState | undefined
}

const bootDelayMs = 6000
const firstPid = 286

export class Machine {
  readonly name: string
  readonly disk: TreeFileSystem
  /** The mainboard's: a copy of the machine has it too. */
  private readonly uuid: string
  private kernelNow: Kernel | undefined
  private resumeFrom: RunningState | undefined
  private starting: Timer | undefined
  private boots = 0
  /** The network as the host laid it, before the first boot. */
  private bootNetwork: unknown
  /** Called when the machine went down, and whether it comes back by itself. */
  onHalt: ((how: 'reboot' | 'poweroff') => void) | undefined

  constructor(private readonly options: MachineOptions) {
    this.name = options.name
    this.disk = TreeFileSystem.open(fineTime(options.clock), options.disk)
    this.resumeFrom = options.running
    this.uuid = options.running?.machineUuid ?? options.random.fork('machine').uuid()
  }

  get isUp(): boolean {
    return this.kernelNow !== undefined
  }

  get kernel(): Kernel {
    if (!this.kernelNow) throw new Error(`machine ${this.name} is off`)
    return this.kernelNow
  }

  /** The disk and all mounts as root sees them, for the host. */
  get files(): Files {
    return new ProcessFiles(new KernelContext(this.kernel))
  }

  boot(): void {
    if (this.kernelNow) return
    this.starting?.cancel()
    const resume = this.resumeFrom
    this.resumeFrom = undefined
    this.layNetwork(resume)
    const kernel = this.makeKernel(resume)
    this.kernelNow = kernel
    if (resume) restoreRunning(kernel, resume)
    else makeFirstMounts(new KernelContext(kernel))
    const init = kernel.birth(undefined, { env: new Map([['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], ['TERM', 'linux']]), resume: { pid: 1, startedAtMs: kernel.options.bootedAtMs } })
    // Numbers that the kernel's own threads have on a real machine.
    kernel.pidNamespace.startAfter(firstPid)
    this.startInit(kernel, init)
  }

  /** Runs a command as a login of root would; see SessionOptions. */
  exec(argv: readonly string[], options: SessionOptions = {}): HostSession {
    return startSession(this.kernel, argv, options)
  }

  /** A process of the host's own making: no executable, no parent. */
  spawnHostProcess(name: string, body: (process: Process) => Promise<number>, options: ChildOptions = {}): { readonly pid: number; readonly exit: Promise<number>; kill(): void } {
    const task = this.kernel.birth(undefined, options)
    task.command = name
    task.argv = [name]
    const exit = new Promise<number>((resolve) => (task.onEnd = (status: ExitStatus) => resolve(exitCodeOf(status))))
    task.run(() => body(task))
    return { pid: task.pid, exit, kill: () => task.terminate({ kind: 'signaled', signal: 'SIGKILL', coreDumped: false }) }
  }

  snapshot(): MachineSnapshot {
    return { name: this.name, disk: this.disk.snapshot(), running: this.kernelNow && { ...saveRunning(this.kernelNow), machineUuid: this.uuid, bootNetwork: this.bootNetwork } }
  }

  powerOff(): void {
    this.starting?.cancel()
    this.kernelNow?.stop()
    this.kernelNow = undefined
  }

  reboot(): void {
    this.kernel.halt('reboot')
  }

  /** A first boot takes the network as it is, a reboot as it was then, a return from a snapshot as it was in that moment. */
  private layNetwork(resume: RunningState | undefined): void {
    const { network } = this.options
    if (resume) {
      this.bootNetwork = resume.bootNetwork
      if (resume.network !== undefined) network.restore?.(resume.network)
    } else if (this.bootNetwork !== undefined) network.restore?.(this.bootNetwork)
    else this.bootNetwork = network.save?.()
  }

  private makeKernel(resume: RunningState | undefined): Kernel {
    const { options } = this
    const random = options.random.fork(`boot ${++this.boots} ${options.clock.now()}`)
    return new Kernel(
      {
        hostname: resume?.hostname ?? this.hostname(),
        clock: options.clock,
        random,
        programs: options.programs,
        network: options.network,
        ...(options.keys ? { keys: options.keys } : {}),
        memoryBytes: options.memoryBytes ?? 4 * 1024 ** 3,
        processors: options.processors ?? 2,
        bootedAtMs: resume?.bootedAtMs ?? options.clock.now(),
        bootId: resume?.bootId ?? random.uuid(),
        machineUuid: this.uuid,
        resumed: resume !== undefined,
        onProgramError: options.onProgramError ?? ignoreError,
        onHalt: (how) => this.halted(how),
      },
      this.disk,
      '/dev/vda1',
    )
  }

  private startInit(kernel: Kernel, init: Task): void {
    const { init: body } = this.options
    if (body) return init.run(() => body(init))
    const image = loadImage(init, kernel.programs, '/sbin/init', ['/sbin/init'], init.env)
    init.become(image)
    init.command = 'systemd'
    init.run(async () => {
      const code = await image.program.run(init)
      kernel.log.add('Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000000', 0)
      return code
    })
  }

  private halted(how: 'reboot' | 'poweroff'): void {
    this.kernelNow = undefined
    if (how === 'reboot') this.starting = this.options.clock.after(bootDelayMs, () => this.boot())
    this.onHalt?.(how)
  }

  private hostname(): string {
    const ino = this.disk.lookup(this.disk.lookup(this.disk.root, 'etc'), 'hostname')
    if (ino === 0) return this.name
    return new TextDecoder().decode(this.disk.open(ino).readAll()).trim() || this.name
  }
}

function ignoreError(_command: string, error: unknown): void {
  if (error instanceof ProcessKilled) return
}

/** Times of files: never the same twice, as on a disk with nanoseconds; which of two is newer stays known. */
function fineTime(clock: Clock): () => number {
  const stepMs = 1 / 1024
  let last = 0
  return () => (last = Math.max(clock.now(), last + stepMs))
}
