/** A release made of a chart and values: rendered, not yet anywhere. */
import type { Chart } from '#engine/programs/helm/chart/types'
import { processDependencies } from '#engine/programs/helm/chart/dependencies'
import { renderChart } from '#engine/programs/helm/render/render'
import { copyValues, type Values } from '#engine/programs/helm/values/types'
import { systemLabels } from '../release/encode'
import type { Release, ReleaseHook } from '../release/types'
import type { ActionContext } from './context'

export interface BuildInput {
  readonly chart: Chart
  readonly values: Values
  readonly name: string
  readonly namespace: string
  readonly revision: number
  readonly upgrade: boolean
  /** Templates see the cluster. */
  readonly remote: boolean
  readonly skipSchema: boolean
  readonly subNotes: boolean
  readonly hideSecrets: boolean
}

export type Rendering = Pick<Release, 'manifest' | 'hooks'> & { readonly notes: string }

export async function render(context: ActionContext, input: BuildInput): Promise<Rendering> {
  const { session } = context
  const rendered = await renderChart({
    process: session.process, chart: input.chart, values: input.values, capabilities: await session.capabilities(),
    release: { name: input.name, namespace: input.namespace, revision: input.revision, isInstall: !input.upgrade, isUpgrade: input.upgrade },
    ...(input.remote ? { lookup: (apiVersion: string, kind: string, namespace: string, name: string) => session.lookup(apiVersion, kind, namespace, name) } : {}),
    skipSchemaValidation: input.skipSchema, subNotes: input.subNotes, hideSecrets: input.hideSecrets,
  })
  const hooks = rendered.hooks.map((hook): ReleaseHook => ({ ...hook, lastRun: { startedAt: '', completedAt: '', phase: '' } }))
  return { manifest: rendered.manifest, notes: rendered.notes, hooks }
}

/** Dependencies that are off go; what the user gave is kept apart from it. */
export function settle(chart: Chart, values: Values): void {
  processDependencies(chart, copyValues(values))
}

export function checkLabels(labels: Readonly<Record<string, string>>): void {
  if (systemLabels.some((key) => key in labels)) throw new Error(`user supplied labels contains system reserved label name. System labels: [${systemLabels.join(' ')}]`)
}
