/** A new node is not ready until it says so. */
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export const taintNodesByCondition: AdmissionRegistration = {
  name: 'TaintNodesByCondition',
  enabledByDefault: true,
  create: () => ({ name: 'TaintNodesByCondition', handles: (operation) => operation === 'CREATE', admit }),
}

function admit({ resource, group, subresource, object }: AdmissionAttributes): void {
  if (resource !== 'nodes' || group !== '' || subresource !== '' || !object) return
  const spec = (object.spec ??= {}) as Free
  const key = 'node.kubernetes.io/not-ready'
  if (listOf(spec.taints).some((taint) => taint.key === key && taint.effect === 'NoSchedule')) return
  spec.taints = [...listOf(spec.taints), { key, effect: 'NoSchedule' }]
}
