/** What the server warns of in the ports of containers: the same port twice does not mean two ports. */
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

interface Port { readonly path: string; readonly hostPort: number; readonly hostIP: string }

export function warnPorts(out: string[], spec: Free, at: string): void {
  const seen = new Map<string, Port[]>()
  for (const kind of ['initContainers', 'containers']) {
    for (const [index, container] of listOf(spec[kind]).entries()) {
      for (const [position, port] of listOf(container.ports).entries()) warnPort(out, port, `${at}.${kind}[${index}].ports[${position}]`, seen)
    }
  }
}

function warnPort(out: string[], port: Free, path: string, seen: Map<string, Port[]>): void {
  const key = `${port.containerPort as number}/${port.protocol as string}`
  const own: Port = { path, hostPort: (port.hostPort ?? 0) as number, hostIP: (port.hostIP ?? '') as string }
  if (own.hostIP !== '' && own.hostPort === 0) out.push(`${path}: hostIP set without hostPort: {Name:${(port.name ?? '') as string} HostPort:0 ContainerPort:${port.containerPort as number} Protocol:${port.protocol as string} HostIP:${own.hostIP}}`)
  const others = seen.get(key) ?? []
  for (const other of others) {
    const word = clash(own, other)
    if (word) out.push(`${path}: ${word} port definition with ${other.path}`)
  }
  seen.set(key, [...others, own])
}

function clash(port: Port, other: Port): string | undefined {
  if (port.hostIP === other.hostIP && port.hostPort === other.hostPort) return 'duplicate'
  if (port.hostPort === 0 || other.hostPort === 0) return 'overlapping'
  return port.hostPort === other.hostPort && (port.hostIP === '') !== (other.hostIP === '') ? 'dangerously ambiguous' : undefined
}
