/** The node ports of a service: those it asks for, and any where it asks for none. */
import { invalidError } from '#engine/api/errors'
import { FieldPath, invalid } from '#engine/api/field'
import type { KubeObject } from '#engine/api/object'
import { failure } from '#engine/api/status'
import { AllocationError } from '#engine/apiserver/registry/allocators/cluster-ips'
import type { NodePortOperation } from '#engine/apiserver/registry/allocators/node-ports'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { needsHealthCheckPort, needsNodePort } from './patch'

const spec = FieldPath.root('spec')

interface ServicePort { nodePort?: number; port: number; protocol?: string }

export function allocatePorts(next: KubeObject, previous: KubeObject | undefined, operation: NodePortOperation): void {
  const now = next.spec as Free
  const taking = new Taking(next, operation)
  if (needsNodePort(now)) {
    if (previous && needsNodePort((previous.spec ?? {}) as Free)) updatePorts(portsOf(now), portsOf(previous.spec), taking)
    else createPorts(portsOf(now), taking)
  }
  if (!needsHealthCheckPort(now)) return
  const at = spec.child('healthCheckNodePort')
  if (!now.healthCheckNodePort) now.healthCheckNodePort = operation.takeAny()
  else if (now.healthCheckNodePort !== previous?.spec?.healthCheckNodePort) taking.take(now.healthCheckNodePort as number, at)
}

/** Ports of one number share a node port, whatever their protocol. */
function createPorts(ports: readonly ServicePort[], taking: Taking): void {
  const shared = new Map<number, number>()
  for (const [index, item] of ports.entries()) {
    const known = shared.get(item.port)
    if (known === undefined) {
      const wanted = ports.find((other) => other.port === item.port && other.nodePort)?.nodePort
      item.nodePort = wanted ? taking.take(wanted, portPath(index)) : taking.takeAny()
      shared.set(item.port, item.nodePort)
    } else if (!item.nodePort) item.nodePort = known
    else if (item.nodePort !== known) taking.take(item.nodePort, portPath(index))
  }
}

function updatePorts(ports: readonly ServicePort[], before: readonly ServicePort[], taking: Taking): void {
  const held = new Set(before.map((item) => item.nodePort))
  const seen = new Set<number>()
  for (const [index, item] of ports.entries()) {
    if (!item.nodePort) item.nodePort = taking.takeAny()
    else if (!held.has(item.nodePort)) taking.take(item.nodePort, portPath(index))
    if (seen.has(item.nodePort)) throw failure(500, '', `duplicate nodePort: {${item.protocol ?? ''} ${item.nodePort}}`)
    seen.add(item.nodePort)
  }
}

/** Takes ports, and refuses the service where one cannot be had. */
class Taking {
  constructor(
    private readonly service: KubeObject,
    private readonly operation: NodePortOperation,
  ) {}

  take(port: number, at: FieldPath): number {
    try {
      this.operation.take(port)
    } catch (error) {
      if (!(error instanceof AllocationError)) throw error
      throw invalidError('', 'Service', this.service.metadata.name ?? '', [invalid(at, port, error.message)])
    }
    return port
  }

  takeAny(): number {
    return this.operation.takeAny()
  }
}

function portsOf(value: Free): ServicePort[] {
  return listOf(value?.ports) as ServicePort[]
}

function portPath(index: number): FieldPath {
  return spec.child('ports').index(index).child('nodePort')
}
