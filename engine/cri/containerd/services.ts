/** The two services of CRI over the runtime's parts, as a table of methods for the socket. */
import type { ContainerEvent, ContainerEventType, Image, ImageService, ImageSpec, RuntimeService, RuntimeStatus } from '../api'
import { imageServiceName, nanos, runtimeServiceName } from '../api'
import type { StoredImage } from '../images/store'
import { RpcError } from '../rpc'
import type { ServiceTable } from '../transport'
import type { Containers } from './containers'
import { criNamespace, imageRefOf, pullImage, type RuntimeHost } from './host'
import type { Sandboxes } from './sandboxes'
import type { Statistics } from './statistics'
import type { StreamServer } from './streamserver'
import { imageUserIdentity } from './user'

export const containerdVersion = 'v2.2.1'

const sandboxMs = 250
const startMs = 100

export class CriServices {
  private podCidr = ''

  constructor(
    private readonly host: RuntimeHost,
    private readonly sandboxes: Sandboxes,
    private readonly containers: Containers,
    private readonly streams: StreamServer,
    private readonly statistics: Statistics,
  ) {}

  table(): ServiceTable {
    const methods = (service: string, implementation: object): [string, (request: never) => Promise<object>][] =>
      Object.entries(implementation).map(([name, method]) => [`${service}/${name}`, method as (request: never) => Promise<object>])
    return {
      unary: Object.fromEntries([...methods(runtimeServiceName, this.runtime()), ...methods(imageServiceName, this.images())]),
      streams: { [`${runtimeServiceName}/GetContainerEvents`]: (_request: never, signal) => this.host.events.subscribe(signal) },
    }
  }

  /** Tells listeners what happened to a container, or to a sandbox by its own id. */
  publish(containerId: string, type: ContainerEventType, sandboxId: string): void {
    const sandbox = this.host.sandboxes.get(sandboxId)
    const event: ContainerEvent = {
      containerId,
      containerEventType: type,
      createdAt: nanos(this.host.process.clock.now()),
      ...(sandbox ? { podSandboxStatus: this.sandboxes.status(sandbox) } : {}),
      containersStatuses: this.containers.ofSandbox(sandboxId).map((record) => this.containers.status(record)),
    }
    this.host.events.publish(event)
  }

  private runtime(): RuntimeService {
    const { sandboxes, containers } = this
    return {
      Version: async () => ({ version: '0.1.0', runtimeName: 'containerd', runtimeVersion: containerdVersion, runtimeApiVersion: 'v1' }),
      RunPodSandbox: async ({ config, runtimeHandler }) => {
        await this.takeTime(sandboxMs)
        const podSandboxId = await sandboxes.run(config, runtimeHandler)
        this.publish(podSandboxId, 'CONTAINER_CREATED_EVENT', podSandboxId)
        this.publish(podSandboxId, 'CONTAINER_STARTED_EVENT', podSandboxId)
        return { podSandboxId }
      },
      StopPodSandbox: async ({ podSandboxId }) => this.stopSandbox(podSandboxId),
      RemovePodSandbox: async ({ podSandboxId }) => this.removeSandbox(podSandboxId),
      PodSandboxStatus: async ({ podSandboxId, verbose }) => {
        const record = sandboxes.get(podSandboxId)
        const info = { pid: record.state === 'SANDBOX_READY' ? record.pid : 0, processStatus: record.state === 'SANDBOX_READY' ? 'running' : 'deleted', netNamespaceClosed: record.networkRemoved ?? false, image: this.host.config.sandboxImage, snapshotKey: record.id, snapshotter: 'overlayfs', runtimeHandler: record.runtimeHandler, runtimeType: 'io.containerd.runc.v2', runtimeOptions: { systemd_cgroup: this.host.config.systemdCgroup }, config: record.config, cniResult: record.cniResult ?? {} }
        const statuses = containers.ofSandbox(record.id).map((container) => containers.status(container))
        return { status: sandboxes.status(record), info: verbose ? { info: JSON.stringify(info) } : {}, containersStatuses: statuses, timestamp: nanos(this.host.process.clock.now()) }
      },
      ListPodSandbox: async ({ filter }) => ({ items: sandboxes.list(filter) }),
      CreateContainer: async ({ podSandboxId, config, sandboxConfig }) => {
        const containerId = containers.create(podSandboxId, config, sandboxConfig)
        this.publish(containerId, 'CONTAINER_CREATED_EVENT', containers.get(containerId).sandboxId)
        return { containerId }
      },
      StartContainer: async ({ containerId }) => {
        const record = containers.get(containerId)
        await this.takeTime(startMs)
        try {
          await containers.start(containerId)
        } catch (error) {
          this.publish(record.id, 'CONTAINER_STOPPED_EVENT', record.sandboxId)
          throw error
        }
        this.publish(record.id, 'CONTAINER_STARTED_EVENT', record.sandboxId)
        return {}
      },
      StopContainer: async ({ containerId, timeout }) => (await containers.stop(containerId, timeout), {}),
      RemoveContainer: async ({ containerId }) => {
        const record = this.host.containers.find(containerId)
        await containers.remove(containerId)
        if (record) this.publish(record.id, 'CONTAINER_DELETED_EVENT', record.sandboxId)
        return {}
      },
      ListContainers: async ({ filter }) => ({ containers: containers.list(filter) }),
      ContainerStatus: async ({ containerId, verbose }) => {
        const record = containers.get(containerId)
        return { status: containers.status(record), info: verbose ? { info: JSON.stringify(containers.info(record)) } : {} }
      },
      UpdateContainerResources: async ({ containerId, linux }) => (await containers.update(containerId, linux), {}),
      ReopenContainerLog: async ({ containerId }) => (await containers.reopenLog(containerId), {}),
      ExecSync: async ({ containerId, cmd, timeout }) => containers.execSync(containerId, cmd, timeout),
      Exec: async (request) => ({ url: this.streams.exec({ ...request, containerId: containers.running(request.containerId).id }) }),
      Attach: async (request) => ({ url: this.streams.attach({ ...request, containerId: containers.running(request.containerId).id }) }),
      PortForward: async ({ podSandboxId, port }) => ({ url: this.streams.portForward(sandboxes.get(podSandboxId), port) }),
      ContainerStats: async ({ containerId }) => ({ stats: this.statistics.container(containers.get(containerId)) }),
      ListContainerStats: async ({ filter }) => ({ stats: containers.list({ ...filter, state: { state: 'CONTAINER_RUNNING' } }).map(({ id }) => this.statistics.container(containers.get(id))) }),
      PodSandboxStats: async ({ podSandboxId }) => ({ stats: this.statistics.sandbox(sandboxes.get(podSandboxId)) }),
      ListPodSandboxStats: async ({ filter }) => ({ stats: sandboxes.list({ ...filter, state: { state: 'SANDBOX_READY' } }).map(({ id }) => this.statistics.sandbox(sandboxes.get(id))) }),
      UpdateRuntimeConfig: async ({ runtimeConfig }) => {
        this.podCidr = runtimeConfig.networkConfig.podCidr
        if (this.podCidr !== '') this.host.log('info', 'No cni config template is specified, wait for other system components to drop the config.')
        return {}
      },
      Status: async ({ verbose }) => this.status(verbose ?? false),
      RuntimeConfig: async () => ({ linux: { cgroupDriver: this.host.config.systemdCgroup ? 'SYSTEMD' : 'CGROUPFS' } }),
    }
  }

  /** What the real work of it takes on a common machine, so that events have their true order and distance. */
  private takeTime(ms: number): Promise<void> {
    return this.host.process.clock.sleep(ms * (0.8 + this.host.process.random.next() * 0.4))
  }

  private async stopSandbox(id: string): Promise<object> {
    const record = this.host.sandboxes.find(id)
    if (!record) return {}
    for (const container of this.containers.ofSandbox(record.id)) await this.containers.stop(container.id, 0)
    const ready = record.state === 'SANDBOX_READY'
    await this.sandboxes.stop(record.id)
    if (ready) this.publish(record.id, 'CONTAINER_STOPPED_EVENT', record.id)
    return {}
  }

  private async removeSandbox(id: string): Promise<object> {
    const record = this.host.sandboxes.find(id)
    if (!record) return {}
    if (record.state === 'SANDBOX_READY') await this.stopSandbox(record.id)
    for (const container of this.containers.ofSandbox(record.id)) await this.containers.remove(container.id)
    await this.sandboxes.remove(record.id)
    this.publish(record.id, 'CONTAINER_DELETED_EVENT', record.id)
    return {}
  }

  private images(): ImageService {
    const { host } = this
    return {
      ListImages: async ({ filter }) => {
        if (!filter?.image.image) return { images: host.images.list(criNamespace).map(toImage) }
        const image = host.images.find(criNamespace, filter.image.image)
        return { images: image ? [toImage(image)] : [] }
      },
      ImageStatus: async ({ image, verbose }) => {
        const found = host.images.find(criNamespace, image.image)
        if (!found) return { info: {} }
        return { image: toImage(found), info: verbose ? { info: JSON.stringify({ chainID: host.images.rootKey(found), imageSpec: found.config }) } : {} }
      },
      PullImage: async ({ image, auth }) => {
        const startedAt = host.process.clock.now()
        host.log('info', `PullImage "${image.image}"`)
        try {
          const stored = await pullImage(host, criNamespace, image.image, auth)
          host.log('info', `PullImage "${image.image}" returns image reference "${stored.id}"`)
          host.log('info', `Pulled image "${image.image}" with image id "${stored.id}", repo tag "${stored.repoTags[0] ?? ''}", repo digest "${stored.repoDigests[0] ?? ''}", size "${stored.sizeBytes}" in ${((host.process.clock.now() - startedAt) / 1000).toFixed(9)}s`)
          return { imageRef: imageRefOf(stored) }
        } catch (error) {
          if (error instanceof RpcError) host.log('error', `PullImage "${image.image}" failed" error="${error.message}`)
          throw error
        }
      },
      RemoveImage: async ({ image }) => this.removeImage(image),
      ImageFsInfo: async () => {
        const usage = this.statistics.imageFilesystem()
        return { imageFilesystems: [usage], containerFilesystems: [usage] }
      },
    }
  }

  private async removeImage(spec: ImageSpec): Promise<object> {
    await Promise.resolve()
    const image = this.host.images.find(criNamespace, spec.image)
    if (!image) return {}
    this.host.images.removeNames(criNamespace, image.names)
    this.host.log('info', `RemoveImage "${spec.image}" returns successfully`)
    return {}
  }

  private status(verbose: boolean): RuntimeStatus {
    const { cni, config } = this.host
    const network = cni.ready() ? { status: true, reason: '', message: '' } : { status: false, reason: 'NetworkPluginNotReady', message: 'Network plugin returns error: cni plugin not initialized' }
    const features = { recursiveReadOnlyMounts: true, userNamespaces: false }
    const conditions = [{ type: 'RuntimeReady', status: true, reason: '', message: '' }, { type: 'NetworkReady', ...network }, { type: 'ContainerdHasNoDeprecationWarnings', status: true, reason: '', message: '' }]
    const info: Record<string, string> = verbose
      ? { config: JSON.stringify(config.document['plugins'] ?? {}), cniconfig: JSON.stringify({ PluginDirs: config.cniBinDirs, PluginConfDir: config.cniConfDir, PluginMaxConfNum: config.cniMaxConfNum, Prefix: 'eth', Networks: cni.current() ? [{ Config: { Name: cni.current()?.name, CNIVersion: cni.current()?.cniVersion, Plugins: cni.current()?.plugins }, IFName: 'eth0' }] : [] }), lastCNILoadStatus: cni.ready() ? 'OK' : cni.loadFailure(), 'lastCNILoadStatus.default': cni.ready() ? 'OK' : cni.loadFailure(), golang: 'go1.24.11' }
      : {}
    return { status: { conditions }, info, runtimeHandlers: ['', ...config.runtimes].map((name) => ({ name, features })), features: { supplementalGroupsPolicy: true } }
  }
}

function toImage(image: StoredImage): Image {
  const { uid, username } = imageUserIdentity(image.config.config.User ?? '')
  return { id: image.id, repoTags: [...image.repoTags], repoDigests: [...image.repoDigests], size: image.sizeBytes, ...(uid === undefined ? {} : { uid }), username, pinned: image.pinned }
}
