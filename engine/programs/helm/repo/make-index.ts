/** Making the index of a directory of packaged charts. */
import { toHex } from '#engine/base/bytes'
import { emitYaml } from '#engine/base/yaml/emit'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Process } from '#engine/linux/abi/process'
import { loadArchive } from '#engine/programs/helm/chart/load'
import { fileError } from '#engine/programs/helm/chart/paths'
import { metadataJson } from '../release/encode'
import { nowText } from '../release/time'
import { type ChartVersion, newestFirst, parseIndex } from './charts'

type Entries = ReadonlyMap<string, readonly ChartVersion[]>

/** Archives of the directory and of those right below it. */
export function readIndexable(process: Process, directory: string, baseUrl: string): Entries {
  const top = directory.replace(/\/$/, '')
  const entries = new Map<string, ChartVersion[]>()
  for (const path of [...archivesIn(process, top, ''), ...directoriesIn(process, top).flatMap((name) => archivesIn(process, `${top}/${name}`, `${name}/`))]) {
    const version = describe(process, `${top}/${path}`, path, baseUrl)
    if (!version) continue
    const name = version.name ?? ''
    entries.set(name, [...(entries.get(name) ?? []), version])
  }
  return entries
}

function archivesIn(process: Process, directory: string, prefix: string): string[] {
  if (!process.files.exists(directory)) return []
  return process.files.readDirectory(directory).filter(({ name }) => name.endsWith('.tgz')).map(({ name }) => `${prefix}${name}`).sort()
}

function directoriesIn(process: Process, directory: string): string[] {
  if (!process.files.exists(directory)) return []
  return process.files.readDirectory(directory).filter(({ type }) => type === 'directory').map(({ name }) => name).sort()
}

/** What cannot be loaded is no chart. */
function describe(process: Process, path: string, relative: string, baseUrl: string): ChartVersion | undefined {
  const bytes = process.files.readFile(path)
  let metadata: Record<string, unknown>
  try {
    metadata = metadataJson(loadArchive(bytes).metadata)
  } catch {
    return undefined
  }
  return { ...metadata, created: nowText(process), digest: toHex(sha256(bytes)), urls: [baseUrl === '' ? relative : `${baseUrl.replace(/\/$/, '')}/${relative}`] } as ChartVersion
}

/** Those of an index that is there and are not in the new one stay. */
export function mergedEntries(process: Process, path: string, entries: Entries): Entries {
  let old: Entries
  try {
    old = process.files.exists(path) ? parseIndex(process.files.readText(path)).entries : new Map<string, ChartVersion[]>()
  } catch (error) {
    throw new Error(`merge failed: ${fileError('open', path, error).message}`)
  }
  const merged = new Map<string, readonly ChartVersion[]>(entries)
  for (const [name, versions] of old) {
    const own = merged.get(name) ?? []
    merged.set(name, [...own, ...versions.filter(({ version }) => !own.some((other) => other.version === version))])
  }
  return merged
}

export function indexText(process: Process, entries: Entries, json: boolean): string {
  const value = { apiVersion: 'v1', entries: Object.fromEntries([...entries].map(([name, versions]) => [name, newestFirst(versions)])), generated: nowText(process) }
  return json ? JSON.stringify(value) : emitYaml(value)
}
