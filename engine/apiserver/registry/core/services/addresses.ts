/** Cluster IPs, families and the policy of a service: what they may be, and what they may become. */
import type { KubeObject } from '#engine/api/object'
import { duplicate, FieldPath, invalid, notSupported, required, type FieldError } from '#engine/api/field'
import { validateLegacyAddress } from '#engine/api/validation/addresses'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const path = FieldPath.root('spec')
const ipsPath = path.child('clusterIPs')
const familiesPath = path.child('ipFamilies')
const policyPath = path.child('ipFamilyPolicy')
const families = ['IPv4', 'IPv6']
const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

export function validateAddresses(spec: Free): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const list = listOf(spec.clusterIPs) as string[]
  const errors = [...validateFirst((spec.clusterIP ?? '') as string, list), ...validateFamilies(listOf(spec.ipFamilies) as string[])]
  const policy = spec.ipFamilyPolicy as string | undefined
  if (policy !== undefined && !policies.includes(policy)) errors.push(notSupported(policyPath, policy, policies))
  const wrong = validateEach(list)
  errors.push(...wrong)
  if (list.length > 2) errors.push(invalid(ipsPath, list, 'may only hold up to 2 values'))
  if (wrong.length > 0) return errors
  const kinds = list.map((ip) => (ip.includes(':') ? 'IPv6' : 'IPv4'))
  if (list.length > 1 && new Set(kinds).size < list.length) errors.push(invalid(ipsPath, list, 'may specify no more than one IP for each IP family'))
  return [...errors, ...validateMatch(list, kinds, listOf(spec.ipFamilies) as string[])]
}

/** `clusterIP` and the first of `clusterIPs` are one. */
function validateFirst(single: string, list: readonly string[]): FieldError[] {
  if (single === '') return list.length > 0 ? [invalid(ipsPath, list, 'must be empty when `clusterIP` is not specified')] : []
  if (list.length === 0) return [required(ipsPath, '')]
  return list[0] === single ? [] : [invalid(ipsPath, list, 'first value must match `clusterIP`')]
}

function validateFamilies(given: readonly string[]): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, family] of given.entries()) {
    if (!families.includes(family)) errors.push(notSupported(familiesPath.index(index), family, families))
    if (given.indexOf(family) < index) errors.push(duplicate(familiesPath.index(index), family))
  }
  return errors
}

function validateEach(list: readonly string[]): FieldError[] {
  return list.flatMap((ip, index) => {
    if (index === 0 && ip === 'None') return list.length > 1 ? [invalid(ipsPath, list, "'None' must be the first and only value")] : []
    return validateLegacyAddress(ip, ipsPath.index(index))
  })
}

function validateMatch(list: readonly string[], kinds: readonly string[], given: readonly string[]): FieldError[] {
  if (list[0] === 'None') return []
  return list.flatMap((ip, index) => {
    const family = given[index]
    return family !== undefined && family !== kinds[index] && families.includes(family) ? [invalid(ipsPath.index(index), ip, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``)] : []
  })
}

export function validateAddressesUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const now = (next.spec ?? {}) as Free
  const before = (previous.spec ?? {}) as Free
  if (now.type === 'ExternalName' || before.type === 'ExternalName') return []
  const heads = [now, before].map((spec) => (listOf(spec.clusterIPs) as string[])[0] === 'None')
  const errors = heads[0] && heads[1] ? [] : changedIps(now, before)
  return heads[0] || heads[1] ? errors : [...errors, ...changedFamilies(now, before)]
}

function changedIps(now: Free, before: Free): FieldError[] {
  const list = listOf(now.clusterIPs) as string[]
  const old = listOf(before.clusterIPs) as string[]
  if (list.length === old.length) return old.flatMap((ip, index) => (ip === list[index] ? [] : [invalid(ipsPath.index(index), list, 'may not change once set')]))
  const errors: FieldError[] = []
  if (list.length === 0) errors.push(invalid(ipsPath.index(0), null, 'primary clusterIP can not be unset'))
  else if (old.length > 0 && list[0] !== old[0]) errors.push(invalid(ipsPath.index(0), list, 'may not change once set'))
  if (old.length > list.length && list.length === 1 && now.ipFamilyPolicy !== 'SingleStack') errors.push(invalid(policyPath, now.ipFamilyPolicy ?? null, "must be set to 'SingleStack' when releasing the secondary clusterIP"))
  return errors
}

function changedFamilies(now: Free, before: Free): FieldError[] {
  const list = listOf(now.ipFamilies) as string[]
  const old = listOf(before.ipFamilies) as string[]
  if (list.length === old.length) return old.flatMap((family, index) => (family === list[index] ? [] : [invalid(familiesPath.index(0), list, 'may not change once set')]))
  const errors: FieldError[] = []
  if (old.length > 0 && list.length > 0 && list[0] !== old[0]) errors.push(invalid(familiesPath.index(0), listOf(now.clusterIPs), 'may not change once set'))
  if (old.length > list.length && list.length === 1 && now.ipFamilyPolicy !== 'SingleStack') errors.push(invalid(policyPath, now.ipFamilyPolicy ?? null, "must be set to 'SingleStack' when releasing the secondary ipFamily"))
  return errors
}
