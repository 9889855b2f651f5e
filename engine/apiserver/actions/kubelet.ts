/** Where a pod's kubelet is, and which container is meant. */
import { badRequestError, notFoundError } from '#engine/api/errors'
import type { KubeObject } from '#engine/api/object'
import type { RestCore } from '#engine/apiserver/rest/core'

export interface KubeletTarget {
  readonly nodeName: string
  readonly address: string
  readonly port: number
}

const preference = ['InternalIP', 'ExternalIP', 'Hostname']

/** `resource` is whose request needs the kubelet: a node that is not there is told as that resource's. */
export async function kubeletOf(core: RestCore, nodeName: string, resource: 'nodes' | 'pods' = 'nodes'): Promise<KubeletTarget> {
  const node = await core.services.reader.get('nodes', '', nodeName)
  if (!node) throw notFoundError({ group: '', resource }, nodeName)
  const status = (node['status'] ?? {}) as { addresses?: { type: string; address: string }[]; daemonEndpoints?: { kubeletEndpoint?: { Port?: number } } }
  const address = preference.map((type) => status.addresses?.find((item) => item.type === type)?.address).find((item) => item)
  if (!address) throw badRequestError(`no preferred addresses found; known addresses: ${JSON.stringify(status.addresses ?? [])}`)
  return { nodeName, address, port: status.daemonEndpoints?.kubeletEndpoint?.Port ?? 10250 }
}

interface PodSpec {
  readonly nodeName?: string
  readonly containers?: readonly { readonly name: string }[]
  readonly initContainers?: readonly { readonly name: string }[]
  readonly ephemeralContainers?: readonly { readonly name: string }[]
}

export function specOf(pod: KubeObject): PodSpec {
  return (pod['spec'] ?? {}) as PodSpec
}

/** The named container, or the only one. Throws a Status 400 as the pod registry words it. */
export function containerOf(pod: KubeObject, given: string | null): string {
  const spec = specOf(pod)
  const names = (list: readonly { readonly name: string }[] | undefined): string[] => (list ?? []).map((item) => item.name)
  const name = pod.metadata.name ?? ''
  const all = [...names(spec.containers), ...names(spec.initContainers), ...names(spec.ephemeralContainers)]
  if (given) {
    if (!all.includes(given)) throw badRequestError(`container ${given} is not valid for pod ${name}`)
    return given
  }
  const own = names(spec.containers)
  if (own.length === 1) return own[0] as string
  if (own.length === 0) throw badRequestError(`a container name must be specified for pod ${name}`)
  const init = names(spec.initContainers)
  throw badRequestError(`a container name must be specified for pod ${name}, choose one of: [${own.join(' ')}]${init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : ''}`)
}
