/** dockerd itself: takes up what its disk tells, answers its sockets until it is told to end. */
import { encodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Listener } from '#engine/linux/abi/net'
import type { Process } from '#engine/linux/abi/process'
import { TaskManager } from '../containerd/tasks'
import { rfc3339Nano } from '../containerd/shim/logs'
import { ImageStore } from '../images/store'
import { lineWriter } from '../lines'
import { archiveRoutes } from './api/archive'
import { containerRoutes } from './api/containers'
import type { Engine } from './api/engine'
import { imageRoutes } from './api/images'
import { networkRoutes } from './api/networks'
import { systemRoutes } from './api/system'
import { ConfigFailure, type DockerConfig } from './config'
import { Lifecycle } from './containers/lifecycle'
import { EventLog } from './events'
import type { DockerHost } from './host'
import { Images } from './images'
import { Connections } from './network/connections'
import { Networks } from './network/networks'
import { Records } from './records'
import { apiHandler } from './routes'
import { Volumes } from './volumes'

/** How long containers have when the daemon ends. */
const shutdownSeconds = 10

export class Dockerd {
  private readonly engine: Engine
  private readonly write: (line: string) => void
  /** While a machine comes back from a snapshot, all of this has been said before. */
  private quiet: boolean

  constructor(private readonly process: Process, private readonly config: DockerConfig) {
    this.write = lineWriter(process)
    this.quiet = process.resumed
    const { files, clock } = process
    files.mkdirAll(config.root, 0o710)
    files.mkdirAll(config.execRoot, 0o711)
    const state = `${config.execRoot}/containerd/daemon`
    const host: DockerHost = {
      process, config, images: new ImageStore(files, config.root, () => clock.now()), tasks: new TaskManager(process, state, `${config.execRoot}/containerd/containerd.sock`),
      records: new Records(files, config.root), events: new EventLog(clock), log: (level, message, fields) => this.log(level, message, fields),
    }
    const networks = new Networks(host)
    const volumes = new Volumes(host)
    const connections = new Connections(host, networks)
    this.engine = { host, networks, volumes, connections, lifecycle: new Lifecycle(host, connections, volumes), images: new Images(host) }
  }

  async run(): Promise<number> {
    const { process, engine, config } = this
    const ended = new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.handle(signal, resolve)
      for (const signal of ['SIGPIPE', 'SIGHUP', 'SIGUSR1'] as const) process.handle(signal, () => undefined)
    })
    this.log('info', 'Starting up')
    this.writePid()
    await engine.host.tasks.recover()
    if (!process.resumed) this.log('info', 'Loading containers: start.')
    await engine.lifecycle.recover()
    this.log('info', 'Loading containers: done.')
    this.log('info', 'Docker daemon', { commit: '5d6db84', graphdriver: 'overlay2', version: '20.10.24+dfsg1' })
    this.log('info', 'Daemon has completed initialization')
    const listeners = this.listen()
    await notifyReady(process)
    this.quiet = false
    await ended
    this.log('info', `Processing signal 'terminated'`)
    if (!config.liveRestore) await this.stopAll()
    for (const listener of listeners) listener.close()
    this.log('info', 'Daemon shutdown complete')
    if (process.files.exists(config.pidfile)) process.files.unlink(config.pidfile)
    return 0
  }

  private listen(): Listener[] {
    const { process, config, engine } = this
    const handler = apiHandler([...containerRoutes(engine), ...archiveRoutes(engine), ...imageRoutes(engine), ...networkRoutes(engine), ...systemRoutes(engine)])
    const hosts = config.hosts.length > 0 ? config.hosts : ['unix:///var/run/docker.sock']
    return hosts.map((host) => {
      if (host.startsWith('tcp://')) {
        const [address = '', port = '2375'] = host.slice(6).split(':')
        this.log('info', `API listen on ${address}:${port}`)
        return process.net.serveHttp({ address: address === '' ? '0.0.0.0' : address, port: Number(port) }, handler)
      }
      const path = host === 'fd://' ? '/run/docker.sock' : host.replace(/^unix:\/\//, '').replace(/^\/var\/run\//, '/run/')
      const before = process.files.exists(path)
      if (before) process.files.unlink(path)
      const listener = process.net.serveHttp({ unix: path }, handler)
      process.files.chmod(path, 0o660)
      process.files.chown(path, 0, before?.gid ?? dockerGroup(process))
      this.log('info', `API listen on ${path}`)
      return listener
    })
  }

  private async stopAll(): Promise<void> {
    const { host, lifecycle } = this.engine
    lifecycle.stopping = true
    const running = host.records.all().filter((record) => record.state.status === 'running' || record.state.status === 'paused')
    await Promise.all(running.map(async (record) => {
      const byHand = record.stoppedByHand
      await lifecycle.stop(record, record.config.StopTimeout ?? shutdownSeconds)
      record.stoppedByHand = byHand
      host.records.save(record)
    }))
  }

  private writePid(): void {
    const { files, pid, resumed } = this.process
    const path = this.config.pidfile
    if (files.exists(path) && !resumed) {
      const other = files.readText(path).trim()
      if (other !== String(pid) && files.exists(`/proc/${other}`)) throw new ConfigFailure(`failed to start daemon: pid file found, ensure docker is not running or delete ${path}`)
    }
    files.writeFile(path, String(pid))
  }

  private log(level: string, message: string, fields: Readonly<Record<string, string>> = {}): void {
    const tail = Object.entries(fields).map(([key, value]) => ` ${key}=${/^[A-Za-z0-9._/+-]+$/.test(value) ? value : JSON.stringify(value)}`).join('')
    if (!this.quiet) this.write(`time="${rfc3339Nano(this.process.clock.now())}" level=${level} msg=${JSON.stringify(message)}${tail}\n`)
  }
}

function dockerGroup({ files }: Process): number {
  const line = files.exists('/etc/group') ? files.readText('/etc/group').split('\n').find((entry) => entry.startsWith('docker:')) : undefined
  return Number(line?.split(':')[2] ?? 0)
}

async function notifyReady(process: Process): Promise<void> {
  const socket = process.env.get('NOTIFY_SOCKET')
  if (socket === undefined) return
  try {
    const connection = await process.net.connect({ unix: socket })
    await connection.write(encodeUtf8('READY=1'))
    connection.close()
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}
