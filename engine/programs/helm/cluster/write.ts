/** Creating, changing and deleting objects in the cluster. */
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { query } from '#engine/client/client'
import { threeWayStrategicPatch } from '#engine/programs/common/patch/strategic'
import { twoWayMergePatch } from '#engine/programs/common/patch/merge'
import type { OpenApiDocument, PatchMeta } from '#engine/programs/common/patch/schema'
import { openApiPath, strategicMeta } from '#engine/programs/common/patch/served'
import { type ClusterObject, objectKey } from './objects'
import type { HelmSession } from './session'

const fieldManager = 'helm'

/** Several errors as hashicorp's multierror tells them. */
export class Several extends Error {
  override readonly name = 'Several'

  constructor(readonly errors: readonly Error[]) {
    super(`${errors.length === 1 ? '1 error' : `${errors.length} errors`} occurred:\n\t${errors.map(({ message }) => `* ${message}`).join('\n\t')}\n\n`)
  }
}

/** All of them, also where some fail. */
export async function createObjects(session: HelmSession, objects: readonly ClusterObject[]): Promise<void> {
  await each(objects, (object) => createObject(session, object))
}

async function each(objects: readonly ClusterObject[], run: (object: ClusterObject) => Promise<void>): Promise<void> {
  const errors: Error[] = []
  for (const object of objects) {
    try {
      await run(object)
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      errors.push(error as Error)
    }
  }
  if (errors.length > 0) throw new Several(errors)
}

async function createObject(session: HelmSession, target: ClusterObject): Promise<void> {
  const path = session.client().of(target.mapping).path(target.namespace)
  target.object = await session.client().json<KubeObject>('POST', path + query({ fieldManager }), target.object)
}

export function liveObject(session: HelmSession, { mapping, namespace, name }: ClusterObject): Promise<KubeObject> {
  return session.client().of(mapping).get(namespace, name)
}

export async function findObject(session: HelmSession, object: ClusterObject): Promise<KubeObject | undefined> {
  try {
    return await liveObject(session, object)
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}

export interface UpdateResult {
  readonly created: ClusterObject[]
}

/** From what an earlier release made to what is wanted now; `result` is told as it goes. */
export async function updateObjects(session: HelmSession, original: readonly ClusterObject[], target: readonly ClusterObject[], force: boolean, result: UpdateResult): Promise<void> {
  const before = new Map(original.map((object) => [objectKey(object), object]))
  const problems: string[] = []
  for (const wanted of target) {
    const live = await currentOf(session, wanted)
    if (!live) {
      result.created.push(wanted)
      await createObject(session, wanted).catch((error: unknown) => Promise.reject(wrapped('failed to create resource', error)))
      continue
    }
    const known = before.get(objectKey(wanted))
    if (!known) throw new Error(`no ${wanted.mapping.kind} with the name ${JSON.stringify(wanted.name)} found`)
    try {
      await changeObject(session, known, wanted, live, force)
    } catch (error) {
      if ((error as Error).name === 'ProcessKilled') throw error
      problems.push((error as Error).message)
    }
  }
  if (problems.length > 0) throw new Error(problems.join(' && '))
  const kept = new Set(target.map(objectKey))
  for (const object of original) if (!kept.has(objectKey(object))) await removeOld(session, object)
}

function wrapped(words: string, error: unknown): Error {
  return (error as Error).name === 'ProcessKilled' ? (error as Error) : new Error(`${words}: ${(error as Error).message}`)
}

async function currentOf(session: HelmSession, wanted: ClusterObject): Promise<KubeObject | undefined> {
  try {
    return await findObject(session, wanted)
  } catch (error) {
    throw wrapped('could not get information about the resource', error)
  }
}

async function changeObject(session: HelmSession, original: ClusterObject, wanted: ClusterObject, live: KubeObject, force: boolean): Promise<void> {
  const { mapping, namespace, name } = wanted
  const path = session.client().of(mapping).path(namespace, name) + query({ fieldManager })
  if (force) {
    const object = { ...wanted.object, metadata: { ...wanted.object.metadata, resourceVersion: live.metadata.resourceVersion } }
    wanted.object = await session.client().json<KubeObject>('PUT', path, object).catch((error: unknown) => Promise.reject(wrapped('failed to replace object', error)))
    return
  }
  const { patch, type } = await patchFor(session, original, wanted, live).catch((error: unknown) => Promise.reject(wrapped('failed to create patch', error)))
  if (Object.keys(patch).length === 0) {
    wanted.object = live
    return
  }
  try {
    wanted.object = await session.client().json<KubeObject>('PATCH', path, patch, type)
  } catch (error) {
    throw wrapped(`cannot patch ${JSON.stringify(name)} with kind ${mapping.kind}`, error)
  }
}

type Data = Record<string, unknown>

/** Three ways for what the server merges strategically; custom resources know only the way from the old manifest to the new one. */
async function patchFor(session: HelmSession, original: ClusterObject, wanted: ClusterObject, live: KubeObject): Promise<{ patch: Data; type: string }> {
  const [before, after, current] = [original.object, wanted.object, live] as unknown as [Data, Data, Data]
  const meta = await metaOf(session, wanted)
  if (!meta) return { patch: twoWayMergePatch(before, after), type: 'application/merge-patch+json' }
  return { patch: threeWayStrategicPatch(before, after, current, meta), type: 'application/strategic-merge-patch+json' }
}

async function metaOf(session: HelmSession, { mapping: { group, version, kind } }: ClusterObject): Promise<PatchMeta | undefined> {
  const document = await session.client().json<OpenApiDocument>('GET', openApiPath(group, version))
  return strategicMeta(document, group, version, kind)
}

const policyAnnotation = 'helm.sh/resource-policy'

export function isKept(object: KubeObject): boolean {
  return object.metadata.annotations?.[policyAnnotation]?.trim().toLowerCase() === 'keep'
}

async function removeOld(session: HelmSession, object: ClusterObject): Promise<void> {
  try {
    const live = await findObject(session, object)
    if (live && !isKept(live)) await deleteObject(session, object, 'Background')
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
  }
}

export type Propagation = 'Background' | 'Foreground' | 'Orphan'

async function deleteObject(session: HelmSession, { mapping, namespace, name }: ClusterObject, propagationPolicy: Propagation): Promise<void> {
  try {
    await session.client().of(mapping).delete(namespace, name, { propagationPolicy })
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
  }
}

/** What is not there any more is no error. */
export async function deleteObjects(session: HelmSession, objects: readonly ClusterObject[], propagation: Propagation = 'Background'): Promise<void> {
  await each(objects, (object) => deleteObject(session, object, propagation))
}
