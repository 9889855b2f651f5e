/** autoscaling/v1 knows the cpu alone; what it cannot say is kept in annotations. */
import type { KubeObject } from '#engine/api/object'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const kept = { metrics: 'autoscaling.alpha.kubernetes.io/metrics', current: 'autoscaling.alpha.kubernetes.io/current-metrics', conditions: 'autoscaling.alpha.kubernetes.io/conditions', behavior: 'autoscaling.alpha.kubernetes.io/behavior' } as const

const isCpu = (metric: Free): boolean => metric.type === 'Resource' && metric.resource?.name === 'cpu' && metric.resource.target?.type !== 'AverageValue'

export function horizontalPodAutoscalerToV1(object: KubeObject): KubeObject {
  const { metrics, behavior, ...spec } = (object.spec ?? {}) as Free
  const annotations: Record<string, string> = { ...object.metadata.annotations }
  const cpu = listOf(metrics).find((item) => isCpu(item) && item.resource.target?.averageUtilization !== undefined)
  if (cpu) spec.targetCPUUtilizationPercentage = cpu.resource.target.averageUtilization
  keep(annotations, kept.metrics, listOf(metrics).filter((item) => item !== cpu).map(metricToV1))
  if (behavior) annotations[kept.behavior] = JSON.stringify(upper(behavior))
  const status = object.status ? statusToV1(object.status, annotations) : undefined
  const metadata = Object.keys(annotations).length > 0 ? { ...object.metadata, annotations } : object.metadata
  return { apiVersion: 'autoscaling/v1', kind: object.kind, metadata, spec, ...(status ? { status } : {}) }
}

function statusToV1(given: Free, annotations: Record<string, string>): Free {
  const { currentMetrics, conditions, ...status } = given
  const cpu = listOf(currentMetrics).find((item) => item.type === 'Resource' && item.resource?.name === 'cpu' && item.resource.current?.averageUtilization !== undefined)
  if (cpu) status.currentCPUUtilizationPercentage = cpu.resource.current.averageUtilization
  keep(annotations, kept.current, listOf(currentMetrics).filter((item) => item !== cpu).map(metricToV1))
  keep(annotations, kept.conditions, listOf(conditions))
  return status
}

export function horizontalPodAutoscalerToV2(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage, ...spec } = (object.spec ?? {}) as Free
  const annotations: Record<string, string> = { ...object.metadata.annotations }
  const metrics: Free[] = []
  if (targetCPUUtilizationPercentage !== undefined) metrics.push({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: targetCPUUtilizationPercentage } } })
  metrics.push(...listOf(take(annotations, kept.metrics)).map(metricToV2))
  if (metrics.length > 0) spec.metrics = metrics
  const behavior = take(annotations, kept.behavior)
  if (behavior) spec.behavior = lower(behavior)
  const status = object.status ? statusToV2(object.status, annotations) : undefined
  const { annotations: _old, ...metadata } = object.metadata
  return { apiVersion: 'autoscaling/v2', kind: object.kind, metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata, spec, ...(status ? { status } : {}) }
}

function statusToV2(given: Free, annotations: Record<string, string>): Free {
  const { currentCPUUtilizationPercentage, ...status } = given
  const current: Free[] = []
  if (currentCPUUtilizationPercentage !== undefined) current.push({ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: currentCPUUtilizationPercentage } } })
  current.push(...listOf(take(annotations, kept.current)).map(metricToV2))
  if (current.length > 0) status.currentMetrics = current
  const conditions = take(annotations, kept.conditions)
  if (conditions) status.conditions = conditions
  return status
}

function keep(annotations: Record<string, string>, key: string, list: readonly Free[]): void {
  if (list.length > 0) annotations[key] = JSON.stringify(list)
}

function take(annotations: Record<string, string>, key: string): Free {
  const text = annotations[key]
  if (text === undefined) return undefined
  delete annotations[key]
  try {
    return JSON.parse(text) as Free
  } catch {
    return undefined
  }
}

/** `target: {averageUtilization}` of v2 is `targetAverageUtilization` in v1's annotation. */
function metricToV1(metric: Free): Free {
  const out: Free = { type: metric.type }
  for (const [field, source] of Object.entries(metric as Record<string, Free>)) {
    if (field === 'type') continue
    const { target, current, ...rest } = source
    out[field] = { ...rest, ...prefixed('target', target), ...prefixed('current', current) }
  }
  return out
}

function prefixed(word: string, values: Free): Free {
  const out: Free = {}
  for (const [key, value] of Object.entries((values ?? {}) as Record<string, unknown>)) if (key !== 'type') out[`${word}${key.charAt(0).toUpperCase()}${key.slice(1)}`] = value
  return out
}

function metricToV2(metric: Free): Free {
  const out: Free = { type: metric.type }
  for (const [field, source] of Object.entries(metric as Record<string, Free>)) {
    if (field === 'type') continue
    const made: Free = {}
    for (const [key, value] of Object.entries(source as Record<string, unknown>)) {
      const word = /^(target|current)(Average(?:Utilization|Value)|Value)$/.exec(key)
      if (word?.[1] && word[2]) (made[word[1]] ??= {})[`${word[2].charAt(0).toLowerCase()}${word[2].slice(1)}`] = value
      else made[key] = value
    }
    if (made.target) made.target.type ??= made.target.averageUtilization !== undefined ? 'Utilization' : made.target.averageValue !== undefined ? 'AverageValue' : 'Value'
    out[field] = made
  }
  return out
}

function upper(value: Free): Free {
  return rename(value, (key) => key.charAt(0).toUpperCase() + key.slice(1))
}

function lower(value: Free): Free {
  return rename(value, (key) => key.charAt(0).toLowerCase() + key.slice(1))
}

function rename(value: Free, change: (key: string) => string): Free {
  if (Array.isArray(value)) return value.map((item) => rename(item, change))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value as Record<string, unknown>).map(([key, item]) => [change(key), rename(item, change)]))
}
