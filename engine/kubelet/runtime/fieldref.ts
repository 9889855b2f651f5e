/** Fields of a pod and resources of its containers, as the downward API gives them. */
import type { Container, Pod } from '#engine/api/kinds'
import { compareQuantities, parseQuantity, quantityMilliValue, quantityValue } from '#engine/api/quantity'
import { uidOf } from '../pods/names'

export interface FieldSources { hostIp(): string; hostIps(): readonly string[]; podIps(): readonly string[] }

type FieldReader = (pod: Pod, sources: FieldSources) => string | undefined

const fields: Readonly<Record<string, FieldReader>> = {
  'metadata.name': (pod) => pod.metadata.name,
  'metadata.namespace': (pod) => pod.metadata.namespace,
  'metadata.uid': (pod) => uidOf(pod),
  'metadata.labels': (pod) => formatMap(pod.metadata.labels),
  'metadata.annotations': (pod) => formatMap(pod.metadata.annotations),
  'spec.nodeName': (pod) => pod.spec?.nodeName,
  'spec.serviceAccountName': (pod) => pod.spec?.serviceAccountName,
  'status.hostIP': (_pod, sources) => sources.hostIp(),
  'status.hostIPs': (_pod, sources) => sources.hostIps().join(','),
  'status.podIP': (_pod, sources) => sources.podIps()[0],
  'status.podIPs': (_pod, sources) => sources.podIps().join(','),
}

export function podField(pod: Pod, path: string, sources: FieldSources): string {
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (subscript) return pod.metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2] ?? ''] ?? ''
  return fields[path]?.(pod, sources) ?? ''
}

function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join('\n')
}

export interface ResourceReference { containerName?: string; resource: string; divisor?: string | number }

export function containerResource(pod: Pod, reference: ResourceReference, own: Container | undefined, allocatable: Readonly<Record<string, string>>): string {
  const container = reference.containerName ? findContainer(pod, reference.containerName) : own
  const [kind = '', name = ''] = reference.resource.split('.')
  const { limits, requests } = (container?.resources ?? {}) as { limits?: Record<string, string | number>; requests?: Record<string, string | number> }
  // A limit that is not set is what the node could give; a request that is not set is nothing.
  const given = kind === 'limits' ? (limits?.[name] ?? allocatable[name]) : requests?.[name]
  return divided(String(given ?? '0'), name, String(reference.divisor ?? '0'))
}

function findContainer(pod: Pod, name: string): Container | undefined {
  return [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find((item) => item.name === name)
}

function divided(text: string, resource: string, divisor: string): string {
  const quantity = parseQuantity(text)
  const by = parseQuantity(divisor)
  const unit = compareQuantities(by, parseQuantity('0')) === 0 ? parseQuantity('1') : by
  if (resource === 'cpu') return String(Math.ceil(quantityMilliValue(quantity) / quantityMilliValue(unit)))
  return String(Math.ceil(quantityValue(quantity) / quantityValue(unit)))
}
