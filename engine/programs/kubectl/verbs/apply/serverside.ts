/** Server-side apply, and the hand-over from a client-side past. */
import type { KubeObject, ManagedFieldsEntry } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { lastApplied, patchObject, type WriteFields } from '../write'

const advice = `
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`

export async function serverSideApply(session: Session, info: Info, fields: WriteFields): Promise<KubeObject> {
  const body = info.object as KubeObject
  let object: KubeObject
  try {
    object = await patchObject(session, info.mapping, info.namespace, info.name, 'apply', body, fields, session.flags.has('subresource') ? session.flags.string('subresource') : '')
  } catch (error) {
    if (isReason(error, 'Conflict')) throw new CliError(`${error.message}${advice}`)
    throw error
  }
  await keepAnnotation(session, info, object, fields)
  if (!(await migrate(session, info, object, fields))) return object
  return await patchObject(session, info.mapping, info.namespace, info.name, 'apply', body, fields)
}

function owns(entries: readonly ManagedFieldsEntry[] | undefined, operation: 'Apply' | 'Update', manager?: string): boolean {
  return (entries ?? []).some((entry) => entry.operation === operation && (manager === undefined || entry.manager === manager) && !entry.subresource && hasAnnotation(entry))
}

function hasAnnotation(entry: ManagedFieldsEntry): boolean {
  const metadata = entry.fieldsV1?.['f:metadata'] as Record<string, unknown> | undefined
  const annotations = metadata?.['f:annotations'] as Record<string, unknown> | undefined
  return annotations?.[`f:${lastApplied}`] !== undefined
}

/** The annotation of a client-side past gets a manager of its own, so that a first server-side apply does not drop it. */
async function keepAnnotation(session: Session, info: Info, object: KubeObject, fields: WriteFields): Promise<void> {
  const text = object.metadata.annotations?.[lastApplied]
  if (fields.fieldManager !== 'kubectl' || text === undefined || owns(object.metadata.managedFields, 'Apply')) return
  const just = { apiVersion: object.apiVersion, kind: object.kind, metadata: { name: object.metadata.name ?? '', ...(object.metadata.namespace ? { namespace: object.metadata.namespace } : {}), annotations: { [lastApplied]: text } } }
  await patchObject(session, info.mapping, info.namespace, info.name, 'apply', just, { ...fields, fieldManager: 'kubectl-last-applied', force: false })
}

/** What kubectl-client-side-apply owned by updates becomes owned by this manager's apply. */
async function migrate(session: Session, info: Info, object: KubeObject, fields: WriteFields): Promise<boolean> {
  if (fields.fieldManager !== 'kubectl' || fields.dryRun === 'server') return false
  const live = await session.get(info.mapping, info.namespace, info.name)
  const entries = live.metadata.managedFields ?? []
  const old = entries.find((entry) => entry.manager === 'kubectl-client-side-apply' && entry.operation === 'Update' && !entry.subresource && hasAnnotation(entry))
  if (!old) return false
  const own = entries.find((entry) => entry.manager === 'kubectl' && entry.operation === 'Apply' && !entry.subresource)
  const merged = { ...(own ?? { manager: 'kubectl', operation: 'Apply' as const, apiVersion: old.apiVersion, fieldsType: 'FieldsV1' as const }), time: old.time, fieldsV1: join(own?.fieldsV1 ?? {}, old.fieldsV1 ?? {}) }
  const rest = entries.filter((entry) => entry !== old && entry !== own)
  await patchObject(session, info.mapping, info.namespace, info.name, 'json', [
    { op: 'replace', path: '/metadata/managedFields', value: [...rest, merged] },
    { op: 'replace', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion },
  ], { fieldManager: fields.fieldManager })
  return true
}

function join(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = { ...a }
  for (const [key, value] of Object.entries(b)) out[key] = join((out[key] as Record<string, unknown> | undefined) ?? {}, value as Record<string, unknown>)
  return out
}
