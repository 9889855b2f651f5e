/** A chart in memory. */
import type { Values } from '#engine/programs/helm/values/types'

export interface ChartFile {
  /** Relative to the chart: `templates/x.yaml`. */
  readonly name: string
  readonly data: Uint8Array
}

export interface Maintainer {
  readonly name?: string
  readonly email?: string
  readonly url?: string
}

export interface Dependency {
  readonly name: string
  readonly version?: string
  readonly repository?: string
  readonly condition?: string
  readonly tags?: readonly string[]
  readonly alias?: string
  readonly enabled?: boolean
  readonly 'import-values'?: readonly unknown[]
}

/** Chart.yaml. */
export interface Metadata {
  name?: string
  home?: string
  sources?: readonly string[]
  version?: string
  description?: string
  keywords?: readonly string[]
  maintainers?: readonly (Maintainer | null)[]
  icon?: string
  apiVersion?: string
  condition?: string
  tags?: string
  appVersion?: string
  deprecated?: boolean
  annotations?: Readonly<Record<string, string>>
  kubeVersion?: string
  dependencies?: readonly Dependency[]
  type?: string
}

export interface Lock {
  readonly generated: string
  readonly digest: string
  readonly dependencies: readonly Dependency[]
}

export interface Chart {
  metadata: Metadata
  lock?: Lock
  /** What stands below templates/. */
  templates: ChartFile[]
  /** What is neither a template nor of helm's own. */
  files: ChartFile[]
  /** Everything, as it was read. */
  raw: ChartFile[]
  values: Values
  schema?: Uint8Array
  dependencies: Chart[]
  parent?: Chart
}

export function chartName(chart: Chart): string {
  return chart.metadata.name ?? ''
}

/** `app/charts/db`. */
export function chartFullPath(chart: Chart): string {
  return chart.parent ? `${chartFullPath(chart.parent)}/charts/${chartName(chart)}` : chartName(chart)
}

/** `app.db`. */
export function chartPath(chart: Chart): string {
  return chart.parent ? `${chartPath(chart.parent)}.${chartName(chart)}` : chartName(chart)
}

export function isRoot(chart: Chart): boolean {
  return chart.parent === undefined
}

/** Files below crds/ of the chart and of those it depends on. */
export function chartCrds(chart: Chart): { readonly name: string; readonly filename: string; readonly file: ChartFile }[] {
  const own = chart.files.filter(({ name }) => name.startsWith('crds/') && /\.(?:ya?ml|json)$/i.test(name))
  return [...own.map((file) => ({ name: file.name, filename: `${chartFullPath(chart)}/${file.name}`, file })), ...chart.dependencies.flatMap(chartCrds)]
}
