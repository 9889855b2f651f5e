/** A chart and values to what goes into the cluster; throws in helm's words. */
import type { Process } from '#engine/linux/abi/process'
import { chartCrds, type Chart, chartName } from '#engine/programs/helm/chart/types'
import { isCompatible } from '#engine/programs/helm/chart/dependencies'
import { sortManifests } from '#engine/programs/helm/manifests/sort'
import type { Hook, Manifest } from '#engine/programs/helm/manifests/types'
import { coalesceValues } from '#engine/programs/helm/values/coalesce'
import { validateValues } from '#engine/programs/helm/values/schema'
import type { Values } from '#engine/programs/helm/values/types'
import { decodeUtf8 } from '#engine/base/bytes'
import { type Capabilities, capabilitiesStruct } from './capabilities'
import { renderTemplates } from './engine'
import { LookupCache, type RemoteLookup } from './lookups'
import { releaseObject, type ReleaseOptions, renderables } from './objects'

export interface RenderInput {
  readonly process: Process
  readonly chart: Chart
  readonly values: Values
  readonly release: ReleaseOptions
  readonly capabilities: Capabilities
  /** Without one, `lookup` finds nothing. */
  readonly lookup?: RemoteLookup
  readonly skipSchemaValidation?: boolean
  readonly subNotes?: boolean
  readonly hideSecrets?: boolean
  readonly includeCrds?: boolean
  readonly lint?: boolean
  readonly strict?: boolean
}

export interface Rendered {
  readonly hooks: Hook[]
  readonly manifests: Manifest[]
  /** The text that is stored: objects in the order of installation, each below its source. */
  readonly manifest: string
  readonly notes: string
}

/** The chart does not render: what there is of it can be shown for debugging. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError'

  constructor(message: string, readonly blob: string) {
    super(message)
  }
}

export async function renderChart(input: RenderInput): Promise<Rendered> {
  const { chart } = input
  const warnings: string[] = []
  try {
    const files = await renderFiles(input, (line) => warnings.push(line))
    const notes = takeNotes(files, chartName(chart), input.subNotes ?? false)
    return { ...sorted(files, input, (line) => warnings.push(line)), notes }
  } finally {
    if (warnings.length > 0) await input.process.stderr.write(warnings.map((line) => `${line}\n`).join(''))
  }
}

/** Every template's text by its path. Templates run again until all they looked up is known. */
export async function renderFiles(input: RenderInput, warn: (line: string) => void): Promise<Map<string, string>> {
  const { process, chart } = input
  const values = coalesceValues(chart, input.values, warn)
  if (!input.skipSchemaValidation) validateValues(chart, values)
  const wanted = chart.metadata.kubeVersion
  const has = input.capabilities.kubeVersion
  if (wanted && !input.lint && !isCompatible(wanted, has)) throw new ManifestError(`chart requires kubeVersion: ${wanted} which is incompatible with Kubernetes ${has}`, '')
  const lookups = new LookupCache(input.lookup)
  const context = { nowMs: () => process.clock.now(), random: process.random, keys: process.keys }
  for (;;) {
    const top: Values = { Release: releaseObject(input.release), Capabilities: capabilitiesStruct(input.capabilities), Values: coalesceValues(chart, input.values) }
    const told: string[] = []
    let files: Map<string, string> | undefined
    let failure: unknown
    try {
      files = renderTemplates(renderables(chart, top), { context, lookup: (...asked) => lookups.get(...asked), warn: (line) => told.push(line), ...(input.lint ? { lint: true } : {}), ...(input.strict ? { strict: true } : {}) })
    } catch (error) {
      failure = error
    }
    if (await lookups.fetch()) continue
    told.forEach(warn)
    if (files) return files
    throw (failure as Error).name === 'ProcessKilled' ? failure : new ManifestError((failure as Error).message, '')
  }
}

function takeNotes(files: Map<string, string>, name: string, all: boolean): string {
  const notes: string[] = []
  for (const [path, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!path.endsWith('NOTES.txt')) continue
    if (all || path === `${name}/templates/NOTES.txt`) notes.push(text)
    files.delete(path)
  }
  return notes.join('\n')
}

function sorted(files: ReadonlyMap<string, string>, input: RenderInput, warn: (line: string) => void): Omit<Rendered, 'notes'> {
  try {
    const { hooks, manifests } = sortManifests(files, warn)
    const crds = input.includeCrds ? chartCrds(input.chart).map(({ filename, file }) => source(filename, decodeUtf8(file.data))) : []
    return { hooks, manifests, manifest: crds.join('') + manifests.map((manifest) => manifestText(manifest, input.hideSecrets ?? false)).join('') }
  } catch (error) {
    throw new ManifestError((error as Error).message, [...files].filter(([, text]) => text.trim() !== '').map(([path, text]) => source(path, text)).join(''))
  }
}

function source(path: string, text: string): string {
  return `---\n# Source: ${path}\n${text}\n`
}

function manifestText({ name, content, kind, apiVersion }: Manifest, hideSecrets: boolean): string {
  return source(name, hideSecrets && kind === 'Secret' && apiVersion === 'v1' ? '# HIDDEN: The Secret output has been suppressed' : content)
}
