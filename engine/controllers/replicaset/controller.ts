/** replicaset-controller: as many pods as a ReplicaSet asks for. */
import { replicaSets } from '#engine/client/resources'
import type { Controller } from '#engine/controllers/controller'
import { type ReplicaKind, ReplicaManager, type ReplicaOwner } from '#engine/controllers/replica-manager'

export const replicaSetController: Controller = {
  name: 'replicaset-controller',
  aliases: ['replicaset'],
  start(context) {
    const kind: ReplicaKind<ReplicaOwner> = {
      resource: replicaSets as unknown as ReplicaKind<ReplicaOwner>['resource'],
      component: 'replicaset-controller',
      logger: 'replicaset-controller',
      selectorOf: (owner) => (owner['spec'] as { selector?: { matchLabels?: Record<string, string> } } | undefined)?.selector,
      countsTerminating: true,
    }
    new ReplicaManager(context, kind)
  },
}
