/** The objects that templates see. */
import { GoInt, GoStruct } from '#engine/programs/common/gotemplate/values'
import { decodeUtf8 } from '#engine/base/bytes'
import { joinPath } from '#engine/programs/helm/chart/paths'
import { type Chart, chartFullPath, chartName, isRoot, type Metadata } from '#engine/programs/helm/chart/types'
import { isTable, type Values } from '#engine/programs/helm/values/types'
import { filesOf } from './files'

export interface ReleaseOptions {
  readonly name: string
  readonly namespace: string
  readonly revision: number
  readonly isInstall: boolean
  readonly isUpgrade: boolean
}

export interface Renderable {
  readonly text: string
  readonly values: Values
  readonly basePath: string
}

export function releaseObject({ name, namespace, revision, isInstall, isUpgrade }: ReleaseOptions): Values {
  return { Name: name, Namespace: namespace, IsUpgrade: isUpgrade, IsInstall: isInstall, Revision: new GoInt(revision), Service: 'Helm' }
}

const texts = { Name: 'name', Home: 'home', Version: 'version', Description: 'description', Icon: 'icon', APIVersion: 'apiVersion', Condition: 'condition', Tags: 'tags', AppVersion: 'appVersion', KubeVersion: 'kubeVersion', Type: 'type' } as const

function metadataStruct(metadata: Metadata, root: boolean): GoStruct {
  const fields: Record<string, unknown> = Object.fromEntries(Object.entries(texts).map(([name, key]) => [name, metadata[key] ?? '']))
  const structs = (type: string, list: readonly (object | null)[], names: readonly (readonly [string, string])[]): unknown[] =>
    list.flatMap((item) => (item ? [new GoStruct(type, Object.fromEntries(names.map(([name, key]) => [name, (item as Record<string, unknown>)[key] ?? ''])), { json: () => item })] : []))
  return new GoStruct('struct { chart.Metadata; IsRoot bool }', {
    ...fields, Sources: metadata.sources ?? [], Keywords: metadata.keywords ?? [], Deprecated: metadata.deprecated ?? false, Annotations: metadata.annotations ?? {}, IsRoot: root,
    Maintainers: structs('*chart.Maintainer', metadata.maintainers ?? [], [['Name', 'name'], ['Email', 'email'], ['URL', 'url']]),
    Dependencies: structs('*chart.Dependency', metadata.dependencies ?? [], [['Name', 'name'], ['Version', 'version'], ['Repository', 'repository'], ['Condition', 'condition'], ['Tags', 'tags'], ['Enabled', 'enabled'], ['ImportValues', 'import-values'], ['Alias', 'alias']]),
  }, { json: () => ({ ...metadata, IsRoot: root }) })
}

/** All templates of a chart and of those it depends on, each with what it sees. */
export function renderables(chart: Chart, top: Values): Map<string, Renderable> {
  const out = new Map<string, Renderable>()
  collect(chart, top, out)
  return out
}

function collect(chart: Chart, parent: Values, out: Map<string, Renderable>): Values {
  const subcharts: Values = {}
  const values: Values = {
    Chart: metadataStruct(chart.metadata, isRoot(chart)), Files: filesOf(chart.files), Release: parent['Release'], Capabilities: parent['Capabilities'],
    Values: isRoot(chart) ? parent['Values'] : valuesOf(parent, chartName(chart)), Subcharts: subcharts,
  }
  for (const child of chart.dependencies) subcharts[chartName(child)] = collect(child, values, out)
  const id = chartFullPath(chart)
  for (const { name, data } of chart.templates) {
    if (chart.metadata.type === 'library' && !(name.split('/').pop() as string).startsWith('_')) continue
    out.set(joinPath(id, name), { text: decodeUtf8(data), values, basePath: joinPath(id, 'templates') })
  }
  return values
}

function valuesOf(parent: Values, name: string): Values {
  const values = parent['Values']
  const own = isTable(values) ? values[name] : undefined
  return isTable(own) ? own : {}
}
