import type { KubeObject } from '#engine/api/object'
import { fallback, fallbackText, listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const usualUtilization = 80

export function defaultHorizontalPodAutoscaler(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  fallback(spec, 'minReplicas', 1)
  if (object.apiVersion === 'autoscaling/v1') {
    // What v1 cannot say stands in an annotation.
    if (object.metadata.annotations?.['autoscaling.alpha.kubernetes.io/metrics'] === undefined) fallback(spec, 'targetCPUUtilizationPercentage', usualUtilization)
    return
  }
  if (listOf(spec.metrics).length === 0) spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: usualUtilization } } }]
  if (!spec.behavior) return
  spec.behavior.scaleUp = withRules(spec.behavior.scaleUp, { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }] })
  spec.behavior.scaleDown = withRules(spec.behavior.scaleDown, { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] })
}

function withRules(given: Free, rules: Free): Free {
  const out = given ?? {}
  if (rules.stabilizationWindowSeconds !== undefined) fallback(out, 'stabilizationWindowSeconds', rules.stabilizationWindowSeconds)
  fallbackText(out, 'selectPolicy', rules.selectPolicy as string)
  fallback(out, 'policies', rules.policies)
  return out
}
