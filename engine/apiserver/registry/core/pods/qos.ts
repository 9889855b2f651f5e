/** Quality of service: what the limits and requests of cpu and memory say of a pod. */
import { compareQuantities, tryQuantity } from '#engine/api/quantity'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

interface Tally {
  any: boolean
  guaranteed: boolean
}

export function qosClassOf(spec: Free): QosClass {
  const tally: Tally = { any: false, guaranteed: true }
  if (spec?.resources?.limits || spec?.resources?.requests) count(tally, spec.resources)
  else for (const container of [...listOf(spec?.containers), ...listOf(spec?.initContainers)]) count(tally, container.resources)
  if (!tally.any) return 'BestEffort'
  return tally.guaranteed ? 'Guaranteed' : 'Burstable'
}

function count(tally: Tally, resources: Free): void {
  for (const name of ['cpu', 'memory']) {
    const request = tryQuantity(resources?.requests?.[name])
    const limit = tryQuantity(resources?.limits?.[name])
    const asked = (request?.nano ?? 0n) > 0n
    const capped = (limit?.nano ?? 0n) > 0n
    if (asked || capped) tally.any = true
    if (!capped || (asked && limit && request && compareQuantities(limit, request) !== 0)) tally.guaranteed = false
  }
}
