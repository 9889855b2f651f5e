/** Containers that are not CRI's: those of `ctr run` and `nerdctl run`, in namespaces of their own. */
import { parseSignal } from '#engine/linux/abi/signals'
import { decodeUtf8 } from '#engine/base/bytes'
import { RpcError } from '../rpc'
import type { ContainerSummary } from './summaries'
import { newId, type RuntimeHost } from './host'
import { allCapabilities, defaultCapabilities, defaultPath, type OciMount, type OciSpec } from './oci'
import type { CreateTaskRequest } from './shim/protocol'
import { baseMounts } from './spec'
import { resolveUser } from './user'

export interface CreatePlainRequest {
  readonly namespace: string
  readonly id: string
  readonly image: string
  readonly args: readonly string[]
  readonly env?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly privileged?: boolean
  readonly hostNetwork?: boolean
  readonly mounts?: readonly OciMount[]
  readonly hostname?: string
  readonly logPath?: string
  readonly tty?: boolean
  readonly cwd?: string
  readonly user?: string
  readonly memoryLimit?: number
}

interface PlainRecord { readonly request: CreatePlainRequest; readonly task: CreateTaskRequest; readonly createdMs: number }

export class PlainContainers {
  private readonly directory: string

  constructor(private readonly host: RuntimeHost) {
    this.directory = `${host.config.root}/io.containerd.metadata.v1.bolt/containers`
  }

  list(namespace: string): ContainerSummary[] {
    return this.records(namespace).map((record) => this.summary(record))
  }

  async run(request: CreatePlainRequest): Promise<object> {
    await this.create(request)
    return this.start(request.namespace, request.id)
  }

  async create(request: CreatePlainRequest): Promise<object> {
    await Promise.resolve()
    if (this.record(request.namespace, request.id)) throw new RpcError('AlreadyExists', `container "${request.id}": already exists`)
    const image = this.host.images.find(request.namespace, request.image)
    if (!image) throw new RpcError('NotFound', `image "${request.image}": not found`)
    const bundle = this.host.tasks.bundle(request.namespace, request.id)
    const { lower, upper, work } = this.host.images.snapshots.prepare(`${request.namespace}/${request.id}`, this.host.images.rootKey(image))
    const task: CreateTaskRequest = { id: request.id, bundle, spec: this.spec(request, image.config.config, bundle), rootfs: { overlay: { lower, upper, work } }, stdin: false, ...(request.logPath === undefined ? {} : { logPath: request.logPath }) }
    const { files } = this.host.process
    files.mkdirAll(`${this.directory}/${request.namespace}`)
    files.writeFile(this.path(request.namespace, request.id), JSON.stringify({ request, task, createdMs: this.host.process.clock.now() } satisfies PlainRecord))
    this.host.images.createNamespace(request.namespace)
    return {}
  }

  async start(namespace: string, id: string): Promise<object> {
    const record = this.present(namespace, id)
    if (this.host.tasks.state(namespace, id)) await this.host.tasks.delete(namespace, id)
    return this.host.tasks.run(namespace, id, record.task)
  }

  async kill(namespace: string, id: string, signal: string): Promise<object> {
    const parsed = parseSignal(signal)
    if (!parsed) throw new RpcError('InvalidArgument', `unknown signal "${signal}"`)
    await this.host.tasks.kill(namespace, id, parsed)
    return {}
  }

  async exec(namespace: string, id: string, cmd: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    const cri = this.host.containers.find(id)
    const spec = cri && namespace === 'k8s.io' ? (JSON.parse(this.host.process.files.readText(`${this.host.tasks.bundle(namespace, cri.id)}/config.json`)) as OciSpec) : this.present(namespace, id).task.spec
    const result = await this.host.tasks.exec(namespace, cri?.id ?? id, newId(this.host), { ...spec.process, args: cmd, terminal: false }, undefined)
    return { exitCode: result.exitCode, stdout: decodeUtf8(result.stdout), stderr: decodeUtf8(result.stderr) }
  }

  async delete(namespace: string, id: string): Promise<object> {
    this.present(namespace, id)
    if (this.host.tasks.state(namespace, id)) await this.host.tasks.delete(namespace, id)
    this.host.images.snapshots.remove(`${namespace}/${id}`)
    this.host.process.files.unlink(this.path(namespace, id))
    return {}
  }

  private spec(request: CreatePlainRequest, image: PlainImage, bundle: string): OciSpec {
    const privileged = request.privileged ?? false
    return {
      ociVersion: '1.2.1',
      process: plainProcess(request, image),
      root: { path: `${bundle}/rootfs`, readonly: false },
      ...(request.hostname === undefined ? {} : { hostname: request.hostname }),
      mounts: [...baseMounts(privileged), ...(request.mounts ?? [])],
      annotations: {},
      linux: {
        namespaces: { pid: 'new', ipc: 'new', uts: 'new', ...(request.hostNetwork ? {} : { network: 'new' as const }) },
        cgroupsPath: `/${request.namespace}/${request.id}`,
        resources: request.memoryLimit === undefined ? {} : { memoryLimit: request.memoryLimit },
        sysctl: {},
        seccomp: !privileged,
        maskedPaths: [],
        readonlyPaths: [],
      },
    }
  }

  private records(namespace: string): PlainRecord[] {
    const { files } = this.host.process
    const directory = `${this.directory}/${namespace}`
    if (!files.exists(directory)) return []
    return files.readDirectory(directory).map((entry) => JSON.parse(files.readText(`${directory}/${entry.name}`)) as PlainRecord)
  }

  private record(namespace: string, id: string): PlainRecord | undefined {
    const path = this.path(namespace, id)
    return this.host.process.files.exists(path) ? (JSON.parse(this.host.process.files.readText(path)) as PlainRecord) : undefined
  }

  private present(namespace: string, id: string): PlainRecord {
    const record = this.record(namespace, id)
    if (!record) throw new RpcError('NotFound', `container "${id}" in namespace "${namespace}": not found`)
    return record
  }

  private summary(record: PlainRecord): ContainerSummary {
    const { request, task } = record
    const state = this.host.tasks.state(request.namespace, request.id)
    return {
      id: request.id, image: request.image, runtime: 'io.containerd.runc.v2', labels: request.labels ?? {}, createdMs: record.createdMs, status: state?.status ?? 'created', pid: state?.pid ?? 0,
      exitCode: state?.exitCode ?? 0, exitedAtMs: state?.exitedAtMs ?? 0, args: task.spec.process.args, spec: task.spec, ...(request.logPath === undefined ? {} : { logPath: request.logPath }),
    }
  }

  private path(namespace: string, id: string): string {
    return `${this.directory}/${namespace}/${id}`
  }
}

interface PlainImage { readonly Env?: readonly string[]; readonly Entrypoint?: readonly string[]; readonly Cmd?: readonly string[]; readonly WorkingDir?: string; readonly User?: string }

function plainProcess(request: CreatePlainRequest, image: PlainImage): OciSpec['process'] {
  const { Entrypoint = [], Cmd = [], WorkingDir = '', User = '' } = image
  const { cwd = WorkingDir === '' ? '/' : WorkingDir, user = User } = request
  return {
    ...(request.tty ? { terminal: true } : {}),
    user: resolveUser({ passwd: '', group: '' }, { image: user, supplementalGroups: [], strict: false }),
    args: [...Entrypoint, ...(request.args.length > 0 ? request.args : Cmd)],
    env: plainEnvironment(request, image),
    cwd,
    capabilities: request.privileged ? allCapabilities : defaultCapabilities,
    noNewPrivileges: false,
    oomScoreAdj: 0,
  }
}

function plainEnvironment(request: CreatePlainRequest, image: PlainImage): string[] {
  return [defaultPath, ...(request.hostname === undefined ? [] : [`HOSTNAME=${request.hostname}`]), ...(image.Env ?? []), ...(request.env ?? [])]
}
