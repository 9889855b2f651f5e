/** What a chart depends on, fetched into charts/ and written down in Chart.lock. */
import { emitYaml } from '#engine/base/yaml/emit'
import { encodeUtf8, toHex } from '#engine/base/bytes'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Process } from '#engine/linux/abi/process'
import type { Invocation } from '#engine/programs/common/cobra/command'
import { pack } from '#engine/programs/helm/chart/archive'
import { parseConstraint } from '#engine/programs/helm/chart/constraints'
import { loadChart } from '#engine/programs/helm/chart/load'
import { lockDigest } from '#engine/programs/helm/chart/lock'
import { joinPath } from '#engine/programs/helm/chart/paths'
import { archiveFiles } from '#engine/programs/helm/chart/save'
import { type Chart, chartName, type Dependency } from '#engine/programs/helm/chart/types'
import { parseVersion } from '#engine/programs/helm/chart/versions'
import { pathsOf } from '../cli/globals'
import { downloadChart, downloadIndex, resolveVersion } from '../repo/download'
import { readRepositories, type Repository, repository } from '../repo/file'
import { formatTime } from '#engine/programs/helm/sprig/layout'

export interface UpdateOptions {
  readonly skipRefresh: boolean
}

export async function updateDependencies(invocation: Invocation, path: string, { skipRefresh }: UpdateOptions): Promise<void> {
  const { process } = invocation
  const chart = loadDirectory(process, path)
  const given = chart.metadata.dependencies
  if (!given) return
  const wanted = named(invocation, given)
  if (!skipRefresh) {
    await refreshUnmanaged(invocation, wanted)
    await refresh(invocation)
  }
  const locked: Dependency[] = []
  for (const dependency of wanted) locked.push(await resolved(process, path, chart, dependency))
  await saveAll(process, path, locked)
  const digest = lockDigest(wanted, locked)
  if (chart.lock?.digest === digest) return
  const now = process.clock.now()
  process.files.writeFile(`${path}/${chart.metadata.apiVersion === 'v1' ? 'requirements.lock' : 'Chart.lock'}`, emitYaml({ dependencies: locked, digest, generated: formatTime(now, '2006-01-02T15:04:05.999999999Z07:00') }), 0o644)
}

/** By the lock, where there is one. */
export async function buildDependencies(invocation: Invocation, path: string, options: UpdateOptions): Promise<void> {
  const { process } = invocation
  const chart = loadDirectory(process, path)
  const { lock } = chart
  if (!lock) return updateDependencies(invocation, path, options)
  const wanted = named(invocation, chart.metadata.dependencies ?? [])
  if (lockDigest(wanted, lock.dependencies) !== lock.digest) {
    const [lockFile, file] = chart.metadata.apiVersion === 'v1' ? ['requirements.lock', 'requirements.yaml'] : ['Chart.lock', 'Chart.yaml']
    throw new Error(`the lock file (${lockFile as string}) is out of sync with the dependencies file (${file as string}). Please update the dependencies`)
  }
  requireAdded(invocation, lock.dependencies)
  if (!options.skipRefresh) await refresh(invocation)
  await saveAll(process, path, lock.dependencies)
}

function loadDirectory(process: Process, path: string): Chart {
  const stat = process.files.exists(path)
  if (!stat) throw new Error(`could not find ${joinPath(process.cwd(), path)}: stat ${path}: no such file or directory`)
  if (stat.type !== 'directory') throw new Error('only unpacked charts can be updated')
  return loadChart(process.files, path)
}

const repositoriesOf = ({ process, flags }: Invocation): readonly Repository[] => readRepositories(process, pathsOf(process, flags).repositoryConfig) ?? []
const isElsewhere = (url: string): boolean => url !== '' && !url.startsWith('file://') && !url.startsWith('oci://')
const sameUrl = (a: string, b: string): boolean => a.replace(/\/$/, '') === b.replace(/\/$/, '')

/** Names of repositories become their URLs; they have to be known. */
function named(invocation: Invocation, wanted: readonly Dependency[]): Dependency[] {
  const known = repositoriesOf(invocation)
  const missing: string[] = []
  const out = wanted.map((dependency) => {
    const { repository = '' } = dependency
    const alias = /^(?:@|alias:)(.*)$/.exec(repository)?.[1]
    const found = known.find(({ name }) => name === alias)
    if (found) return { ...dependency, repository: found.url }
    if (repository !== '' && !/^[a-z][a-z0-9+.-]*:\/\//i.test(repository) && !repository.startsWith('/')) missing.push(repository)
    return dependency
  })
  if (missing.length === 0) return out
  const note = missing.some((url) => !url.startsWith('@') && !url.startsWith('alias:')) ? `\nNote that repositories must be URLs or aliases. For example, to refer to the "example"\nrepository, use "https://charts.example.com/" or "@example" instead of\n"example". Don't forget to add the repo, too ('helm repo add').` : ''
  throw new Error(`no repository definition for ${missing.join(', ')}. Please add them via 'helm repo add'${note}`)
}

/** What is locked comes from repositories that were added. */
function requireAdded(invocation: Invocation, locked: readonly Dependency[]): void {
  const known = repositoriesOf(invocation)
  const missing = locked.map(({ repository = '' }) => repository).filter((url) => isElsewhere(url) && !known.some((entry) => sameUrl(entry.url, url)))
  if (missing.length > 0) throw new Error(`no repository definition for ${missing.join(', ')}. Please add the missing repos via 'helm repo add'`)
}

/** Repositories that nobody added are asked all the same. */
async function refreshUnmanaged(invocation: Invocation, wanted: readonly Dependency[]): Promise<void> {
  const { process, flags } = invocation
  const known = repositoriesOf(invocation)
  const urls = [...new Set(wanted.map(({ repository = '' }) => repository))].filter((url) => isElsewhere(url) && !known.some((entry) => sameUrl(entry.url, url)))
  if (urls.length === 0) return
  await process.stdout.write('Getting updates for unmanaged Helm repositories...\n')
  for (const url of urls) {
    try {
      await downloadIndex(process, pathsOf(process, flags), repository(`helm-manager-${toHex(sha256(encodeUtf8(url)))}`, url))
      await process.stdout.write(`...Successfully got an update from the ${JSON.stringify(url)} chart repository\n`)
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      await process.stdout.write(`...Unable to get an update from the ${JSON.stringify(url)} chart repository:\n\t${(error as Error).message}\n`)
    }
  }
}

async function refresh({ process, flags }: Invocation): Promise<void> {
  const paths = pathsOf(process, flags)
  const known: readonly Repository[] = readRepositories(process, paths.repositoryConfig) ?? []
  if (known.length === 0) return
  await process.stdout.write('Hang tight while we grab the latest from your chart repositories...\n')
  for (const entry of known) {
    try {
      await downloadIndex(process, paths, entry)
      await process.stdout.write(`...Successfully got an update from the ${JSON.stringify(entry.name)} chart repository\n`)
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      await process.stdout.write(`...Unable to get an update from the ${JSON.stringify(entry.name)} chart repository (${entry.url}):\n\t${(error as Error).message}\n`)
    }
  }
  await process.stdout.write('Update Complete. \u2388Happy Helming!\u2388\n')
}

function constraintOf({ name, version = '' }: Dependency): ReturnType<typeof parseConstraint> {
  try {
    return parseConstraint(version === '' ? '*' : version)
  } catch (error) {
    throw new Error(`dependency ${JSON.stringify(name)} has an invalid version/constraint format: ${(error as Error).message}`)
  }
}

async function resolved(process: Process, path: string, chart: Chart, dependency: Dependency): Promise<Dependency> {
  const { name, repository = '', version: wanted = '' } = dependency
  const constraint = constraintOf(dependency)
  const version = repository === '' ? ownVersion(chart, name) : repository.startsWith('file://') ? localChart(process, path, repository).metadata.version : await remoteVersion(process, dependency)
  const parsed = version === undefined ? undefined : parseVersion(version)
  if (version === undefined || !parsed || !constraint.check(parsed))
    throw new Error(`can't get a valid version for 1 subchart(s): ${JSON.stringify(name)} (repository ${JSON.stringify(repository)}, version ${JSON.stringify(wanted)}). Make sure a matching chart version exists in the repo, or change the version constraint in Chart.yaml`)
  return { name, repository, version }
}

function ownVersion(chart: Chart, name: string): string | undefined {
  return chart.dependencies.find((found) => chartName(found) === name)?.metadata.version
}

async function remoteVersion(process: Process, { name, repository = '', version = '' }: Dependency): Promise<string | undefined> {
  try {
    return await resolveVersion(process, { repository, name, constraint: version })
  } catch (error) {
    const { message } = error as Error
    if (message === 'no chart name found') throw new Error(`chart ${JSON.stringify(name)} not found in repository ${repository}`)
    if (message.startsWith('no chart version')) return undefined
    throw error
  }
}

function localChart(process: Process, path: string, repository: string): Chart {
  const place = repository.slice('file://'.length)
  const directory = place.startsWith('/') ? place : joinPath(path, place)
  if (!process.files.exists(directory)) throw new Error(`directory ${joinPath(process.cwd(), directory)} not found`)
  return loadChart(process.files, directory)
}

interface Saved {
  readonly name: string
  readonly bytes: Uint8Array
}

async function saveAll(process: Process, path: string, locked: readonly Dependency[]): Promise<void> {
  const { files, stdout } = process
  const charts = `${path}/charts`
  files.mkdirAll(charts, 0o755)
  await stdout.write(`Saving ${locked.length} charts\n`)
  const saved: Saved[] = []
  for (const dependency of locked) saved.push(...(await fetched(process, path, dependency)))
  await stdout.write('Deleting outdated charts\n')
  const kept = new Set(saved.map(({ name }) => name))
  for (const { name } of files.readDirectory(charts)) if (name.endsWith('.tgz') && !kept.has(name) && locked.some((dependency) => name.startsWith(`${dependency.name}-`))) files.unlink(`${charts}/${name}`)
  for (const { name, bytes } of saved) files.writeFile(`${charts}/${name}`, bytes, 0o644)
}

async function fetched(process: Process, path: string, { name, repository = '', version = '' }: Dependency): Promise<Saved[]> {
  if (repository === '') {
    await process.stdout.write(`Dependency ${name} did not declare a repository. Assuming it exists in the charts directory\n`)
    return []
  }
  if (repository.startsWith('file://')) {
    const chart = localChart(process, path, repository)
    return [{ name: `${chartName(chart)}-${chart.metadata.version ?? ''}.tgz`, bytes: pack(archiveFiles(chart, ''), process.clock.now()) }]
  }
  await process.stdout.write(`Downloading ${name} from repo ${repository}\n`)
  const found = await downloadChart(process, { repository, name, version })
  return [{ name: `${name}-${found.version}.tgz`, bytes: found.bytes }]
}
