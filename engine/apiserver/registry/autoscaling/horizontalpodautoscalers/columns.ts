import type { KubeObject } from '#engine/api/object'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import type { Column } from '#engine/apiserver/registry/resource'

const spec = 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec'

export const horizontalPodAutoscalerColumns: readonly Column[] = [
  nameColumn,
  column('Reference', (object) => `${(object.spec?.scaleTargetRef?.kind ?? '') as string}/${(object.spec?.scaleTargetRef?.name ?? '') as string}`, { docOf: `${spec}#scaleTargetRef` }),
  column('Targets', targetsCell, { docOf: `${spec}#metrics` }),
  column('MinPods', (object) => (object.spec?.minReplicas === undefined ? '<unset>' : String(object.spec.minReplicas)), { docOf: `${spec}#minReplicas` }),
  column('MaxPods', (object) => (object.spec?.maxReplicas ?? 0) as number, { docOf: `${spec}#maxReplicas` }),
  column('Replicas', (object) => (object.status?.currentReplicas ?? 0) as number, { docOf: 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus#currentReplicas' }),
  ageColumn,
]

interface Target { readonly value?: string; readonly averageValue?: string; readonly averageUtilization?: number }
interface Source { readonly name?: string; readonly target?: Target; readonly current?: Target }
interface Metric { readonly type: string; readonly resource?: Source; readonly containerResource?: Source; readonly pods?: Source; readonly object?: Source; readonly external?: Source }

const fields: Readonly<Record<string, 'resource' | 'containerResource' | 'pods' | 'object' | 'external'>> = { __proto__: null as never, Resource: 'resource', ContainerResource: 'containerResource', Pods: 'pods', Object: 'object', External: 'external' }

function targetsCell(object: KubeObject): string {
  const specs = (object.spec?.metrics ?? []) as Metric[]
  const statuses = (object.status?.currentMetrics ?? []) as Metric[]
  if (specs.length === 0) return '<none>'
  const list = specs.map((item, index) => metricText(item, statuses[index]))
  return list.length > 2 ? `${list.slice(0, 2).join(', ')} + ${list.length - 2} more...` : list.join(', ')
}

function metricText(spec: Metric, status: Metric | undefined): string {
  const field = fields[spec.type]
  if (!field) return '<unknown type>'
  const source = spec[field] ?? {}
  const current = status?.[field]?.current ?? {}
  const target = source.target ?? {}
  if (field === 'resource' || field === 'containerResource') return `${source.name ?? ''}: ${resourceText(target, current)}`
  if (field === 'pods') return overText(current.averageValue, target.averageValue)
  return target.averageValue === undefined ? overText(current.value, target.value) : `${overText(current.averageValue, target.averageValue)} (avg)`
}

function overText(current: string | undefined, target: string | undefined): string {
  return `${current ?? '<unknown>'}/${target ?? '0'}`
}

function resourceText(target: Target, current: Target): string {
  if (target.averageValue !== undefined) return overText(current.averageValue, target.averageValue)
  const now = current.averageUtilization === undefined ? '<unknown>' : `${current.averageUtilization}%`
  return `${now}/${target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`}`
}
