/** Whether tolerations bear taints. */
import type { Pod, Taint, Toleration } from '#engine/api/kinds'

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  return toleration.operator === 'Exists' || ((toleration.operator === undefined || toleration.operator === 'Equal') && (toleration.value ?? '') === (taint.value ?? ''))
}

export function untolerated(pod: Pod, taints: readonly Taint[] | undefined, effects: readonly string[]): Taint | undefined {
  const tolerations = pod.spec?.tolerations ?? []
  return taints?.find((taint) => effects.includes(taint.effect) && !tolerations.some((toleration) => tolerates(toleration, taint)))
}
