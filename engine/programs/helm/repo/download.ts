/** Charts and indexes from repositories, by way of the cache. */
import { decodeUtf8 } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { basePath, fileError } from '#engine/programs/helm/chart/paths'
import { type HelmPaths, helmPaths } from '../cli/paths'
import { type ChartVersion, chartVersion, parseIndex, type RepositoryIndex } from './charts'
import { type Access, fetchBytes } from './fetch'
import { readRepositories, type Repository } from './file'

export function indexPath({ repositoryCache }: HelmPaths, name: string): string {
  return `${repositoryCache}/${name}-index.yaml`
}

export function accessOf({ username, password, caFile, certFile, keyFile, insecure_skip_tls_verify }: Repository): Access {
  return { username, password, caFile, certFile, keyFile, insecure: insecure_skip_tls_verify }
}

/** The URL below a repository's. */
export function below(url: string, reference: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(reference)) return reference
  const [path = '', query] = url.split('?')
  return `${new URL(reference, path.endsWith('/') ? path : `${path}/`).href}${query === undefined ? '' : `?${query}`}`
}

/** Fetches an index, and keeps it and the names of its charts in the cache. */
export async function downloadIndex(process: Process, paths: HelmPaths, repository: Repository): Promise<RepositoryIndex> {
  checkScheme(repository.url)
  const bytes = await fetchBytes(process, indexUrl(repository.url), accessOf(repository))
  const index = parseIndex(decodeUtf8(bytes))
  process.files.mkdirAll(paths.repositoryCache)
  process.files.writeFile(`${paths.repositoryCache}/${repository.name}-charts.txt`, [...index.entries.keys()].sort().map((name) => `${name}\n`).join(''), 0o644)
  process.files.writeFile(indexPath(paths, repository.name), bytes, 0o644)
  return index
}

function indexUrl(url: string): string {
  return below(url, 'index.yaml')
}

export function checkScheme(url: string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1] ?? ''
  if (scheme === 'oci') throw new Error('repositories of OCI registries are not simulated')
  if (scheme !== 'http' && scheme !== 'https') throw new Error(`could not find protocol handler for: ${scheme}`)
  if (!URL.canParse(url)) throw new Error(`invalid chart URL format: ${url}`)
}

export function readIndex(process: Process, paths: HelmPaths, name: string): RepositoryIndex {
  const path = indexPath(paths, name)
  let text: string
  try {
    text = process.files.readText(path)
  } catch (error) {
    throw fileError('open', path, error)
  }
  try {
    return parseIndex(text)
  } catch (error) {
    throw new Error(`error loading ${path}: ${(error as Error).message}`)
  }
}

export interface Resolved {
  readonly url: string
  readonly access: Access
  readonly digest?: string
}

/** What a reference means: a URL, or `REPO/CHART` of a repository that is known. */
export function resolveReference(process: Process, paths: HelmPaths, reference: string, version: string): Resolved {
  if (/^https?:\/\/[^/]+\/./i.test(reference)) return { url: reference, access: {} }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(reference)) throw new Error(`could not find protocol handler for: ${reference.slice(0, reference.indexOf(':'))}`)
  const slash = reference.indexOf('/')
  if (slash < 0) throw new Error(`non-absolute URLs should be in form of repo_name/path_to_chart, got: ${reference}`)
  const [repo, name] = [reference.slice(0, slash), reference.slice(slash + 1)]
  const known = (readRepositories(process, paths.repositoryConfig) ?? []).find((entry) => entry.name === repo)
  if (!known || known.url === '') throw new Error(known ? `no URL found for repository ${repo}` : `repo ${repo} not found`)
  let index: RepositoryIndex
  try {
    index = readIndex(process, paths, repo)
  } catch (error) {
    throw new Error(`no cached repo found. (try 'helm repo update'): ${(error as Error).message}`)
  }
  return { ...resolveIn(index, known.url, name, version, `chart ${JSON.stringify(name)} matching ${version} not found in ${repo} index. (try 'helm repo update')`, reference), access: accessOf(known) }
}

function resolveIn(index: RepositoryIndex, url: string, name: string, version: string, complaint: string, reference: string): Resolved {
  let found: ChartVersion
  try {
    found = chartVersion(index, name, version)
  } catch (error) {
    throw new Error(`${complaint}: ${(error as Error).message}`)
  }
  const [first] = found.urls
  if (first === undefined) throw new Error(`chart ${JSON.stringify(reference)} has no downloadable URLs`)
  return { url: below(url, first), access: {}, ...(found.digest ? { digest: found.digest } : {}) }
}

/** `--repo URL`: the chart is looked for in an index that no one keeps. */
export async function resolveInRepository(process: Process, repositoryUrl: string, name: string, version: string, access: Access): Promise<Resolved> {
  let index: RepositoryIndex
  try {
    checkScheme(repositoryUrl)
    index = parseIndex(decodeUtf8(await fetchBytes(process, indexUrl(repositoryUrl), access)))
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    throw new Error(`looks like ${JSON.stringify(repositoryUrl)} is not a valid chart repository or cannot be reached: ${(error as Error).message}`)
  }
  const about = version === '' ? `chart ${JSON.stringify(name)}` : `chart ${JSON.stringify(name)} version ${JSON.stringify(version)}`
  let found: ChartVersion
  try {
    found = chartVersion(index, name, version)
  } catch {
    throw new Error(`${about} not found in ${repositoryUrl} repository`)
  }
  const [first] = found.urls
  if (first === undefined) throw new Error(`${about} has no downloadable URLs`)
  return { url: below(repositoryUrl, first), access }
}

/** Fetches into a directory; the path of the archive. */
export async function downloadTo(process: Process, { url, access }: Resolved, directory: string): Promise<string> {
  const bytes = await fetchBytes(process, url, access)
  const path = `${directory.replace(/\/$/, '')}/${basePath(new URL(url).pathname)}`
  try {
    process.files.writeFile(path, bytes, 0o644)
  } catch (error) {
    throw fileError('open', `${path}${String(process.random.integer(1_000_000_000))}`, error)
  }
  return path
}

export interface ChartRequest {
  /** A URL, or `@NAME` or `alias:NAME` of a repository that is known. */
  readonly repository: string
  readonly name: string
  /** A version or a constraint. */
  readonly version: string
}

/** For `helm dependency`: the archive and its exact version. */
export async function downloadChart(process: Process, { repository: url, name, version }: ChartRequest): Promise<{ bytes: Uint8Array; version: string }> {
  const { index, base, access } = await indexOf(process, url)
  const found = chartVersion(index, name, version)
  const [first] = found.urls
  if (first === undefined) throw new Error(`chart ${JSON.stringify(name)} has no downloadable URLs`)
  return { bytes: await fetchBytes(process, below(base, first), access), version: String(found.version) }
}

export async function resolveVersion(process: Process, { repository: url, name, constraint }: { readonly repository: string; readonly name: string; readonly constraint: string }): Promise<string> {
  return String(chartVersion((await indexOf(process, url)).index, name, constraint).version)
}

/** The kept index of a known repository, else a fresh one. */
async function indexOf(process: Process, url: string): Promise<{ index: RepositoryIndex; base: string; access: Access }> {
  const paths = helmPaths(process)
  const repositories = readRepositories(process, paths.repositoryConfig) ?? []
  const alias = /^(?:@|alias:)(.*)$/.exec(url)?.[1]
  const same = (entry: Repository): boolean => (alias === undefined ? entry.url.replace(/\/$/, '') === url.replace(/\/$/, '') : entry.name === alias)
  const known = repositories.find(same)
  if (known) return { index: readIndex(process, paths, known.name), base: known.url, access: accessOf(known) }
  if (alias !== undefined) throw new Error(`no repository definition for ${url}. Please add the missing repos via 'helm repo add'`)
  checkScheme(url)
  return { index: parseIndex(decodeUtf8(await fetchBytes(process, indexUrl(url)))), base: url, access: {} }
}

