/** Cluster IPs and node ports of a service that is about to be stored. */
import { invalidError } from '#engine/api/errors'
import { FieldPath, invalid, type FieldError } from '#engine/api/field'
import type { KubeObject } from '#engine/api/object'
import { AllocationError, familiesOf, releaseAddress, takeAddress, takeAnyAddress } from '#engine/apiserver/registry/allocators/cluster-ips'
import type { Family, Owner } from '#engine/apiserver/registry/allocators/cluster-ips'
import { NodePortOperation } from '#engine/apiserver/registry/allocators/node-ports'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { RequestContext } from '#engine/apiserver/registry/resource'
import type { ServerServices } from '#engine/apiserver/services'
import { initFamilies, isHeadless, needsClusterIp, normalizeClusterIps } from './families'
import { allocatePorts } from './node-ports'
import { dropTypeFields, keepAllocated } from './patch'

const spec = FieldPath.root('spec')

export async function beginService(next: KubeObject, previous: KubeObject | undefined, services: ServerServices, context: RequestContext): Promise<((stored: boolean) => void) | undefined> {
  normalizeClusterIps(next, previous)
  if (previous) {
    keepAllocated(next, previous)
    dropTypeFields(next, previous)
  }
  const wrong = initFamilies(next, previous, familiesOf(services))
  if (wrong.length > 0) throw refusal(next, wrong)
  const made: string[] = []
  const ports = await NodePortOperation.begin(services, context.dryRun)
  const giveBack = async (): Promise<void> => {
    ports.finish()
    for (const text of made) await releaseAddress(services, text)
  }
  try {
    await allocateAddresses(next, previous, services, context.dryRun, made)
    allocatePorts(next, previous, ports)
  } catch (error) {
    await giveBack()
    throw error
  }
  return (stored) => {
    ports.finish()
    if (!stored) for (const text of made) void releaseAddress(services, text)
    else if (!context.dryRun) for (const text of abandoned(next, previous)) void releaseAddress(services, text)
  }
}

/** Addresses the service had and has no more. */
function abandoned(next: KubeObject, previous: KubeObject | undefined): string[] {
  const kept = needsClusterIp(next.spec) ? listOf(next.spec?.clusterIPs) : []
  return listOf(previous?.spec?.clusterIPs).filter((item) => item !== 'None' && !kept.includes(item)) as string[]
}

async function allocateAddresses(next: KubeObject, previous: KubeObject | undefined, services: ServerServices, dryRun: boolean, made: string[]): Promise<void> {
  const now = next.spec as Free
  if (!needsClusterIp(now)) return
  if (isHeadless(now)) {
    now.clusterIP = 'None'
    if (listOf(now.clusterIPs).length === 0) now.clusterIPs = ['None']
    return
  }
  const owner: Owner = { namespace: next.metadata.namespace ?? '', name: next.metadata.name ?? '' }
  const given = listOf(now.clusterIPs) as string[]
  const held = needsClusterIp(previous?.spec ?? { type: 'ExternalName' }) ? (listOf(previous?.spec?.clusterIPs) as string[]) : []
  const addresses: string[] = []
  for (const [index, family] of (listOf(now.ipFamilies) as Family[]).entries()) {
    const wanted = given[index]
    if (wanted !== undefined && (held.includes(wanted) || held[index] !== undefined)) addresses.push(wanted)
    else if (wanted !== undefined && !isAddress(wanted)) addresses.push(wanted)
    else addresses.push(await one(next, services, { wanted, family, owner, dryRun, made }))
  }
  now.clusterIPs = addresses
  if (addresses[0] !== undefined) now.clusterIP = addresses[0]
}

function isAddress(text: string): boolean {
  return /^[0-9.]+$|:/.test(text)
}

interface Wish { readonly wanted: string | undefined; readonly family: Family; readonly owner: Owner; readonly dryRun: boolean; readonly made: string[] }

async function one(service: KubeObject, services: ServerServices, { wanted, family, owner, dryRun, made }: Wish): Promise<string> {
  try {
    if (wanted === undefined) {
      const text = await takeAnyAddress(services, family, owner, dryRun)
      if (!dryRun) made.push(text)
      return text
    }
    await takeAddress(services, wanted, owner, dryRun)
    if (!dryRun) made.push(wanted)
    return wanted
  } catch (error) {
    if (!(error instanceof AllocationError)) throw error
    throw refusal(service, [invalid(spec.child('clusterIPs'), listOf(service.spec?.clusterIPs), error.message)])
  }
}

/** When a service is gone, its addresses are free. */
export async function releaseService(service: KubeObject, services: ServerServices): Promise<void> {
  if (!needsClusterIp(service.spec)) return
  for (const text of listOf(service.spec?.clusterIPs) as string[]) if (text !== 'None') await releaseAddress(services, text)
}

function refusal(service: KubeObject, errors: readonly FieldError[]): Error {
  return invalidError('', 'Service', service.metadata.name ?? '', errors)
}
