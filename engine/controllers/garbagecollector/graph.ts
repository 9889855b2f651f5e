/** Who depends on whom, by uid. An owner somebody names but nobody has seen is `virtual`. */
import { nameOf, namespaceOf, uidOf } from '#engine/api/meta'
import type { KubeObject, OwnerReference } from '#engine/api/object'
import type { ResourceRef } from '#engine/client/resources'

export interface GraphNode {
  readonly uid: string
  apiVersion: string
  kind: string
  namespace: string
  name: string
  virtual: boolean
  /** What it is served as; undefined while virtual. */
  resource: ResourceRef | undefined
  object: KubeObject | undefined
  owners: readonly OwnerReference[]
  readonly dependents: Set<GraphNode>
}

export function isBeingDeleted(node: GraphNode): boolean {
  return node.object?.metadata.deletionTimestamp !== undefined
}

export function hasFinalizer(node: GraphNode, name: string): boolean {
  return node.object?.metadata.finalizers?.includes(name) === true
}

/** Waits for those to go that block its deletion. */
export function isDeletingDependents(node: GraphNode): boolean {
  return isBeingDeleted(node) && hasFinalizer(node, 'foregroundDeletion')
}

export class Graph {
  private readonly nodes = new Map<string, GraphNode>()

  get(uid: string): GraphNode | undefined {
    return this.nodes.get(uid)
  }

  get size(): number {
    return this.nodes.size
  }

  /** Puts an object in as it is now; returns the owners it no longer names. */
  upsert(resource: ResourceRef, object: KubeObject): { node: GraphNode; formerOwners: GraphNode[]; known: boolean } {
    const uid = uidOf(object)
    const existing = this.nodes.get(uid)
    const known = existing !== undefined && !existing.virtual
    const node = existing ?? this.add(uid, object.apiVersion, object.kind, namespaceOf(object), nameOf(object))
    Object.assign(node, { virtual: false, resource, object, apiVersion: object.apiVersion, kind: object.kind, namespace: namespaceOf(object), name: nameOf(object) })
    const former = node.owners
    node.owners = object.metadata.ownerReferences ?? []
    const still = new Set(node.owners.map((owner) => owner.uid))
    const formerOwners: GraphNode[] = []
    for (const owner of former) {
      const ownerNode = still.has(owner.uid) ? undefined : this.nodes.get(owner.uid)
      ownerNode?.dependents.delete(node)
      if (ownerNode) formerOwners.push(ownerNode)
    }
    for (const owner of node.owners) (this.nodes.get(owner.uid) ?? this.add(owner.uid, owner.apiVersion, owner.kind, namespaceOf(object), owner.name)).dependents.add(node)
    return { node, formerOwners, known }
  }

  /** Takes an object out; its dependents keep naming it. Returns them and its owners. */
  remove(uid: string): { dependents: GraphNode[]; owners: GraphNode[] } {
    const node = this.nodes.get(uid)
    if (!node) return { dependents: [], owners: [] }
    const owners: GraphNode[] = []
    for (const owner of node.owners) {
      const ownerNode = this.nodes.get(owner.uid)
      ownerNode?.dependents.delete(node)
      if (ownerNode?.virtual && ownerNode.dependents.size === 0) this.nodes.delete(owner.uid)
      else if (ownerNode) owners.push(ownerNode)
    }
    const dependents = [...node.dependents]
    this.nodes.delete(uid)
    return { dependents, owners }
  }

  private add(uid: string, apiVersion: string, kind: string, namespace: string, name: string): GraphNode {
    const node: GraphNode = { uid, apiVersion, kind, namespace, name, virtual: true, resource: undefined, object: undefined, owners: [], dependents: new Set() }
    this.nodes.set(uid, node)
    return node
  }
}
