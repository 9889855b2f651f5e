/** A release: one revision of a chart that was put into a cluster. */
import type { Chart } from '#engine/programs/helm/chart/types'
import type { Values } from '#engine/programs/helm/values/types'

export type ReleaseStatus = 'unknown' | 'deployed' | 'uninstalled' | 'superseded' | 'failed' | 'uninstalling' | 'pending-install' | 'pending-upgrade' | 'pending-rollback'
export type HookPhase = 'Unknown' | 'Running' | 'Succeeded' | 'Failed'

export interface HookRun {
  startedAt: string
  completedAt: string
  phase: HookPhase | ''
}

export interface ReleaseHook {
  name: string
  kind: string
  path: string
  manifest: string
  events: readonly string[]
  weight: number
  deletePolicies: readonly string[]
  outputLogPolicies: readonly string[]
  lastRun: HookRun
}

export interface ReleaseInfo {
  firstDeployed: string
  lastDeployed: string
  deleted: string
  description: string
  status: ReleaseStatus
  notes: string
}

export interface Release {
  name: string
  info: ReleaseInfo
  chart: Chart
  /** What the user gave; undefined where nothing is stored. */
  config: Values | undefined
  manifest: string
  hooks: ReleaseHook[]
  version: number
  namespace: string
  /** Labels that the user gave. */
  labels: Record<string, string>
}

export function isPending(status: ReleaseStatus): boolean {
  return status.startsWith('pending-')
}

export function chartLabel({ chart }: Release): string {
  return `${chart.metadata.name ?? ''}-${chart.metadata.version ?? ''}`
}

export function setStatus(release: Release, status: ReleaseStatus, description: string): void {
  release.info.status = status
  release.info.description = description
}

/** Hooks of an event that ran or are to run. */
export function hooksOf(release: Release, event: string): ReleaseHook[] {
  return release.hooks.filter((hook) => hook.events.includes(event))
}
