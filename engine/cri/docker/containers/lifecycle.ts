/** Containers start, stop, are paused, killed and removed; how they end, and whether they start again. */
import { parseSignal, type Signal } from '#engine/linux/abi/signals'
import type { TaskState } from '#engine/cri/containerd/shim/protocol'
import { RpcError } from '#engine/cri/rpc'
import type { DockerHost } from '../host'
import { mobyNamespace } from '../host'
import { ApiError, badParameter, conflict, type ContainerRecord, serverError } from '../model'
import type { Connections } from '../network/connections'
import type { Volumes } from '../volumes'
import { Attachments } from './attach'
import { attributesOf, takeName } from './create'
import { Execs } from './exec'
import { HealthChecks } from './health'
import { fillVolumes } from './mounts'
import { containerSpec } from './spec'

const firstDelayMs = 100
const longestDelayMs = 60_000
/** Who ran this long begins with the shortest delay again. */
const settledMs = 10_000
export const defaultStopSeconds = 10

export class Lifecycle {
  readonly attachments: Attachments
  readonly execs: Execs
  private readonly health: HealthChecks
  private readonly waiting = new Map<string, Set<(code: number) => void>>()
  private readonly removed = new Map<string, Set<(code: number) => void>>()
  private readonly delays = new Map<string, number>()
  private readonly ending = new Map<string, Promise<void>>()
  /** The daemon itself ends: nothing starts again. */
  stopping = false

  constructor(private readonly host: DockerHost, private readonly connections: Connections, private readonly volumes: Volumes) {
    this.attachments = new Attachments(host)
    this.execs = new Execs(host)
    this.health = new HealthChecks(host, this.execs)
    host.tasks.onExit = (namespace, state) => this.taskExited(namespace, state)
  }

  async start(record: ContainerRecord): Promise<boolean> {
    await this.ending.get(record.id)
    const { state } = record
    if (state.status === 'paused') throw conflict('cannot start a paused container, try unpause instead')
    if (state.status === 'running') return false
    record.stoppedByHand = false
    this.delays.delete(record.id)
    await this.run(record)
    return true
  }

  private async run(record: ContainerRecord): Promise<void> {
    const { host } = this
    const { state } = record
    try {
      await this.connections.setUp(record)
      fillVolumes(host, record)
      const started = await host.tasks.run(mobyNamespace, record.id, this.task(record))
      Object.assign(state, { status: 'running', pid: started.pid, exitCode: 0, error: '', oomKilled: false, startedAtMs: started.startedAtMs, finishedAtMs: state.finishedAtMs })
    } catch (error) {
      await this.startFailed(record, error)
    }
    record.hasStarted = true
    host.records.save(record)
    host.events.publish('container', 'start', record.id, attributesOf(record))
    this.health.begin(record)
    await this.attachments.begin(record)
    const ended = host.tasks.state(mobyNamespace, record.id)
    if (ended?.status === 'stopped' && state.status === 'running') this.taskExited(mobyNamespace, ended)
  }

  private task(record: ContainerRecord): Parameters<DockerHost['tasks']['run']>[2] {
    const { host } = this
    const bundle = host.tasks.bundle(mobyNamespace, record.id)
    const { lower, upper, work } = host.images.snapshots.mounts(record.id)
    const { config, hostConfig } = record
    return {
      id: record.id, bundle, spec: containerSpec(host, record, bundle, this.connections.namespacePath(record)), rootfs: { overlay: { lower, upper, work } }, stdin: config.OpenStdin,
      ...(hostConfig.LogConfig.Type === 'json-file' ? { logPath: host.records.logPath(record.id), logFormat: 'json-file' as const } : {}), ...(this.attachments.awaited(record.id) ? { holdOutput: true } : {}),
    }
  }

  private async startFailed(record: ContainerRecord, error: unknown): Promise<never> {
    const { state } = record
    this.connections.tearDown(record)
    this.attachments.refuse(record.id)
    const failure = asApiError(error)
    state.exitCode = /executable file not found|no such file or directory/.test(failure.message) ? 127 : /permission denied|is a directory/.test(failure.message) ? 126 : 128
    state.error = failure.message
    if (record.state.status === 'restarting') state.status = 'exited'
    this.host.records.save(record)
    this.host.log('error', `Handler for POST /v1.41/containers/${record.id}/start returned error: ${failure.message}`)
    this.told(this.waiting, record.id, state.exitCode)
    if (record.hostConfig.AutoRemove) await this.remove(record, { force: true, volumes: true, links: false })
    throw failure
  }

  /** The shim tells of an end; what follows is done in order. */
  private taskExited(namespace: string, task: TaskState): void {
    if (namespace !== mobyNamespace) return
    const record = this.host.records.get(task.id)
    if (!record || (record.state.status !== 'running' && record.state.status !== 'paused')) return
    const work = this.ended(record, task)
    this.ending.set(record.id, work)
    this.host.process.background(() => work)
  }

  private async ended(record: ContainerRecord, task: TaskState): Promise<void> {
    const { state } = record
    const again = this.restarts(record, task.exitCode)
    this.health.end(record.id)
    if (task.oomKilled) this.host.events.publish('container', 'oom', record.id, attributesOf(record))
    Object.assign(state, { status: again ? 'restarting' : 'exited', pid: 0, exitCode: task.exitCode, oomKilled: task.oomKilled, finishedAtMs: task.exitedAtMs })
    await this.attachments.drained(record.id)
    await this.host.tasks.delete(mobyNamespace, record.id)
    this.connections.tearDown(record)
    this.host.events.publish('container', 'die', record.id, attributesOf(record, { exitCode: String(task.exitCode) }))
    this.host.records.save(record)
    this.ending.delete(record.id)
    this.told(this.waiting, record.id, task.exitCode)
    if (again) this.restartLater(record, task)
    else if (record.hostConfig.AutoRemove) await this.remove(record, { force: true, volumes: true, links: false })
  }

  private restarts(record: ContainerRecord, exitCode: number): boolean {
    const { Name: policy, MaximumRetryCount: most } = record.hostConfig.RestartPolicy
    if (this.stopping || record.stoppedByHand) return false
    if (policy === 'on-failure') return exitCode !== 0 && (most === 0 || record.restartCount < most)
    return policy === 'always' || policy === 'unless-stopped'
  }

  private restartLater(record: ContainerRecord, task: TaskState): void {
    const known = this.delays.get(record.id)
    const delay = known === undefined || task.exitedAtMs - task.startedAtMs >= settledMs ? firstDelayMs : Math.min(longestDelayMs, known * 2)
    this.delays.set(record.id, delay)
    this.host.process.background(async () => {
      await this.host.process.clock.sleep(delay)
      if (record.state.status !== 'restarting' || this.stopping || !this.host.records.get(record.id)) return
      record.restartCount++
      try {
        await this.run(record)
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
      }
    })
  }

  /** With how many seconds of grace; nothing to do for what does not run. */
  async stop(record: ContainerRecord, seconds: number): Promise<boolean> {
    const { state } = record
    if (state.status === 'restarting') {
      record.stoppedByHand = true
      state.status = 'exited'
      this.host.records.save(record)
      return true
    }
    if (state.status !== 'running' && state.status !== 'paused') return false
    record.stoppedByHand = true
    if (state.status === 'paused') this.unpause(record)
    const signal = parseSignal(record.config.StopSignal ?? 'SIGTERM') ?? 'SIGTERM'
    const ended = this.wait(record)
    await this.signal(record, signal)
    const inTime = seconds < 0 ? await ended.then(() => true) : await Promise.race([ended.then(() => true), this.host.process.clock.sleep(seconds * 1000).then(() => false)])
    if (!inTime) {
      this.host.log('info', `Container failed to exit within ${seconds}s of signal ${signal === 'SIGTERM' ? 15 : signal} - using the force`, { container: record.id })
      await this.signal(record, 'SIGKILL')
      await ended
    }
    this.host.events.publish('container', 'stop', record.id, attributesOf(record))
    return true
  }

  async restart(record: ContainerRecord, seconds: number): Promise<void> {
    await this.stop(record, seconds)
    await this.start(record)
    this.host.events.publish('container', 'restart', record.id, attributesOf(record))
  }

  async kill(record: ContainerRecord, name: string, given = record.id): Promise<void> {
    const signal = parseSignal(name === '' ? 'SIGKILL' : name)
    if (!signal) throw badParameter(`Invalid signal: ${name}`)
    if (record.state.status !== 'running' && record.state.status !== 'paused') throw conflict(`Cannot kill container: ${given}: Container ${record.id} is not running`)
    if (signal === 'SIGKILL' || signal === 'SIGTERM' || signal === record.config.StopSignal) record.stoppedByHand = true
    const ended = this.wait(record)
    if (record.state.status === 'paused' && signal === 'SIGKILL') this.unpause(record)
    await this.signal(record, signal)
    this.host.events.publish('container', 'kill', record.id, attributesOf(record, { signal: String(signal === 'SIGKILL' ? 9 : name) }))
    if (signal === 'SIGKILL') await ended
  }

  pause(record: ContainerRecord): void {
    if (record.state.status === 'paused') throw conflict(`Container ${record.id} is already paused`)
    if (record.state.status !== 'running') throw conflict(`Container ${record.id} is not running`)
    this.signalAll(record, 'SIGSTOP')
    record.state.status = 'paused'
    this.host.records.save(record)
    this.host.events.publish('container', 'pause', record.id, attributesOf(record))
  }

  unpause(record: ContainerRecord): void {
    if (record.state.status !== 'paused') throw conflict(`Container ${record.id} is not paused`)
    this.signalAll(record, 'SIGCONT')
    record.state.status = 'running'
    this.host.records.save(record)
    this.host.events.publish('container', 'unpause', record.id, attributesOf(record))
  }

  async remove(record: ContainerRecord, options: { force: boolean; volumes: boolean; links: boolean }): Promise<void> {
    const alive = ['running', 'paused', 'restarting'].includes(record.state.status)
    if (alive && !options.force) throw stillAlive(record)
    if (alive && record.state.status !== 'restarting') {
      await this.kill(record, 'SIGKILL')
      if (record.hostConfig.AutoRemove) return
    }
    await this.ending.get(record.id)
    if (!this.host.records.get(record.id)) return
    record.state.status = 'removing'
    this.host.images.snapshots.remove(record.id)
    this.host.records.remove(record.id)
    if (options.volumes) this.removeAnonymous(record)
    this.host.events.publish('container', 'destroy', record.id, attributesOf(record))
    this.told(this.waiting, record.id, record.state.exitCode)
    this.told(this.removed, record.id, record.state.exitCode)
  }

  private removeAnonymous(record: ContainerRecord): void {
    const names = record.mounts.map((mount) => mount.Name).filter((name) => name !== undefined)
    for (const name of names) if (this.volumes.has(name) && this.volumes.get(name).anonymous && this.volumes.users(name).length === 0) this.volumes.remove(name, true)
  }

  rename(record: ContainerRecord, name: string): void {
    if (name === '') throw badParameter('Neither old nor new names may be empty')
    if (name.replace(/^\//, '') === record.name) throw badParameter('Renaming a container with the same name as its current name')
    const old = record.name
    record.name = takeName(this.host, name, record.id)
    this.host.records.save(record)
    this.host.events.publish('container', 'rename', record.id, attributesOf(record, { oldName: `/${old}` }))
  }

  /** Resolves with the exit code at the next end. */
  wait(record: ContainerRecord): Promise<number> {
    return this.listen(this.waiting, record.id)
  }

  waitRemoved(record: ContainerRecord): Promise<number> {
    return this.listen(this.removed, record.id)
  }

  /** The daemon has started: what stood in its records and what the tasks tell. */
  async recover(): Promise<void> {
    for (const record of this.host.records.all()) {
      const { state } = record
      if (state.status === 'running' || state.status === 'paused') await this.recoverRunning(record)
      else if (state.status === 'restarting') await this.tryRun(record)
      else if (!this.host.process.resumed && record.hasStarted && record.hostConfig.RestartPolicy.Name === 'always') await this.tryRun(record)
    }
  }

  private async recoverRunning(record: ContainerRecord): Promise<void> {
    const task = this.host.tasks.state(mobyNamespace, record.id)
    if (task?.status === 'running') {
      record.state.pid = task.pid
      await this.connections.resume(record)
      return this.health.begin(record)
    }
    await this.ended(record, task ?? { id: record.id, status: 'stopped', pid: 0, startedAtMs: record.state.startedAtMs, exitCode: 255, exitedAtMs: this.host.process.clock.now(), oomKilled: false })
  }

  private async tryRun(record: ContainerRecord): Promise<void> {
    try {
      await this.run(record)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.host.log('error', `Failed to start container: ${error.message}`, { container: record.id })
    }
  }

  private listen(where: Map<string, Set<(code: number) => void>>, id: string): Promise<number> {
    return new Promise((resolve) => {
      const all = where.get(id) ?? new Set()
      where.set(id, all.add(resolve))
    })
  }

  private told(where: Map<string, Set<(code: number) => void>>, id: string, code: number): void {
    const all = where.get(id)
    where.delete(id)
    for (const tell of all ?? []) tell(code)
  }

  private async signal(record: ContainerRecord, signal: Signal): Promise<void> {
    try {
      await this.host.tasks.kill(mobyNamespace, record.id, signal)
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
    }
  }

  private signalAll(record: ContainerRecord, signal: Signal): void {
    const { process } = this.host
    const path = `/sys/fs/cgroup/system.slice/docker-${record.id}.scope/cgroup.procs`
    const pids = process.files.exists(path) ? process.files.readText(path).trim().split('\n').filter(Boolean).map(Number) : [record.state.pid]
    for (const pid of pids) process.kill(pid, signal)
  }
}

function stillAlive(record: ContainerRecord): ApiError {
  const { status } = record.state
  const advice = status === 'paused' ? 'Unpause and then stop the container before attempting removal or force remove' : 'Stop the container before attempting removal or force remove'
  return conflict(`You cannot remove a ${status} container ${record.id}. ${advice}`)
}

/** As the daemon words what the runtime says. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (!(error instanceof RpcError)) throw error
  const message = `${error.description}: unknown`
  return /executable file not found|permission denied|is a directory|no such file or directory/.test(message) ? badParameter(message) : serverError(message)
}
