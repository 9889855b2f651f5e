/** A critical pod that finds no room: others go for it, or it is refused with the kubelet's words of despair. */
import type { Pod } from '#engine/api/kinds'
import { type AdmissionInputs, requestsOf, type Shortage, shortages } from './admission'
import { isCritical } from './names'
import type { EvictionStatus } from './worker'

export const preempted: EvictionStatus = { reason: 'Preempting', message: 'Preempted in order to admit critical pod' }

export interface Preemption {
  /** Pods that have to go. */
  readonly victims: readonly Pod[]
  /** Why none would help. */
  readonly failure: string | undefined
}

export function preemptFor(pod: Pod, others: readonly Pod[], inputs: AdmissionInputs): Preemption {
  const lacking = isCritical(pod) ? shortages(pod, others, inputs) : []
  if (lacking.length === 0) return { victims: [], failure: undefined }
  const victims = chosen(lacking, others.filter((other) => !isCritical(other)))
  if (victims) return { victims, failure: undefined }
  const text = lacking.map((item) => `(res: ${item.name}, q: ${missing(item)}), `).join('')
  return { victims: [], failure: `preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [${text}]` }
}

function missing({ requested, used, capacity }: Shortage): number {
  return requested - (capacity - used)
}

/** The smallest first, until there is room; undefined when all of them would not make it. */
function chosen(lacking: readonly Shortage[], candidates: readonly Pod[]): Pod[] | undefined {
  const open = new Map(lacking.map((item) => [item.name, missing(item)]))
  const victims: Pod[] = []
  const weight = (pod: Pod): number => lacking.reduce((sum, { name }) => sum + (requestsOf(pod)[name] ?? 0), 0)
  for (const pod of [...candidates].sort((a, b) => weight(a) - weight(b))) {
    if ([...open.values()].every((amount) => amount <= 0)) break
    if (weight(pod) === 0) continue
    for (const [name, amount] of open) open.set(name, amount - (requestsOf(pod)[name] ?? 0))
    victims.push(pod)
  }
  return [...open.values()].every((amount) => amount <= 0) ? victims : undefined
}
