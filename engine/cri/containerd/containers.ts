/** Containers of sandboxes: created over a snapshot, started as tasks of the sandbox's shim, stopped with grace. */
import type { HttpResponse } from '#engine/base/http'
import { parseSignal, type Signal } from '#engine/linux/abi/signals'
import type { Container, ContainerConfig, ContainerFilter, ContainerStatus, ExecRequest, ExecSyncResponse, LinuxResources, Mount, PodSandboxConfig } from '../api'
import { nanos } from '../api'
import type { StoredImage } from '../images/store'
import { RpcError } from '../rpc'
import { criNamespace, imageRefOf, newId, type RuntimeHost } from './host'
import type { OciProcess, OciSpec } from './oci'
import type { ContainerRecord, SandboxRecord } from './records'
import type { Sandboxes } from './sandboxes'
import type { TaskState } from './shim/protocol'
import { containerSpec, ociResources } from './spec'
import type { ImageUserFiles } from './user'

export class Containers {
  /** Told of containers that were waited for until they had stopped. */
  onStopped: (record: ContainerRecord) => void = () => undefined
  private readonly specs = new Map<string, OciSpec>()

  constructor(
    private readonly host: RuntimeHost,
    private readonly sandboxes: Sandboxes,
  ) {}

  create(podSandboxId: string, config: ContainerConfig, sandboxConfig: PodSandboxConfig): string {
    const sandbox = this.sandboxes.get(podSandboxId)
    if (sandbox.state !== 'SANDBOX_READY') throw new RpcError('Unknown', `failed to get sandbox container task: no running task found: task ${sandbox.id} not found: not found`)
    const image = this.host.images.find(criNamespace, config.image.image)
    if (!image) throw new RpcError('Unknown', `failed to resolve image "${config.image.image}": not found`)
    const { name, attempt } = config.metadata
    const taken = this.host.containers.of(sandbox.id).find((record) => record.config.metadata.name === name && record.config.metadata.attempt === attempt)
    if (taken) {
      const full = `${name}_${sandbox.config.metadata.name}_${sandbox.config.metadata.namespace}_${sandbox.config.metadata.uid}_${attempt}`
      throw new RpcError('Unknown', `failed to reserve container name "${full}": name "${full}" is reserved for "${taken.id}"`)
    }
    const id = newId(this.host)
    const spec = this.spec(id, sandbox, { ...sandbox.config, ...sandboxConfig }, config, image)
    this.host.images.snapshots.prepare(id, this.host.images.rootKey(image))
    this.specs.set(id, spec)
    const { uid, gid, additionalGids } = spec.process.user
    const record: ContainerRecord = {
      id, sandboxId: sandbox.id, config, imageId: image.id, imageRef: imageRefOf(image), createdAtMs: this.host.process.clock.now(),
      user: { uid, gid, supplementalGroups: [...additionalGids] },
      state: 'CONTAINER_CREATED', pid: 0, startedAtMs: 0, finishedAtMs: 0, exitCode: 0, reason: '', message: '',
    }
    this.host.containers.save(record)
    this.host.log('info', `CreateContainer within sandbox "${sandbox.id}" for &ContainerMetadata{Name:${name},Attempt:${attempt},} returns container id "${id}"`)
    return id
  }

  async start(id: string): Promise<void> {
    const record = this.get(id)
    if (record.state !== 'CONTAINER_CREATED') throw new RpcError('Unknown', `failed to set starting state for container "${record.id}": container is in ${record.state} state`)
    const sandbox = this.sandboxes.get(record.sandboxId)
    this.host.log('info', `StartContainer for "${record.id}"`)
    this.openLog(record)
    try {
      const state = await this.host.tasks.run(criNamespace, sandbox.id, this.task(record, sandbox))
      record.pid = state.pid
      record.startedAtMs = state.startedAtMs
      record.state = 'CONTAINER_RUNNING'
    } catch (error) {
      throw this.startFailed(record, error)
    }
    this.host.containers.save(record)
    const ended = this.host.tasks.state(criNamespace, record.id)
    if (ended?.status === 'stopped') this.taskExited(ended)
    this.host.log('info', `StartContainer for "${record.id}" returns successfully`)
  }

  async stop(id: string, timeoutSeconds: number): Promise<void> {
    const record = this.host.containers.find(id)
    if (!record || record.state !== 'CONTAINER_RUNNING') return
    this.host.log('info', `StopContainer for "${record.id}" with timeout ${timeoutSeconds} (s)`)
    if (timeoutSeconds > 0) {
      const signal = this.stopSignal(record)
      this.host.log('info', `Stop container "${record.id}" with signal ${signal.slice(3).toLowerCase()}`)
      await this.signal(record.id, signal)
      if (await this.endsWithin(record.id, timeoutSeconds * 1000)) return
    }
    this.host.log('info', `Kill container "${record.id}"`)
    await this.signal(record.id, 'SIGKILL')
    const state = await this.host.tasks.wait(criNamespace, record.id)
    if (state) this.stopped(state)
  }

  /** Who waits for the end may hear of it before the one who listens to the shim. */
  private stopped(state: TaskState): void {
    const record = this.taskExited(state)
    if (record) this.onStopped(record)
  }

  async remove(id: string): Promise<void> {
    const record = this.host.containers.find(id)
    if (!record) return
    if (record.state === 'CONTAINER_RUNNING') await this.stop(record.id, 0)
    await this.host.tasks.delete(criNamespace, record.id)
    this.host.images.snapshots.remove(record.id)
    this.host.containers.remove(record.id)
    this.specs.delete(record.id)
    this.host.log('info', `RemoveContainer for "${record.id}" returns successfully`)
  }

  get(id: string): ContainerRecord {
    const record = this.host.containers.find(id)
    if (!record) throw new RpcError('NotFound', `an error occurred when try to find container "${id}": not found`)
    return record
  }

  list(filter: ContainerFilter | undefined): Container[] {
    const records = filter?.id === undefined ? this.host.containers.all() : [this.host.containers.find(filter.id)].filter((record) => record !== undefined)
    return records.filter((record) => matches(record, filter)).map(toContainer)
  }

  ofSandbox(sandboxId: string): ContainerRecord[] {
    return this.host.containers.of(sandboxId)
  }

  status(record: ContainerRecord): ContainerStatus {
    const { metadata, labels, annotations } = record.config
    const exited = record.state === 'CONTAINER_EXITED'
    return {
      id: record.id,
      metadata,
      image: { image: this.imageName(record) },
      imageRef: record.imageRef,
      imageId: record.imageId,
      state: record.state,
      createdAt: nanos(record.createdAtMs),
      labels,
      annotations,
      startedAt: nanos(record.startedAtMs),
      finishedAt: nanos(record.finishedAtMs),
      exitCode: record.exitCode,
      reason: exited ? (record.reason === '' ? (record.exitCode === 0 ? 'Completed' : 'Error') : record.reason) : record.reason,
      message: record.message,
      mounts: record.config.mounts,
      logPath: this.logPath(record),
      resources: { linux: record.config.linux.resources },
      user: { linux: record.user },
      stopSignal: this.stopSignal(record),
    }
  }

  /** What verbose status tells (crictl inspect). */
  info(record: ContainerRecord): Record<string, unknown> {
    return { sandboxID: record.sandboxId, pid: record.state === 'CONTAINER_RUNNING' ? record.pid : 0, removing: false, snapshotKey: record.id, snapshotter: 'overlayfs', runtimeType: 'io.containerd.runc.v2', runtimeOptions: { systemd_cgroup: this.host.config.systemdCgroup }, config: record.config, runtimeSpec: this.runtimeSpec(record) }
  }

  async update(id: string, resources: LinuxResources): Promise<void> {
    const record = this.get(id)
    Object.assign(record.config.linux.resources, resources)
    if (record.state === 'CONTAINER_RUNNING') await this.host.tasks.update(criNamespace, record.id, ociResources(record.config.linux.resources))
    this.host.containers.save(record)
  }

  async reopenLog(id: string): Promise<void> {
    const record = this.get(id)
    if (record.state !== 'CONTAINER_RUNNING') throw new RpcError('Unknown', 'container is not running')
    await this.host.tasks.reopenLog(criNamespace, record.id)
  }

  async execSync(id: string, cmd: readonly string[], timeoutSeconds: number): Promise<ExecSyncResponse> {
    const record = this.running(id)
    const result = await this.wrapExec(() => this.host.tasks.exec(criNamespace, record.id, newId(this.host), this.execProcess(record, cmd, false), timeoutSeconds > 0 ? timeoutSeconds * 1000 : undefined))
    if (result.timedOut) throw new RpcError('DeadlineExceeded', `failed to exec in container: timeout ${timeoutSeconds}s exceeded: context deadline exceeded`)
    return { stdout: result.stdout, stderr: result.stderr, exitCode: result.exitCode }
  }

  stream(request: Omit<ExecRequest, 'cmd'> & { cmd?: string[] }): Promise<HttpResponse> {
    const record = this.running(request.containerId)
    return this.host.tasks.stream(criNamespace, {
      id: record.id, tty: request.tty, stdin: request.stdin, stdout: request.stdout, stderr: request.stderr,
      ...(request.cmd ? { execId: newId(this.host), process: this.execProcess(record, request.cmd, request.tty) } : {}),
    })
  }

  running(id: string): ContainerRecord {
    const record = this.get(id)
    if (record.state !== 'CONTAINER_RUNNING') throw new RpcError('Unknown', `container is in ${record.state} state`)
    return record
  }

  taskExited(state: TaskState): ContainerRecord | undefined {
    const record = this.host.containers.get(state.id)
    if (!record || record.state !== 'CONTAINER_RUNNING') return undefined
    record.state = 'CONTAINER_EXITED'
    record.exitCode = state.exitCode
    record.finishedAtMs = state.exitedAtMs
    record.pid = 0
    if (state.oomKilled && state.exitCode === 137) record.reason = 'OOMKilled'
    this.host.containers.save(record)
    return record
  }

  private startFailed(record: ContainerRecord, error: unknown): unknown {
    if (!(error instanceof RpcError)) return error
    const failure = new RpcError(error.code, `failed to create containerd task: ${error.description}`)
    record.state = 'CONTAINER_EXITED'
    record.reason = 'StartError'
    record.exitCode = 128
    record.message = failure.description
    record.finishedAtMs = this.host.process.clock.now()
    this.host.containers.save(record)
    this.host.log('error', `StartContainer for "${record.id}" failed" error="${failure.message}`)
    return failure
  }

  private spec(id: string, sandbox: SandboxRecord, sandboxConfig: PodSandboxConfig, config: ContainerConfig, image: StoredImage): OciSpec {
    const target = config.linux.securityContext.namespaceOptions?.targetId
    const targetPid = target === undefined ? undefined : this.host.containers.get(target)?.pid
    const bundle = this.host.tasks.bundle(criNamespace, id)
    return containerSpec({
      id, rootPath: `${bundle}/rootfs`, config, sandbox: sandboxConfig, sandboxPid: sandbox.pid, sandboxDirectory: this.sandboxes.directory(sandbox.id),
      image: image.config.config, userFiles: this.userFiles(image), mounts: config.mounts.map((mount) => this.resolveMount(mount)), systemdCgroup: this.host.config.systemdCgroup,
      ...(targetPid === undefined || targetPid === 0 ? {} : { targetPid }),
      annotations: { 'io.kubernetes.cri.container-name': config.metadata.name, 'io.kubernetes.cri.container-type': 'container', 'io.kubernetes.cri.image-name': config.image.userSpecifiedImage ?? config.image.image, 'io.kubernetes.cri.sandbox-id': sandbox.id, 'io.kubernetes.cri.sandbox-name': sandbox.config.metadata.name, 'io.kubernetes.cri.sandbox-namespace': sandbox.config.metadata.namespace, 'io.kubernetes.cri.sandbox-uid': sandbox.config.metadata.uid },
    })
  }

  /** An image volume is the topmost tree of its layers, read only. */
  private resolveMount(mount: Mount): Mount {
    if (!mount.image) return mount
    const image = this.host.images.find(criNamespace, mount.image.image)
    if (!image) throw new RpcError('Unknown', `failed to mutate image mount: image "${mount.image.image}" not found`)
    const lower = this.host.images.snapshots.lower(this.host.images.rootKey(image))
    const [top = ''] = lower
    if (lower.length <= 1) return { ...mount, hostPath: `${top}${mount.imageSubPath ? `/${mount.imageSubPath}` : ''}`, readonly: true }
    const target = `${this.host.config.state}/io.containerd.grpc.v1.cri/image-volumes/${image.id.slice(7)}`
    if (!this.host.process.files.exists(target)) {
      this.host.process.files.mkdirAll(target)
      this.host.process.files.mount({ source: 'overlay', target, type: 'overlay', options: ['ro', `lowerdir=${lower.join(':')}`] })
    }
    return { ...mount, hostPath: `${target}${mount.imageSubPath ? `/${mount.imageSubPath}` : ''}`, readonly: true }
  }

  private userFiles(image: StoredImage): ImageUserFiles {
    const lower = this.host.images.snapshots.lower(this.host.images.rootKey(image))
    const { files } = this.host.process
    const read = (name: string): string => {
      const path = lower.map((directory) => `${directory}${name}`).find((candidate) => files.exists(candidate))
      return path === undefined ? '' : files.readText(path)
    }
    return { passwd: read('/etc/passwd'), group: read('/etc/group') }
  }

  private runtimeSpec(record: ContainerRecord): OciSpec {
    const known = this.specs.get(record.id)
    if (known) return known
    const path = `${this.host.tasks.bundle(criNamespace, record.id)}/config.json`
    if (this.host.process.files.exists(path)) return JSON.parse(this.host.process.files.readText(path)) as OciSpec
    const sandbox = this.sandboxes.get(record.sandboxId)
    const image = this.host.images.find(criNamespace, record.imageId)
    if (!image) throw new RpcError('Unknown', `failed to resolve image "${record.imageId}": not found`)
    return this.spec(record.id, sandbox, sandbox.config, record.config, image)
  }

  private task(record: ContainerRecord, sandbox: SandboxRecord): Parameters<RuntimeHost['tasks']['run']>[2] {
    const { lower, upper, work } = this.host.images.snapshots.mounts(record.id)
    const logPath = record.config.logPath === '' || sandbox.config.logDirectory === '' ? undefined : this.logPath(record)
    return {
      id: record.id, bundle: this.host.tasks.bundle(criNamespace, record.id), spec: this.runtimeSpec(record), rootfs: { overlay: { lower, upper, work } },
      stdin: record.config.stdin ?? false, stdinOnce: record.config.stdinOnce ?? false, ...(logPath === undefined ? {} : { logPath }),
    }
  }

  /** The log is there, empty, also of a container that cannot be started. */
  private openLog(record: ContainerRecord): void {
    const path = this.logPath(record)
    const { files } = this.host.process
    if (record.config.logPath === '' || path.startsWith('/' + record.config.logPath) || files.exists(path)) return
    files.mkdirAll(path.slice(0, path.lastIndexOf('/')), 0o755)
    files.writeFile(path, '', 0o640)
  }

  private logPath(record: ContainerRecord): string {
    const sandbox = this.host.sandboxes.get(record.sandboxId)
    return `${sandbox?.config.logDirectory ?? ''}/${record.config.logPath}`
  }

  private imageName(record: ContainerRecord): string {
    const image = this.host.images.find(criNamespace, record.imageId)
    return image?.repoTags[0] ?? record.config.image.userSpecifiedImage ?? record.config.image.image
  }

  private stopSignal(record: ContainerRecord): Signal {
    const own = record.config.stopSignal
    const image = own === undefined || own === '' ? this.host.images.find(criNamespace, record.imageId)?.config.config.StopSignal : own
    return (image === undefined ? undefined : parseSignal(image)) ?? 'SIGTERM'
  }

  private execProcess(record: ContainerRecord, cmd: readonly string[], tty: boolean): OciProcess {
    const { process } = this.runtimeSpec(record)
    const env = tty && !process.env.some((entry) => entry.startsWith('TERM=')) ? [...process.env, 'TERM=xterm'] : process.env
    return { ...process, args: [...cmd], env, terminal: tty }
  }

  private async wrapExec<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
      throw new RpcError(error.code, `failed to exec in container: ${error.description}`)
    }
  }

  private async signal(id: string, signal: Signal): Promise<void> {
    try {
      await this.host.tasks.kill(criNamespace, id, signal)
    } catch (error) {
      if (!(error instanceof RpcError) || error.code !== 'NotFound') throw error
    }
  }

  private async endsWithin(id: string, ms: number): Promise<boolean> {
    const { clock } = this.host.process
    let timer: { cancel(): void } | undefined
    const late = new Promise<false>((resolve) => {
      timer = clock.after(ms, () => resolve(false))
    })
    const ended = this.host.tasks.wait(criNamespace, id).then((state) => {
      if (state) this.stopped(state)
      return true as const
    })
    const result = await Promise.race([ended, late])
    timer?.cancel()
    return result
  }
}

function matches(record: ContainerRecord, filter: ContainerFilter | undefined): boolean {
  if (filter?.state && filter.state.state !== record.state) return false
  if (filter?.podSandboxId !== undefined && !record.sandboxId.startsWith(filter.podSandboxId)) return false
  return Object.entries(filter?.labelSelector ?? {}).every(([key, value]) => record.config.labels[key] === value)
}

function toContainer(record: ContainerRecord): Container {
  const { metadata, image, labels, annotations } = record.config
  return { id: record.id, podSandboxId: record.sandboxId, metadata, image, imageRef: record.imageRef, imageId: record.imageId, state: record.state, createdAt: nanos(record.createdAtMs), labels, annotations }
}
