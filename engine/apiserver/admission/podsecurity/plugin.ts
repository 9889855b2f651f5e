/** Pod Security Admission: enforce, audit and warn, by the labels of the namespace. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { invalidError } from '#engine/api/errors'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionPlugin, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'
import { detailText, evaluate, reasonText } from './evaluate'
import { defaultPolicy, isLevel, levelText, parseVersion, policyOf, privileged } from './policy'
import type { LevelVersion, Policy } from './policy'

interface Settings {
  readonly defaults: Policy
  readonly users: readonly string[]
  readonly namespaces: readonly string[]
  readonly runtimeClasses: readonly string[]
}

/** Where workloads keep their pod. */
const templates: Readonly<Record<string, (object: KubeObject) => Free>> = {
  '/podtemplates': (object) => object.template,
  '/replicationcontrollers': (object) => object.spec?.template,
  'apps/deployments': (object) => object.spec?.template,
  'apps/replicasets': (object) => object.spec?.template,
  'apps/daemonsets': (object) => object.spec?.template,
  'apps/statefulsets': (object) => object.spec?.template,
  'batch/jobs': (object) => object.spec?.template,
  'batch/cronjobs': (object) => object.spec?.jobTemplate?.spec?.template,
}

const most = 3000

export const podSecurity: AdmissionRegistration = { name: 'PodSecurity', enabledByDefault: true, create: (services) => new PodSecurity(services) }

class PodSecurity implements AdmissionPlugin {
  readonly name = 'PodSecurity'
  private readonly settings: Settings

  constructor(private readonly services: ServerServices) {
    this.settings = readSettings(services.settings.admissionConfiguration.get('PodSecurity'))
  }

  handles(operation: AdmissionAttributes['operation']): boolean {
    return operation === 'CREATE' || operation === 'UPDATE'
  }

  validate(attributes: AdmissionAttributes): Promise<void> | undefined {
    const { group, resource, subresource, object } = attributes
    if (!object) return undefined
    if (group === '' && resource === 'namespaces') return subresource === '' ? this.namespace(attributes, object) : undefined
    if (group === '' && resource === 'pods') return subresource === '' || subresource === 'ephemeralcontainers' ? this.pod(attributes, object) : undefined
    const template = subresource === '' ? templates[`${group}/${resource}`]?.(object) : undefined
    return template ? this.workload(attributes, template) : undefined
  }

  private async policyFor(namespace: string): Promise<Policy> {
    const found = await this.services.reader.get('namespaces', '', namespace)
    return policyOf(found?.metadata.labels ?? {}, this.settings.defaults).policy
  }

  private exempt(attributes: AdmissionAttributes, spec: Free): boolean {
    const { users, namespaces, runtimeClasses } = this.settings
    const why = namespaces.includes(attributes.namespace) ? 'namespace' : users.includes(attributes.user.username) ? 'user' : runtimeClasses.includes((spec?.runtimeClassName ?? '') as string) ? 'runtimeClass' : ''
    if (why !== '') attributes.annotate('pod-security.kubernetes.io/exempt', why)
    return why !== ''
  }

  private async pod(attributes: AdmissionAttributes, pod: KubeObject): Promise<void> {
    const policy = await this.policyFor(attributes.namespace)
    if (policy.enforce.level === 'privileged' && policy.warn.level === 'privileged' && policy.audit.level === 'privileged') return
    if (this.exempt(attributes, pod.spec)) return
    if (attributes.operation === 'UPDATE' && attributes.oldObject && !isSignificant(pod.spec as Free, attributes.oldObject.spec as Free)) return
    this.judge(attributes, policy, pod.metadata, pod.spec as Free, true)
  }

  private async workload(attributes: AdmissionAttributes, template: Free): Promise<void> {
    const policy = await this.policyFor(attributes.namespace)
    if (policy.warn.level === 'privileged' && policy.audit.level === 'privileged') return
    if (!this.exempt(attributes, template.spec)) this.judge(attributes, policy, template.metadata, template.spec as Free, false)
  }

  private judge(attributes: AdmissionAttributes, policy: Policy, metadata: Free, spec: Free, enforce: boolean): void {
    if (enforce) attributes.annotate('pod-security.kubernetes.io/enforce-policy', levelText(policy.enforce))
    const audited = evaluate(policy.audit, metadata, spec)
    if (audited.length > 0) attributes.annotate('pod-security.kubernetes.io/audit-violations', `would violate PodSecurity ${JSON.stringify(levelText(policy.audit))}: ${detailText(audited)}`)
    const found = enforce ? evaluate(policy.enforce, metadata, spec) : []
    if (found.length > 0) throw admissionForbidden(attributes, `violates PodSecurity ${JSON.stringify(levelText(policy.enforce))}: ${detailText(found)}`)
    const warned = evaluate(policy.warn, metadata, spec)
    if (warned.length > 0) attributes.warn(`would violate PodSecurity ${JSON.stringify(levelText(policy.warn))}: ${detailText(warned)}`)
  }

  private async namespace(attributes: AdmissionAttributes, namespace: KubeObject): Promise<void> {
    const { policy, errors } = policyOf(namespace.metadata.labels ?? {}, this.settings.defaults)
    const before = policyOf(attributes.oldObject?.metadata.labels ?? {}, this.settings.defaults)
    const fresh = errors.filter((error) => !before.errors.some((other) => other.field === error.field && other.body === error.body))
    if (attributes.operation === 'CREATE' ? errors.length > 0 : fresh.length > 0) throw invalidError('', 'Namespace', attributes.name, attributes.operation === 'CREATE' ? errors : fresh)
    if (attributes.operation !== 'UPDATE' || policy.enforce.level === 'privileged' || equalJson(policy.enforce, before.policy.enforce)) return
    if (this.settings.namespaces.includes(attributes.name)) return
    for (const text of await this.violators(attributes.name, policy.enforce)) attributes.warn(text)
  }

  /** Pods there are that could not be made any more; those of the same faults are told together. */
  private async violators(namespace: string, level: LevelVersion): Promise<string[]> {
    const pods = oneOfEachFirst(await this.services.reader.list('pods', namespace))
    const found = new Map<string, { name: string; reasons: string; count: number }>()
    for (const pod of pods.slice(0, most)) {
      const reasons = reasonText(evaluate(level, pod.metadata, pod.spec as Free))
      if (reasons === '') continue
      const known = found.get(reasons)
      if (known) known.count++
      else found.set(reasons, { name: pod.metadata.name ?? '', reasons, count: 1 })
    }
    if (found.size === 0) return []
    const lines = [...found.values()].map(({ name, reasons, count }) => `${name}${count === 1 ? '' : count === 2 ? ' (and 1 other pod)' : ` (and ${count - 1} other pods)`}: ${reasons}`).sort()
    return [`existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${JSON.stringify(levelText(level))}`, ...lines]
  }
}

/** Pods of which there is only one, and one of each controller, come before the other ones. */
function oneOfEachFirst(pods: readonly KubeObject[]): KubeObject[] {
  const seen = new Set<string>()
  const others: KubeObject[] = []
  const first = pods.filter((pod) => {
    const owner = pod.metadata.ownerReferences?.find((item) => item.controller)?.uid
    if (owner === undefined) return true
    if (!seen.has(owner)) return Boolean(seen.add(owner))
    others.push(pod)
    return false
  })
  return [...first, ...others]
}

/** Changes to metadata and tolerations are none of our business. */
function isSignificant(now: Free, before: Free): boolean {
  for (const field of ['containers', 'initContainers', 'ephemeralContainers']) {
    const a = listOf(now[field])
    const b = listOf(before[field])
    if (a.length !== b.length) return true
    if (a.some((container, index) => container.name !== b[index]?.name || container.image !== b[index]?.image || !equalJson(container.securityContext, b[index]?.securityContext))) return true
  }
  return false
}

function readSettings(config: KubeObject | undefined): Settings {
  const given = (config?.defaults ?? {}) as Record<string, string>
  const mode = (name: 'enforce' | 'audit' | 'warn'): LevelVersion => {
    const level = given[name]
    return level !== undefined && isLevel(level) ? { level, minor: parseVersion(given[`${name}-version`] ?? 'latest')?.minor } : privileged
  }
  const exemptions = (config?.exemptions ?? {}) as Free
  return {
    defaults: config ? { enforce: mode('enforce'), audit: mode('audit'), warn: mode('warn') } : defaultPolicy,
    users: listOf(exemptions.usernames) as string[], namespaces: listOf(exemptions.namespaces) as string[], runtimeClasses: listOf(exemptions.runtimeClasses) as string[],
  }
}
