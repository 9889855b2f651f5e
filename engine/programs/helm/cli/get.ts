/** `helm get` and `helm status`: what is stored of a release. */
import { emitYaml } from '#engine/base/yaml/emit'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, type Flag, int, string } from '#engine/programs/common/cobra/flags'
import { releaseJson, sortedValues } from '../release/encode'
import { nameProblem } from '../release/names'
import type { Release } from '../release/types'
import { exactly } from './arguments'
import { completeReleases } from './complete'
import { formatted, outputFlag } from './output'
import { resourceTables } from './resources'
import { contextOf, print } from './run'
import { computedValues, hooksText, statusText, userValues } from './status'
import { releaseTemplate } from './template'

const revisionFlag: Flag = int('revision', 'get the named release with revision')

async function released(invocation: Invocation): Promise<Release> {
  const { session, storage } = contextOf(invocation)
  const { args: [name = ''], flags } = invocation
  await session.reach()
  if (nameProblem(name) !== undefined) throw new Error(`releaseContent: Release name is invalid: ${name}`)
  return await storage.content(name, flags.number('revision'))
}

interface Part {
  readonly name: string
  readonly short: string
  readonly flags?: readonly Flag[]
  readonly text: (release: Release, invocation: Invocation) => string
}

const parts: readonly Part[] = [
  { name: 'all', short: 'download all information for a named release', flags: [string('template', 'go template for formatting the output, eg: {{.Release.Name}}')], text: (release, { flags }) => (flags.string('template') === '' ? statusText(release, { debug: true }) : releaseTemplate(flags.string('template'), release)) },
  { name: 'hooks', short: 'download all hooks for a named release', text: hooksText },
  { name: 'manifest', short: 'download the manifest for a named release', text: ({ manifest }) => `${manifest}\n` },
  { name: 'metadata', short: 'This command fetches metadata for a given release', flags: [outputFlag], text: metadataText },
  { name: 'notes', short: 'download the notes for a named release', text: ({ info }) => (info.notes === '' ? '' : `NOTES:\n${info.notes}\n`) },
  { name: 'values', short: 'download the values file for a named release', flags: [outputFlag, bool('all,a', 'dump all (computed) values')], text: valuesText },
]

function valuesText(release: Release, { flags }: Invocation): string {
  const all = flags.bool('all')
  const value = (): unknown => (all ? computedValues(release) : release.config === undefined ? null : sortedValues(release.config))
  return formatted(flags, value, () => (all ? `COMPUTED VALUES:\n${emitYaml(value())}` : `USER-SUPPLIED VALUES:\n${userValues(release)}`))
}

function metadataText(release: Release, { flags }: Invocation): string {
  const { metadata } = release.chart
  const { annotations = {}, dependencies = [] } = metadata
  const version = String(metadata.version ?? '')
  const appVersion = String(metadata.appVersion ?? '')
  const deployedAt = release.info.lastDeployed === '' ? '' : `${release.info.lastDeployed.slice(0, 19)}Z`
  const value = (): unknown => ({
    name: release.name, chart: metadata.name ?? '', version, appVersion, ...(Object.keys(annotations).length > 0 ? { annotations } : {}), ...(dependencies.length > 0 ? { dependencies } : {}), namespace: release.namespace, revision: release.version, status: release.info.status, deployedAt,
  })
  const sorted = Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, text]) => `${key}=${text}`).join(',')
  const rows = [
    ['NAME', release.name], ['CHART', metadata.name], ['VERSION', version], ['APP_VERSION', appVersion], ['ANNOTATIONS', sorted], ['DEPENDENCIES', dependencies.map(({ name }) => name).sort().join(',')],
    ['NAMESPACE', release.namespace], ['REVISION', release.version], ['STATUS', release.info.status], ['DEPLOYED_AT', deployedAt],
  ]
  return formatted(flags, value, () => rows.map(([key, text]) => `${String(key)}: ${String(text ?? '')}\n`).join(''))
}

function partCommand({ name, short, flags = [], text }: Part): Command {
  const use = `${name} RELEASE_NAME`
  return { use, short, args: exactly(use, 1), flags: [revisionFlag, ...flags], complete: completeReleases(1), run: async (invocation) => await print(invocation, text(await released(invocation), invocation)) }
}

export const getCommand: Command = {
  use: 'get', short: 'download extended information of a named release', long: 'Shows what is stored of a release: its values, manifest, hooks, notes, metadata, or all of it.',
  commands: parts.map(partCommand),
}

const statusUse = 'status RELEASE_NAME'

export const statusCommand: Command = {
  use: statusUse, short: 'display the status of the named release', args: exactly(statusUse, 1), complete: completeReleases(1),
  long: 'Shows when a release was deployed, in which state it is, its tests and notes.',
  flags: [
    outputFlag, int('revision', 'if set, display the status of the named release with revision'),
    bool('show-desc', 'if set, display the description message of the named release'), bool('show-resources', 'if set, display the resources of the named release'),
  ],
  async run(invocation) {
    const { flags } = invocation
    const release = await released(invocation)
    const resources = flags.bool('show-resources') ? await resourceTables(contextOf(invocation).session, release) : ''
    return await print(invocation, formatted(flags, () => releaseJson(release), () => statusText(release, { description: flags.bool('show-desc'), resources })))
  },
}

