/** conmon: stays with one container, keeps its ports, its log and its state, starts it again where it should, and cleans up after it. */
import { valueBody } from '#engine/base/http'
import { encodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import { forgetScope, registerScope } from '#engine/linux/systemd/scopes'
import { taskService, type CreateTaskRequest, type TaskState } from '../containerd/shim/protocol'
import { Shim } from '../containerd/shim/server'
import { rpcCodeOf, RpcError } from '../rpc'
import { Library } from './library'
import { monitorSocket } from './monitor-socket'
import { disconnect } from './network'
import { discard } from './remove'
import type { ContainerRecord } from './model'

/** How long whoever runs a container in the foreground has to come for its output. */
const attachMs = 2000

/** Tells `ok` or what went wrong on descriptor 3, then lives until the container has ended. */
export async function monitor(process: Process, id: string): Promise<number> {
  const library = new Library(process)
  const record = library.presentContainer(id)
  const request = JSON.parse(process.files.readText(`${library.runDirectory(id)}/request.json`)) as CreateTaskRequest
  const tell = (text: string): Promise<void> => (process.resumed ? Promise.resolve() : process.descriptor(3).write(encodeUtf8(`${text}\n`)).catch(() => undefined))
  const failure = reservePorts(process, record)
  if (failure !== undefined) {
    await tell(failure)
    return 1
  }
  const before = library.state(id)
  if (process.resumed) await infraBack(library, record)
  const resumed = process.resumed ? { ...request, holdOutput: false, resume: { pid: before.pid, startedAtMs: before.startedMs } } : request
  return new Monitor(process, library, record, resumed, tell).live()
}

function again({ resume: _before, ...request }: CreateTaskRequest): CreateTaskRequest {
  return { ...request, holdOutput: false }
}

/** Members of a pod share the namespaces of its infra container, which comes back by its own monitor. */
async function infraBack(library: Library, record: ContainerRecord): Promise<void> {
  const infra = record.pod === undefined || record.isInfra ? undefined : library.pod(record.pod)?.infra
  for (let tries = 0; infra !== undefined && tries < 200 && !library.files.exists(`/proc/${library.state(infra).pid}`); tries++) await library.process.clock.sleep(1)
}

/** A machine that comes back from a snapshot starts this monitor again. */
function register(process: Process, id: string): void {
  const startedAtMs = process.processes().find((entry) => entry.pid === process.pid)?.startedAtMs ?? process.clock.now()
  registerScope(process.files, { name: scopeName(id), path: process.executable.path, argv: process.argv, pid: process.pid, startedAtMs })
}

function scopeName(id: string): string {
  return `libpod-conmon-${id}`
}

function reservePorts(process: Process, record: ContainerRecord): string | undefined {
  for (const port of record.ports) {
    if (port.hostPort === 0 || port.protocol !== 'tcp') continue
    try {
      process.net.listen({ address: port.hostIp === '' ? '0.0.0.0' : port.hostIp, port: port.hostPort })
    } catch (error) {
      if (!isErrno(error)) throw error
      return `cannot listen on the TCP port: listen tcp4 ${port.hostIp}:${port.hostPort}: bind: ${error.message.toLowerCase()}`
    }
  }
  return undefined
}

class Monitor {
  private readonly shim: Shim
  private readonly id: string
  private attached: () => void = () => undefined
  /** Somebody has come to see the output. */
  private readonly seen = new Promise<void>((resolve) => {
    this.attached = resolve
  })

  constructor(
    private readonly process: Process,
    private readonly library: Library,
    private readonly record: ContainerRecord,
    private readonly request: CreateTaskRequest,
    private readonly tell: (text: string) => Promise<void>,
  ) {
    this.shim = new Shim(process)
    this.id = record.id
  }

  async live(): Promise<number> {
    const { process, library, id } = this
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGPIPE', 'SIGHUP'] as const) process.handle(signal, () => undefined)
    process.setNice(process.pid, 0)
    const socket = monitorSocket(id)
    if (process.files.exists(socket)) process.files.unlink(socket)
    const handler = this.shim.handler()
    const listener = process.net.serveHttp({ unix: socket }, async (request) => {
      const answer = await handler(request)
      if (request.path === '/attach') this.attached()
      return answer
    })
    try {
      const state = await this.call<TaskState>('Run', this.request)
      library.saveState(id, { status: 'running', pid: state.pid, startedMs: state.startedAtMs, exitCode: 0, stoppedByUser: false })
      register(process, id)
      await this.tell('ok')
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      listener.close()
      await this.tell(error.description)
      return 1
    }
    if (!process.resumed) process.closeDescriptor(3)
    const last = await this.watch()
    if (this.request.holdOutput) await Promise.race([this.seen, process.clock.sleep(attachMs)])
    await process.clock.sleep(1)
    forgetScope(process.files, scopeName(id))
    await this.leave(last)
    listener.close()
    return 0
  }

  /** From one end to the next, as long as the restart policy says so. */
  private async watch(): Promise<TaskState> {
    for (let restarts = 0; ; restarts++) {
      const state = await this.call<TaskState>('Wait', { id: this.id })
      if (!this.again(state, restarts)) return state
      await this.process.clock.sleep(Math.min(100 * 2 ** restarts, 60_000))
      await this.call('Delete', { id: this.id })
      const next = await this.call<TaskState>('Run', again(this.request))
      this.library.saveState(this.id, { status: 'running', pid: next.pid, startedMs: next.startedAtMs, restarts: restarts + 1 })
    }
  }

  private again(state: TaskState, restarts: number): boolean {
    const { name, retries } = this.record.restart
    if (this.library.state(this.id).stoppedByUser) return false
    if (name === 'always' || name === 'unless-stopped') return true
    return name === 'on-failure' && state.exitCode !== 0 && (retries === 0 || restarts < retries)
  }

  private async leave(state: TaskState): Promise<void> {
    const { library, record } = this
    await this.call('Delete', { id: this.id })
    const network = library.state(this.id).network
    if (network) await disconnect(library, record, network)
    const { network: _gone, ...rest } = library.saveState(this.id, {})
    library.files.replaceFile(`${library.runDirectory(this.id)}/state.json`, JSON.stringify({ ...rest, status: 'exited', pid: 0, exitCode: state.exitCode, finishedMs: state.exitedAtMs, oomKilled: state.oomKilled }))
    if (record.autoRemove) discard(library, record)
  }

  private async call<T>(method: string, message: object): Promise<T> {
    const answer = await this.shim.handler()({ method: 'POST', path: `/${taskService}/${method}`, headers: {}, body: valueBody(message, (value) => encodeUtf8(JSON.stringify(value))) })
    const code = Number(answer.headers['grpc-status'] ?? 0)
    if (code !== 0) throw new RpcError(rpcCodeOf(code), decodeURIComponent(answer.headers['grpc-message'] ?? ''))
    return answer.body.value as T
  }
}
