/** The order of the output: what others stand on comes first. */
import { CliError } from '../session/errors'
import type { Gvk, Resource } from './resource'

const first = ['Namespace', 'ResourceQuota', 'StorageClass', 'CustomResourceDefinition', 'ServiceAccount', 'PodSecurityPolicy', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding', 'ConfigMap', 'Secret', 'Endpoints', 'Service', 'LimitRange', 'PriorityClass', 'PersistentVolume', 'PersistentVolumeClaim', 'Deployment', 'StatefulSet', 'CronJob', 'PodDisruptionBudget']
const last = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

export interface SortOptions {
  readonly order?: string
  readonly legacySortOptions?: { readonly orderFirst?: readonly string[]; readonly orderLast?: readonly string[] }
}

export function checkSort(options: SortOptions | undefined): void {
  if (!options) return
  const { order = '', legacySortOptions } = options
  if (!['fifo', 'legacy'].includes(order)) throw new CliError("the field 'sortOptions.order' must be one of [fifo, legacy]")
  if (legacySortOptions && order !== 'legacy') throw new CliError(`the field 'sortOptions.legacySortOptions' is set but the selected sort order is '${order}', not 'legacy'`)
}

export function sorted(resources: readonly Resource[], options: SortOptions | undefined): Resource[] {
  if (options?.order === 'fifo') return [...resources]
  const legacy = options?.legacySortOptions
  const ranks = ranksOf(legacy?.orderFirst ?? first, legacy?.orderLast ?? last)
  const rank = (resource: Resource): number => ranks.get(resource.kind) ?? 0
  const key = (gvk: Gvk): string => `${gvk.group || '~G'}_${gvk.version || '~V'}_${gvk.kind || '~K'}`
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return [...resources].sort((a, b) => rank(a) - rank(b) || compare(key(a.gvk), key(b.gvk)) || compare(`${a.namespace || '~X'}|${a.name}`, `${b.namespace || '~X'}|${b.name}`))
}

function ranksOf(firsts: readonly string[], lasts: readonly string[]): Map<string, number> {
  const out = new Map<string, number>()
  firsts.forEach((kind, index) => out.set(kind, index - firsts.length))
  lasts.forEach((kind, index) => out.set(kind, index + 1))
  return out
}
