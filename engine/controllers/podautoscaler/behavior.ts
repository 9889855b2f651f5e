/** How fast a scale may change: recommendations of the past, and policies for up and down. */
import type { HorizontalPodAutoscaler } from '#engine/api/kinds'
import type { Condition } from '#engine/controllers/conditions'

export interface Stamped {
  readonly at: number
  readonly value: number
}

interface Rules {
  readonly stabilizationWindowSeconds?: number
  readonly selectPolicy?: string
  readonly policies?: readonly { readonly type: string; readonly value: number; readonly periodSeconds: number }[]
}

/** What is remembered of an autoscaler between its passes. */
export class History {
  recommendations: Stamped[] = []
  ups: Stamped[] = []
  downs: Stamped[] = []

  note(from: number, to: number, now: number): void {
    if (to > from) this.ups.push({ at: now, value: to - from })
    else if (to < from) this.downs.push({ at: now, value: from - to })
    const fresh = (entry: Stamped): boolean => now - entry.at < 3_600_000
    this.ups = this.ups.filter(fresh)
    this.downs = this.downs.filter(fresh)
  }
}

export interface Limited {
  readonly replicas: number
  readonly able: Condition
  readonly limited: Condition
}

export function limit(hpa: HorizontalPodAutoscaler, history: History, current: number, wanted: number, min: number, defaultDownMs: number, now: number): Limited {
  const behavior = hpa.spec?.behavior as { scaleUp?: Rules; scaleDown?: Rules } | undefined
  const upMs = (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000
  const downMs = behavior?.scaleDown?.stabilizationWindowSeconds === undefined ? defaultDownMs : behavior.scaleDown.stabilizationWindowSeconds * 1000
  if (history.recommendations.length === 0) history.recommendations.push({ at: now, value: current })
  const stable = stabilize(history, current, wanted, upMs, downMs, now)
  history.recommendations = [...history.recommendations.filter((entry) => now - entry.at < Math.max(upMs, downMs)), { at: now, value: wanted }]
  return { ...bound(behavior, history, current, stable, min, hpa.spec?.maxReplicas ?? 1, now), able: stability(stable, wanted) }
}

function stability(stable: number, wanted: number): Condition {
  const say = (reason: string, message: string): Condition => ({ type: 'AbleToScale', status: 'True', reason, message })
  if (stable === wanted) return say('ReadyForNewScale', 'recommended size matches current size')
  if (stable > wanted) return say('ScaleDownStabilized', 'recent recommendations were higher than current one, applying the highest recent recommendation')
  return say('ScaleUpStabilized', 'recent recommendations were lower than current one, applying the lowest recent recommendation')
}

function stabilize(history: History, current: number, wanted: number, upMs: number, downMs: number, now: number): number {
  let lowest = wanted
  let highest = wanted
  for (const { at, value } of history.recommendations) {
    if (now - at < upMs) lowest = Math.min(lowest, value)
    if (now - at < downMs) highest = Math.max(highest, value)
  }
  if (current < lowest) return lowest
  return current > highest ? highest : Math.min(Math.max(current, lowest), highest)
}

function bound(behavior: { scaleUp?: Rules; scaleDown?: Rules } | undefined, history: History, current: number, wanted: number, min: number, max: number, now: number): { replicas: number; limited: Condition } {
  const say = (bad: boolean, reason: string, message: string): Condition => ({ type: 'ScalingLimited', status: bad ? 'True' : 'False', reason, message })
  if (wanted > current) {
    const fast = upLimit(behavior?.scaleUp, history, current, now)
    const top = Math.min(fast, max)
    if (wanted > top) return { replicas: top, limited: fast < max ? say(true, 'ScaleUpLimit', 'the desired replica count is increasing faster than the maximum scale rate') : say(true, 'TooManyReplicas', 'the desired replica count is more than the maximum replica count') }
  } else if (wanted < current) {
    const slow = downLimit(behavior?.scaleDown, history, current, now)
    const floor = Math.max(slow, min)
    if (wanted < floor) return { replicas: floor, limited: slow > min ? say(true, 'ScaleDownLimit', 'the desired replica count is decreasing faster than the maximum scale rate') : say(true, 'TooFewReplicas', 'the desired replica count is less than the minimum replica count') }
  }
  if (wanted > max) return { replicas: max, limited: say(true, 'TooManyReplicas', 'the desired replica count is more than the maximum replica count') }
  if (wanted < min) return { replicas: min, limited: say(true, 'TooFewReplicas', 'the desired replica count is less than the minimum replica count') }
  return { replicas: wanted, limited: say(false, 'DesiredWithinRange', 'the desired count is within the acceptable range') }
}

function changed(events: readonly Stamped[], seconds: number, now: number): number {
  return events.filter((entry) => now - entry.at < seconds * 1000).reduce((sum, entry) => sum + entry.value, 0)
}

function upLimit(rules: Rules | undefined, history: History, current: number, now: number): number {
  if (!rules?.policies) return Math.max(current * 2, 4)
  if (rules.selectPolicy === 'Disabled') return current
  const limits = rules.policies.map((policy) => {
    const start = current - changed(history.ups, policy.periodSeconds, now) + changed(history.downs, policy.periodSeconds, now)
    return policy.type === 'Pods' ? start + policy.value : Math.ceil(start * (1 + policy.value / 100))
  })
  return Math.max(current, rules.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits))
}

function downLimit(rules: Rules | undefined, history: History, current: number, now: number): number {
  if (!rules?.policies) return 0
  if (rules.selectPolicy === 'Disabled') return current
  const limits = rules.policies.map((policy) => {
    const start = current + changed(history.downs, policy.periodSeconds, now) - changed(history.ups, policy.periodSeconds, now)
    return policy.type === 'Pods' ? start - policy.value : Math.trunc(start * (1 - policy.value / 100))
  })
  return Math.min(current, rules.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits))
}
