/** Fields of a pod and resources of its containers, as the downward API gives them. */
import type { Container, Pod } from '#engine/api/kinds'
import { compareQuantities, parseQuantity, quantityMilliValue, quantityValue } from '#engine/api/quantity'
import { uidOf } from '../pods/names'

export interface FieldSources { hostIp(): string; hostIps(): readonly string[]; podIps(): readonly string[] }

export function podField(pod: Pod, path: string, sources: FieldSources): string {
  const { metadata, spec } = pod
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (subscript) return metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2] ?? ''] ?? ''
  switch (path) {
    case 'metadata.name': return metadata.name ?? ''
    case 'metadata.namespace': return metadata.namespace ?? ''
    case 'metadata.uid': return uidOf(pod)
    case 'metadata.labels': return formatMap(metadata.labels)
    case 'metadata.annotations': return formatMap(metadata.annotations)
    case 'spec.nodeName': return spec?.nodeName ?? ''
    case 'spec.serviceAccountName': return spec?.serviceAccountName ?? ''
    case 'status.hostIP': return sources.hostIp()
    case 'status.hostIPs': return sources.hostIps().join(',')
    case 'status.podIP': return sources.podIps()[0] ?? ''
    case 'status.podIPs': return sources.podIps().join(',')
    default: return ''
  }
}

function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join('\n')
}

export interface ResourceReference { containerName?: string; resource: string; divisor?: string | number }

export function containerResource(pod: Pod, reference: ResourceReference, own: Container | undefined, allocatable: Readonly<Record<string, string>>): string {
  const container = reference.containerName ? [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find((item) => item.name === reference.containerName) : own
  const [kind = '', name = ''] = reference.resource.split('.')
  const resources = (container?.resources ?? {}) as { limits?: Record<string, string | number>; requests?: Record<string, string | number> }
  const given = kind === 'limits' ? resources.limits?.[name] : resources.requests?.[name]
  // A limit that is not set is what the node could give; a request that is not set is nothing.
  const text = given ?? (kind === 'limits' ? (allocatable[name] ?? '0') : '0')
  return divided(String(text), name, String(reference.divisor ?? '0'))
}

function divided(text: string, resource: string, divisor: string): string {
  const quantity = parseQuantity(text)
  const by = parseQuantity(divisor)
  const unit = compareQuantities(by, parseQuantity('0')) === 0 ? parseQuantity('1') : by
  if (resource === 'cpu') return String(Math.ceil(quantityMilliValue(quantity) / quantityMilliValue(unit)))
  return String(Math.ceil(quantityValue(quantity) / quantityValue(unit)))
}
