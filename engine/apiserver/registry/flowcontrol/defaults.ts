/** Defaults of flow control. */
import type { KubeObject } from '#engine/api/object'
import { fallback } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export function defaultFlowSchema(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  if (!spec.matchingPrecedence) spec.matchingPrecedence = 1000
}

export function defaultPriorityLevel(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  if (spec.exempt) {
    fallback(spec.exempt, 'nominalConcurrencyShares', 0)
    fallback(spec.exempt, 'lendablePercent', 0)
  }
  if (!spec.limited) return
  fallback(spec.limited, 'nominalConcurrencyShares', 30)
  fallback(spec.limited, 'lendablePercent', 0)
  const queuing = spec.limited.limitResponse?.queuing
  if (!queuing) return
  for (const [field, value] of [['handSize', 8], ['queues', 64], ['queueLengthLimit', 50]] as const) if (!queuing[field]) queuing[field] = value
}
