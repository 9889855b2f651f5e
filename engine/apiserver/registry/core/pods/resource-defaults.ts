/** Requests of a whole pod (`spec.resources`), where only its limits or its containers' requests are said. */
import { addQuantities, formatQuantity, tryQuantity, zeroQuantity } from '#engine/api/quantity'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

/** Resources that can be asked for by a pod as a whole. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
}

export function defaultResourceRequests(spec: Free): void {
  const resources = spec.resources
  if (!resources || (!resources.limits && !resources.requests)) return
  const requests: Record<string, string> = { ...resources.requests }
  for (const [name, total] of Object.entries(containerRequests(spec))) if (isPodLevelResource(name) && requests[name] === undefined && !name.startsWith('hugepages-')) requests[name] = total
  for (const name in resources.limits) if (requests[name] === undefined) requests[name] = resources.limits[name]
  if (Object.keys(requests).length > 0) resources.requests = requests
}

/** Sum of the containers, with sidecars, or the largest init container where that is more. */
function containerRequests(spec: Free): Record<string, string> {
  const totals: Record<string, string> = {}
  const add = (list: Free): void => {
    for (const name in list) totals[name] = formatQuantity(addQuantities(tryQuantity(totals[name]) ?? zeroQuantity, tryQuantity(list[name]) ?? zeroQuantity))
  }
  for (const container of listOf(spec.containers)) add(container.resources?.requests)
  for (const container of listOf(spec.initContainers)) {
    if (container.restartPolicy === 'Always') add(container.resources?.requests)
    else for (const name in container.resources?.requests) if ((tryQuantity(container.resources.requests[name])?.nano ?? 0n) > (tryQuantity(totals[name])?.nano ?? 0n)) totals[name] = container.resources.requests[name]
  }
  return totals
}
