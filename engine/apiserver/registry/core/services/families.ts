/** IP families of a service: what is not said follows from its addresses, its policy and the cluster. */
import type { FieldError } from '#engine/api/field'
import { FieldPath, invalid } from '#engine/api/field'
import type { KubeObject } from '#engine/api/object'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { validateAddresses } from './addresses'
import type { Family } from '#engine/apiserver/registry/allocators/cluster-ips'

const spec = FieldPath.root('spec')

export function isHeadless(service: Free): boolean {
  return service.clusterIP === 'None' || listOf(service.clusterIPs)[0] === 'None'
}

export function needsClusterIp(service: Free): boolean {
  return service.type !== 'ExternalName'
}

/** `clusterIP` is the first of `clusterIPs`, whichever of them the user wrote. */
export function normalizeClusterIps(next: KubeObject, previous: KubeObject | undefined): void {
  const now = next.spec as Free
  const before = previous?.spec as Free
  if (!before) {
    if (now.clusterIP && listOf(now.clusterIPs).length === 0) now.clusterIPs = [now.clusterIP]
    return
  }
  const single = now.clusterIP ?? ''
  const was = before.clusterIP ?? ''
  const listSame = JSON.stringify(listOf(now.clusterIPs)) === JSON.stringify(listOf(before.clusterIPs))
  if (was !== '' && single === '' && listSame) {
    delete now.clusterIPs
    return
  }
  if (single !== was && listSame) now.clusterIPs = single === '' ? undefined : [single]
}

/** Fills policy and families in; gives what cannot be. */
export function initFamilies(next: KubeObject, previous: KubeObject | undefined, cluster: readonly Family[]): FieldError[] {
  const now = next.spec as Free
  if (!needsClusterIp(now)) return []
  const dual = cluster.length > 1
  if (previous && listOf(now.ipFamilies).length > 0 && now.ipFamilyPolicy && JSON.stringify([now.ipFamilies, now.ipFamilyPolicy]) === JSON.stringify([previous.spec?.ipFamilies, previous.spec?.ipFamilyPolicy])) return []
  const wrong = validateAddresses(now)
  if (wrong.length > 0) return wrong
  const selectorless = isHeadless(now) && Object.keys(now.selector ?? {}).length === 0
  if (!now.ipFamilyPolicy) now.ipFamilyPolicy = defaultPolicy(now, selectorless)
  inferFamilies(now)
  const errors = selectorless ? [] : check(now, cluster, dual)
  if (errors.length > 0) return errors
  complete(now, cluster, dual || selectorless)
  return []
}

function defaultPolicy(now: Free, selectorless: boolean): string {
  if (selectorless) return listOf(now.ipFamilies).length === 1 ? 'SingleStack' : 'RequireDualStack'
  return 'SingleStack'
}

function inferFamilies(now: Free): void {
  const families = listOf(now.ipFamilies)
  for (const [index, text] of listOf(now.clusterIPs).entries()) {
    if (text === 'None' || families[index]) continue
    families[index] = (text as string).includes(':') ? 'IPv6' : 'IPv4'
  }
  if (families.length > 0) now.ipFamilies = families
}

function check(now: Free, cluster: readonly Family[], dual: boolean): FieldError[] {
  const errors: FieldError[] = []
  if (now.ipFamilyPolicy === 'RequireDualStack' && !dual) errors.push(invalid(spec.child('ipFamilyPolicy'), now.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'))
  for (const [index, family] of listOf(now.ipFamilies).entries()) {
    if ((family === 'IPv4' || family === 'IPv6') && !cluster.includes(family)) errors.push(invalid(spec.child('ipFamilies').index(index), family, 'not configured on this cluster'))
  }
  if (now.ipFamilyPolicy === 'SingleStack' && errors.length === 0) {
    if (listOf(now.clusterIPs).length === 2) errors.push(invalid(spec.child('ipFamilyPolicy'), now.ipFamilyPolicy, 'must be RequireDualStack or PreferDualStack when multiple \'clusterIPs\' are specified'))
    if (listOf(now.ipFamilies).length === 2) errors.push(invalid(spec.child('ipFamilyPolicy'), now.ipFamilyPolicy, 'must be RequireDualStack or PreferDualStack when multiple \'ipFamilies\' are specified'))
  }
  return errors
}

function complete(now: Free, cluster: readonly Family[], dual: boolean): void {
  const families = (now.ipFamilies ??= []) as Family[]
  if (families.length === 0) families.push(cluster[0] ?? 'IPv4')
  if (now.ipFamilyPolicy !== 'SingleStack' && dual && families.length === 1) families.push(families[0] === 'IPv4' ? 'IPv6' : 'IPv4')
}
