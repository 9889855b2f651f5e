/** What becomes of edited objects: a patch of the live one, a new object, or a new last-applied annotation. */
import { equalJson, type KubeObject } from '#engine/api/object'
import { compactJson } from '#engine/api/jsonpath/evaluate'
import { patchMetaFor } from '#engine/programs/kubectl/patch/served'
import { twoWayMergePatch } from '#engine/programs/common/patch/merge'
import { twoWayStrategicPatch } from '#engine/programs/common/patch/strategic'
import type { Info } from '#engine/programs/kubectl/resources/info'
import { CliError } from '#engine/programs/kubectl/session/errors'
import type { Session } from '#engine/programs/kubectl/session/session'
import { createObject, lastApplied, patchObject, resultPrinter, validationDirective, withLastApplied } from '../write'
import type { EditMode } from './editing'
import type { EditResults } from './results'

type Data = Record<string, unknown>

export function patchLive(session: Session): EditMode {
  return {
    async act(originals, updated, results) {
      for (const info of updated) await patchOne(session, originals, info, results)
    },
  }
}

async function patchOne(session: Session, originals: readonly Info[], info: Info, results: EditResults): Promise<void> {
  const after = info.object as KubeObject
  const original = originals.find((entry) => entry.object?.metadata.uid === after.metadata.uid)
  if (!original?.object) throw new CliError(`no original object found for ${compactJson(after)}`)
  const print = async (operation: string, object: KubeObject): Promise<void> => session.out(resultPrinter(session, operation, 'none').print(object))
  if (equalJson(original.object, after)) return await print('skipped', after)
  const { type, patch } = await differenceOf(session, info, original.object, after)
  if (changesIdentity(patch)) throw new CliError('At least one of apiVersion, kind and name was changed')
  if (session.flags.bool('output-patch')) await session.out(`Patch: ${compactJson(patch)}\n`)
  const { flags } = session
  try {
    const fields = { fieldManager: flags.string('field-manager'), fieldValidation: validationDirective(session) }
    await print('edited', await patchObject(session, info.mapping, info.namespace, info.name, type, patch, fields, flags.string('subresource')))
  } catch (error) {
    if ((error as Error).name === 'ProcessKilled') throw error
    await session.err(`${results.add(error as Error, info)}\n`)
  }
}

async function differenceOf(session: Session, info: Info, before: KubeObject, after: KubeObject): Promise<{ type: 'strategic' | 'merge'; patch: Data }> {
  const { group, version, kind } = info.mapping
  const meta = await patchMetaFor(session, group, version, kind)
  if (!meta) return { type: 'merge', patch: twoWayMergePatch(before, after) }
  return { type: 'strategic', patch: twoWayStrategicPatch(before, after, meta) }
}

function changesIdentity(patch: Data): boolean {
  const metadata = (patch['metadata'] ?? {}) as Data
  return 'apiVersion' in patch || 'kind' in patch || 'name' in metadata || 'managedFields' in metadata
}

/** `create --edit`. */
export function createEdited(session: Session): EditMode {
  return {
    async act(_originals, updated) {
      for (const info of updated) {
        const { flags } = session
        const wanted = flags.bool('save-config') ? withLastApplied(info.object as KubeObject) : (info.object as KubeObject)
        const object = await createObject(session, info.mapping, info.namespace, wanted, { fieldManager: flags.string('field-manager'), fieldValidation: validationDirective(session) })
        await session.out(resultPrinter(session, 'created', 'none').print(object))
      }
    },
  }
}

/** `apply edit-last-applied`. */
export function annotateEdited(session: Session): EditMode {
  return {
    ofAnnotations: true,
    async act(originals, updated) {
      for (const info of updated) {
        const wanted = info.object as KubeObject
        const original = originals.find((entry) => entry.name === info.name && entry.mapping.kind === info.mapping.kind)
        const same = original?.object !== undefined && equalJson(original.object, wanted)
        const text = `${compactJson(wanted)}\n`
        if (!same) await patchObject(session, info.mapping, info.namespace, info.name, 'merge', { metadata: { annotations: { [lastApplied]: text } } }, { fieldManager: session.flags.string('field-manager') })
        await session.out(resultPrinter(session, same ? 'skipped' : 'edited', 'none').print(wanted))
      }
    },
  }
}
