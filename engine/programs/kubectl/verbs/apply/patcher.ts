/** The three-way merge of client-side apply. */
import { compactJson } from '#engine/api/jsonpath/evaluate'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { threeWayMergePatch } from '#engine/programs/common/patch/merge'
import { patchMetaFor } from '#engine/programs/kubectl/patch/served'
import { threeWayStrategicPatch } from '#engine/programs/common/patch/strategic'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { withSource } from '#engine/programs/kubectl/session/errors'
import { resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { createObject, lastApplied, patchObject, type WriteFields } from '../write'

type Data = Record<string, unknown>

export interface ApplyPatch {
  readonly type: 'strategic' | 'merge'
  readonly patch: Data
}

export function describeInfo(info: Info): string {
  const { group, version, resource, kind } = info.mapping
  return `Resource: "${group}/${version}, Resource=${resource}", GroupVersionKind: "${group}/${version}, Kind=${kind}"\nName: ${JSON.stringify(info.name)}, Namespace: ${JSON.stringify(info.namespace)}`
}

/** `modified` is the wanted configuration with its annotation; `current` the live object. */
function makeApplyPatch(session: Session, info: Info, wanted: KubeObject, modifiedText: string, current: KubeObject): Promise<ApplyPatch> {
  return threeWay(session, info, { ...wanted, metadata: { ...wanted.metadata, annotations: { ...wanted.metadata.annotations, [lastApplied]: modifiedText } } }, current)
}

/** The same without the annotation: what an apply changes beside it. */
export function applyPatchFor(session: Session, info: Info, wanted: KubeObject, current: KubeObject): Promise<ApplyPatch> {
  const { [lastApplied]: _, ...annotations } = wanted.metadata.annotations ?? {}
  return threeWay(session, info, { ...wanted, metadata: { ...wanted.metadata, annotations } }, current)
}

async function threeWay(session: Session, { mapping }: Info, modified: KubeObject, current: KubeObject): Promise<ApplyPatch> {
  const originalText = current.metadata.annotations?.[lastApplied]
  const original = originalText ? (JSON.parse(originalText) as Data) : {}
  const meta = await patchMetaFor(session, mapping.group, mapping.version, mapping.kind)
  if (!meta) return { type: 'merge', patch: threeWayMergePatch(original, modified, current) }
  return { type: 'strategic', patch: threeWayStrategicPatch(original, modified, current, meta) }
}

export async function applyPatch(session: Session, info: Info, wanted: KubeObject, modifiedText: string, live: KubeObject, fields: WriteFields): Promise<{ object: KubeObject; changed: boolean }> {
  let current = live
  for (let attempt = 0; ; attempt++) {
    const made = await makeApplyPatch(session, info, wanted, modifiedText, current)
    if (Object.keys(made.patch).length === 0) return { object: current, changed: false }
    try {
      return { object: await patchObject(session, info.mapping, info.namespace, info.name, made.type, made.patch, fields, session.flags.string('subresource')), changed: true }
    } catch (error) {
      if (isReason(error, 'Conflict') && attempt < 5) {
        current = await session.get(info.mapping, info.namespace, info.name)
        continue
      }
      if (session.flags.bool('force') && (isReason(error, 'Conflict') || isReason(error, 'Invalid'))) return { object: await replaceByForce(session, info, wanted, modifiedText, fields), changed: true }
      const patchText = `${compactJson(made.patch)}`
      throw withSource(`applying patch:\n${patchText}\nto:\n${describeInfo(info)}\nfor:`, info.source, withSource('patching', info.source, error as Error))
    }
  }
}

async function replaceByForce(session: Session, info: Info, wanted: KubeObject, modifiedText: string, fields: WriteFields): Promise<KubeObject> {
  await session.request('DELETE', resourcePath(info.mapping, info.namespace, info.name), { body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background', gracePeriodSeconds: 0 } })
  for (let i = 0; i < 300; i++) {
    try {
      await session.get(info.mapping, info.namespace, info.name)
    } catch (error) {
      if (isReason(error, 'NotFound')) break
      throw error
    }
    await session.process.clock.sleep(1000)
  }
  const object = { ...wanted, metadata: { ...wanted.metadata, annotations: { ...wanted.metadata.annotations, [lastApplied]: modifiedText } } }
  return await createObject(session, info.mapping, info.namespace, object, fields)
}
