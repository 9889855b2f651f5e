/** A release as JSON, in the order and with the omissions of the real program, and back. */
import { decodeUtf8, encodeUtf8, fromBase64, toBase64 } from '#engine/base/bytes'
import { gunzip, gzip, isGzip } from '#engine/base/archive/gzip'
import type { Chart, ChartFile, Lock, Metadata } from '#engine/programs/helm/chart/types'
import { goValues, plainValues, type Values } from '#engine/programs/helm/values/types'
import type { HookRun, Release, ReleaseHook, ReleaseInfo } from './types'

type Data = Record<string, unknown>

const metadataOrder: readonly (keyof Metadata)[] = ['name', 'home', 'sources', 'version', 'description', 'keywords', 'maintainers', 'icon', 'apiVersion', 'condition', 'tags', 'appVersion', 'deprecated', 'annotations', 'kubeVersion', 'dependencies', 'type']

export function releaseJson(release: Release): Data {
  const { config, hooks } = release
  return {
    name: release.name,
    info: infoJson(release.info),
    chart: chartJson(release.chart),
    ...(config && Object.keys(config).length > 0 ? { config: sortedValues(config) } : {}),
    ...(release.manifest === '' ? {} : { manifest: release.manifest }),
    ...(hooks.length > 0 ? { hooks: hooks.map(hookJson) } : {}),
    version: release.version,
    namespace: release.namespace,
  }
}

/** Plain JSON with sorted keys, as Go writes maps. */
export function sortedValues(value: unknown): unknown {
  return sorted(plainValues(value))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]))
}

function infoJson(info: ReleaseInfo): Data {
  return {
    first_deployed: info.firstDeployed, last_deployed: info.lastDeployed, deleted: info.deleted,
    ...(info.description === '' ? {} : { description: info.description }), status: info.status, ...(info.notes === '' ? {} : { notes: info.notes }),
  }
}

function hookJson(hook: ReleaseHook): Data {
  return {
    name: hook.name, kind: hook.kind, path: hook.path, manifest: hook.manifest, events: hook.events,
    last_run: { started_at: hook.lastRun.startedAt, completed_at: hook.lastRun.completedAt, phase: hook.lastRun.phase },
    ...(hook.weight === 0 ? {} : { weight: hook.weight }), ...(hook.deletePolicies.length > 0 ? { delete_policies: hook.deletePolicies } : {}), ...(hook.outputLogPolicies.length > 0 ? { output_log_policies: hook.outputLogPolicies } : {}),
  }
}

function chartJson({ metadata, lock, templates, values, schema, files }: Chart): Data {
  const stored = (list: readonly ChartFile[]): Data[] => list.map(({ name, data }) => ({ name, data: toBase64(data) }))
  return { metadata: metadataJson(metadata), lock: lock ?? null, templates: stored(templates), values: sortedValues(values), schema: schema ? toBase64(schema) : null, files: stored(files) }
}

export function metadataJson(metadata: Metadata): Data {
  return Object.fromEntries(metadataOrder.flatMap((key) => (isEmpty(metadata[key]) ? [] : [[key, metadata[key]]])))
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0)
}

export function releaseFromJson(data: Data, labels: Readonly<Record<string, string>>): Release {
  const info = (data['info'] ?? {}) as Record<string, string | undefined>
  const hooks = (data['hooks'] ?? []) as Data[]
  return {
    name: text(data['name']), version: Number(data['version'] ?? 0), namespace: text(data['namespace']), manifest: text(data['manifest']),
    chart: chartFromJson((data['chart'] ?? {}) as Data),
    config: data['config'] === undefined ? undefined : (goValues(data['config']) as Values),
    info: {
      firstDeployed: info['first_deployed'] ?? '', lastDeployed: info['last_deployed'] ?? '', deleted: info['deleted'] ?? '', description: info['description'] ?? '',
      status: (info['status'] ?? 'unknown') as ReleaseInfo['status'], notes: info['notes'] ?? '',
    },
    hooks: hooks.map(hookFromJson),
    labels: userLabels(labels),
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

function hookFromJson(data: Data): ReleaseHook {
  const run = (data['last_run'] ?? {}) as Record<string, string | undefined>
  return {
    name: text(data['name']), kind: text(data['kind']), path: text(data['path']), manifest: text(data['manifest']), events: (data['events'] ?? []) as string[], weight: Number(data['weight'] ?? 0),
    deletePolicies: (data['delete_policies'] ?? []) as string[], outputLogPolicies: (data['output_log_policies'] ?? []) as string[],
    lastRun: { startedAt: run['started_at'] ?? '', completedAt: run['completed_at'] ?? '', phase: (run['phase'] ?? '') as HookRun['phase'] },
  }
}

function chartFromJson(data: Data): Chart {
  const files = (key: string): ChartFile[] => ((data[key] ?? []) as { name: string; data: string | null }[]).map((file) => ({ name: file.name, data: fromBase64(file.data ?? '') }))
  return {
    metadata: (data['metadata'] ?? {}) as Metadata, templates: files('templates'), files: files('files'), raw: [], dependencies: [], values: goValues(data['values'] ?? {}) as Values,
    ...(data['lock'] ? { lock: data['lock'] as Lock } : {}), ...(data['schema'] ? { schema: fromBase64(data['schema'] as string) } : {}),
  }
}

/** Labels that are the storage's own. */
export const systemLabels = ['name', 'owner', 'status', 'version', 'createdAt', 'modifiedAt'] as const

function userLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !(systemLabels as readonly string[]).includes(key)))
}

/** The text that a Secret holds under `release`. */
export function encodeRelease(release: Release): string {
  return toBase64(gzip(encodeUtf8(JSON.stringify(releaseJson(release))), { level: 9, mtimeMs: 0 }))
}

export function decodeRelease(encoded: string, labels: Readonly<Record<string, string>>): Release {
  const bytes = fromBase64(encoded)
  return releaseFromJson(JSON.parse(decodeUtf8(isGzip(bytes) ? gunzip(bytes) : bytes)) as Data, labels)
}
