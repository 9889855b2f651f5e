/** Quotas: what is made must fit into what is left, and is written down as used at once. */
import { formatQuantity, parseQuantity, tryQuantity, zeroQuantity } from '#engine/api/quantity'
import { isReason } from '#engine/api/status'
import type { KubeObject } from '#engine/api/object'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'
import { quotaMatches, requirementsOf } from './scopes'
import { isTerminal, subtract, usageOf, usageText } from './usage'
import type { Usage } from './usage'

const attempts = 5

export const resourceQuota: AdmissionRegistration = {
  name: 'ResourceQuota',
  enabledByDefault: true,
  create: (services) => ({ name: 'ResourceQuota', handles: (operation) => operation === 'CREATE' || operation === 'UPDATE', validate: (attributes) => (canUseMore(attributes) ? validate(attributes, services) : undefined) }),
}

/** Updates that can use more. */
const updatable = new Set(['services', 'persistentvolumeclaims', 'pods'])

/** Whether a request can raise what its namespace uses. */
function canUseMore({ namespace, resource, subresource, operation, object, group }: AdmissionAttributes): boolean {
  if (namespace === '' || !object || (resource === 'namespaces' && group === '')) return false
  if (subresource !== '' && !(resource === 'pods' && subresource === 'resize')) return false
  return operation !== 'UPDATE' || (updatable.has(resource) && group === '')
}

async function validate(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const { namespace } = attributes
  const tried = new Set<string>()
  for (let attempt = 0; attempt < attempts; attempt++) {
    const quotas = (await services.reader.list('resourcequotas', namespace)).filter((quota) => !tried.has(quota.metadata.uid ?? ''))
    if (quotas.length === 0) return
    const charges = charge(attributes, quotas)
    if (attributes.dryRun || charges.length === 0) return
    if (await write(charges, services, tried)) return
  }
  throw admissionForbidden(attributes, 'Internal error occurred: resource quota evaluation timed out')
}

interface Charge { readonly quota: KubeObject; readonly used: Record<string, string> }

/** Throws when something does not fit. */
function charge(attributes: AdmissionAttributes, quotas: readonly KubeObject[]): Charge[] {
  const { group, resource, object, oldObject, operation } = attributes
  if (!object) return []
  const concerned = quotas.filter((quota) => quotaMatches(quota, resource, object))
  const wanted = usageOf(group, resource, object)
  for (const quota of concerned) demand(attributes, quota)
  const out: Charge[] = []
  for (const quota of concerned) {
    const hard = (quota.status?.hard ?? {}) as Record<string, string>
    const before = operation === 'UPDATE' && oldObject && quotaMatches(quota, resource, oldObject) && !(resource === 'pods' && isTerminal(oldObject, attributes.nowMs)) ? usageOf(group, resource, oldObject) : {}
    const delta = operation === 'UPDATE' ? subtract(wanted, before) : wanted
    const counted = Object.fromEntries(Object.entries(delta).filter(([name, value]) => hard[name] !== undefined && value.nano !== 0n))
    if (Object.keys(counted).length === 0) continue
    out.push({ quota, used: fit(attributes, quota, counted) })
  }
  return out
}

/** A quota on compute resources wants every container to say what it needs. */
function demand(attributes: AdmissionAttributes, quota: KubeObject): void {
  if (attributes.resource !== 'pods' || attributes.operation !== 'CREATE') return
  if (requirementsOf(quota).some((item) => item.scopeName === 'BestEffort')) return
  const missing = new Map<string, string[]>()
  for (const name of Object.keys((quota.status?.hard ?? {}) as object)) {
    const silent = silentContainers(attributes.object?.spec, name)
    if (silent.length > 0) missing.set(name, silent)
  }
  if (missing.size === 0) return
  const text = [...missing.keys()].sort().map((name) => `${name} for: ${[...new Set(missing.get(name))].sort().join(',')}`).join('; ')
  throw admissionForbidden(attributes, `failed quota: ${quota.metadata.name ?? ''}: must specify ${text}`)
}

/** The containers that say nothing of a compute resource that is counted. */
function silentContainers(spec: Free, name: string): string[] {
  const [, field = 'requests', key = ''] = /^(?:(requests|limits)\.)?(cpu|memory)$/.exec(name) ?? []
  if (key === '' || spec?.resources?.[field]?.[key] !== undefined) return []
  const containers = [...listOf(spec?.containers), ...listOf(spec?.initContainers)]
  return containers.filter((container) => container.resources?.[field]?.[key] === undefined).map((container) => container.name as string)
}

function fit(attributes: AdmissionAttributes, quota: KubeObject, delta: Usage): Record<string, string> {
  const hard = (quota.status?.hard ?? {}) as Record<string, string>
  const used = (quota.status?.used ?? {}) as Record<string, string>
  const unknown = Object.keys(delta).filter((name) => used[name] === undefined)
  if (unknown.length > 0) throw admissionForbidden(attributes, `status unknown for quota: ${quota.metadata.name ?? ''}, resources: ${unknown.sort().join(',')}`)
  const next: Record<string, string> = { ...used }
  const over: string[] = []
  for (const [name, value] of Object.entries(delta)) {
    const now = tryQuantity(used[name]) ?? zeroQuantity
    const sum = { nano: now.nano + value.nano, format: now.nano === 0n ? value.format : now.format }
    next[name] = formatQuantity(sum)
    if (value.nano > 0n && sum.nano > parseQuantity(hard[name] ?? '0').nano) over.push(name)
  }
  if (over.length === 0) return next
  const pick = (list: Record<string, string>): string => usageText(Object.fromEntries(over.map((name) => [name, tryQuantity(list[name]) ?? zeroQuantity])))
  const asked = usageText(Object.fromEntries(over.map((name) => [name, delta[name] ?? zeroQuantity])))
  throw admissionForbidden(attributes, `exceeded quota: ${quota.metadata.name ?? ''}, requested: ${asked}, used: ${pick(used)}, limited: ${pick(hard)}`)
}

/** False when somebody else has written one of them since: then all is looked at again. */
async function write(charges: readonly Charge[], services: ServerServices, tried: Set<string>): Promise<boolean> {
  for (const { quota, used } of charges) {
    try {
      await services.client.update('resourcequotas', { ...quota, status: { ...quota.status, used } }, 'status')
      tried.add(quota.metadata.uid ?? '')
    } catch (error) {
      if (isReason(error, 'NotFound')) continue
      if (!isReason(error, 'Conflict')) throw error
      return false
    }
  }
  return true
}

