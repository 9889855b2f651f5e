/**
 * garbage-collector-controller: deletes what is owned by nothing that exists any more; holds back an owner deleted in the
 * foreground until its dependents are gone; frees the dependents of one deleted as an orphan-maker.
 */
import { uidOf } from '#engine/api/meta'
import type { KubeObject, OwnerReference } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { EventRecorder } from '#engine/client/events'
import { discover, type DiscoveredResource } from '#engine/client/mapper'
import { apiServices, customResourceDefinitions, groupResource, type ResourceRef } from '#engine/client/resources'
import { retryOnConflict, unlessNotFound } from '#engine/client/retry'
import type { Workqueue } from '#engine/client/workqueue'
import { type Controller, type ControllerContext, startQueue } from '#engine/controllers/controller'
import { Graph, type GraphNode, hasFinalizer, isBeingDeleted, isDeletingDependents } from './graph'

export const garbageCollectorController: Controller = {
  name: 'garbage-collector-controller',
  aliases: ['garbagecollector'],
  account: 'generic-garbage-collector',
  start(context) {
    new GarbageCollector(context)
  },
}

const foreground = 'foregroundDeletion'
const orphan = 'orphan'
const rediscoverMs = 30_000
const absentOwnersKept = 500

class GarbageCollector {
  private readonly graph = new Graph()
  private readonly watched = new Set<string>()
  private readonly deletions: Workqueue
  private readonly orphans: Workqueue
  private readonly discoveries: Workqueue
  private readonly events: EventRecorder
  /** Uids of owners found to be gone, so that a thousand dependents ask once. */
  private readonly absent = new Set<string>()

  constructor(private readonly context: ControllerContext) {
    const workers = context.options.concurrent['garbage'] ?? 20
    const options = { workers, quiet: (error: unknown) => isReason(error, 'Conflict') || isReason(error, 'NotFound') }
    this.events = context.events('garbage-collector-controller')
    this.deletions = startQueue(context, 'garbage-collector-controller', [], (uid) => this.attemptToDelete(uid), options)
    this.orphans = startQueue(context, 'garbage-collector-controller', [], (uid) => this.attemptToOrphan(uid), options)
    this.discoveries = startQueue(context, 'garbage-collector-controller', [], () => this.discover(), { workers: 1 })
    // What is served changes with definitions and registrations: those are watched, nothing is polled.
    const changed = (): void => this.discoveries.addAfter('all', 1000)
    const sources = [customResourceDefinitions, apiServices].map((resource) => context.informers.of<KubeObject>(resource))
    for (const source of sources) source.addHandlers({ added: () => source.hasSynced && changed(), updated: (next, previous) => changedServing(next, previous) && changed(), deleted: changed })
    void Promise.all(sources.map((source) => source.whenSynced())).then(() => this.discoveries.add('all'))
  }

  private async discover(): Promise<{ againAfterMs: number } | undefined> {
    const { resources, failures } = await discover(this.context.client)
    for (const resource of resources) if (isCollectable(resource)) this.watch(resource)
    return failures.length > 0 ? { againAfterMs: rediscoverMs } : undefined
  }

  private watch(resource: ResourceRef): void {
    const key = groupResource(resource)
    if (this.watched.has(key)) return
    this.watched.add(key)
    this.context.informers.of(resource).addHandlers({
      added: (object) => this.changed(resource, object),
      updated: (next) => this.changed(resource, next),
      deleted: (object) => this.gone(object),
    })
  }

  private changed(resource: ResourceRef, object: KubeObject): void {
    const { node, formerOwners, known } = this.graph.upsert(resource, object)
    this.absent.delete(node.uid)
    for (const owner of formerOwners) if (isDeletingDependents(owner)) this.deletions.add(owner.uid)
    if (isBeingDeleted(node) && hasFinalizer(node, orphan)) this.orphans.add(node.uid)
    if (isDeletingDependents(node)) {
      for (const dependent of node.dependents) this.deletions.add(dependent.uid)
      this.deletions.add(node.uid)
    }
    if (!known && node.owners.some((owner) => this.graph.get(owner.uid)?.virtual !== false)) this.deletions.addAfter(node.uid, 0)
    for (const owner of node.owners) {
      const ownerNode = this.graph.get(owner.uid)
      if (ownerNode && isDeletingDependents(ownerNode)) this.deletions.add(node.uid)
    }
  }

  private gone(object: KubeObject): void {
    const uid = uidOf(object)
    const { dependents, owners } = this.graph.remove(uid)
    if (dependents.length > 0) this.noteAbsent(uid)
    for (const dependent of dependents) this.deletions.add(dependent.uid)
    for (const owner of owners) if (isDeletingDependents(owner)) this.deletions.add(owner.uid)
  }

  private noteAbsent(uid: string): void {
    this.absent.add(uid)
    if (this.absent.size > absentOwnersKept) this.absent.delete(this.absent.values().next().value as string)
  }

  private async attemptToDelete(uid: string): Promise<void> {
    const node = this.graph.get(uid)
    if (!node?.object || !node.resource) return
    if (isBeingDeleted(node) && !isDeletingDependents(node)) return
    if (isDeletingDependents(node)) return this.finishForeground(node)
    if (node.owners.length > 0) await this.followOwners(node)
  }

  private async followOwners(node: GraphNode): Promise<void> {
    const { solid, dangling, waiting } = await this.classify(node)
    if (solid.length > 0) {
      const remove = [...dangling, ...waiting].map((owner) => owner.uid)
      if (remove.length > 0) await this.removeOwners(node, remove)
      return
    }
    if (dangling.length === 0 && waiting.length === 0) return
    await this.delete(node, waiting.length > 0 && node.dependents.size > 0 ? 'Foreground' : policyOf(node))
  }

  private async classify(node: GraphNode): Promise<{ solid: OwnerReference[]; dangling: OwnerReference[]; waiting: OwnerReference[] }> {
    const out = { solid: [] as OwnerReference[], dangling: [] as OwnerReference[], waiting: [] as OwnerReference[] }
    for (const reference of node.owners) {
      const owner = await this.findOwner(node, reference)
      if (owner === undefined) out.dangling.push(reference)
      else if (owner.metadata.deletionTimestamp !== undefined && owner.metadata.finalizers?.includes(foreground)) out.waiting.push(reference)
      else out.solid.push(reference)
    }
    return out
  }

  private async findOwner(node: GraphNode, reference: OwnerReference): Promise<KubeObject | undefined> {
    const known = this.graph.get(reference.uid)
    if (known?.object && !known.virtual) {
      if (known.namespace === '' || known.namespace === node.namespace) return known.object
      this.wrongNamespace(node, reference)
      return undefined
    }
    if (this.absent.has(reference.uid)) return undefined
    return this.askForOwner(node, reference)
  }

  private async askForOwner(node: GraphNode, reference: OwnerReference): Promise<KubeObject | undefined> {
    const resource = await this.context.mapper.forKind(reference.apiVersion, reference.kind)
    if (!resource) throw new Error(`unable to get REST mapping for ${reference.apiVersion}/${reference.kind}.`)
    if (resource.namespaced && node.namespace === '') {
      this.wrongNamespace(node, reference)
      return undefined
    }
    const found = await unlessNotFound(this.context.client.of(resource).get(resource.namespaced ? node.namespace : '', reference.name))
    if (found?.metadata.uid === reference.uid) return found
    this.noteAbsent(reference.uid)
    return undefined
  }

  private wrongNamespace(node: GraphNode, reference: OwnerReference): void {
    const what = `ownerRef [${reference.apiVersion}/${reference.kind}, namespace: ${node.namespace}, name: ${reference.name}, uid: ${reference.uid}]`
    if (node.object) this.events.event(node.object, 'Warning', 'OwnerRefInvalidNamespace', `${what} does not exist in namespace ${JSON.stringify(node.namespace)}`)
  }

  /** Once nobody is left that blocks it, the owner may go. */
  private async finishForeground(node: GraphNode): Promise<void> {
    const blocking = [...node.dependents].filter((dependent) => dependent.owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion === true))
    if (blocking.length === 0) return this.removeFinalizer(node, foreground)
    for (const dependent of blocking) if (!isDeletingDependents(dependent)) this.deletions.add(dependent.uid)
  }

  private async attemptToOrphan(uid: string): Promise<void> {
    const node = this.graph.get(uid)
    if (!node?.object || !hasFinalizer(node, orphan)) return
    await Promise.all([...node.dependents].map((dependent) => this.removeOwners(dependent, [uid])))
    await this.removeFinalizer(node, orphan)
  }

  private async removeOwners(node: GraphNode, uids: readonly string[]): Promise<void> {
    if (!node.object || !node.resource) return
    const { metadata } = node.object
    const left = (metadata.ownerReferences ?? []).filter((owner) => !uids.includes(owner.uid))
    const patch = { metadata: { resourceVersion: metadata.resourceVersion, ownerReferences: left.length > 0 ? left : null, uid: metadata.uid } }
    await unlessNotFound(this.context.client.of(node.resource).patch(node.namespace, node.name, 'merge', patch))
  }

  private async removeFinalizer(node: GraphNode, name: string): Promise<void> {
    const { object, resource } = node
    if (!object || !resource) return
    const of = this.context.client.of(resource)
    let current: KubeObject | undefined = object
    await retryOnConflict(async () => {
      const finalizers = current?.metadata.uid === node.uid ? current.metadata.finalizers : undefined
      if (!current || !finalizers?.includes(name)) return
      const left = finalizers.filter((entry) => entry !== name)
      const patch = { metadata: { resourceVersion: current.metadata.resourceVersion, finalizers: left.length > 0 ? left : null } }
      // Should somebody have written meanwhile, the next attempt starts from what stands then.
      current = await unlessNotFound(of.patch(node.namespace, node.name, 'merge', patch).catch(async (error: unknown) => {
        current = await unlessNotFound(of.get(node.namespace, node.name))
        throw error
      }))
    })
  }

  private async delete(node: GraphNode, propagationPolicy: 'Foreground' | 'Background' | 'Orphan'): Promise<void> {
    if (!node.resource) return
    try {
      await this.context.client.of(node.resource).delete(node.namespace, node.name, { propagationPolicy, preconditions: { uid: node.uid } })
    } catch (error) {
      // Another object of that name by now: the one that was meant is gone.
      if (!isReason(error, 'NotFound') && !isReason(error, 'Conflict')) throw error
    }
  }
}

/** What the object itself was marked for, if it was. */
function policyOf(node: GraphNode): 'Foreground' | 'Background' | 'Orphan' {
  if (hasFinalizer(node, orphan)) return 'Orphan'
  return hasFinalizer(node, foreground) ? 'Foreground' : 'Background'
}

function isCollectable(resource: DiscoveredResource): boolean {
  if (resource.resource === 'events') return false
  return resource.preferred && ['delete', 'list', 'watch'].every((verb) => resource.verbs.includes(verb))
}

function changedServing(next: KubeObject, previous: KubeObject): boolean {
  return JSON.stringify([next['spec'], (next['status'] as { conditions?: unknown } | undefined)?.conditions]) !== JSON.stringify([previous['spec'], (previous['status'] as { conditions?: unknown } | undefined)?.conditions])
}
