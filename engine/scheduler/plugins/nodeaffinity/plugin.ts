import type { NodeSelectorTerm } from '#engine/api/kinds'
import { nodeChanged, normalizeByMax, type PluginFactory, rejectForGood, skip } from '#engine/scheduler/framework'
import { matchesNode, matchesNodeTerm } from '#engine/api/node-affinity'

/** If every term names nodes by metadata.name, only those need to be looked at. */
function namedNodes(terms: readonly NodeSelectorTerm[]): Set<string> | undefined {
  const all = new Set<string>()
  for (const term of terms) {
    let names: Set<string> | undefined
    for (const field of term.matchFields ?? []) {
      if (field.key !== 'metadata.name' || field.operator !== 'In') continue
      const values = new Set(field.values ?? [])
      names = names === undefined ? values : new Set([...names].filter((name) => values.has(name)))
    }
    if (names === undefined) return undefined
    for (const name of names) all.add(name)
  }
  return all
}

export const nodeAffinity: PluginFactory = {
  name: 'NodeAffinity',
  create: () => ({
    name: 'NodeAffinity',
    preFilter(state, info) {
      const required = info.pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
      if (!required && !info.pod.spec?.nodeSelector) {
        state.skipFilter.add('NodeAffinity')
        return undefined
      }
      const names = required ? namedNodes(required.nodeSelectorTerms) : undefined
      if (names?.size === 0) return { status: rejectForGood('pod affinity terms conflict') }
      return names ? { nodeNames: names } : undefined
    },
    filter(_state, info, node) {
      return node.node && matchesNode(info.pod, node.node) ? undefined : rejectForGood("node(s) didn't match Pod's node affinity/selector")
    },
    preScore(_state, info) {
      return info.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ? undefined : skip
    },
    score(_state, info, node) {
      let sum = 0
      for (const { weight, preference } of info.pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
        if (node.node && matchesNodeTerm(preference, node.node)) sum += weight
      return sum
    },
    normalize: (_state, _pod, scores) => normalizeByMax(scores, false),
    helps: (event, pod) => event.kind === 'Node' && nodeChanged(event, (node) => node.metadata.labels) && event.next !== undefined && matchesNode(pod, event.next),
  }),
}
