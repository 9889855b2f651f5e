/** The resources of a release as the tables that the server makes of them. */
import { query } from '#engine/client/client'
import { alignTabs, tableTabs } from '#engine/programs/common/tabwriter/tabwriter'
import { buildObjects, type ClusterObject } from '../cluster/objects'
import type { HelmSession } from '../cluster/session'
import type { Release } from '../release/types'

interface Table {
  readonly columnDefinitions?: readonly { readonly name: string; readonly priority?: number }[]
  readonly rows?: readonly { readonly cells: readonly unknown[] }[]
}

const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

/** By version and kind, pods of workloads after them. */
export async function resourceTables(session: HelmSession, release: Release): Promise<string> {
  const objects = await buildObjects(session, release.manifest)
  const groups = new Map<string, Table[]>()
  const add = (key: string, table: Table): void => {
    groups.set(key, [...(groups.get(key) ?? []), table])
  }
  for (const object of objects) {
    const { version, kind } = object.mapping
    const { path } = pathOf(session, object)
    add(`${version}/${kind}`, await table(session, path))
    const selector = selectorOf(object)
    if (selector !== '') add('v1/Pod(related)', await table(session, `/api/v1/namespaces/${object.namespace}/pods${query({ labelSelector: selector })}`))
  }
  return [...groups].map(([key, tables]) => `==> ${key}\n${tablesText(tables)}\n`).join('')
}

function pathOf(session: HelmSession, { mapping, namespace, name }: ClusterObject): { path: string } {
  return { path: session.client().of(mapping).path(namespace, name) }
}

async function table(session: HelmSession, path: string): Promise<Table> {
  const { body } = await session.client().exchange('GET', path, { headers: { accept } })
  return (body.value ?? JSON.parse(await body.text())) as Table
}

function selectorOf({ mapping: { kind }, object }: ClusterObject): string {
  if (!['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'].includes(kind)) return ''
  const { matchLabels = {} } = ((object as { spec?: { selector?: { matchLabels?: Record<string, string> } } }).spec?.selector ?? {}) as { matchLabels?: Record<string, string> }
  return Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`).sort().join(',')
}

/** Headers once; each object's columns stand for themselves. */
function tablesText(tables: readonly Table[]): string {
  return tables.map((one, index) => tableText(one, index === 0)).join('')
}

function tableText({ columnDefinitions = [], rows = [] }: Table, headed: boolean): string {
  const shown = columnDefinitions.map((column, index) => ({ ...column, index })).filter(({ priority = 0 }) => priority === 0)
  const lines = rows.map(({ cells }) => shown.map(({ index }) => String(cells[index] ?? '<none>')).join('\t'))
  const heading = headed && rows.length > 0 ? [shown.map(({ name }) => name.toUpperCase()).join('\t')] : []
  return [...heading, ...lines].length === 0 ? '' : alignTabs(`${[...heading, ...lines].join('\n')}\n`, tableTabs)
}
