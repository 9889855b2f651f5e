/** validatingadmissionpolicy-status-controller: checks a policy's expressions against the types of the kinds that it is about. */
import { keyOf } from '#engine/api/object'
import { validatingAdmissionPolicies } from '#engine/client/resources'
import { unlessNotFound } from '#engine/client/retry'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'
import { typeWarnings } from './check'
import type { Policy } from './types'

export const vapStatusController: Controller = {
  name: 'validatingadmissionpolicy-status-controller',
  start(context) {
    const informer = context.informers.of(validatingAdmissionPolicies)
    const queue = startQueue(context, 'validatingadmissionpolicy-status-controller', informersOf(informer), async (key) => {
      const policy = informer.store.byKey(key) as Policy | undefined
      const generation = policy?.metadata.generation
      if (!policy || policy.status?.observedGeneration === generation) return
      const expressionWarnings = await typeWarnings(policy, context.client)
      const status = { observedGeneration: generation, typeChecking: expressionWarnings.length > 0 ? { expressionWarnings } : {} }
      const applied = { apiVersion: policy.apiVersion, kind: policy.kind, metadata: { name: key }, status }
      await unlessNotFound(context.client.of(validatingAdmissionPolicies).patch('', key, 'apply', applied, { subresource: 'status', fieldManager: 'validatingadmissionpolicy-status', force: true }))
    }, { workers: 5 })
    informer.addHandlers({ added: (policy) => queue.add(keyOf(policy)), updated: (policy) => queue.add(keyOf(policy)) })
  },
}
