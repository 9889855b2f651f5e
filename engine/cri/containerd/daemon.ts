/** containerd itself: reads its configuration, takes up what the disk and /run tell, serves its socket until it is told to end. */
import type { Process } from '#engine/linux/abi/process'
import { isErrno } from '#engine/linux/abi/errno'
import { ImageStore } from '../images/store'
import { lineWriter } from '../lines'
import { Broadcast } from '../queue'
import { errorText } from '../rpc'
import { rpcHandler, type ServiceTable } from '../transport'
import { CniWatch } from './cniwatch'
import { ClientServices } from './clientservices'
import { Cni } from './cni'
import type { ContainerdConfig } from './config'
import { Containers } from './containers'
import { criNamespace, type LogLevel, type RuntimeHost } from './host'
import { type ContainerRecord, RecordStore, type SandboxRecord } from './records'
import { podOf, Sandboxes } from './sandboxes'
import { containerdVersion, CriServices } from './services'
import { rfc3339Nano } from './shim/logs'
import { Statistics } from './statistics'
import { StreamServer } from './streamserver'
import { TaskManager } from './tasks'

/** As fsnotify names them. */
export class Containerd {
  private readonly host: RuntimeHost
  private readonly sandboxes: Sandboxes
  private readonly containers: Containers
  private readonly streams: StreamServer
  private readonly services: CriServices
  private readonly tasks: TaskManager
  private readonly write: (line: string) => void
  /** While a machine comes back from a snapshot, all of this has been said before. */
  private quiet: boolean

  constructor(
    private readonly process: Process,
    private readonly config: ContainerdConfig,
  ) {
    this.write = lineWriter(process)
    this.quiet = process.resumed
    const now = (): number => process.clock.now()
    this.tasks = new TaskManager(process, config.state, config.address)
    const cri = `${config.root}/io.containerd.grpc.v1.cri`
    this.host = {
      process,
      config,
      tasks: this.tasks,
      images: new ImageStore(process.files, config.root, now, new Set([config.sandboxImage])),
      cni: new Cni(process, config.cniConfDir, config.cniBinDirs),
      sandboxes: new RecordStore<SandboxRecord>(process.files, `${cri}/sandboxes`, podOf),
      containers: new RecordStore<ContainerRecord>(process.files, `${cri}/containers`, (record) => record.sandboxId),
      events: new Broadcast(),
      log: (level, message) => this.log(level, message),
    }
    this.sandboxes = new Sandboxes(this.host)
    this.containers = new Containers(this.host, this.sandboxes)
    this.streams = new StreamServer(this.host, this.containers)
    this.containers.onStopped = (record) => this.services.publish(record.id, 'CONTAINER_STOPPED_EVENT', record.sandboxId)
    this.services = new CriServices(this.host, this.sandboxes, this.containers, this.streams, new Statistics(this.host))
  }

  async run(): Promise<number> {
    const { process, config } = this
    this.log('info', 'starting containerd', { revision: 'dea7da592f5d1d2b7755e3a161be07f43fad8f75', version: containerdVersion })
    const ended = this.untilSignalled()
    this.layOut()
    this.tasks.onExit = (namespace, state) => this.taskExited(namespace, state)
    await this.tasks.recover()
    this.reconcile()
    this.host.cni.load()
    new CniWatch(this.process, this.config.cniConfDir, { changed: (operation, path) => this.cniChanged(operation, path) }).start()
    if (!config.criDisabled) {
      this.log('info', 'Start subscribing containerd event')
      this.log('info', 'Start recovering state')
      this.log('info', 'Start event monitor')
      this.log('info', 'Start cni network conf syncer for default')
      this.log('info', 'Start streaming server')
      this.streams.listen()
    }
    if (process.files.exists(config.address)) process.files.unlink(config.address)
    const listener = process.net.serveHttp({ unix: config.address }, rpcHandler(this.table()))
    process.files.chmod(config.address, 0o660)
    if (!process.files.exists(`${config.address}.ttrpc`)) process.files.writeFile(`${config.address}.ttrpc`, '', 0o660)
    this.log('info', 'serving...', { address: `${config.address}.ttrpc` })
    this.log('info', 'serving...', { address: config.address })
    this.log('info', `containerd successfully booted in 0.02${process.random.integer(9000) + 1000}s`)
    await notifyReady(process)
    this.quiet = false
    await ended
    this.log('info', 'Stop CRI service')
    this.log('info', 'Stop CRI service')
    listener.close()
    for (const path of [config.address, `${config.address}.ttrpc`]) if (process.files.exists(path)) process.files.unlink(path)
    return 0
  }

  private table(): ServiceTable {
    const client = new ClientServices(this.host).table()
    const cri: ServiceTable = this.config.criDisabled ? { unary: {}, streams: {} } : this.services.table()
    return { unary: { ...client.unary, ...cri.unary }, streams: { ...client.streams, ...cri.streams } }
  }

  private untilSignalled(): Promise<void> {
    return new Promise((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) this.process.handle(signal, resolve)
      for (const signal of ['SIGPIPE', 'SIGUSR1'] as const) this.process.handle(signal, () => undefined)
    })
  }

  private layOut(): void {
    const { files } = this.process
    const { root, state } = this.config
    for (const name of ['content.v1.content/blobs/sha256', 'content.v1.content/ingest', 'grpc.v1.cri/containers', 'grpc.v1.cri/sandboxes', 'grpc.v1.introspection', 'metadata.v1.bolt', 'runtime.v2.task', 'sandbox.controller.v1.shim', 'snapshotter.v1.blockfile', 'snapshotter.v1.erofs/snapshots', 'snapshotter.v1.native/snapshots', 'snapshotter.v1.overlayfs/snapshots']) {
      files.mkdirAll(`${root}/io.containerd.${name}`)
    }
    files.mkdirAll(`${root}/tmpmounts`, 0o700)
    const uuid = `${root}/io.containerd.grpc.v1.introspection/uuid`
    if (!files.exists(uuid)) files.writeFile(uuid, this.process.random.uuid())
    for (const name of ['io.containerd.grpc.v1.cri', 'io.containerd.mount-manager.v1.bolt', 'io.containerd.runtime.v2.task', 'io.containerd.sandbox.controller.v1.shim', 'runc', 's']) files.mkdirAll(`${state}/${name}`, 0o711)
  }

  /** Records say running, but the tasks have gone with a reboot: they have exited. */
  private reconcile(): void {
    for (const record of this.host.containers.all()) {
      if (record.state !== 'CONTAINER_RUNNING') continue
      const state = this.tasks.state(criNamespace, record.id)
      if (state?.status === 'running') record.pid = state.pid
      else this.containers.taskExited(state ?? { id: record.id, status: 'stopped', pid: 0, startedAtMs: record.startedAtMs, exitCode: 255, exitedAtMs: this.process.clock.now(), oomKilled: false })
      if (!state && record.reason === '') record.reason = 'Unknown'
    }
    for (const record of this.host.sandboxes.all()) {
      const state = this.tasks.state(criNamespace, record.id)
      if (state?.status === 'running') record.pid = state.pid
      else this.sandboxes.taskExited(record.id)
    }
  }

  private taskExited(namespace: string, state: Parameters<TaskManager['onExit']>[1]): void {
    if (namespace !== criNamespace) return
    this.log('info', `received container exit event container_id:"${state.id}" id:"${state.id}" pid:${state.pid} exit_status:${state.exitCode} exited_at:{seconds:${Math.floor(state.exitedAtMs / 1000)}}`)
    const container = this.containers.taskExited(state)
    if (container) return this.services.publish(container.id, 'CONTAINER_STOPPED_EVENT', container.sandboxId)
    const sandbox = this.host.sandboxes.get(state.id)
    if (!sandbox || sandbox.state === 'SANDBOX_NOTREADY') return
    this.sandboxes.taskExited(state.id)
    this.services.publish(state.id, 'CONTAINER_STOPPED_EVENT', state.id)
  }

  private cniChanged(operation: string, path: string): void {
    const { cni } = this.host
    const before = cni.ready()
    cni.load()
    if (!cni.ready()) this.log('error', `failed to reload cni configuration after receiving fs change event(${operation.padEnd(13)} ${JSON.stringify(path)})" error="cni config load failed: ${cni.loadFailure()}`)
    else if (!before) this.log('info', 'loaded cni network configuration')
  }

  private log(level: LogLevel, message: string, fields: Readonly<Record<string, string>> = {}): void {
    const tail = Object.entries(fields).map(([key, value]) => ` ${key}=${/^[A-Za-z0-9._/-]+$/.test(value) ? value : JSON.stringify(value)}`).join('')
    const [text = '', error] = message.split('" error="')
    const line = `time="${rfc3339Nano(this.process.clock.now())}" level=${level} msg=${plain(text)}${error === undefined ? '' : ` error=${JSON.stringify(error)}`}${tail}\n`
    if (!this.quiet) this.write(line)
  }
}

function plain(text: string): string {
  return /^[A-Za-z0-9._/@^+-]+$/.test(text) ? text : JSON.stringify(text)
}

/** Type=notify: systemd waits for this datagram; without the socket nobody does. */
async function notifyReady(process: Process): Promise<void> {
  const socket = process.env.get('NOTIFY_SOCKET')
  if (socket === undefined) return
  try {
    const connection = await process.net.connect({ unix: socket })
    await connection.write(new TextEncoder().encode('READY=1'))
    connection.close()
  } catch (error) {
    if (!isErrno(error)) throw new Error(errorText(error))
  }
}
