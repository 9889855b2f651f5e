/** Pod sandboxes: a network namespace, its addresses by CNI, and the pause container that holds the other namespaces. */
import type { PodSandbox, PodSandboxConfig, PodSandboxFilter, PodSandboxStatus } from '../api'
import { nanos } from '../api'
import { errorText, RpcError } from '../rpc'
import { CniError, type CniResult, type SandboxNetwork } from './cni'
import { criNamespace, newId, pullImage, type RuntimeHost } from './host'
import { pinNamespace, unpinNamespace } from './netns'
import { defaultCapabilities, defaultPath, type OciSpec } from './oci'
import type { SandboxRecord } from './records'
import { baseMounts, cgroupsPath, ociResources } from './spec'

export class Sandboxes {
  constructor(private readonly host: RuntimeHost) {}

  async run(config: PodSandboxConfig, runtimeHandler: string): Promise<string> {
    const { metadata } = config
    const name = `${metadata.name}_${metadata.namespace}_${metadata.uid}_${metadata.attempt}`
    if (runtimeHandler !== '' && !this.host.config.runtimes.includes(runtimeHandler)) {
      throw new RpcError('Unknown', `failed to get sandbox runtime: no runtime for "${runtimeHandler}" is configured`)
    }
    const taken = this.namesakes(config).find((record) => nameOf(record) === name)
    if (taken) throw new RpcError('Unknown', `failed to reserve sandbox name "${name}": name "${name}" is reserved for "${taken.id}"`)
    const id = newId(this.host)
    this.host.log('info', `RunPodSandbox for &PodSandboxMetadata{Name:${metadata.name},Uid:${metadata.uid},Namespace:${metadata.namespace},Attempt:${metadata.attempt},}`)
    const image = await this.pauseImage(id)
    const record: SandboxRecord = { id, config, runtimeHandler, createdAtMs: this.host.process.clock.now(), state: 'SANDBOX_NOTREADY', pid: 0, netns: '', ips: [] }
    try {
      if (config.linux.securityContext.namespaceOptions.network !== 'NODE') await this.setupNetwork(record)
      this.writeFiles(record)
      const state = await this.host.tasks.run(criNamespace, id, this.task(record, image))
      record.pid = state.pid
    } catch (error) {
      await this.discard(record)
      throw this.failure(id, error)
    }
    record.state = 'SANDBOX_READY'
    this.host.sandboxes.save(record)
    this.host.log('info', `RunPodSandbox for &PodSandboxMetadata{Name:${metadata.name},Uid:${metadata.uid},Namespace:${metadata.namespace},Attempt:${metadata.attempt},} returns sandbox id "${id}"`)
    return id
  }

  /** Kills what still runs, gives the addresses back, lets go of the network namespace. */
  async stop(id: string): Promise<void> {
    const record = this.get(id)
    this.host.log('info', `StopPodSandbox for "${record.id}"`)
    if (record.netns !== '' && !record.networkRemoved) {
      try {
        await this.host.cni.remove(networkOf(record), record.cniResult)
      } catch (error) {
        if (!(error instanceof CniError)) throw error
        throw new RpcError('Unknown', `failed to destroy network for sandbox "${record.id}": ${error.message}`)
      }
      unpinNamespace(this.host.process.files, record.netns)
      record.networkRemoved = true
    }
    if (record.state === 'SANDBOX_READY') {
      await this.killTask(record.id)
      record.state = 'SANDBOX_NOTREADY'
    }
    this.host.sandboxes.save(record)
    this.host.log('info', `TearDown network for sandbox "${record.id}" successfully`)
    this.host.log('info', `StopPodSandbox for "${record.id}" returns successfully`)
  }

  async remove(id: string): Promise<void> {
    const record = this.host.sandboxes.find(id)
    if (!record) return
    await this.host.tasks.delete(criNamespace, record.id)
    this.host.images.snapshots.remove(record.id)
    this.host.sandboxes.remove(record.id)
    this.host.process.files.removeAll(this.stateDirectory(record.id))
    this.host.log('info', `RemovePodSandbox "${record.id}" returns successfully`)
  }

  /** Where a sandbox of the same name could be: a pod's are few, those that crictl made name no pod. */
  private namesakes(config: PodSandboxConfig): SandboxRecord[] {
    const { sandboxes } = this.host
    const pod = podOfConfig(config)
    return pod === '' ? sandboxes.all() : [...sandboxes.of(pod), ...sandboxes.of('')]
  }

  get(id: string): SandboxRecord {
    const record = this.host.sandboxes.find(id)
    if (!record) throw new RpcError('NotFound', `an error occurred when try to find sandbox "${id}": not found`)
    return record
  }

  list(filter: PodSandboxFilter | undefined): PodSandbox[] {
    const pod = filter?.labelSelector?.[podUidLabel]
    if (pod !== undefined && filter?.id === undefined) return this.host.sandboxes.of(pod).filter((record) => matches(record, filter)).map(toSandbox)
    const records = filter?.id === undefined ? this.host.sandboxes.all() : [this.host.sandboxes.find(filter.id)].filter((record) => record !== undefined)
    return records.filter((record) => matches(record, filter)).map(toSandbox)
  }

  status(record: SandboxRecord): PodSandboxStatus {
    const [ip = '', ...others] = record.ips
    return { ...toSandbox(record), network: { ip, additionalIps: others.map((other) => ({ ip: other })) }, linux: { namespaces: { options: record.config.linux.securityContext.namespaceOptions } } }
  }

  /** The pause process has ended by itself or by somebody's hand. */
  taskExited(id: string): void {
    const record = this.host.sandboxes.get(id)
    if (!record || record.state === 'SANDBOX_NOTREADY') return
    record.state = 'SANDBOX_NOTREADY'
    this.host.sandboxes.save(record)
  }

  directory(id: string): string {
    return `${this.host.sandboxes.directory}/${id}`
  }

  private stateDirectory(id: string): string {
    return `${this.host.config.state}/io.containerd.grpc.v1.cri/sandboxes/${id}`
  }

  private async pauseImage(id: string): Promise<{ key: string; args: readonly string[] }> {
    const name = this.host.config.sandboxImage
    try {
      const image = this.host.images.find(criNamespace, name) ?? (await pullImage(this.host, criNamespace, name, undefined))
      return { key: this.host.images.rootKey(image), args: [...(image.config.config.Entrypoint ?? []), ...(image.config.config.Cmd ?? [])] }
    } catch (error) {
      throw new RpcError(error instanceof RpcError ? error.code : 'Unknown', `failed to start sandbox "${id}": failed to get sandbox image "${name}": failed to pull image "${name}": ${error instanceof RpcError ? error.description : errorText(error)}`)
    }
  }

  private async setupNetwork(record: SandboxRecord): Promise<void> {
    record.netns = `/run/netns/cni-${this.host.process.random.uuid()}`
    if (!(await pinNamespace(this.host.process, record.netns))) throw new RpcError('Unknown', `failed to create network namespace for sandbox: failed to mount ns at ${record.netns}`)
    let result: CniResult
    try {
      result = await this.host.cni.add(networkOf(record))
    } catch (error) {
      if (!(error instanceof CniError)) throw error
      throw new RpcError('Unknown', `failed to setup network for sandbox "${record.id}": ${error.message}`)
    }
    record.cniResult = result
    record.ips = (result.ips ?? []).map(({ address }) => address.split('/')[0] ?? '')
  }

  private writeFiles(record: SandboxRecord): void {
    const { files } = this.host.process
    const directory = this.directory(record.id)
    files.mkdirAll(directory, 0o755)
    const state = this.stateDirectory(record.id)
    files.mkdirAll(`${state}/shm`, 0o1777)
    const hostname = record.config.hostname === '' ? this.host.process.uname().nodename : record.config.hostname
    files.writeFile(`${directory}/hostname`, `${hostname}\n`)
    files.writeFile(`${directory}/hosts`, files.exists('/etc/hosts') ? files.readText('/etc/hosts') : '127.0.0.1\tlocalhost\n')
    files.writeFile(`${directory}/resolv.conf`, resolvConf(record.config, files.exists('/etc/resolv.conf') ? files.readText('/etc/resolv.conf') : ''))
  }

  private task(record: SandboxRecord, image: { key: string; args: readonly string[] }): Parameters<RuntimeHost['tasks']['run']>[2] {
    const { config } = record
    const bundle = this.host.tasks.bundle(criNamespace, record.id)
    const options = config.linux.securityContext.namespaceOptions
    const own = options.network !== 'NODE'
    const spec: OciSpec = {
      ociVersion: '1.2.1',
      process: { user: { uid: config.linux.securityContext.runAsUser ?? 65_535, gid: 65_535, additionalGids: [65_535] }, args: image.args, env: [defaultPath], cwd: '/', capabilities: defaultCapabilities, noNewPrivileges: true, oomScoreAdj: -998 },
      root: { path: `${bundle}/rootfs`, readonly: true },
      ...(own ? { hostname: config.hostname } : {}),
      mounts: baseMounts(false).slice(0, 2),
      annotations: { 'io.kubernetes.cri.container-type': 'sandbox', 'io.kubernetes.cri.sandbox-id': record.id, 'io.kubernetes.cri.sandbox-name': config.metadata.name, 'io.kubernetes.cri.sandbox-namespace': config.metadata.namespace, 'io.kubernetes.cri.sandbox-uid': config.metadata.uid },
      linux: {
        namespaces: { ...(options.pid === 'NODE' ? {} : { pid: 'new' }), ...(options.ipc === 'NODE' ? {} : { ipc: 'new' }), ...(own ? { network: { path: record.netns }, uts: 'new' } : {}) },
        cgroupsPath: cgroupsPath(config.linux.cgroupParent, record.id, this.host.config.systemdCgroup),
        resources: { ...ociResources(config.linux.resources ?? {}), cpuShares: 2 },
        sysctl: { ...(own && this.host.config.unprivilegedPorts ? { 'net.ipv4.ip_unprivileged_port_start': '0' } : {}), ...config.linux.sysctls },
        seccomp: true,
        maskedPaths: [],
        readonlyPaths: [],
      },
    }
    const { lower, upper, work } = this.host.images.snapshots.prepare(record.id, image.key)
    return { id: record.id, bundle, spec, rootfs: { overlay: { lower, upper, work } }, stdin: false }
  }

  private async discard(record: SandboxRecord): Promise<void> {
    if (record.netns !== '') {
      if (record.cniResult) await this.host.cni.remove(networkOf(record), record.cniResult).catch(() => undefined)
      unpinNamespace(this.host.process.files, record.netns)
    }
    this.host.images.snapshots.remove(record.id)
    this.host.process.files.removeAll(this.directory(record.id))
    this.host.process.files.removeAll(this.stateDirectory(record.id))
  }

  private failure(id: string, error: unknown): unknown {
    if (!(error instanceof RpcError)) return error
    if (!error.description.startsWith('failed to create shim task') && !error.description.startsWith('failed to start shim')) return error
    return new RpcError('Unknown', `failed to start sandbox "${id}": failed to create containerd task: ${error.description}`)
  }

  private async killTask(id: string): Promise<void> {
    try {
      await this.host.tasks.kill(criNamespace, id, 'SIGKILL')
      await this.host.tasks.wait(criNamespace, id)
    } catch (error) {
      if (!(error instanceof RpcError)) throw error
    }
  }
}

function nameOf(record: SandboxRecord): string {
  const { metadata } = record.config
  return `${metadata.name}_${metadata.namespace}_${metadata.uid}_${metadata.attempt}`
}

function networkOf(record: SandboxRecord): SandboxNetwork {
  const { metadata, portMappings } = record.config
  return { containerId: record.id, netns: record.netns, podName: metadata.name, podNamespace: metadata.namespace, podUid: metadata.uid, portMappings: portMappings.filter((mapping) => mapping.hostPort > 0) }
}

function resolvConf(config: PodSandboxConfig, host: string): string {
  const dns = config.dnsConfig
  if (!dns) return host
  const lines = [
    ...(dns.searches.length > 0 ? [`search ${dns.searches.join(' ')}`] : []),
    ...dns.servers.map((server) => `nameserver ${server}`),
    ...(dns.options.length > 0 ? [`options ${dns.options.join(' ')}`] : []),
  ]
  return lines.length === 0 ? host : `${lines.join('\n')}\n`
}

function matches(record: SandboxRecord, filter: PodSandboxFilter | undefined): boolean {
  if (filter?.state && filter.state.state !== record.state) return false
  return Object.entries(filter?.labelSelector ?? {}).every(([key, value]) => record.config.labels[key] === value)
}

const podUidLabel = 'io.kubernetes.pod.uid'

/** The pod a sandbox is for: the kubelet's label. */
export function podOf(record: SandboxRecord): string {
  return podOfConfig(record.config)
}

function podOfConfig(config: PodSandboxConfig): string {
  return config.labels[podUidLabel] ?? ''
}

function toSandbox(record: SandboxRecord): PodSandbox {
  const { metadata, labels, annotations } = record.config
  return { id: record.id, metadata, state: record.state, createdAt: nanos(record.createdAtMs), labels, annotations, runtimeHandler: record.runtimeHandler }
}
