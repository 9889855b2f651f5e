/** namespace-controller: empties a namespace that is being deleted, says in its conditions what is left, and lets it go. */
import type { Namespace } from '#engine/api/kinds'
import { nameOf } from '#engine/api/meta'
import { keyOf, type KubeList } from '#engine/api/object'
import { isReason, StatusError } from '#engine/api/status'
import { type DiscoveredResource, discover, type DiscoveryFailure } from '#engine/client/mapper'
import { groupResource, namespaces, pods } from '#engine/client/resources'
import { type Condition, findCondition, setCondition } from '#engine/controllers/conditions'
import { type Controller, type ControllerContext, informersOf, startQueue } from '#engine/controllers/controller'

const finalizer = 'kubernetes'

export const namespaceController: Controller = {
  name: 'namespace-controller',
  aliases: ['namespace'],
  start(context) {
    const informer = context.informers.of(namespaces)
    const queue = startQueue(context, 'namespace-controller', informersOf(informer), async (name) => {
      const namespace = informer.store.byKey(name)
      if (!namespace || namespace.metadata.deletionTimestamp === undefined) return
      return new Emptying(context, namespace).run()
    }, { workers: context.options.concurrent['namespaces'] ?? 10, quiet: (error) => isReason(error, 'Conflict') })
    const wake = (namespace: Namespace): void => { if (namespace.metadata.deletionTimestamp !== undefined) queue.add(keyOf(namespace)) }
    informer.addHandlers({ added: wake, updated: wake })
  },
}

interface Left {
  readonly resource: string
  readonly count: number
  readonly finalizers: ReadonlyMap<string, number>
}

class Emptying {
  private readonly name: string

  constructor(
    private readonly context: ControllerContext,
    private readonly namespace: Namespace,
  ) {
    this.name = nameOf(namespace)
  }

  async run(): Promise<{ againAfterMs: number } | undefined> {
    const { client } = this.context
    let namespace = this.namespace
    if (namespace.status?.phase !== 'Terminating') namespace = await client.of(namespaces).updateStatus({ ...namespace, status: { ...namespace.status, phase: 'Terminating' } } as Namespace)
    if (!(namespace.spec?.finalizers ?? []).includes(finalizer)) return undefined
    const discovery = await discover(client)
    const { left, errors, waitMs } = await this.deleteAll(discovery.resources)
    namespace = await this.report(namespace, discovery.failures, left, errors)
    if (errors.length > 0 || discovery.failures.length > 0) return { againAfterMs: 5000 }
    if (left.length > 0) return { againAfterMs: waitMs / 2 + 1000 }
    return this.finish(namespace)
  }

  /** Nothing is left: the namespace may go. */
  private async finish(namespace: Namespace): Promise<undefined> {
    const { client } = this.context
    const spec = { ...namespace.spec, finalizers: (namespace.spec?.finalizers ?? []).filter((entry) => entry !== finalizer) }
    try {
      await client.of(namespaces).update({ ...namespace, spec } as Namespace, { subresource: 'finalize' })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
    return undefined
  }

  private async deleteAll(resources: readonly DiscoveredResource[]): Promise<{ left: Left[]; errors: string[]; waitMs: number }> {
    const left: Left[] = []
    const errors: string[] = []
    let waitMs = 0
    const seen = new Set<string>()
    const work = resources.filter((resource) => {
      const key = groupResource(resource)
      const wanted = resource.namespaced && resource.preferred && resource.verbs.includes('delete') && !seen.has(key) && !(resource.resource === 'events' && resource.group === 'events.k8s.io')
      if (wanted) seen.add(key)
      return wanted
    })
    for (const resource of work) {
      try {
        const found = await this.deleteResource(resource)
        if (!found) continue
        left.push(found.left)
        waitMs = Math.max(waitMs, found.waitMs)
      } catch (error) {
        if (error instanceof StatusError && (error.code === 404 || error.code === 405)) continue
        errors.push((error as Error).message)
      }
    }
    return { left, errors, waitMs }
  }

  private async deleteResource(resource: DiscoveredResource): Promise<{ left: Left; waitMs: number } | undefined> {
    const of = this.context.client.of(resource)
    const before: KubeList = await of.list(this.name)
    if (before.items.length === 0) return undefined
    if (resource.verbs.includes('deletecollection')) await of.deleteCollection(this.name, { propagationPolicy: 'Background' })
    else for (const item of before.items) await of.delete(this.name, nameOf(item), { propagationPolicy: 'Background' }).catch((error: unknown) => { if (!isReason(error, 'NotFound')) throw error })
    const after = await of.list(this.name)
    if (after.items.length === 0) return undefined
    const finalizers = new Map<string, number>()
    for (const item of after.items) for (const entry of item.metadata.finalizers ?? []) finalizers.set(entry, (finalizers.get(entry) ?? 0) + 1)
    const grace = resource.resource === pods.resource && resource.group === '' ? Math.max(0, ...after.items.map((item) => (item.metadata.deletionGracePeriodSeconds ?? 0) * 1000)) : 0
    return { left: { resource: `${resource.resource}.${resource.group}`, count: after.items.length, finalizers }, waitMs: grace }
  }

  private async report(namespace: Namespace, failures: readonly DiscoveryFailure[], left: readonly Left[], errors: readonly string[]): Promise<Namespace> {
    const now = this.context.clock.now()
    let conditions = (namespace.status?.conditions ?? []) as Condition[]
    const say = (type: string, bad: boolean, reason: string, message: string, goodReason: string, goodMessage: string): void => {
      const next = bad ? { type, status: 'True', reason, message } : { type, status: 'False', reason: goodReason, message: goodMessage }
      const known = findCondition(conditions, type)
      if (!known || known.status !== next.status || known.reason !== next.reason || known.message !== next.message) conditions = setCondition(conditions, next, now)
    }
    const groups = failures.map((failure) => `${failure.groupVersion}: ${(failure.error as Error).message}`).sort()
    say('NamespaceDeletionDiscoveryFailure', failures.length > 0, 'DiscoveryFailed', `Discovery failed for some groups, ${failures.length} failing: unable to retrieve the complete list of server APIs: ${groups.join(', ')}`, 'ResourcesDiscovered', 'All resources successfully discovered')
    say('NamespaceDeletionGroupVersionParsingFailure', false, '', '', 'ParsedGroupVersions', 'All legacy kube types successfully parsed')
    say('NamespaceDeletionContentFailure', errors.length > 0, 'ContentDeletionFailed', `Failed to delete all resource types, ${errors.length} remaining: ${errors.join(', ')}`, 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization')
    say('NamespaceContentRemaining', left.length > 0, 'SomeResourcesRemain', `Some resources are remaining: ${left.map(({ resource, count }) => `${resource} has ${count} resource instances`).sort().join(', ')}`, 'ContentRemoved', 'All content successfully removed')
    const finalizers = new Map<string, number>()
    for (const entry of left) for (const [name, count] of entry.finalizers) finalizers.set(name, (finalizers.get(name) ?? 0) + count)
    say('NamespaceFinalizersRemaining', finalizers.size > 0, 'SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${[...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).sort().join(', ')}`, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished')
    if (conditions === namespace.status?.conditions) return namespace
    return this.context.client.of(namespaces).updateStatus({ ...namespace, status: { ...namespace.status, conditions } } as Namespace)
  }
}
