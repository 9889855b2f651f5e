/** What may be reported of a pod: addresses, and that what has ended does not run again. */
import { FieldPath, forbidden, invalid } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import type { KubeObject } from '#engine/api/object'
import { parseAddress, validateLegacyAddress } from '#engine/api/validation/addresses'
import { dnsSubdomain } from '#engine/api/validation/names'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { notNegative } from './errors'

const path = FieldPath.root('status')

export function validatePodStatus(next: KubeObject, previous: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const now = (next.status ?? {}) as Free
  const before = (previous.status ?? {}) as Free
  if (now.nominatedNodeName && now.nominatedNodeName !== before.nominatedNodeName) for (const words of dnsSubdomain(now.nominatedNodeName as string)) errors.push(invalid(path.child('nominatedNodeName'), now.nominatedNodeName, words))
  notNegative(errors, now.observedGeneration as number | undefined, path.child('observedGeneration'))
  const policy = (next.spec?.restartPolicy ?? 'Always') as string
  errors.push(...validateEnded('containerStatuses', now, before, listOf(next.spec?.containers), policy), ...validateEnded('initContainerStatuses', now, before, listOf(next.spec?.initContainers), policy))
  errors.push(...validateAddresses('podIPs', now, before))
  if (listOf(now.hostIPs).length > 0 && now.hostIP !== now.hostIPs[0].ip) errors.push(invalid(path.child('hostIPs').index(0).child('ip'), now.hostIPs[0].ip ?? '', 'must be equal to `hostIP`'))
  errors.push(...validateAddresses('hostIPs', now, before))
  return errors
}

function validateAddresses(list: 'podIPs' | 'hostIPs', now: Free, before: Free): FieldError[] {
  const at = path.child(list)
  const addresses = listOf(now[list]).map((item) => (item.ip ?? '') as string)
  const old = listOf(before[list]).map((item) => item.ip as string)
  const errors = addresses.flatMap((address, index) => (old.includes(address) ? [] : validateLegacyAddress(address, at.index(index))))
  if (addresses.length < 2) return errors
  const families = new Set(addresses.map((address) => parseAddress(address)?.family))
  const shown = addresses.map((IP) => ({ IP }))
  if (addresses.length > 2 || families.size < 2) errors.push(invalid(at, shown, 'may specify no more than one IP for each IP family'))
  return errors
}

interface Status { readonly name: string; readonly state?: Readonly<Record<string, Free>> }

const ending = (status: Status | undefined): Free => status?.state?.['terminated']

/** What has ended stays so, unless the pod or the container starts it again. */
function validateEnded(list: string, now: Free, before: Free, containers: readonly Free[], policy: string): FieldError[] {
  const reported = listOf(now[list]) as Status[]
  return (listOf(before[list]) as Status[]).flatMap((old, index) => {
    const ended = ending(old)
    if (!ended || !reported.some((item) => item.name === old.name && !ending(item))) return []
    const container = containers.find((item) => item.name === old.name) as Free
    if (container && startsAgain(container, policy, ended.exitCode as number)) return []
    return [forbidden(path.child(list).index(index).child('state'), 'may not be transitioned to non-terminated state')]
  })
}

function startsAgain(container: Free, podPolicy: string, exitCode: number): boolean {
  for (const rule of listOf(container.restartPolicyRules)) {
    const { operator, values } = (rule.exitCodes ?? {}) as Free
    if (rule.action === 'Restart' && operator && listOf(values).includes(exitCode) === (operator === 'In')) return true
  }
  const policy = (container.restartPolicy ?? podPolicy) as string
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}
