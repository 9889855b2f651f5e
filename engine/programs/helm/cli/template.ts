/** Go templates of --template: releases and versions under the names that Go has for their fields. */
import { parseTemplate } from '#engine/programs/common/gotemplate/template'
import { plainValues } from '#engine/programs/helm/values/types'
import { goTime } from '../release/time'
import type { Release } from '../release/types'

export function releaseTemplate(template: string, release: Release): string {
  const { info, chart } = release
  const { metadata } = chart
  const exported = Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key === 'apiVersion' ? 'APIVersion' : `${key.charAt(0).toUpperCase()}${key.slice(1)}`, value]))
  const data = {
    Name: release.name, Namespace: release.namespace, Version: release.version, Manifest: release.manifest, Config: plainValues(release.config ?? {}), Labels: release.labels,
    Info: { Status: info.status, Description: info.description, Notes: info.notes, FirstDeployed: shown(info.firstDeployed), LastDeployed: shown(info.lastDeployed), Deleted: shown(info.deleted) },
    Chart: { Metadata: { Name: '', Version: '', AppVersion: '', Description: '', ...exported }, Name: metadata.name ?? '', Values: plainValues(chart.values) },
    Hooks: release.hooks.map((hook) => ({ Name: hook.name, Kind: hook.kind, Path: hook.path, Manifest: hook.manifest, Weight: hook.weight, Events: hook.events })),
  }
  return fillTemplate(template, { Release: data })
}

function shown(time: string): string {
  return time === '' ? '' : goTime(time)
}

export function fillTemplate(template: string, data: unknown): string {
  return parseTemplate('tpl', template).execute(data)
}
