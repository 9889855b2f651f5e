/** `kubectl kustomize DIR` and `-k DIR`: a kustomization as one YAML stream. */
import { emitYaml } from '#engine/base/yaml/emit'
import type { Process } from '#engine/linux/abi/process'
import { CliError } from '../session/errors'
import { contentHash } from './hash'
import type { Kustomization } from './kustomization'
import { isRemote, Loader } from './loader'
import { sorted } from './order'
import { fixReferences } from './references'
import type { Resource } from './resource'
import { accumulate } from './target'

export interface BuildOptions {
  /** Files may lie outside of the root. */
  readonly unrestricted?: boolean
}

export interface BuiltKustomization {
  readonly documents: readonly string[]
  readonly resources: readonly Resource[]
  readonly warnings: readonly string[]
}

const localConfig = 'config.kubernetes.io/local-config'

export function buildResources(process: Process, path: string, options: BuildOptions = {}): BuiltKustomization {
  if (isRemote(path)) throw new CliError(`remote kustomizations are not supported here: ${path}`)
  const warnings: string[] = []
  const { map, kustomization } = accumulate(Loader.at(process, path, !options.unrestricted), { add: (text) => void warnings.push(text) })
  for (const resource of map.list) if (resource.needsHash) addHash(resource)
  fixReferences(map.list)
  const kept = map.list.filter((resource) => (resource.metadata['annotations'] as Record<string, string> | undefined)?.[localConfig] === undefined)
  const resources = sorted(kept, kustomization.sortOptions)
  describe(resources, kustomization)
  return { resources, warnings, documents: resources.map((resource) => emitYaml(resource.object)) }
}

/** Warnings go to standard error. */
export async function buildKustomization(process: Process, path: string, options: BuildOptions = {}): Promise<string> {
  const { documents, warnings } = buildResources(process, path, options)
  for (const warning of warnings) await process.stderr.write(`${warning}\n`)
  return documents.join('---\n')
}

function addHash(resource: Resource): void {
  const hash = contentHash(resource)
  resource.remember()
  resource.name += `-${hash}`
}

function describe(resources: readonly Resource[], { buildMetadata = [] }: Kustomization): void {
  if (buildMetadata.some((option) => ['originAnnotations', 'transformerAnnotations'].includes(option))) throw new CliError('buildMetadata other than managedByLabel is not supported here')
  if (buildMetadata.includes('managedByLabel')) for (const resource of resources) resource.metadata['labels'] = { ...(resource.metadata['labels'] as object | undefined), 'app.kubernetes.io/managed-by': 'kustomize-v5.7.1' }
}

