/** Indexes that several readers share, by name, so that nothing in a loop over pods scans all pods. */
import type { Pod } from '#engine/api/kinds'
import type { KubeObject, OwnerReference } from '#engine/api/object'
import type { IndexFunction, Store } from '#engine/client/store'

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)
}

/** Index `controller`: the uid of the controlling owner; without one `namespace/` (orphans of a namespace). */
export const byController: Record<'controller', IndexFunction<KubeObject>> = {
  controller: (object) => [controllerOf(object)?.uid ?? `${object.metadata.namespace ?? ''}/`],
}

/** Index `label`: `namespace/key=value` for every label. */
export const byLabel: Record<'label', IndexFunction<KubeObject>> = {
  label: (object) => {
    const labels = object.metadata.labels
    if (!labels) return []
    const namespace = object.metadata.namespace ?? ''
    return Object.keys(labels).map((key) => `${namespace}/${key}=${labels[key] ?? ''}`)
  },
}

/** Index `node`: the node a pod is bound to ('' while it has none). */
export const byNode: Record<'node', IndexFunction<Pod>> = { node: (pod) => [pod.spec?.nodeName ?? ''] }

interface MapSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
}

/** Objects of a namespace that carry all labels of a map, by the rarest of them. The store needs index `label`. */
export function withLabels<T extends KubeObject>(store: Store<T>, namespace: string, labels: Readonly<Record<string, string>>): T[] {
  let rarest: string | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const [key, value] of Object.entries(labels)) {
    const term = `${namespace}/${key}=${value}`
    const count = store.countIndex('label', term)
    if (count < fewest) [rarest, fewest] = [term, count]
  }
  const candidates = rarest === undefined ? store.list(namespace) : store.byIndex('label', rarest)
  return candidates.filter((object) => hasLabels(object, labels))
}

function hasLabels(object: KubeObject, labels: Readonly<Record<string, string>>): boolean {
  for (const key in labels) if (object.metadata.labels?.[key] !== labels[key]) return false
  return true
}

/**
 * Index `selector`, the way back from labels to those who select them: `namespace/key=value` of one pair of the selector,
 * or `namespace/*` for selectors without pairs.
 */
export function bySelector<T extends KubeObject>(selectorOf: (object: T) => MapSelector | undefined): Record<'selector', IndexFunction<T>> {
  return {
    selector: (object) => {
      const selector = selectorOf(object)
      if (!selector) return []
      const namespace = object.metadata.namespace ?? ''
      const first = Object.entries(selector.matchLabels ?? {})[0]
      return [first ? `${namespace}/${first[0]}=${first[1]}` : `${namespace}/*`]
    },
  }
}

/** Candidates whose selector may match: the caller checks the whole selector. The store needs index `selector`. */
export function selecting<T extends KubeObject>(store: Store<T>, namespace: string, labels: Readonly<Record<string, string>> | undefined): T[] {
  const found = store.byIndex('selector', `${namespace}/*`)
  const out = found.length > 0 ? [...found] : []
  for (const key in labels) out.push(...store.byIndex('selector', `${namespace}/${key}=${labels[key] ?? ''}`))
  return out
}
