/** The shim: parent of a pod's containers, so that they outlive containerd. Answers on its socket until it is shut down. */
import { concatBytes } from '#engine/base/bytes'
import { emptyBody, type HttpHandler, type HttpRequest, type HttpResponse, textBody } from '#engine/base/http'
import { isErrno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { ChildOptions, Process } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'
import { Broadcast } from '#engine/cri/queue'
import { RpcError } from '#engine/cri/rpc'
import { channelPair } from '#engine/cri/streaming/channels'
import { rpcHandler, type ServiceTable } from '#engine/cri/transport'
import { lookUp } from '../lookup'
import { cgroupDirectory, type OciProcess } from '../oci'
import { removeCgroup, writeLimits } from './cgroup'
import { StartFailure } from './init'
import { type CreateTaskRequest, type ExecTaskRequest, type ExecTaskResponse, type KillRequest, type StreamRequest, taskService, type TaskEvent, type TaskState, type UpdateTaskRequest } from './protocol'
import { attachStreams, type LiveProcess, serveStreams } from './streams'
import { openStdio, readOrEnd, startProcess, Task } from './task'

const execOutputLimit = 16 * 1024 * 1024

export class Shim {
  private readonly tasks = new Map<string, Task>()
  private readonly events = new Broadcast<TaskEvent>()
  private stop: () => void = () => undefined
  readonly stopped: Promise<void>

  constructor(private readonly process: Process) {
    this.stopped = new Promise((resolve) => {
      this.stop = resolve
    })
  }

  handler(): HttpHandler {
    const rpc = rpcHandler(this.table())
    return (request) => (request.path === '/exec' || request.path === '/attach' ? this.stream(request) : rpc(request))
  }

  private table(): ServiceTable {
    const unary = {
      Run: (request: CreateTaskRequest) => this.run(request),
      State: (request: { id: string }) => this.answer(() => this.task(request.id).current()),
      List: () => this.answer(() => ({ tasks: [...this.tasks.values()].map((task) => task.current()) })),
      Kill: (request: KillRequest) => this.answer(() => this.kill(request)),
      Exec: (request: ExecTaskRequest) => this.exec(request),
      Update: (request: UpdateTaskRequest) => this.answer(() => this.update(request)),
      ReopenLog: (request: { id: string }) => this.answer(() => this.task(request.id).reopenLog() ?? {}),
      Wait: async (request: { id: string }): Promise<TaskState> => this.task(request.id).ended,
      Delete: (request: { id: string }) => this.answer(() => this.delete(request.id)),
      Shutdown: () => this.answer(() => this.shutdown()),
    }
    return {
      unary: Object.fromEntries(Object.entries(unary).map(([name, method]) => [`${taskService}/${name}`, method as (request: never) => Promise<object>])),
      streams: { [`${taskService}/Events`]: (_request: never, signal) => this.events.subscribe(signal) },
    }
  }

  private async answer<T extends object>(work: () => T): Promise<T> {
    await Promise.resolve()
    return work()
  }

  private task(id: string): Task {
    const task = this.tasks.get(id)
    if (!task) throw new RpcError('NotFound', `task ${id} not found: not found`)
    return task
  }

  private async run(request: CreateTaskRequest): Promise<TaskState> {
    if (this.tasks.has(request.id)) throw new RpcError('AlreadyExists', `task ${request.id}: already exists`)
    if (lookUp(this.process, 'runc') === undefined) throw new RpcError('Unknown', `OCI runtime create failed: unable to retrieve OCI runtime error (open ${request.bundle}/log.json: no such file or directory): exec: "runc": executable file not found in $PATH`)
    try {
      const task = await Task.start(this.process, request, (state) => this.events.publish({ kind: 'exit', state }))
      this.tasks.set(request.id, task)
      return task.current()
    } catch (error) {
      if (error instanceof StartFailure) throw new RpcError('Unknown', `OCI runtime create failed: runc create failed: unable to start container process: ${error.message}`)
      if (isErrno(error)) throw new RpcError('Unknown', `OCI runtime create failed: runc create failed: unable to start container process: ${error.message.toLowerCase()}`)
      throw error
    }
  }

  private kill(request: KillRequest): object {
    try {
      this.task(request.id).kill(request.signal)
    } catch (error) {
      if (isErrno(error)) throw new RpcError('NotFound', 'process already finished: not found')
      throw error
    }
    return {}
  }

  private update(request: UpdateTaskRequest): object {
    writeLimits(this.process.files, cgroupDirectory(this.task(request.id).request.spec.linux.cgroupsPath), request.resources)
    return {}
  }

  private delete(id: string): TaskState {
    const task = this.task(id)
    if (task.current().status === 'running') throw new RpcError('FailedPrecondition', 'task must be stopped before deletion: running: failed precondition')
    task.release()
    removeCgroup(this.process.files, cgroupDirectory(task.request.spec.linux.cgroupsPath))
    this.tasks.delete(id)
    return task.current()
  }

  private shutdown(): object {
    if (this.tasks.size === 0) this.stop()
    return {}
  }

  /** Starts another process in a task's namespaces. */
  private async enter(task: Task, execId: string, what: OciProcess, stdin: boolean): Promise<LiveProcess> {
    const state = task.current()
    if (state.status !== 'running') throw new RpcError('FailedPrecondition', `container is in ${state.status === 'stopped' ? 'CONTAINER_EXITED' : 'CONTAINER_UNKNOWN'} state`)
    const stdio = openStdio(this.process, what.terminal ?? false, stdin)
    const { pid } = state
    const options: ChildOptions = {
      namespaces: { mount: { ofPid: pid }, pid: { ofPid: pid }, network: { ofPid: pid }, uts: { ofPid: pid }, ipc: { ofPid: pid } },
      cgroup: cgroupDirectory(task.request.spec.linux.cgroupsPath),
      descriptors: stdio.descriptors,
      onlyNamedDescriptors: true,
      oomScoreAdjust: task.request.spec.process.oomScoreAdj,
      ...(stdio.options.session ? stdio.options : { session: {} }),
    }
    try {
      return { child: await startProcess(this.process, options, what, task.request.spec.linux.seccomp, () => undefined), stdio }
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error
      throw new RpcError('Unknown', `failed to start exec "${execId}": OCI runtime exec failed: exec failed: unable to start container process: ${error.message}`)
    }
  }

  private async exec(request: ExecTaskRequest): Promise<ExecTaskResponse> {
    const { child, stdio } = await this.enter(this.task(request.id), request.execId, request.process, false)
    let timedOut = false
    const timer = request.timeoutMs === undefined || request.timeoutMs <= 0 ? undefined : this.process.clock.after(request.timeoutMs, () => {
      timedOut = true
      child.kill('SIGKILL')
    })
    const outputs = stdio.outputs.map(({ reader }) => collect(reader))
    const status = await child.wait()
    timer?.cancel()
    const [stdout, stderr] = await Promise.all(outputs)
    return { exitCode: exitCodeOf(status), stdout: stdout ?? new Uint8Array(0), stderr: stderr ?? new Uint8Array(0), timedOut }
  }

  private async stream(request: HttpRequest): Promise<HttpResponse> {
    const message = request.body.value as StreamRequest
    const [mine, theirs] = channelPair()
    try {
      const task = this.task(message.id)
      if (message.process) {
        const live = await this.enter(task, message.execId ?? '', message.process, message.stdin)
        this.process.background(() => serveStreams(mine, live, message))
      } else this.process.background(() => attachStreams(mine, task, message))
    } catch (error) {
      const text = error instanceof RpcError ? error.description : String(error)
      return { status: 500, headers: {}, body: textBody(text) }
    }
    return { status: 101, headers: { upgrade: 'websocket' }, body: emptyBody, upgraded: theirs }
  }
}

async function collect(reader: OpenFile): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for (;;) {
    const data = await readOrEnd(reader)
    if (!data) break
    size += data.length
    if (size <= execOutputLimit) parts.push(data)
  }
  reader.release()
  return concatBytes(parts)
}
