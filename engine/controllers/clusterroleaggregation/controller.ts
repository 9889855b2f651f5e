/** clusterrole-aggregation-controller: the rules of aggregated cluster roles are those of the roles they select. */
import { nameOf } from '#engine/api/meta'
import { labelSelectorOf, matchesLabels } from '#engine/api/selector'
import type { ClusterRole } from '#engine/api/kinds'
import { equalJson, keyOf } from '#engine/api/object'
import { clusterRoles } from '#engine/client/resources'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'

export const clusterRoleAggregationController: Controller = {
  name: 'clusterrole-aggregation-controller',
  aliases: ['clusterrole-aggregation'],
  start(context) {
    const informer = context.informers.of(clusterRoles).addIndexers({ aggregated: (role) => (role.aggregationRule ? ['yes'] : []) })
    const queue = startQueue(context, 'clusterrole-aggregation-controller', informersOf(informer), async (key) => {
      const role = informer.store.byKey(key)
      if (!role?.aggregationRule) return
      const rules = aggregated(role, informer.store.list())
      if (equalJson(rules, role.rules ?? [])) return
      await context.client.of(clusterRoles).patch('', key, 'apply', { apiVersion: role.apiVersion, kind: role.kind, metadata: { name: key }, rules }, { fieldManager: 'clusterrole-aggregation-controller', force: true })
    }, { workers: 5 })
    const wake = (role: ClusterRole): void => {
      for (const other of informer.store.byIndex('aggregated', 'yes')) if (other.metadata.name === role.metadata.name || selects(other, role)) queue.add(keyOf(other))
    }
    informer.addHandlers({
      added: wake,
      deleted: wake,
      updated: (next, previous) => {
        wake(previous)
        wake(next)
      },
    })
  },
}

function selects(role: ClusterRole, other: ClusterRole): boolean {
  return (role.aggregationRule?.clusterRoleSelectors ?? []).some((selector) => matchesLabels(labelSelectorOf(selector as Parameters<typeof labelSelectorOf>[0]) ?? [], other.metadata.labels))
}

/** By selector, within it by name; each rule once. */
function aggregated(role: ClusterRole, all: readonly ClusterRole[]): NonNullable<ClusterRole['rules']> {
  const out: NonNullable<ClusterRole['rules']> = []
  const byName = [...all].sort((a, b) => ((nameOf(a)) < (nameOf(b)) ? -1 : 1))
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const wanted = labelSelectorOf(selector as Parameters<typeof labelSelectorOf>[0]) ?? []
    for (const other of byName) {
      if (other.metadata.name === role.metadata.name || !matchesLabels(wanted, other.metadata.labels)) continue
      for (const rule of other.rules ?? []) if (!out.some((known) => equalJson(known, rule))) out.push(rule)
    }
  }
  return out
}
