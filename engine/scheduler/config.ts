/** KubeSchedulerConfiguration: profiles, which plugins run where, their arguments. */
import { parseYaml } from '#engine/base/yaml/parser'

export type ExtensionPoint = 'preEnqueue' | 'queueSort' | 'preFilter' | 'filter' | 'postFilter' | 'preScore' | 'score' | 'reserve' | 'permit' | 'preBind' | 'bind' | 'postBind'

export interface PluginSet {
  readonly enabled: readonly { readonly name: string; readonly weight?: number }[]
  readonly disabled: readonly { readonly name: string }[]
}

export interface ProfileConfig {
  readonly schedulerName: string
  readonly percentageOfNodesToScore: number
  readonly plugins: Readonly<Partial<Record<ExtensionPoint | 'multiPoint', PluginSet>>>
  readonly pluginConfig: ReadonlyMap<string, Readonly<Record<string, unknown>>>
}

export interface SchedulerConfig {
  readonly profiles: readonly ProfileConfig[]
  readonly podInitialBackoffSeconds: number
  readonly podMaxBackoffSeconds: number
  /** From clientConnection. */
  readonly kubeconfig: string
  readonly leaderElection: { readonly leaderElect?: boolean; readonly resourceName?: string; readonly resourceNamespace?: string; readonly leaseDurationMs?: number; readonly renewDeadlineMs?: number; readonly retryPeriodMs?: number }
}

export class SchedulerConfigError extends Error {
  override readonly name = 'SchedulerConfigError'
}

export function defaultConfig(): SchedulerConfig {
  return { profiles: [profile({})], podInitialBackoffSeconds: 1, podMaxBackoffSeconds: 10, kubeconfig: '', leaderElection: {} }
}

type Raw = Record<string, unknown>

function profile(raw: Raw, percentage = 0): ProfileConfig {
  const plugins: Partial<Record<ExtensionPoint | 'multiPoint', PluginSet>> = {}
  for (const [point, set] of Object.entries((raw['plugins'] ?? {}) as Record<string, Partial<PluginSet> | null>)) plugins[point as ExtensionPoint] = { enabled: set?.enabled ?? [], disabled: set?.disabled ?? [] }
  const pluginConfig = new Map(((raw['pluginConfig'] ?? []) as { name: string; args?: Raw }[]).map(({ name, args }) => [name, args ?? {}]))
  return { schedulerName: (raw['schedulerName'] as string | undefined) ?? 'default-scheduler', percentageOfNodesToScore: Number(raw['percentageOfNodesToScore'] ?? percentage), plugins, pluginConfig }
}

/** Throws SchedulerConfigError in kube-scheduler's words. */
export function parseSchedulerConfig(text: string): SchedulerConfig {
  const raw = parseYaml(text) as Raw | null
  if (raw === null || typeof raw !== 'object' || !raw['kind']) throw new SchedulerConfigError(`Object 'Kind' is missing in '${text.trim().slice(0, 200)}'`)
  const apiVersion = String(raw['apiVersion'] ?? '')
  if (apiVersion !== 'kubescheduler.config.k8s.io/v1' || raw['kind'] !== 'KubeSchedulerConfiguration') throw new SchedulerConfigError(`no kind "${String(raw['kind'])}" is registered for version "${apiVersion}" in scheme "pkg/scheduler/apis/config/scheme/scheme.go:30"`)
  const clientConnection = (raw['clientConnection'] ?? {}) as Raw
  return {
    profiles: profilesOf(raw),
    podInitialBackoffSeconds: Number(raw['podInitialBackoffSeconds'] ?? 1),
    podMaxBackoffSeconds: Number(raw['podMaxBackoffSeconds'] ?? 10),
    kubeconfig: String(clientConnection['kubeconfig'] ?? ''),
    leaderElection: electionOf((raw['leaderElection'] ?? {}) as Raw),
  }
}

function profilesOf(raw: Raw): ProfileConfig[] {
  const given = (raw['profiles'] ?? [{}]) as Raw[]
  if (given.length > 64) throw new SchedulerConfigError('profiles: Too many: must have at most 64 items')
  const profiles = given.map((entry) => profile(entry ?? {}, Number(raw['percentageOfNodesToScore'] ?? 0)))
  const seen = new Set<string>()
  profiles.forEach(({ schedulerName }, index) => {
    if (seen.has(schedulerName)) throw new SchedulerConfigError(`profiles[${index}].schedulerName: Duplicate value: ${JSON.stringify(schedulerName)}`)
    seen.add(schedulerName)
  })
  return profiles
}

function electionOf(raw: Raw): SchedulerConfig['leaderElection'] {
  const duration = (key: string): number | undefined => (raw[key] === undefined ? undefined : durationMs(String(raw[key])))
  const out: Record<string, unknown> = { leaderElect: raw['leaderElect'], resourceName: raw['resourceName'], resourceNamespace: raw['resourceNamespace'], leaseDurationMs: duration('leaseDuration'), renewDeadlineMs: duration('renewDeadline'), retryPeriodMs: duration('retryPeriod') }
  for (const key of Object.keys(out)) if (out[key] === undefined) delete out[key]
  return out as SchedulerConfig['leaderElection']
}

function durationMs(text: string): number {
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  let sum = 0
  for (const match of text.matchAll(/([0-9.]+)(ms|h|m|s)/g)) sum += Number(match[1]) * (units[match[2] ?? 's'] ?? 1000)
  return sum
}
