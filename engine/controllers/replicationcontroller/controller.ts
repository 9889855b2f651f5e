/** replicationcontroller-controller: as many pods as a ReplicationController asks for. */
import { replicationControllers } from '#engine/client/resources'
import type { Controller } from '#engine/controllers/controller'
import { type ReplicaKind, ReplicaManager, type ReplicaOwner } from '#engine/controllers/replica-manager'

export const replicationControllerController: Controller = {
  name: 'replicationcontroller-controller',
  aliases: ['replicationcontroller'],
  account: 'replication-controller',
  start(context) {
    const kind: ReplicaKind<ReplicaOwner> = {
      resource: replicationControllers as unknown as ReplicaKind<ReplicaOwner>['resource'],
      component: 'replication-controller',
      logger: 'replicationcontroller-controller',
      selectorOf: (owner) => {
        const labels = (owner['spec'] as { selector?: Record<string, string> } | undefined)?.selector
        return labels ? { matchLabels: labels } : undefined
      },
    }
    new ReplicaManager(context, kind)
  },
}
