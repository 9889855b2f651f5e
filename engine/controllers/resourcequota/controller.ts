/** resourcequota-controller: counts what a namespace uses of what its quotas limit. Admission counts up; this counts anew. */
import { namespaceOf } from '#engine/api/meta'
import { formatQuantity, quantityOf, zeroQuantity } from '#engine/api/quantity'
import type { PersistentVolumeClaim, Pod, ResourceQuota, Service } from '#engine/api/kinds'
import { equalJson, keyOf, type KubeObject } from '#engine/api/object'
import type { Informer } from '#engine/client/informer'
import { discover } from '#engine/client/mapper'
import * as refs from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import type { Workqueue } from '#engine/client/workqueue'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'
import { isPodTerminal } from '#engine/controllers/pods'
import { add, claimUsage, inScope, podUsage, serviceUsage, type Scopes, type Usage } from './usage'

export const resourceQuotaController: Controller = {
  name: 'resourcequota-controller',
  aliases: ['resourcequota'],
  start(context) {
    new ResourceQuotaController(context)
  },
}

/** Counted by their plain name too. */
const plainCounts: Readonly<Record<string, refs.ResourceRef>> = { configmaps: refs.configMaps as refs.ResourceRef, secrets: refs.secrets as refs.ResourceRef, replicationcontrollers: refs.replicationControllers as refs.ResourceRef, resourcequotas: refs.resourceQuotas as refs.ResourceRef }

class ResourceQuotaController {
  private readonly quotas: Informer<ResourceQuota>
  private readonly pods: Informer<Pod>
  private readonly services: Informer<Service>
  private readonly claims: Informer<PersistentVolumeClaim>
  private readonly counted = new Map<string, Informer<KubeObject> | null>()
  private readonly queue: Workqueue

  constructor(private readonly context: ControllerContext) {
    const { informers } = context
    this.quotas = informers.of(refs.resourceQuotas)
    this.pods = informers.of(refs.pods)
    this.services = informers.of(refs.services)
    this.claims = informers.of(refs.persistentVolumeClaims)
    this.queue = startQueue(context, 'resourcequota-controller', informersOf(this.quotas, this.pods, this.services, this.claims), (key) => this.reconcile(key), { workers: context.options.concurrent['resourcequotas'] ?? 5 })
    this.quotas.addHandlers({
      added: (quota) => this.queue.add(keyOf(quota)),
      updated: (next, previous) => !equalJson(next.spec, previous.spec) && this.queue.add(keyOf(next)),
      deleted: (quota) => this.freed(quota),
    })
    this.pods.addHandlers({ deleted: (pod) => this.freed(pod), updated: (next, previous) => isPodTerminal(next) && !isPodTerminal(previous) && this.freed(next) })
    this.services.addHandlers({ deleted: (service) => this.freed(service), updated: (next, previous) => next.spec?.type !== previous.spec?.type && this.freed(next) })
    this.claims.addHandlers({ deleted: (claim) => this.freed(claim) })
  }

  /** Something that counted is gone: the quotas of its namespace are counted anew. */
  private freed(object: KubeObject): void {
    for (const quota of this.quotas.store.list(object.metadata.namespace ?? '-')) this.queue.add(keyOf(quota))
  }

  private async reconcile(key: string): Promise<void> {
    const quota = this.quotas.store.byKey(key)
    if (!quota) return
    const hard = (quota.spec?.hard ?? {}) as Record<string, string>
    const used = await this.usage(quota, Object.keys(hard))
    const status = { hard, used: Object.fromEntries(Object.keys(hard).map((name) => [name, formatQuantity(used.get(name) ?? zeroQuantity)])) }
    if (equalJson(status, quota.status ?? {})) return
    await unlessNotFound(this.context.client.of(refs.resourceQuotas).updateStatus({ ...quota, status } as ResourceQuota))
  }

  private async usage(quota: ResourceQuota, names: readonly string[]): Promise<Usage> {
    const total: Usage = new Map()
    const namespace = namespaceOf(quota)
    const scopes: Scopes = { scopes: quota.spec?.scopes ?? [], expressions: quota.spec?.scopeSelector?.matchExpressions ?? [] }
    const scoped = scopes.scopes.length + scopes.expressions.length > 0
    const sum = <T extends KubeObject>(objects: readonly T[], of: (object: T) => Usage): void => {
      for (const object of objects) if (!scoped || inScope(object, scopes)) for (const [name, quantity] of of(object)) add(total, name, quantity)
    }
    sum(this.pods.store.list(namespace), podUsage)
    sum(this.claims.store.list(namespace), claimUsage)
    if (scoped) return total
    sum(this.services.store.list(namespace), serviceUsage)
    for (const name of names) {
      if (total.has(name)) continue
      const informer = await this.counter(name)
      if (informer) total.set(name, quantityOf(informer.store.list(namespace).length))
    }
    return total
  }

  /** The informer behind `configmaps` or `count/deployments.apps`, started when first asked for. */
  private async counter(name: string): Promise<Informer<KubeObject> | undefined> {
    const known = this.counted.get(name)
    if (known !== undefined) return known ?? undefined
    const resource = plainCounts[name] ?? (name.startsWith('count/') ? await this.find(name.slice('count/'.length)) : undefined)
    if (!resource) return undefined
    const informer = this.context.informers.of(resource)
    this.counted.set(name, informer)
    informer.addHandlers({ deleted: (object) => this.freed(object) })
    await informer.whenSynced()
    return informer
  }

  private async find(groupResource: string): Promise<refs.ResourceRef | undefined> {
    const { resources } = await discover(this.context.client)
    return resources.find((resource) => refs.groupResource(resource) === groupResource && resource.preferred && resource.namespaced)
  }
}
