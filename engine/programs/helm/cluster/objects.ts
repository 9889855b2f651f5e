/** The objects of a manifest, each with where it belongs in the cluster. */
import type { KubeObject } from '#engine/api/object'
import { parseYaml } from '#engine/base/yaml/parser'
import type { Discovery, Mapping } from '#engine/programs/common/kube/discovery'
import { type HelmSession, splitApiVersion } from './session'

export interface ClusterObject {
  readonly mapping: Mapping
  /** Empty for what has no namespace. */
  readonly namespace: string
  readonly name: string
  object: KubeObject
}

/** Throws what a search for the objects says: all problems at once. */
export async function buildObjects(session: HelmSession, manifest: string): Promise<ClusterObject[]> {
  const documents = splitManifest(manifest).flatMap(flattened)
  if (documents.length === 0) return []
  const discovery = await session.discovery()
  const built: ClusterObject[] = []
  const problems: string[] = []
  for (const document of documents) {
    try {
      built.push(mapped(discovery, document, session.namespace))
    } catch (error) {
      problems.push((error as Error).message)
    }
  }
  if (problems.length === 1) throw new Error(problems[0])
  if (problems.length > 1) throw new Error(`[${problems.join(', ')}]`)
  return built
}

/** The documents of a manifest as values, empty ones left out. */
export function splitManifest(manifest: string): Record<string, unknown>[] {
  return `\n${manifest}`.split(/\n---[^\n]*(?:\n|$)/).flatMap((part) => {
    let value: unknown
    try {
      value = parseYaml(`${part}\n`)
    } catch (error) {
      throw new Error(`error parsing : error converting YAML to JSON: ${(error as Error).message}`)
    }
    return value === null || value === undefined ? [] : [value as Record<string, unknown>]
  })
}

function flattened(document: Record<string, unknown>): Record<string, unknown>[] {
  const { kind, items } = document
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? (items as Record<string, unknown>[]) : [document]
}

const isWord = (value: unknown): value is string => typeof value === 'string' && value !== ''

function mapped(discovery: Discovery, document: Record<string, unknown>, fallback: string): ClusterObject {
  const { apiVersion, kind } = document
  const unset = [...(isWord(apiVersion) ? [] : ['apiVersion not set']), ...(isWord(kind) ? [] : ['kind not set'])]
  if (!isWord(kind) || !isWord(apiVersion)) throw new Error(`error validating "": error validating data: ${unset.length === 1 ? unset.join('') : `[${unset.join(', ')}]`}`)
  const metadata = (document['metadata'] ?? {}) as { name?: string; namespace?: string }
  const [group, version] = splitApiVersion(apiVersion)
  const mapping = discovery.forKind(group, kind, version)
  if (!mapping || mapping.kind !== kind)
    throw new Error(`resource mapping not found for name: ${JSON.stringify(metadata.name ?? '')} namespace: ${JSON.stringify(metadata.namespace ?? '')} from "": no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}\nensure CRDs are installed first`)
  const namespace = mapping.namespaced ? metadata.namespace || fallback : ''
  const object = mapping.namespaced && !metadata.namespace ? { ...document, metadata: { ...metadata, namespace } } : document
  return { mapping, namespace, name: metadata.name ?? '', object: object as unknown as KubeObject }
}

export function objectKey({ mapping, namespace, name }: ClusterObject): string {
  return `${mapping.group}/${mapping.kind}/${namespace}/${name}`
}

/** `ConfigMap "x" in namespace "y"`. */
export function objectWords({ mapping, namespace, name }: ClusterObject): string {
  return `${mapping.kind} ${JSON.stringify(name)} in namespace ${JSON.stringify(namespace)}`
}
