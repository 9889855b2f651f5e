/** Names and service ports as numbers of the pod's ports. */
import type { Pod } from '#engine/api/kinds'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { splitPort } from './ports'

interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly targetPort?: number | string
  readonly protocol?: string
}

export interface ServiceLike {
  readonly metadata: { readonly name?: string }
  readonly spec: { readonly clusterIP?: string; readonly ports?: readonly ServicePort[] }
}

interface ContainerPort {
  readonly name?: string
  readonly containerPort: number
  readonly protocol?: string
}

function containerPorts(pod: Pod): ContainerPort[] {
  return [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].flatMap((container) => ((container as { ports?: ContainerPort[] }).ports ?? []))
}

function namedPort(pod: Pod, name: string): number {
  const found = containerPorts(pod).find((port) => port.name === name)
  if (!found) throw new CliError(`Pod '${pod.metadata.name ?? ''}' does not have a named port '${name}'`)
  return found.containerPort
}

const isNumber = (text: string): boolean => /^[+-]?\d+$/.test(text)

export function podPorts(wanted: readonly string[], pod: Pod): string[] {
  refuseUdp(wanted, containerPorts(pod).map((port) => ({ ...port, number: port.containerPort })))
  return wanted.map((text) => {
    const { local, remote } = splitPort(text)
    const port = isNumber(remote) ? remote : String(namedPort(pod, remote))
    return local === remote ? port : `${local}:${port}`
  })
}

export function servicePorts(wanted: readonly string[], service: ServiceLike, pod: Pod): string[] {
  const ports = service.spec.ports ?? []
  refuseUdp(wanted, ports.map((port) => ({ ...port, number: port.port })))
  return wanted.map((text) => {
    const { local, remote } = splitPort(text)
    const number = isNumber(remote) ? Number(remote) : servicePortNamed(service, remote)
    const target = String(targetOf(service, pod, number))
    const from = local === remote ? String(number) : local
    return from === target ? target : `${from}:${target}`
  })
}

function servicePortNamed({ metadata, spec }: ServiceLike, name: string): number {
  const found = (spec.ports ?? []).find((port) => port.name === name)
  if (!found) throw new CliError(`Service '${metadata.name ?? ''}' does not have a named port '${name}'`)
  return found.port
}

function targetOf({ metadata, spec }: ServiceLike, pod: Pod, number: number): number {
  const found = (spec.ports ?? []).find((port) => port.port === number)
  if (!found) throw new CliError(`Service ${metadata.name ?? ''} does not have a service port ${number}`)
  if (spec.clusterIP === 'None') return number
  const { targetPort = 0 } = found
  if (typeof targetPort === 'string') return namedPort(pod, targetPort)
  return targetPort === 0 ? number : targetPort
}

/** Only TCP is forwarded: a port that is there for UDP alone is refused. */
function refuseUdp(wanted: readonly string[], ports: readonly { readonly name?: string; readonly number: number; readonly protocol?: string }[]): void {
  const refused = wanted.map((text) => splitPort(text).remote).filter((remote) => {
    const meant = ports.filter((port) => (isNumber(remote) ? port.number === Number(remote) : port.name === remote))
    return meant.length > 0 && meant.every((port) => port.protocol === 'UDP')
  })
  if (refused.length > 0) throw new CliError(refused.map((remote) => `UDP protocol is not supported for ${remote}`).join(', '))
}
