/** containerd's own services, for ctr and nerdctl: namespaces, images, containers and tasks of any namespace. */
import type { AuthConfig } from '../api'
import { normalizeReference } from '../images/reference'
import { RpcError } from '../rpc'
import type { ServiceTable } from '../transport'
import type { ContainerSummary, ImageSummary, PluginStatus } from './summaries'
import { exportImage, importImage, type ImportRequest } from './archive'
import { criNamespace, pullImage, type RuntimeHost } from './host'
import { pluginTable } from './plugins.table'
import { PlainContainers } from './plain'
import type { CreatePlainRequest } from './plain'
import { containerdVersion } from './services'
import { taskMetrics, taskPids } from './taskinfo'

export const clientService = 'containerd.services.v1.Client'

/** Those that the configuration turns off are not there at all. */
function pluginsOf({ document }: RuntimeHost['config']): PluginStatus[] {
  const disabled = new Set((document['disabled_plugins'] as readonly string[] | undefined) ?? [])
  return pluginTable.filter(([type, id]) => !disabled.has(`${type}.${id}`)).map(([type, id, platform, status]): PluginStatus => ({ type, id, platform: platform ? 'linux/amd64' : '', status: status ?? 'ok' }))
}

export class ClientServices {
  private readonly plain: PlainContainers

  constructor(private readonly host: RuntimeHost) {
    this.plain = new PlainContainers(host)
  }

  table(): ServiceTable {
    const { host, plain } = this
    type Named = { namespace: string; name: string }
    const unary = {
      Version: async () => ({ version: containerdVersion, revision: 'dea7da592f5d1d2b7755e3a161be07f43fad8f75' }),
      Namespaces: async () => ({ namespaces: host.images.namespaces() }),
      CreateNamespace: async ({ name, labels }: { name: string; labels?: Record<string, string> }) => (host.images.createNamespace(name, labels), {}),
      DeleteNamespace: async ({ name }: { name: string }) => this.deleteNamespace(name),
      Images: async ({ namespace }: { namespace: string }) => ({ images: this.images(namespace) }),
      Pull: async ({ namespace, name, auth }: Named & { auth?: AuthConfig }) => ({ image: await pullImage(host, namespace, name, auth) }),
      Tag: async ({ namespace, name, target, force }: Named & { target: string; force?: boolean }) => this.tag(namespace, name, target, force ?? false),
      LabelImage: async ({ namespace, name, labels, replace }: Named & { labels: Record<string, string>; replace: boolean }) => ({ labels: host.images.label(namespace, name, labels, replace) }),
      Content: async () => ({ blobs: host.images.content.list() }),
      Blob: async ({ digest }: { digest: string }) => this.blob(digest),
      Snapshots: async () => ({ snapshots: [...host.images.snapshots.list()].sort((a, b) => (a.key < b.key ? -1 : 1)) }),
      Plugins: async () => ({ plugins: pluginsOf(host.config) }),
      Export: async ({ namespace, name }: Named) => exportImage(host.images, namespace, name),
      Import: async (request: ImportRequest) => importImage(host.images, request),
      RemoveImage: async ({ namespace, name }: Named) => this.removeImage(namespace, name),
      Containers: async ({ namespace }: { namespace: string }) => ({ containers: [...this.criContainers(namespace), ...plain.list(namespace)] }),
      Run: async (request: CreatePlainRequest) => plain.run(request),
      Create: async (request: CreatePlainRequest) => plain.create(request),
      Start: async ({ namespace, id }: { namespace: string; id: string }) => plain.start(namespace, id),
      Kill: async ({ namespace, id, signal }: { namespace: string; id: string; signal: string }) => plain.kill(namespace, id, signal),
      Wait: async ({ namespace, id }: { namespace: string; id: string }) => (await host.tasks.wait(namespace, id)) ?? { exitCode: 0 },
      Exec: async (request: { namespace: string; id: string; cmd: string[] }) => plain.exec(request.namespace, request.id, request.cmd),
      Pids: async ({ namespace, id }: { namespace: string; id: string }) => ({ pids: taskPids(host, namespace, id) }),
      Metrics: async ({ namespace, id }: { namespace: string; id: string }) => ({ values: taskMetrics(host, namespace, id) }),
      DeleteTask: async ({ namespace, id }: { namespace: string; id: string }) => (await host.tasks.delete(namespace, id), {}),
      Delete: async ({ namespace, id }: { namespace: string; id: string }) => plain.delete(namespace, id),
    }
    return { unary: Object.fromEntries(Object.entries(unary).map(([name, method]) => [`${clientService}/${name}`, method as (request: never) => Promise<object>])), streams: {} }
  }

  /** In CRI's namespace each image is also known by its id. */
  private images(namespace: string): ImageSummary[] {
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const named = this.host.images.records(namespace).flatMap((record) => {
      const image = this.host.images.find(namespace, record.name)
      return image ? [{ ...image, name: record.name, digest: record.digest, mediaType, labels: record.labels }] : []
    })
    if (namespace !== criNamespace) return named
    const ids = new Map(named.map((image) => [image.id, { ...image, name: image.id }]))
    return [...named, ...[...ids.values()].filter((image) => !named.some((other) => other.name === image.name))].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  private blob(digest: string): { text: string } {
    const { content } = this.host.images
    if (!content.has(digest)) throw new RpcError('NotFound', `content digest ${digest}: not found`)
    return { text: content.read(digest) }
  }

  private tag(namespace: string, name: string, target: string, force: boolean): object {
    const record = this.host.images.record(namespace, name)
    if (!record) throw new RpcError('NotFound', `image "${name}": not found`)
    const known = this.host.images.record(namespace, target)
    if (known && known.digest !== record.digest && !force) throw new RpcError('AlreadyExists', `image "${target}": already exists`)
    this.host.images.setName(namespace, target, record.digest)
    return {}
  }

  private removeImage(namespace: string, name: string): object {
    if (!this.host.images.record(namespace, name)) throw new RpcError('NotFound', `image "${name}": not found`)
    this.host.images.removeNames(namespace, [name])
    return {}
  }

  private deleteNamespace(name: string): object {
    const found = this.host.images.namespaces().some((namespace) => namespace.name === name)
    if (!found) throw new RpcError('NotFound', `namespace "${name}": not found`)
    const inUse = [...(this.host.images.records(name).length > 0 ? ['images'] : []), ...(this.host.tasks.list(name).length > 0 ? ['containers'] : [])]
    if (inUse.length > 0) throw new RpcError('FailedPrecondition', `namespace "${name}" must be empty, but it still has ${inUse.join(', ')}: failed precondition`)
    this.host.images.removeNamespace(name)
    return {}
  }

  private criContainers(namespace: string): ContainerSummary[] {
    if (namespace !== criNamespace) return []
    const sandboxes = this.host.sandboxes.all().map((record): ContainerSummary => ({
      id: record.id, image: normalizeReference(this.host.config.sandboxImage), runtime: 'io.containerd.runc.v2', createdMs: record.createdAtMs, pid: record.pid, exitCode: 0, exitedAtMs: 0, args: ['/pause'],
      labels: { ...record.config.labels, 'io.cri-containerd.kind': 'sandbox' }, status: record.state === 'SANDBOX_READY' ? 'running' : 'stopped',
    }))
    const containers = this.host.containers.all().map((record): ContainerSummary => ({
      id: record.id, image: record.config.image.userSpecifiedImage ? this.fullName(record.config.image.userSpecifiedImage) : this.fullName(record.config.image.image), runtime: 'io.containerd.runc.v2', createdMs: record.createdAtMs, pid: record.pid, exitCode: record.exitCode, exitedAtMs: record.finishedAtMs,
      args: [...record.config.command, ...record.config.args], labels: { ...record.config.labels, 'io.cri-containerd.kind': 'container' },
      status: record.state === 'CONTAINER_RUNNING' ? 'running' : record.state === 'CONTAINER_CREATED' ? 'created' : 'stopped',
    }))
    return [...sandboxes, ...containers]
  }

  private fullName(text: string): string {
    const image = this.host.images.find(criNamespace, text)
    return image?.repoTags[0] ?? text
  }
}
