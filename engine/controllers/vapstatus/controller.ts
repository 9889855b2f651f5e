/** validatingadmissionpolicy-status-controller: notes that a policy has been looked at. Its expressions are not type checked here. */
import { keyOf } from '#engine/api/object'
import { validatingAdmissionPolicies } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'

export const vapStatusController: Controller = {
  name: 'validatingadmissionpolicy-status-controller',
  start(context) {
    const informer = context.informers.of(validatingAdmissionPolicies)
    const queue = startQueue(context, 'validatingadmissionpolicy-status-controller', informersOf(informer), async (key) => {
      const policy = informer.store.byKey(key)
      const generation = policy?.metadata.generation
      const status = policy?.['status'] as { observedGeneration?: number } | undefined
      if (!policy || status?.observedGeneration === generation) return
      await unlessNotFound(context.client.of(validatingAdmissionPolicies).patch('', key, 'merge', { status: { observedGeneration: generation, typeChecking: {} } }, { subresource: 'status' }))
    }, { workers: 5 })
    informer.addHandlers({ added: (policy) => queue.add(keyOf(policy)), updated: (policy) => queue.add(keyOf(policy)) })
  },
}
