/** One container of a shim: its process, its output, who is attached to it, and how it ended. */
import type { Clock } from '#engine/base/clock'
import { Errno, isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { ChildOptions, ChildProcess, DescriptorSource, Process } from '#engine/linux/abi/process'
import { exitCodeOf, type Signal } from '#engine/linux/abi/signals'
import { Broadcast } from '#engine/cri/queue'
import { cgroupDirectory, type OciProcess } from '../oci'
import { writeLimits } from './cgroup'
import { enterRoot, namespaceRequest, prepareExec, StartFailure } from './init'
import { JsonFileLog } from './jsonlog'
import { CriLog, type LogFile } from './logs'
import type { CreateTaskRequest, TaskState } from './protocol'

/** Of output that nobody has asked for yet. */
const mostHeld = 4096

export interface Output { readonly stream: 'stdout' | 'stderr'; readonly data: Uint8Array }

/** The host's ends of a process's standard streams. */
export interface Stdio {
  readonly descriptors: ReadonlyMap<number, DescriptorSource>
  readonly options: Pick<ChildOptions, 'session'>
  readonly stdin: OpenFile | undefined
  readonly outputs: readonly { readonly stream: 'stdout' | 'stderr'; readonly reader: OpenFile }[]
  /** The master of a terminal. */
  readonly master: OpenFile | undefined
  readonly slave: OpenFile | undefined
}

export class Task {
  readonly output = new Broadcast<Output>()
  readonly ended: Promise<TaskState>
  readonly stdio: Stdio
  private readonly log: LogFile | undefined
  private held: Output[] | undefined
  private readonly child: ChildProcess
  private state: TaskState
  private resolveEnded: (state: TaskState) => void = () => undefined

  private constructor(
    private readonly process: Process,
    readonly request: CreateTaskRequest,
    private readonly onExit: (state: TaskState) => void,
    started: { child: ChildProcess; stdio: Stdio },
  ) {
    this.child = started.child
    this.stdio = started.stdio
    this.log = openLog(process, request)
    this.held = request.holdOutput && !request.resume ? [] : undefined
    const startedAtMs = request.resume?.startedAtMs ?? process.clock.now()
    this.state = { id: request.id, status: 'running', pid: started.child.pid, startedAtMs, exitCode: 0, exitedAtMs: 0, oomKilled: false }
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve
    })
    process.background(() => this.watch())
  }

  /** Mounts the root, makes the namespaces and starts the program. Throws StartFailure in runc's words. */
  static async start(process: Process, request: CreateTaskRequest, onExit: (state: TaskState) => void): Promise<Task> {
    mountRoot(process, request)
    const cgroup = cgroupDirectory(request.spec.linux.cgroupsPath)
    // After a snapshot the group stands, with its limits.
    if (!request.resume) writeLimits(process.files, cgroup, request.spec.linux.resources)
    const stdio = openStdio(process, request.spec.process.terminal ?? false, request.stdin)
    const options: ChildOptions = {
      namespaces: namespaceRequest(process, request.spec),
      cgroup,
      descriptors: stdio.descriptors,
      onlyNamedDescriptors: true,
      oomScoreAdjust: request.spec.process.oomScoreAdj,
      umask: 0o022,
      ...(stdio.options.session ? stdio.options : { session: {} }),
      ...(request.resume ? { resume: request.resume } : {}),
    }
    try {
      const child = await startProcess(process, options, request.spec.process, request.spec.linux.seccomp, (init) => enterRoot(init, request.spec))
      return new Task(process, request, onExit, { child, stdio })
    } catch (error) {
      unmountRoot(process, request)
      throw error
    }
  }

  current(): TaskState {
    return this.state
  }

  kill(signal: Signal): void {
    if (this.state.status !== 'running') throw new Errno('ESRCH')
    this.child.kill(signal)
  }

  reopenLog(): void {
    this.log?.reopen()
  }

  /** Unmounts the root of a stopped task. */
  release(): void {
    unmountRoot(this.process, this.request)
    this.log?.close()
    this.output.close()
  }

  /** What was held back, then what comes. */
  async *follow(signal: AbortSignal): AsyncGenerator<Output> {
    for (let early = this.held?.shift(); early; early = this.held?.shift()) yield early
    this.held = undefined
    if (this.state.status !== 'stopped') yield* this.output.subscribe(signal)
  }

  private async watch(): Promise<void> {
    const pumps = this.stdio.outputs.map(({ stream, reader }) => this.pump(stream, reader))
    const status = await this.child.wait()
    const exitedAtMs = this.process.clock.now()
    await settle(pumps, this.request.spec.linux.namespaces.pid === 'new', this.process.clock)
    const oomKilled = wasOomKilled(this.process, cgroupDirectory(this.request.spec.linux.cgroupsPath))
    this.state = { ...this.state, status: 'stopped', exitCode: exitCodeOf(status), exitedAtMs, oomKilled }
    this.output.close()
    this.onExit(this.state)
    this.resolveEnded(this.state)
  }

  private async pump(stream: 'stdout' | 'stderr', reader: OpenFile): Promise<void> {
    for (;;) {
      const data = await readOrEnd(reader)
      if (!data) break
      if (this.held && this.held.length < mostHeld) this.held.push({ stream, data })
      this.output.publish({ stream, data })
      await this.log?.write(stream, data)
    }
    await this.log?.end(stream)
    reader.release()
  }
}

function openLog({ files, clock }: Process, { logPath, logFormat }: CreateTaskRequest): LogFile | undefined {
  if (logPath === undefined) return undefined
  return logFormat === 'json-file' ? new JsonFileLog(files, logPath, clock) : new CriLog(files, logPath, clock)
}

/** A terminal whose last slave is closed reads EIO: its end. */
export async function readOrEnd(reader: OpenFile): Promise<Uint8Array | null> {
  try {
    return await reader.read(65_536)
  } catch (error) {
    if (isErrno(error, 'EIO', 'EBADF', 'EPIPE')) return null
    throw error
  }
}

/** All output is read before the end is told; where others may hold the pipe open, only what is there already. */
async function settle(pumps: readonly Promise<void>[], closes: boolean, clock: Clock): Promise<void> {
  const all = Promise.all(pumps)
  await (closes ? all : Promise.race([all, clock.sleep(10)]))
}

export function openStdio(process: Process, terminal: boolean, stdin: boolean): Stdio {
  if (terminal) {
    const { master, slave } = process.openPty({ columns: 80, rows: 24 })
    const descriptors = new Map<number, DescriptorSource>([[0, slave], [1, slave], [2, slave]])
    return { descriptors, options: { session: { terminal: slave } }, stdin: master, outputs: [{ stream: 'stdout', reader: master }], master, slave }
  }
  const out = process.pipe()
  const err = process.pipe()
  const input = stdin ? process.pipe() : undefined
  const source = input?.reader ?? process.files.open('/dev/null', { read: true })
  const descriptors = new Map<number, DescriptorSource>([[0, source], [1, out.writer], [2, err.writer]])
  return { descriptors, options: {}, stdin: input?.writer, outputs: [{ stream: 'stdout', reader: out.reader }, { stream: 'stderr', reader: err.reader }], master: undefined, slave: undefined }
}

/** Forks, prepares the child by `enter`, and resolves once the program is about to run; rejects with why it is not. */
export function startProcess(process: Process, options: ChildOptions, what: OciProcess, seccomp: boolean, enter: (child: Process) => void): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = process.fork(async (init) => {
      await Promise.resolve()
      let run: () => Promise<number>
      try {
        enter(init)
        run = prepareExec(init, what, seccomp)
      } catch (error) {
        reject(isErrno(error) ? new StartFailure(`${error.subject === undefined ? '' : `${error.subject}: `}${error.message.toLowerCase()}`) : (error as Error))
        return 1
      }
      resolve(child)
      try {
        return await run()
      } catch (error) {
        if (!(error instanceof StartFailure)) throw error
        await init.stderr.write(`${error.message}\n`)
        return 1
      }
    }, options)
  })
}

function mountRoot(process: Process, request: CreateTaskRequest): void {
  const { overlay } = request.rootfs
  const root = request.spec.root.path
  process.files.mkdirAll(root, 0o755)
  if (!overlay || (request.resume && isMounted(process, root))) return
  const lower = overlay.lower.length > 0 ? overlay.lower.join(':') : root
  process.files.mount({ source: 'overlay', target: root, type: 'overlay', options: ['rw', 'relatime', `lowerdir=${lower}`, `upperdir=${overlay.upper}`, `workdir=${overlay.work}`] })
}

/** A machine that comes back from a snapshot has its mounts already. */
function isMounted({ files }: Process, path: string): boolean {
  return files.stat(path).dev !== files.stat(path.slice(0, path.lastIndexOf('/'))).dev
}

function unmountRoot(process: Process, request: CreateTaskRequest): void {
  if (!request.rootfs.overlay) return
  try {
    process.files.unmount(request.spec.root.path, { lazy: true })
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

function wasOomKilled(process: Process, cgroup: string): boolean {
  const path = `/sys/fs/cgroup${cgroup}/memory.events`
  try {
    return /^oom_kill [1-9]/m.test(process.files.readText(path))
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}
