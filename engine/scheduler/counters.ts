/** How many pods of a namespace match a selector on each node: counted once, then kept up as pods come and go. */
import { namespaceOf } from '#engine/api/meta'
import { type LabelSelector, labelSelectorText, matchesLabels } from '#engine/api/selector'
import type { NodeInfo } from '#engine/scheduler/node-info'
import type { PodInfo } from '#engine/scheduler/pod-info'

const maxCounters = 128

interface Counter {
  readonly selector: LabelSelector
  readonly byNode: Map<string, number>
}

export class PodCounters {
  private readonly byNamespace = new Map<string, Map<string, Counter>>()
  private count = 0

  constructor(private readonly nodes: () => Iterable<NodeInfo>) {}

  get(namespace: string, selector: LabelSelector): ReadonlyMap<string, number> {
    const text = labelSelectorText(selector)
    let counters = this.byNamespace.get(namespace)
    if (!counters) this.byNamespace.set(namespace, (counters = new Map<string, Counter>()))
    const known = counters.get(text)
    if (known) return known.byNode
    if (++this.count > maxCounters) this.reset()
    const made: Counter = { selector, byNode: new Map() }
    for (const node of this.nodes()) for (const info of node.pods.values()) if (counts(info, namespace, selector)) bump(made, node.name, 1)
    const current = this.byNamespace.get(namespace) ?? new Map<string, Counter>()
    current.set(text, made)
    this.byNamespace.set(namespace, current)
    return made.byNode
  }

  changed(info: PodInfo, node: string, by: 1 | -1): void {
    const namespace = namespaceOf(info.pod)
    for (const counter of this.byNamespace.get(namespace)?.values() ?? []) if (counts(info, namespace, counter.selector)) bump(counter, node, by)
  }

  private reset(): void {
    this.byNamespace.clear()
    this.count = 1
  }
}

/** Pods that are being deleted do not count. */
function counts(info: PodInfo, namespace: string, selector: LabelSelector): boolean {
  return info.pod.metadata.namespace === namespace && info.pod.metadata.deletionTimestamp === undefined && matchesLabels(selector, info.pod.metadata.labels)
}

function bump(counter: Counter, node: string, by: number): void {
  counter.byNode.set(node, (counter.byNode.get(node) ?? 0) + by)
}
