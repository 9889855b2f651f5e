/** What the parts of the runtime share: the process, the stores, the tasks, the log. */
import { toHex } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import type { ContainerEvent } from '../api'
import { registryHosts } from '../images/hosts'
import { fetchImage } from '../images/pull'
import { formatReference, parseReference, ReferenceError, repositoryOf, withDefaultTag } from '../images/reference'
import type { ImageStore, StoredImage } from '../images/store'
import type { AuthConfig } from '../api'
import type { Broadcast } from '../queue'
import { RpcError } from '../rpc'
import type { Cni } from './cni'
import type { ContainerdConfig } from './config'
import type { ContainerRecord, RecordStore, SandboxRecord } from './records'
import type { TaskManager } from './tasks'

export type LogLevel = 'info' | 'warning' | 'error'

export interface RuntimeHost {
  readonly process: Process
  readonly config: ContainerdConfig
  readonly images: ImageStore
  readonly tasks: TaskManager
  readonly cni: Cni
  readonly sandboxes: RecordStore<SandboxRecord>
  readonly containers: RecordStore<ContainerRecord>
  readonly events: Broadcast<ContainerEvent>
  log(level: LogLevel, message: string): void
}

export const criNamespace = 'k8s.io'

export function newId(host: Pick<RuntimeHost, 'process'>): string {
  return toHex(host.process.random.bytes(32))
}

/** Pulls an image into a namespace and names it by tag and by digest. */
export async function pullImage(host: RuntimeHost, namespace: string, text: string, auth: AuthConfig | undefined): Promise<StoredImage> {
  let reference
  try {
    reference = withDefaultTag(parseReference(text))
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    throw new RpcError('Unknown', `failed to parse image reference "${text}": ${error.message}`)
  }
  const name = formatReference(reference)
  const { process } = host
  const context = { net: process.net, clock: process.clock, hosts: (domain: string) => registryHosts(process.files, host.config.registryConfigPath, domain), has: (chainId: string) => host.images.snapshots.has(chainId), signal: process.dying }
  const image = await fetchImage(context, reference, auth)
  host.images.unpack(image)
  host.images.setName(namespace, name, image.digest)
  if (namespace === criNamespace) host.images.setName(namespace, `${repositoryOf(reference)}@${image.digest}`, image.digest)
  const stored = host.images.find(namespace, name)
  if (!stored) throw new RpcError('Internal', `failed to pull and unpack image "${name}": image vanished`)
  host.log('info', `ImageCreate event name:"${name}" labels:{key:"io.cri-containerd.image" value:"managed"}`)
  return stored
}

/** Reference that names an image for good: its first digest, else its id. */
export function imageRefOf(image: StoredImage): string {
  return image.repoDigests[0] ?? image.id
}
