/** Requests and limits of containers and of whole pods. */
import { forbidden, invalid, notFound, notSupported, required, duplicate } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { addQuantities, canonicalQuantity, compareQuantities, formatQuantity, tryQuantity, zeroQuantity } from '#engine/api/quantity'
import type { Quantity } from '#engine/api/quantity'
import { dnsLabel, qualifiedName } from '#engine/api/validation/names'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { isPodLevelResource } from '#engine/apiserver/registry/core/pods/resource-defaults'
import { checkName } from './errors'
import type { Errors } from './errors'

type List = Readonly<Record<string, string>>

const isHugePages = (name: string): boolean => name.startsWith('hugepages-')
const forContainers = new Set(['cpu', 'memory', 'ephemeral-storage'])
const standard = new Set([
  'cpu', 'memory', 'ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage',
  'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'storage', 'requests.storage', 'services.nodeports', 'services.loadbalancers',
])
const whole = new Set(['pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers'])

export const isStandardResource = (name: string): boolean => standard.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')

export function isExtendedResource(name: string): boolean {
  if (isNative(name) || name.startsWith('requests.')) return false
  return qualifiedName(`requests.${name}`).length === 0
}

/** Only what can be shared may be promised twice. */
const isOvercommitAllowed = (name: string): boolean => isNative(name) && !isHugePages(name)
const isWholeNumber = (name: string): boolean => whole.has(name) || isExtendedResource(name)

export function validateResourceName(errors: Errors, name: string, path: FieldPath): void {
  const wrong = qualifiedName(name)
  for (const text of wrong) errors.push(invalid(path, name, text))
  if (wrong.length === 0 && !name.includes('/') && !isStandardResource(name)) errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'))
}

function validateContainerResource(errors: Errors, name: string, path: FieldPath): void {
  validateResourceName(errors, name, path)
  if (!name.includes('/')) {
    if (!forContainers.has(name) && !isHugePages(name)) errors.push(invalid(path, name, 'must be a standard resource for containers'))
  } else if (!isNative(name) && !isExtendedResource(name)) errors.push(invalid(path, name, "doesn't follow extended resource name standard"))
}

export function validateAmount(errors: Errors, name: string, text: string, path: FieldPath): void {
  const quantity = tryQuantity(text) ?? zeroQuantity
  if (quantity.nano < 0n) errors.push(invalid(path, formatQuantity(quantity), 'must be greater than or equal to 0'))
  if (isWholeNumber(name) && quantity.nano % 1_000_000_000n !== 0n) errors.push(invalid(path, formatQuantity(quantity), 'must be an integer'))
}

function hugePageProblem(name: string, text: string): string {
  const size = tryQuantity(name.slice('hugepages-'.length))
  const quantity = tryQuantity(text)
  if (!size || !quantity || size.nano === 0n) return ''
  return quantity.nano % size.nano === 0n ? '' : `${canonicalQuantity(text)} is not positive integer multiple of ${name}`
}

export function validateContainerResources(errors: Errors, resources: Free, claims: ReadonlySet<string>, path: FieldPath): void {
  if (!resources) return
  validateLists(errors, resources, path, validateContainerResource)
  const seen = new Set<string>()
  for (const [index, claim] of listOf(resources.claims).entries()) {
    const at = path.child('claims').index(index)
    const name = (claim.name ?? '') as string
    const key = claim.request ? `${name}/${claim.request as string}` : name
    if (name === '') errors.push(required(at, ''))
    else if (seen.has(key) || (claim.request && seen.has(name))) errors.push(duplicate(at, key))
    else seen.add(key)
    if (claim.request) checkName(errors, claim.request as string, dnsLabel, at.child('request'))
    if (name !== '' && !claims.has(name)) errors.push(notFound(at, name))
  }
}

type NameCheck = (errors: Errors, name: string, path: FieldPath) => void

function validateLists(errors: Errors, resources: Free, path: FieldPath, check: NameCheck): void {
  const limits = (resources.limits ?? {}) as List
  const requests = (resources.requests ?? {}) as List
  for (const [name, text] of Object.entries(limits)) validateOne(errors, name, text, path.child('limits').key(name), check)
  for (const [name, text] of Object.entries(requests)) {
    const at = path.child('requests')
    validateOne(errors, name, text, at.key(name), check)
    compare(errors, name, text, limits[name], path)
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  if (names.some(isHugePages) && !names.some((name) => name === 'cpu' || name === 'memory')) errors.push(forbidden(path, 'HugePages require cpu or memory'))
}

function validateOne(errors: Errors, name: string, text: string, path: FieldPath, check: NameCheck): void {
  check(errors, name, path)
  validateAmount(errors, name, text, path)
  const problem = isHugePages(name) ? hugePageProblem(name, text) : ''
  if (problem !== '') errors.push(invalid(path, canonicalQuantity(text), problem))
}

function compare(errors: Errors, name: string, text: string, limitText: string | undefined, path: FieldPath): void {
  const request = tryQuantity(text) ?? zeroQuantity
  const limit = tryQuantity(limitText)
  if (!limit) {
    if (!isOvercommitAllowed(name)) errors.push(required(path.child('limits'), 'Limit must be set for non overcommitable resources'))
    return
  }
  const order = compareQuantities(request, limit)
  if (order !== 0 && !isOvercommitAllowed(name)) errors.push(invalid(path.child('requests'), formatQuantity(request), `must be equal to ${name} limit of ${formatQuantity(limit)}`))
  else if (order > 0) errors.push(invalid(path.child('requests'), formatQuantity(request), `must be less than or equal to ${name} limit of ${formatQuantity(limit)}`))
}

/** What a runtime class adds to a pod. */
export function validateOverhead(errors: Errors, overhead: Free, path: FieldPath): void {
  for (const [name, text] of Object.entries((overhead ?? {}) as List)) validateOne(errors, name, text, path.child('limits').key(name), validateContainerResource)
}

const podLevel = ['cpu', 'hugepages-', 'memory']

export function validatePodResources(errors: Errors, spec: Free, path: FieldPath): void {
  const resources = spec.resources
  if (!resources) return
  if (listOf(resources.claims).length > 0) errors.push(forbidden(path.child('claims'), 'claims cannot be set for Resources at pod-level'))
  validateLists(errors, resources, path, (list, name, at) => {
    validateResourceName(list, name, at)
    if (!isPodLevelResource(name)) list.push(notSupported(at, name, podLevel))
  })
  const totals = aggregate(spec)
  for (const [name, text] of Object.entries((resources.requests ?? {}) as List)) {
    const total = totals.get(name)
    const own = tryQuantity(text) ?? zeroQuantity
    if (total && compareQuantities(total, own) > 0) errors.push(invalid(path.child('requests').key(name), formatQuantity(own), `must be greater than or equal to aggregate container requests of ${formatQuantity(total)}`))
  }
  for (const [kind, list] of [['containers', spec.containers], ['initContainers', spec.initContainers]] as const) {
    for (const [index, container] of listOf(list).entries()) limitedBy(errors, container, (resources.limits ?? {}) as List, path, kind, index)
  }
}

function limitedBy(errors: Errors, container: Free, podLimits: List, path: FieldPath, kind: string, index: number): void {
  const prefix = path.toString().replace(/resources$/, '')
  for (const [name, text] of Object.entries((container.resources?.limits ?? {}) as List)) {
    const cap = tryQuantity(podLimits[name])
    const own = tryQuantity(text)
    if (cap && own && compareQuantities(own, cap) > 0) errors.push({ type: 'FieldValueInvalid', field: `${prefix}${kind}[${index}].resources.limits[${name}]`, body: `Invalid value: ${JSON.stringify(formatQuantity(own))}: must be less than or equal to pod limits of ${formatQuantity(cap)}` })
  }
}

function aggregate(spec: Free): Map<string, Quantity> {
  const totals = new Map<string, Quantity>()
  for (const container of [...listOf(spec.containers), ...listOf(spec.initContainers).filter((item) => item.restartPolicy === 'Always')]) {
    for (const [name, text] of Object.entries((container.resources?.requests ?? {}) as List)) totals.set(name, addQuantities(totals.get(name) ?? zeroQuantity, tryQuantity(text) ?? zeroQuantity))
  }
  for (const container of listOf(spec.initContainers).filter((item) => item.restartPolicy !== 'Always')) {
    for (const [name, text] of Object.entries((container.resources?.requests ?? {}) as List)) {
      const one = tryQuantity(text) ?? zeroQuantity
      if (one.nano > (totals.get(name)?.nano ?? 0n)) totals.set(name, one)
    }
  }
  return totals
}
