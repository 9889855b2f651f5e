/** Columns and cells that many kinds share. The words are those of the server's printers in v1.35. */
import { ageOf } from '#engine/api/duration'
import type { KubeObject } from '#engine/api/object'
import type { Column } from '#engine/apiserver/registry/resource'

type Cell = Column['cell']

interface ColumnOptions {
  readonly type?: Column['type']
  readonly format?: 'name'
  readonly wide?: true
  /** Literal words. */
  readonly says?: string
  /** The published description of `io.k8s.api.core.v1.PodStatus#podIP`. */
  readonly docOf?: string
}

export function column(name: string, cell: Cell, options: ColumnOptions = {}): Column {
  return {
    name,
    type: options.type ?? 'string',
    format: options.format ?? '',
    ...(options.says === undefined ? {} : { description: options.says }),
    ...(options.docOf === undefined ? {} : { docOf: options.docOf }),
    ...(options.wide ? { priority: 1 } : {}),
    cell,
  }
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

export const nameColumn: Column = column('Name', (object) => object.metadata.name ?? '', { format: 'name', docOf: `${objectMeta}#name` })
export const ageColumn: Column = column('Age', (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs), { docOf: `${objectMeta}#creationTimestamp` })
/** Kinds without a printer of their own show the time itself. */
export const createdAtColumn: Column = column('Created At', (object) => object.metadata.creationTimestamp ?? '', { type: 'date', docOf: `${objectMeta}#creationTimestamp` })
export const defaultColumns: readonly Column[] = [nameColumn, createdAtColumn]

interface NamedImage {
  readonly name?: string
  readonly image?: string
}

/** Wide columns of containers of a pod template. */
export function containerColumns(containers: (object: KubeObject) => readonly NamedImage[] | undefined): Column[] {
  return [
    column('Containers', (object) => join(containers(object)?.map((item) => item.name ?? '')), { wide: true, says: 'Names of each container in the template.' }),
    column('Images', (object) => join(containers(object)?.map((item) => item.image ?? '')), { wide: true, says: 'Images referenced by each container in the template.' }),
  ]
}

function join(items: readonly string[] | undefined): string {
  return (items ?? []).join(',')
}

/** `a=b,c=d` sorted by key, `<none>` when empty. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort()
  return keys.length === 0 ? '<none>' : keys.map((key) => `${key}=${labels?.[key] ?? ''}`).join(',')
}

interface LabelSelectorLike {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
}

/** A label selector as text; `<none>` when it selects everything or is absent. */
export function formatLabelSelector(selector: LabelSelectorLike | undefined): string {
  const text = selectorText(selector)
  return text === '' ? '<none>' : text
}

/** The same, with nothing for a selector without requirements. */
export function selectorText(selector: LabelSelectorLike | undefined): string {
  const parts: { key: string; text: string }[] = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` }))
  for (const item of selector?.matchExpressions ?? []) parts.push({ key: item.key, text: requirementText(item.key, item.operator, item.values ?? []) })
  return parts.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map((part) => part.text).join(',')
}

function requirementText(key: string, operator: string, values: readonly string[]): string {
  const list = [...values].sort().join(',')
  if (operator === 'In') return `${key} in (${list})`
  if (operator === 'NotIn') return `${key} notin (${list})`
  return operator === 'DoesNotExist' ? `!${key}` : key
}

/** `a,b,c + 2 more...` */
export function listWithMore(items: readonly string[], max: number, whenEmpty: string): string {
  if (items.length > max) return `${items.slice(0, max).join(',')} + ${items.length - max} more...`
  return items.length === 0 ? whenEmpty : items.join(',')
}

/** The addresses of a load balancer's status, sorted. */
export function loadBalancerText(ingress: readonly { ip?: string; hostname?: string }[] | undefined): string {
  const set = new Set((ingress ?? []).map((item) => item.ip || item.hostname || '').filter((item) => item !== ''))
  return [...set].sort().join(',')
}

/** `RWO,RWX` in the server's order. */
export function accessModesText(modes: readonly string[] | undefined): string {
  const short = [['ReadWriteOnce', 'RWO'], ['ReadOnlyMany', 'ROX'], ['ReadWriteMany', 'RWX'], ['ReadWriteOncePod', 'RWOP']] as const
  return short.filter(([mode]) => modes?.includes(mode)).map(([, text]) => text).join(',')
}
