/** `kubectl kustomize DIR` and `-k DIR`: a kustomization as one YAML stream. */
import { emptyBody } from '#engine/base/http'
import { emitYaml } from '#engine/base/yaml/emit'
import { ConnectionError, dialFailure } from '#engine/client/errors'
import type { Process } from '#engine/linux/abi/process'
import { statusTexts } from '#engine/linux/net/http/wire'
import { CliError } from '../session/errors'
import { Accumulator } from './accumulator'
import { describe } from './buildmetadata'
import { contentHash } from './hash'
import { type Build, type BuildOptions, Loader } from './loader'
import { schemaOf } from './openapi'
import { sorted } from './order'
import { fixReferences } from './references'
import { isRepository, NeedsRemote, Remote } from './remote'
import { type Resource, ResourceMap } from './resource'
import { accumulate, load } from './target'
import { resolveVars } from './vars'

export interface BuiltKustomization {
  readonly documents: readonly string[]
  readonly resources: readonly Resource[]
}

const localConfig = 'config.kubernetes.io/local-config'

/** Warnings and notes go to standard error, before an error too. */
export async function buildKustomization(process: Process, path: string, options: BuildOptions = {}, note: (text: string) => Promise<void> = () => Promise.resolve()): Promise<BuiltKustomization> {
  const remote = new Remote()
  for (;;) {
    const told: (() => Promise<unknown>)[] = []
    const build: Build = { process, options, remote, warn: (text) => void told.push(() => process.stderr.write(`${text}\n`)), note: (text) => void told.push(() => note(text)) }
    const outcome = attempt(() => buildResources(build, path))
    if (outcome instanceof NeedsRemote) await fetchInto(process, remote, outcome.url)
    else {
      for (const tell of told) await tell()
      if (outcome instanceof Error) throw outcome
      return outcome
    }
  }
}

function attempt(work: () => BuiltKustomization): BuiltKustomization | Error {
  try {
    return work()
  } catch (error) {
    if (error instanceof CliError || error instanceof NeedsRemote) return error
    throw error
  }
}

export function buildResources(build: Build, path: string): BuiltKustomization {
  const loader = Loader.at(build, path)
  const kustomization = load(loader)
  const all = new Accumulator(new ResourceMap(schemaOf(loader, kustomization.openapi)))
  accumulate(loader, kustomization, all)
  const { list } = all.map
  for (const resource of list) if (resource.needsHash) addHash(resource)
  fixReferences(list, all.config.nameReference)
  for (const line of resolveVars(all.map, all.vars, all.config.varReference)) build.note(line)
  const kept = list.filter((resource) => (resource.metadata['annotations'] as Record<string, string> | undefined)?.[localConfig] === undefined)
  const resources = sorted(kept, kustomization.sortOptions)
  describe(resources, kustomization)
  return { resources, documents: resources.map((resource) => emitYaml(resource.object)) }
}

function addHash(resource: Resource): void {
  const hash = contentHash(resource)
  resource.remember()
  resource.name += `-${hash}`
}

async function fetchInto(process: Process, remote: Remote, url: string): Promise<void> {
  const { protocol, hostname, port, pathname, search } = new URL(url)
  const secure = protocol === 'https:'
  const target = { host: hostname, port: port === '' ? (secure ? 443 : 80) : Number(port) }
  try {
    const response = await process.net.request(target, { method: 'GET', path: `${pathname}${search}`, headers: {}, body: emptyBody }, secure ? { tls: {} } : {})
    const good = response.status >= 200 && response.status < 300
    const refusal = isRepository(url) ? 'URL is a git repository' : `HTTP Error: status code ${response.status} (${statusTexts[response.status] ?? ''})`
    remote.keep(url, good ? new TextEncoder().encode(await response.body.text()) : new CliError(refusal))
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    remote.keep(url, new CliError(new ConnectionError('GET', url, error, dialFailure(error, target.host, target.port)).message))
  }
}
