/** `helm list` and `helm history`. */
import { matchesLabels, parseLabelSelector } from '#engine/api/selector'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, type Flag, int, string } from '#engine/programs/common/cobra/flags'
import { nameProblem } from '../release/names'
import { ansiTime, formatTime, goTime } from '../release/time'
import { chartLabel, isPending, type Release } from '../release/types'
import { exactly, noArguments } from './arguments'
import { completeReleases } from './complete'
import { formatted, goJson, outputFlag, textTable } from './output'
import { goExpression } from './expression'
import { contextOf, print } from './run'

const stateFlags = ['deployed', 'failed', 'pending', 'superseded', 'uninstalled', 'uninstalling'] as const

const listFlags: readonly Flag[] = [
  outputFlag,
  bool('all,a', 'show all releases without any filter applied'),
  bool('all-namespaces,A', 'list releases across all namespaces'),
  bool('date,d', 'sort by release date'),
  ...stateFlags.map((state) => bool(state, `show ${state} releases`)),
  string('filter,f', 'a regular expression (Perl compatible). Any releases that match the expression will be included in the results'),
  int('max,m', 'maximum number of releases to fetch', { default: 256 }),
  bool('no-headers', "don't print headers when using the default output format"),
  int('offset', 'next release index in the list, used to offset from start value'),
  bool('reverse,r', 'reverse the sort order'),
  string('selector,l', "Selector (label query) to filter on, supports '=', '==', and '!='. Works only for the secret (default) and configmap storage backends"),
  bool('short,q', 'output short (quiet) listing format'),
  string('time-format', 'format time using golang time formatter. Example: --time-format "2006-01-02 15:04:05Z0700"'),
]

export const listCommand: Command = {
  use: 'list', aliases: ['ls'], short: 'list releases', args: noArguments('list'), flags: listFlags,
  long: 'Lists the releases of a namespace; those that are deployed or failed, where no flag says which.',
  async run(invocation) {
    const { flags } = invocation
    const everywhere = flags.bool('all-namespaces')
    const context = contextOf(invocation, everywhere)
    await context.session.reach()
    const found = shown(invocation, await context.storage.list())
    if (flags.bool('short')) return await print(invocation, shortList(invocation, found))
    const rows = found.map((release) => ({
      name: release.name, namespace: release.namespace, revision: String(release.version), updated: updated(invocation, release), status: release.info.status, chart: chartLabel(release), app_version: String(release.chart.metadata.appVersion ?? ''),
    }))
    const heading = flags.bool('no-headers') ? [] : [['NAME', 'NAMESPACE', 'REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION']]
    return await print(invocation, formatted(flags, () => rows, () => textTable([...heading, ...rows.map((row) => Object.values(row))])))
  },
}

function shortList({ flags }: Invocation, releases: readonly Release[]): string {
  const names = releases.map(({ name }) => name)
  if (flags.string('output') === 'json') return `${goJson(names)}\n`
  if (flags.string('output') === 'yaml') return names.length === 0 ? '[]\n' : names.map((name) => `- ${name}\n`).join('')
  return names.map((name) => `${name}\n`).join('')
}

function updated({ flags }: Invocation, { info }: Release): string {
  const layout = flags.string('time-format')
  if (info.lastDeployed === '') return '-'
  return layout === '' ? goTime(info.lastDeployed) : formatTime(info.lastDeployed, layout)
}

/** Filtered, sorted and cut as the flags say. */
function shown({ flags }: Invocation, all: readonly Release[]): Release[] {
  const filter = flags.string('filter') === '' ? undefined : goExpression(flags.string('filter'))
  const selector = flags.string('selector') === '' ? undefined : parseLabelSelector(flags.string('selector'))
  const named = all.filter(({ name }) => filter === undefined || filter.test(name))
  const wanted = stateFlags.filter((state) => flags.bool(state))
  const onlySuperseded = wanted.length === 1 && wanted[0] === 'superseded' && !flags.bool('all')
  const found = (onlySuperseded ? named : latest(named)).filter((release) => inState(release, flags.bool('all'), wanted) && (!selector || matchesLabels(selector, labelsOf(release))))
  const offset = flags.number('offset')
  const limit = flags.number('max')
  const sorted = found.sort(flags.bool('date') ? byDate : byName)
  if (flags.bool('reverse')) sorted.reverse()
  return sorted.slice(offset, limit === 0 ? undefined : offset + limit)
}

function labelsOf({ name, info, version, labels }: Release): Record<string, string> {
  return { ...labels, name, owner: 'helm', status: info.status, version: String(version) }
}

function latest(releases: readonly Release[]): Release[] {
  const newest = new Map<string, Release>()
  for (const release of releases) {
    const key = `${release.namespace}/${release.name}`
    const known = newest.get(key)
    if (!known || known.version < release.version) newest.set(key, release)
  }
  return [...newest.values()]
}

function inState({ info: { status } }: Release, all: boolean, wanted: readonly string[]): boolean {
  if (all) return true
  if (wanted.length === 0) return status === 'deployed' || status === 'failed'
  return wanted.includes(isPending(status) ? 'pending' : status)
}

const byName = (a: Release, b: Release): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.namespace < b.namespace ? -1 : 1)
const byDate = (a: Release, b: Release): number => (a.info.lastDeployed < b.info.lastDeployed ? -1 : 1)

const historyUse = 'history RELEASE_NAME'

export const historyCommand: Command = {
  use: historyUse, aliases: ['hist'], short: 'fetch release history', args: exactly(historyUse, 1), complete: completeReleases(1),
  long: 'Shows the revisions of a release, the oldest first.',
  flags: [outputFlag, int('max', 'maximum number of revision to include in history', { default: 256 })],
  async run(invocation) {
    const { args: [name = ''], flags } = invocation
    const { session, storage } = contextOf(invocation)
    await session.reach()
    if (nameProblem(name) !== undefined) throw new Error(`release name is invalid: ${name}`)
    const history = await storage.history(name)
    const rows = history.slice(-Math.max(flags.number('max'), 0) || history.length).map((release) => ({
      revision: release.version, updated: release.info.lastDeployed, status: release.info.status, chart: chartLabel(release), app_version: String(release.chart.metadata.appVersion ?? ''), description: release.info.description,
    }))
    const cells = rows.map((row) => [String(row.revision), ansiTime(row.updated), row.status, row.chart, row.app_version, row.description])
    return await print(invocation, formatted(flags, () => rows, () => textTable([['REVISION', 'UPDATED', 'STATUS', 'CHART', 'APP VERSION', 'DESCRIPTION'], ...cells])))
  },
}
