/** Nodes and the pods on them, those included that were assumed to a node and whose binding is still under way. */
import type { Node, Pod } from '#engine/api/kinds'
import { nameOf } from '#engine/api/meta'
import { keyOf } from '#engine/api/object'
import { PodCounters } from '#engine/scheduler/counters'
import { NodeInfo } from '#engine/scheduler/node-info'
import { type PodInfo, podInfo } from '#engine/scheduler/pod-info'

export class SchedulerCache {
  private readonly nodes = new Map<string, NodeInfo>()
  private readonly placed = new Map<string, string>()
  private readonly assumed = new Set<string>()
  private ordered: NodeInfo[] | undefined
  private readonly images = new Map<string, number>()
  readonly antiAffinityNodes = new Set<NodeInfo>()
  readonly affinityNodes = new Set<NodeInfo>()
  readonly counters = new PodCounters(() => this.nodes.values())

  /** Nodes zone by zone in turn, so that neighbours in the list are far apart. */
  list(): readonly NodeInfo[] {
    return (this.ordered ??= interleave([...this.nodes.values()].filter((info) => info.node !== undefined)))
  }

  node(name: string): NodeInfo | undefined {
    return this.nodes.get(name)
  }

  get nodeCount(): number {
    return this.list().length
  }

  /** On how many nodes an image is. */
  imageSpread(name: string): number {
    return this.images.get(name) ?? 0
  }

  setNode(node: Node): void {
    const name = nameOf(node)
    const info = this.nodes.get(name) ?? this.placeholder(name)
    for (const image of info.images.keys()) this.countImage(image, -1)
    info.setNode(node)
    for (const image of info.images.keys()) this.countImage(image, 1)
    this.ordered = undefined
  }

  removeNode(name: string): void {
    const info = this.nodes.get(name)
    if (!info) return
    for (const image of info.images.keys()) this.countImage(image, -1)
    info.node = undefined
    info.images = new Map()
    this.ordered = undefined
    if (info.pods.size === 0) this.forgetNode(info)
  }

  isAssumed(key: string): boolean {
    return this.assumed.has(key)
  }

  assume(info: PodInfo, node: string): void {
    const pod = { ...info.pod, spec: { ...info.pod.spec, nodeName: node } } as Pod
    this.place({ ...info, pod }, node)
    this.assumed.add(info.key)
  }

  forget(key: string): void {
    if (this.assumed.delete(key)) this.take(key)
  }

  /** A pod that is bound, as the API says. */
  setPod(pod: Pod): void {
    const key = keyOf(pod)
    this.assumed.delete(key)
    this.take(key)
    this.place(podInfo(pod), pod.spec?.nodeName ?? '')
  }

  removePod(key: string): void {
    this.assumed.delete(key)
    this.take(key)
  }

  hasPod(key: string): boolean {
    return this.placed.has(key)
  }

  private place(info: PodInfo, nodeName: string): void {
    const node = this.nodes.get(nodeName) ?? this.placeholder(nodeName)
    node.addPod(info)
    this.placed.set(info.key, nodeName)
    this.counters.changed(info, nodeName, 1)
    this.noteAffinity(node)
  }

  private take(key: string): void {
    const nodeName = this.placed.get(key)
    if (nodeName === undefined) return
    this.placed.delete(key)
    const node = this.nodes.get(nodeName)
    const info = node?.removePod(key)
    if (!node || !info) return
    this.counters.changed(info, nodeName, -1)
    this.noteAffinity(node)
    if (node.node === undefined && node.pods.size === 0) this.forgetNode(node)
  }

  private noteAffinity(node: NodeInfo): void {
    if (node.withAntiAffinity.size > 0) this.antiAffinityNodes.add(node)
    else this.antiAffinityNodes.delete(node)
    if (node.withAffinity.size > 0) this.affinityNodes.add(node)
    else this.affinityNodes.delete(node)
  }

  private placeholder(name: string): NodeInfo {
    const info = new NodeInfo(name)
    this.nodes.set(name, info)
    return info
  }

  private forgetNode(info: NodeInfo): void {
    this.nodes.delete(info.name)
    this.antiAffinityNodes.delete(info)
    this.affinityNodes.delete(info)
  }

  private countImage(name: string, by: number): void {
    const count = (this.images.get(name) ?? 0) + by
    if (count > 0) this.images.set(name, count)
    else this.images.delete(name)
  }
}

function interleave(nodes: readonly NodeInfo[]): NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>()
  for (const info of nodes) {
    const zone = `${info.labels['topology.kubernetes.io/region'] ?? ''}:${info.labels['topology.kubernetes.io/zone'] ?? ''}`
    const list = zones.get(zone)
    if (list) list.push(info)
    else zones.set(zone, [info])
  }
  const lists = [...zones.values()]
  const out: NodeInfo[] = []
  for (let round = 0; out.length < nodes.length; round++) for (const list of lists) if (list[round]) out.push(list[round] as NodeInfo)
  return out
}
