/** The object as it would be after an apply: asked of the server by a dry run. */
import type { KubeObject } from '#engine/api/object'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { withSource } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { applyPatchFor } from '../apply/patcher'
import { createObject, patchObject } from '../write'

/** With `locked` a change made meanwhile is a Conflict. */
export async function mergedObject(session: Session, info: Info, local: KubeObject, live: KubeObject | undefined, locked: boolean): Promise<KubeObject> {
  const { flags } = session
  const fields = { dryRun: 'server' as const, fieldManager: flags.string('field-manager') }
  if (flags.bool('server-side')) return await patchObject(session, info.mapping, info.namespace, info.name, 'apply', local, { ...fields, fieldManager: flags.changed('field-manager') ? fields.fieldManager : 'kubectl', force: flags.bool('force-conflicts') })
  if (!live) return await createObject(session, info.mapping, info.namespace, local, fields)
  const { type, patch } = await applyPatchFor(session, info, local, live)
  if (Object.keys(patch).length === 0) return live
  if (locked) patch['metadata'] = { ...(patch['metadata'] as Record<string, unknown> | undefined), resourceVersion: live.metadata.resourceVersion }
  try {
    return await patchObject(session, info.mapping, info.namespace, info.name, type, patch, fields)
  } catch (error) {
    throw withSource('patching', info.source, error as Error)
  }
}
