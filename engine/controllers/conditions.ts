/** Lists of status conditions; a status that does not change keeps the time of its last transition. */
import { apiTime } from '#engine/client/time'

export interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: string
  lastUpdateTime?: string
  lastProbeTime?: string | null
  observedGeneration?: number
}

export function findCondition<C extends { type: string }>(conditions: readonly C[] | undefined, type: string): C | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export function withoutCondition<C extends { type: string }>(conditions: readonly C[] | undefined, type: string): C[] {
  return (conditions ?? []).filter((condition) => condition.type !== type)
}

/** As apimachinery's meta.SetStatusCondition: in its place, or at the end. */
export function setCondition(conditions: readonly Condition[] | undefined, next: Condition, nowMs: number): Condition[] {
  const list = [...(conditions ?? [])]
  const at = list.findIndex((condition) => condition.type === next.type)
  const previous = list[at]
  const lastTransitionTime = previous && previous.status === next.status && previous.lastTransitionTime ? previous.lastTransitionTime : (next.lastTransitionTime ?? apiTime(nowMs))
  const made: Condition = { ...next, lastTransitionTime }
  if (at < 0) list.push(made)
  else list[at] = made
  return list
}

/** Counts as the API writes them: those that are 0 are left out. */
export function withoutZeros(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}
