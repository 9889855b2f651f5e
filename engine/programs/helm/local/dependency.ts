/** `helm dependency`: what a chart depends on. */
import type { Process } from '#engine/linux/abi/process'
import type { Command, Invocation } from '#engine/programs/common/cobra/command'
import { bool, type Flag, string, uint } from '#engine/programs/common/cobra/flags'
import { isCompatible } from '#engine/programs/helm/chart/dependencies'
import { globPattern } from '#engine/programs/helm/chart/glob'
import { loadArchive, loadChart } from '#engine/programs/helm/chart/load'
import { joinPath } from '#engine/programs/helm/chart/paths'
import { type Chart, chartName, type Dependency } from '#engine/programs/helm/chart/types'
import { atMost } from '../cli/arguments'
import { textTable } from '../cli/output'
import { locateChart } from '../repo/locate'
import { buildDependencies, updateDependencies, type UpdateOptions } from './dependency-update'

const fetching: readonly Flag[] = [
  bool('skip-refresh', 'do not refresh the local repository cache'), bool('verify', 'verify the packages against signatures'), string('keyring', 'keyring containing public keys', { defaultText: '"/root/.gnupg/pubring.gpg"' }),
]

const sub = (use: string, short: string, flags: readonly Flag[], run: Command['run'], aliases: readonly string[] = []): Command => ({
  use, aliases, short, long: `${short.charAt(0).toUpperCase()}${short.slice(1)}. Dependencies stand in Chart.yaml.`, flags, args: atMost(use, 1), complete: () => ({ candidates: [], files: true }), ...(run ? { run } : {}),
})

export const dependencyCommand: Command = {
  use: 'dependency update|build|list', aliases: ['dep', 'dependencies'], short: "manage a chart's dependencies",
  long: 'Charts that a chart depends on stand in its Chart.yaml by name, version and repository, and lie in charts/. A repository is a URL, @NAME, or file://PATH.',
  commands: [
    sub('build CHART', 'rebuild the charts/ directory based on the Chart.lock file', fetching, fetcher(buildDependencies)),
    sub('list CHART', 'list the dependencies for the given chart', [uint('max-col-width', 'maximum column width for output table', { default: 80 })], list, ['ls']),
    sub('update CHART', 'update charts/ based on the contents of Chart.yaml', fetching, fetcher(updateDependencies), ['up']),
  ],
}

function fetcher(run: (invocation: Invocation, path: string, options: UpdateOptions) => Promise<void>): Command['run'] {
  return async (invocation) => {
    const { args, flags } = invocation
    if (flags.bool('verify')) throw new Error('verification of packages is not simulated')
    await run(invocation, args[0] ?? '.', { skipRefresh: flags.bool('skip-refresh') })
    return 0
  }
}

async function list({ process, args, flags }: Invocation): Promise<number> {
  const path = args[0] ?? '.'
  const chart = loadChart(process.files, await found(process, path))
  const wanted = chart.metadata.dependencies
  if (!wanted) {
    await process.stdout.write(`WARNING: no dependencies at ${joinPath(path, 'charts')}\n`)
    return 0
  }
  const rows = wanted.map((dependency) => [dependency.name, dependency.version ?? '', dependency.repository ?? '', status(process, path, chart, dependency)])
  await process.stdout.write(`${textTable([['NAME', 'VERSION', 'REPOSITORY', 'STATUS'], ...rows], { maxWidth: flags.number('max-col-width') })}\n${strangers(process, path, wanted)}`)
  return 0
}

async function found(process: Process, path: string): Promise<string> {
  return process.files.exists(path) ? path : await locateChart(process, path, {})
}

const fits = (dependency: Dependency, version: string): boolean => version === dependency.version || isCompatible(dependency.version ?? '', version)

function status({ files }: Process, path: string, chart: Chart, dependency: Dependency): string {
  const directory = joinPath(path, 'charts')
  const pattern = globPattern(`${dependency.name}-*.tgz`)
  const archives = files.exists(directory)?.type === 'directory' ? files.readDirectory(directory).filter(({ name }) => pattern.test(name)) : []
  const exact = archives.length > 1 ? archives.filter(({ name }) => /^v?\d/.test(name.slice(dependency.name.length + 1))) : archives
  if (exact.length > 1) return 'too many matches'
  const [archive] = exact
  if (archive) return archiveStatus(files.readFile(`${directory}/${archive.name}`), dependency)
  const unpacked = chart.dependencies.find((candidate) => chartName(candidate) === dependency.name)
  if (!unpacked) return 'missing'
  return fits(dependency, unpacked.metadata.version ?? '') ? 'unpacked' : 'wrong version'
}

function archiveStatus(bytes: Uint8Array, dependency: Dependency): string {
  try {
    const chart = loadArchive(bytes)
    if (chartName(chart) !== dependency.name) return 'misnamed'
    return fits(dependency, chart.metadata.version ?? '') ? 'ok' : 'wrong version'
  } catch {
    return 'corrupt'
  }
}

/** What lies in charts/ and is not asked for. */
function strangers({ files }: Process, path: string, wanted: readonly Dependency[]): string {
  const directory = joinPath(path, 'charts')
  if (files.exists(directory)?.type !== 'directory') return ''
  return files.readDirectory(directory).map(({ name }) => `${directory}/${name}`).sort().map((file) => {
    if (files.stat(file).type !== 'directory' && !file.endsWith('.tgz')) return ''
    try {
      const chart = loadChart(files, file)
      return wanted.some(({ name }) => name === chartName(chart)) ? '' : `WARNING: ${JSON.stringify(file)} is not in Chart.yaml.\n`
    } catch {
      return `WARNING: ${JSON.stringify(file)} is not a chart.\n`
    }
  }).join('')
}
