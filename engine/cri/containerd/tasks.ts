/** Shims and their tasks: started, found again after a restart of containerd, taken up again after a snapshot of the machine. */
import { SignalFan } from '#engine/base/signals'
import type { HttpResponse } from '#engine/base/http'
import { valueBody } from '#engine/base/http'
import { remembered } from '#engine/base/remembered'
import { encodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { LazyContent } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { exitCodeOf, type Signal } from '#engine/linux/abi/signals'
import { RpcError } from '../rpc'
import { RpcClient } from '../transport'
import type { OciProcess, OciResources } from './oci'
import { lookUp } from './lookup'
import { type CreateTaskRequest, type ExecTaskResponse, shimSocket, type StreamRequest, taskService, type TaskEvent, type TaskState } from './shim/protocol'


interface ShimRecord { readonly id: string; readonly socket: string; pid: number; startedAtMs: number }
interface BundleRecord { readonly shim: ShimRecord; readonly request: CreateTaskRequest; readonly state: TaskState }

interface Shim { readonly record: ShimRecord; readonly rpc: RpcClient; readonly tasks: Set<string> }

export type TaskExitListener = (namespace: string, state: TaskState) => void

export class TaskManager {
  private readonly shims = new Map<string, Shim>()
  private readonly shimOfTask = new Map<string, Shim>()
  private readonly states = new Map<string, TaskState>()
  onExit: TaskExitListener = () => undefined
  private readonly dying: SignalFan

  constructor(
    private readonly process: Process,
    private readonly stateDirectory: string,
    private readonly address: string,
  ) {
    this.dying = new SignalFan(process.dying)
  }

  bundle(namespace: string, id: string): string {
    return `${this.stateDirectory}/io.containerd.runtime.v2.task/${namespace}/${id}`
  }

  state(namespace: string, id: string): TaskState | undefined {
    return this.states.get(`${namespace}/${id}`)
  }

  /** Runs a task under the shim `shimId`, which is started where it does not run yet. */
  async run(namespace: string, shimId: string, request: CreateTaskRequest): Promise<TaskState> {
    const shim = this.shims.get(`${namespace}/${shimId}`) ?? (await this.startShim(namespace, shimId, undefined))
    this.process.files.mkdirAll(request.bundle, 0o711)
    let state: TaskState
    try {
      state = await this.call<TaskState>(shim, 'Run', request)
    } catch (error) {
      this.process.files.removeAll(request.bundle)
      if (shim.tasks.size === 0) await this.shutdown(namespace, shim)
      if (error instanceof RpcError) throw new RpcError(error.code, `failed to create shim task: ${error.description}`)
      throw error
    }
    this.remember(namespace, shim, request, state)
    return state
  }

  async kill(namespace: string, id: string, signal: Signal): Promise<void> {
    const shim = this.shimOfTask.get(`${namespace}/${id}`)
    if (!shim) throw new RpcError('NotFound', `task ${id} not found: not found`)
    await this.call(shim, 'Kill', { id, signal })
  }

  /** Resolves when the task has ended. */
  async wait(namespace: string, id: string): Promise<TaskState | undefined> {
    const shim = this.shimOfTask.get(`${namespace}/${id}`)
    if (!shim) return this.state(namespace, id)
    return this.call<TaskState>(shim, 'Wait', { id })
  }

  async exec(namespace: string, id: string, execId: string, what: OciProcess, timeoutMs: number | undefined): Promise<ExecTaskResponse> {
    return this.call<ExecTaskResponse>(this.shim(namespace, id), 'Exec', { id, execId, process: what, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
  }

  /** An upgraded exec or attach: the answer carries the channel. */
  async stream(namespace: string, request: StreamRequest): Promise<HttpResponse> {
    const shim = this.shim(namespace, request.id)
    const body = valueBody(request, (value) => encodeUtf8(JSON.stringify(value)))
    return this.process.net.request({ unix: shim.record.socket }, { method: 'POST', path: request.process ? '/exec' : '/attach', headers: { connection: 'Upgrade', upgrade: 'websocket' }, body })
  }

  async update(namespace: string, id: string, resources: OciResources): Promise<void> {
    await this.call(this.shim(namespace, id), 'Update', { id, resources })
  }

  async reopenLog(namespace: string, id: string): Promise<void> {
    await this.call(this.shim(namespace, id), 'ReopenLog', { id })
  }

  /** Forgets a stopped task; its shim ends with its last one. */
  async delete(namespace: string, id: string): Promise<void> {
    const key = `${namespace}/${id}`
    const shim = this.shimOfTask.get(key)
    if (shim) {
      try {
        await this.call(shim, 'Delete', { id })
      } catch (error) {
        if (!(error instanceof RpcError) || error.code === 'FailedPrecondition') throw error
      }
      shim.tasks.delete(id)
      if (shim.tasks.size === 0) await this.shutdown(namespace, shim)
    }
    this.shimOfTask.delete(key)
    this.states.delete(key)
    this.process.files.removeAll(this.bundle(namespace, id))
  }

  list(namespace: string): TaskState[] {
    return [...this.states].filter(([key]) => key.startsWith(`${namespace}/`)).map(([, state]) => state)
  }

  /** After a start of containerd: what the bundles tell is found again. */
  async recover(): Promise<void> {
    const { files } = this.process
    const root = `${this.stateDirectory}/io.containerd.runtime.v2.task`
    if (!files.exists(root)) return
    for (const namespace of files.readDirectory(root)) {
      const bundles = files.readDirectory(`${root}/${namespace.name}`).map((entry) => this.readBundle(`${root}/${namespace.name}/${entry.name}`)).filter((bundle) => bundle !== undefined)
      bundles.sort((a, b) => a.state.startedAtMs - b.state.startedAtMs || (a.request.id === a.shim.id ? -1 : 0))
      for (const bundle of bundles) await this.recoverBundle(namespace.name, bundle)
    }
  }

  private readBundle(path: string): BundleRecord | undefined {
    try {
      const bundle = bundleOf(this.process.files.readText(`${path}/task.json`))
      return { ...bundle, shim: { ...bundle.shim } }
    } catch {
      return undefined
    }
  }

  private async recoverBundle(namespace: string, bundle: BundleRecord): Promise<void> {
    const key = `${namespace}/${bundle.request.id}`
    this.states.set(key, bundle.state)
    const shim = this.shims.get(`${namespace}/${bundle.shim.id}`) ?? (await this.reconnect(namespace, bundle.shim))
    if (!shim) return this.lost(namespace, bundle)
    shim.tasks.add(bundle.request.id)
    this.shimOfTask.set(key, shim)
    if (this.process.resumed) return this.resume(namespace, shim, bundle)
    try {
      const state = await this.call<TaskState>(shim, 'State', { id: bundle.request.id })
      this.states.set(key, state)
      if (state.status === 'stopped' && bundle.state.status !== 'stopped') this.ended(namespace, state)
    } catch {
      this.lost(namespace, bundle)
    }
  }

  /** A snapshot holds no processes: the same program starts again under its old pid. */
  private async resume(namespace: string, shim: Shim, bundle: BundleRecord): Promise<void> {
    if (bundle.state.status !== 'running') return
    const { pid, startedAtMs } = bundle.state
    try {
      const state = await this.call<TaskState>(shim, 'Run', { ...bundle.request, resume: { pid, startedAtMs } })
      this.states.set(`${namespace}/${bundle.request.id}`, state)
    } catch {
      this.lost(namespace, bundle)
    }
  }

  private async reconnect(namespace: string, record: ShimRecord): Promise<Shim | undefined> {
    if (this.process.resumed) return this.startShim(namespace, record.id, { pid: record.pid, startedAtMs: record.startedAtMs })
    const shim: Shim = { record, rpc: new RpcClient(this.process.net, record.socket), tasks: new Set() }
    try {
      await this.call(shim, 'List', {})
    } catch {
      return undefined
    }
    this.shims.set(`${namespace}/${record.id}`, shim)
    this.listen(namespace, shim)
    return shim
  }

  /** The shim has gone (killed, or the machine was restarted without /run): its tasks went with it. */
  private lost(namespace: string, bundle: BundleRecord): void {
    if (bundle.state.status !== 'running') return
    this.ended(namespace, { ...bundle.state, status: 'stopped', exitCode: 255, exitedAtMs: this.process.clock.now() })
  }

  private async startShim(namespace: string, id: string, resume: { pid: number; startedAtMs: number } | undefined): Promise<Shim> {
    const socket = shimSocket(namespace, id)
    this.process.files.mkdirAll('/run/containerd/s', 0o711)
    const ready = this.process.pipe()
    const env = new Map(this.process.env)
    if (resume) env.set('SHIM_RESUME', `${resume.pid} ${resume.startedAtMs}`)
    const path = lookUp(this.process, 'containerd-shim-runc-v2')
    if (path === undefined) throw new RpcError('Unknown', 'failed to start shim: failed to resolve runtime path: runtime "io.containerd.runc.v2" binary not installed "containerd-shim-runc-v2": file does not exist')
    let child
    try {
      child = this.process.spawn(path, [path, '-namespace', namespace, '-id', id, '-address', this.address, 'start'], { env, descriptors: new Map([[1, ready.writer]]) })
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new RpcError('Unknown', `failed to start shim: start failed: fork/exec ${path}: ${error.message.toLowerCase()}`)
    }
    const line = await readLine(ready.reader)
    const status = await child.wait()
    if (exitCodeOf(status) !== 0 || line === '') throw new RpcError('Unknown', `failed to start shim: start failed: ${line === '' ? `exit status ${exitCodeOf(status)}` : line}`)
    const [pid = '0', startedAtMs = '0'] = line.split(' ')
    const shim: Shim = { record: { id, socket, pid: Number(pid), startedAtMs: Number(startedAtMs) }, rpc: new RpcClient(this.process.net, socket), tasks: new Set() }
    this.shims.set(`${namespace}/${id}`, shim)
    this.listen(namespace, shim)
    return shim
  }

  private listen(namespace: string, shim: Shim): void {
    this.process.background(async () => {
      const branch = this.dying.branch()
      try {
        for await (const event of shim.rpc.stream<TaskEvent>(taskService, 'Events', {}, branch.signal)) if (event.kind === 'exit') this.ended(namespace, event.state)
      } catch (error) {
        if (!(error instanceof RpcError) && !isErrno(error)) throw error
      } finally {
        branch.release()
      }
      if (!this.process.dying.aborted) this.shimGone(namespace, shim)
    })
  }

  private shimGone(namespace: string, shim: Shim): void {
    const key = `${namespace}/${shim.record.id}`
    if (this.shims.get(key) !== shim) return
    this.shims.delete(key)
    for (const id of shim.tasks) {
      this.shimOfTask.delete(`${namespace}/${id}`)
      const state = this.state(namespace, id)
      if (state?.status === 'running') this.ended(namespace, { ...state, status: 'stopped', exitCode: 137, exitedAtMs: this.process.clock.now() })
    }
  }

  private ended(namespace: string, state: TaskState): void {
    this.states.set(`${namespace}/${state.id}`, state)
    const path = this.bundle(namespace, state.id)
    const bundle = this.readBundle(path)
    if (bundle) this.process.files.writeLazy(`${path}/task.json`, json({ ...bundle, state }))
    this.onExit(namespace, state)
  }

  private remember(namespace: string, shim: Shim, request: CreateTaskRequest, state: TaskState): void {
    const key = `${namespace}/${request.id}`
    shim.tasks.add(request.id)
    this.shimOfTask.set(key, shim)
    this.states.set(key, state)
    const { files } = this.process
    const record: BundleRecord = { shim: shim.record, request, state }
    files.writeLazy(`${request.bundle}/config.json`, json(request.spec))
    files.writeFile(`${request.bundle}/init.pid`, String(state.pid))
    files.writeLazy(`${request.bundle}/task.json`, json(record))
  }

  private shim(namespace: string, id: string): Shim {
    const shim = this.shimOfTask.get(`${namespace}/${id}`)
    if (!shim) throw new RpcError('NotFound', `failed to load task: no running task found: task ${id} not found: not found`)
    return shim
  }

  private call<T>(shim: Shim, method: string, message: object): Promise<T> {
    return shim.rpc.call<T>(taskService, method, message)
  }

  private async shutdown(namespace: string, shim: Shim): Promise<void> {
    this.shims.delete(`${namespace}/${shim.record.id}`)
    try {
      await this.call(shim, 'Shutdown', {})
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
    }
    if (this.process.files.exists(shim.record.socket)) this.process.files.unlink(shim.record.socket)
  }
}

/** Read again by each copy of a machine; of its parts only the shim's record changes. */
const bundleOf = remembered(500, (text) => JSON.parse(text) as BundleRecord)

async function readLine(reader: { read(max?: number): Promise<Uint8Array | null>; release(): void }): Promise<string> {
  let text = ''
  for (;;) {
    const data = await reader.read()
    if (!data) break
    text += new TextDecoder().decode(data)
    if (text.includes('\n')) break
  }
  reader.release()
  return text.split('\n')[0] ?? ''
}

/** What most files of a bundle are never read for is not spelled out before somebody does. */
function json(value: object): LazyContent {
  return { bytes: () => encodeUtf8(JSON.stringify(value)) }
}
