/** The revisions of a workload: replica sets of deployments, controller revisions of the others. */
import { copyObject, type KubeObject } from '#engine/api/object'
import { query } from '#engine/client/client'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { controllerRevisions, replicaSets, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { selectorText } from '../describe/common'

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec?: object
}

export interface Revision {
  readonly number: number
  readonly changeCause: string
  readonly template: PodTemplate
  readonly object: KubeObject
}

export const changeCause = 'kubernetes.io/change-cause'
const revisionAnnotation = 'deployment.kubernetes.io/revision'

/** Ascending. */
export async function revisionsOf(session: Session, info: Info): Promise<Revision[]> {
  const object = info.object as KubeObject
  const own = (items: readonly KubeObject[]): KubeObject[] => items.filter((item) => item.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === object.metadata.uid))
  const kind = info.mapping.kind
  const selector = selectorText((object['spec'] as { selector?: object }).selector)
  const mapping = kind === 'Deployment' ? replicaSets : controllerRevisions
  const list = await session.request<{ items: KubeObject[] }>('GET', resourcePath(mapping, info.namespace) + query({ labelSelector: selector }))
  const found = own(list.items).map((item) => (kind === 'Deployment' ? ofReplicaSet(item) : ofControllerRevision(item, object)))
  return found.filter((revision) => revision.number > 0).sort((a, b) => a.number - b.number)
}

function ofReplicaSet(set: KubeObject): Revision {
  return { number: Number(set.metadata.annotations?.[revisionAnnotation] ?? 0), changeCause: set.metadata.annotations?.[changeCause] ?? '', template: (set['spec'] as { template: PodTemplate }).template, object: set }
}

function ofControllerRevision(revision: KubeObject, owner: KubeObject): Revision {
  const data = revision['data'] as { spec?: { template?: PodTemplate & { $patch?: string } } } | undefined
  const { $patch: _, ...template } = { ...(data?.spec?.template ?? (owner['spec'] as { template: PodTemplate }).template) } as PodTemplate & { $patch?: string }
  return { number: Number(revision['revision'] ?? 0), changeCause: revision.metadata.annotations?.[changeCause] ?? '', template, object: revision }
}

/** The wanted revision; 0 means the one before the newest. */
export function chooseRevision(revisions: readonly Revision[], wanted: number, what: string): Revision {
  if (wanted !== 0) {
    const found = revisions.find((revision) => revision.number === wanted)
    if (!found) throw new CliError(`unable to find specified revision ${wanted} in history`)
    return found
  }
  const previous = revisions[revisions.length - 2]
  if (!previous) throw new CliError(what.startsWith('deployment ') ? `no rollout history found for ${what}` : 'no last revision to roll back to')
  return previous
}

/** Without the label that parts replica sets. */
export function withoutHash(template: PodTemplate): PodTemplate {
  const copy = copyObject(template) as { metadata?: { labels?: Record<string, string> } } & PodTemplate
  if (copy.metadata?.labels) delete copy.metadata.labels['pod-template-hash']
  return copy
}
