/** Whose an object is: the label and annotations by which helm knows its own. */
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { type ClusterObject, objectWords } from '../cluster/objects'
import type { HelmSession } from '../cluster/session'
import { liveObject } from '../cluster/write'

const managedBy = 'app.kubernetes.io/managed-by'
const releaseName = 'meta.helm.sh/release-name'
const releaseNamespace = 'meta.helm.sh/release-namespace'

export interface Owner {
  readonly name: string
  readonly namespace: string
}

/** Marks objects as the release's. */
export function own(objects: readonly ClusterObject[], { name, namespace }: Owner): void {
  for (const target of objects) {
    const { metadata } = target.object
    target.object = {
      ...target.object,
      metadata: { ...metadata, labels: { ...metadata.labels, [managedBy]: 'Helm' }, annotations: { ...metadata.annotations, [releaseName]: name, [releaseNamespace]: namespace } },
    }
  }
}

/** Those that are there already; throws where one is not the release's, but that ownership is taken. */
export async function existing(session: HelmSession, objects: readonly ClusterObject[], owner: Owner, take: boolean): Promise<ClusterObject[]> {
  const found: ClusterObject[] = []
  for (const target of objects) {
    const live = await liveOf(session, target)
    if (!live) continue
    const problem = take ? undefined : ownershipProblem(live, owner)
    if (problem !== undefined) throw new Error(`${objectWords(target)} exists and cannot be imported into the current release: ${problem}`)
    found.push({ ...target })
  }
  return found
}

async function liveOf(session: HelmSession, target: ClusterObject): Promise<KubeObject | undefined> {
  try {
    return await liveObject(session, target)
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    if ((error as Error).name === 'ProcessKilled') throw error
    throw new Error(`could not get information about the resource ${objectWords(target)}: ${(error as Error).message}`)
  }
}

export function ownershipProblem({ metadata }: KubeObject, { name, namespace }: Owner): string | undefined {
  const { labels = {}, annotations = {} } = metadata
  const problems = [
    ...problemOf('label', labels, managedBy, 'Helm'),
    ...problemOf('annotation', annotations, releaseName, name),
    ...problemOf('annotation', annotations, releaseNamespace, namespace),
  ]
  return problems.length === 0 ? undefined : ['invalid ownership metadata', ...problems].join('; ')
}

function problemOf(what: string, held: Readonly<Record<string, string>>, key: string, wanted: string): string[] {
  const value = held[key]
  if (value === wanted) return []
  const problem = value === undefined ? `missing key ${JSON.stringify(key)}: must be set to ${JSON.stringify(wanted)}` : `key ${JSON.stringify(key)} must equal ${JSON.stringify(wanted)}: current value is ${JSON.stringify(value)}`
  return [`${what} validation error: ${problem}`]
}
