/** `helm search`. */
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, string, uint } from '#engine/programs/common/cobra/flags'
import { parseConstraint } from '#engine/programs/helm/chart/constraints'
import { parseVersion } from '#engine/programs/helm/chart/versions'
import { readIndex } from '../repo/download'
import { readRepositories } from '../repo/file'
import { type Hit, search, type SearchIndex } from '../repo/search'
import { pathsOf } from './globals'
import { formatted, outputFlag, textTable } from './output'
import { print, warning } from './run'

const searchRepo: Command = {
  use: 'repo [keyword]', short: 'search repositories for a keyword in charts', long: 'Searches the kept indexes of the repositories that were added, by name, description and keywords.',
  flags: [
    outputFlag, bool('devel', 'use development versions (alpha, beta, and release candidate releases), too. Equivalent to version \'>0.0.0-0\'. If --version is set, this is ignored'), bool('fail-on-no-result', 'search fails if no results are found'),
    uint('max-col-width', 'maximum column width for output table', { default: 50 }), bool('regexp,r', 'use regular expressions for searching repositories you have added'),
    string('version', 'search using semantic versioning constraints on repositories you have added'), bool('versions,l', 'show the long listing, with each version of each chart on its own line, for repositories you have added'),
  ],
  async run(invocation) {
    const { args, flags } = invocation
    const wanted = flags.string('version')
    const all = flags.bool('versions')
    const index = await indexOf(invocation)
    const found = constrained(search(index, args.join(' '), flags.bool('regexp')), wanted || (flags.bool('devel') ? '>0.0.0-0' : '>0.0.0'), all)
    const rows = found.map(({ name, chart }) => ({ name, version: String(chart.version ?? ''), app_version: String(chart.appVersion ?? ''), description: chart.description ?? '' }))
    if (rows.length === 0 && flags.bool('fail-on-no-result')) throw new Error('no results found')
    const heading = ['NAME', 'CHART VERSION', 'APP VERSION', 'DESCRIPTION']
    return await print(invocation, formatted(flags, () => rows, () => (rows.length === 0 ? 'No results found\n' : textTable([heading, ...rows.map((row) => Object.values(row))], { maxWidth: flags.number('max-col-width') }))))
  },
}

async function indexOf(invocation: Invocation): Promise<SearchIndex> {
  const { process, flags } = invocation
  const paths = pathsOf(process, flags)
  const known = readRepositories(process, paths.repositoryConfig) ?? []
  if (known.length === 0) throw new Error('no repositories configured')
  const index: SearchIndex = []
  for (const { name } of known) {
    try {
      for (const [chart, versions] of readIndex(process, paths, name).entries) for (const version of versions) index.push({ name: `${name}/${chart}`, chart: version })
    } catch (error) {
      await warning(invocation, `Repo ${JSON.stringify(name)} is corrupt or missing. Try 'helm repo update'.`)
      await warning(invocation, (error as Error).message)
    }
  }
  return index
}

/** One version a chart, unless all are wanted. */
function constrained(hits: readonly Hit[], text: string, all: boolean): Hit[] {
  let constraint
  try {
    constraint = parseConstraint(text)
  } catch (error) {
    throw new Error(`an invalid version/constraint format: ${(error as Error).message}`)
  }
  const seen = new Set<string>()
  return hits.filter(({ name, chart }) => {
    if (!all && seen.has(name)) return false
    const version = parseVersion(String(chart.version ?? ''))
    if (!version || !constraint.check(version)) return false
    seen.add(name)
    return true
  })
}

const searchHub: Command = {
  use: 'hub [KEYWORD]', short: 'search for charts in the Artifact Hub or your own hub instance', long: 'Searches a hub on the internet, which no simulated machine reaches.',
  flags: [outputFlag, string('endpoint', 'Hub instance to query for charts', { default: 'https://hub.helm.sh' }), bool('fail-on-no-result', 'search fails if no results are found'), bool('list-repo-url', 'print charts repository URL'), uint('max-col-width', 'maximum column width for output table', { default: 50 })],
  async run({ args, flags, process }) {
    const endpoint = flags.string('endpoint')
    const host = URL.canParse(endpoint) ? new URL(endpoint).hostname : endpoint
    const server = (process.files.exists('/etc/resolv.conf') ? process.files.readText('/etc/resolv.conf') : '').match(/^nameserver\s+(\S+)/m)?.[1]
    throw await Promise.resolve(new Error(`unable to perform search against ${JSON.stringify(endpoint)}: Get "${endpoint}/api/chartsvc/v1/charts/search?q=${encodeURIComponent(args.join(' '))}": dial tcp: lookup ${host}${server === undefined ? '' : ` on ${server}:53`}: no such host`))
  },
}

export const searchCommand: Command = {
  use: 'search [keyword]', short: 'search for a keyword in charts', long: 'Searches for charts in the repositories that were added, or in a hub.', commands: [searchHub, searchRepo],
}
