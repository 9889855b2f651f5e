/** `--overrides`: changes to a generated object before it is sent. */
import { copyObject, type KubeObject } from '#engine/api/object'
import { parseYaml } from '#engine/base/yaml/parser'
import { applyMergePatch } from '../patch/merge'
import { applyStrategic } from '../patch/applystrategic'
import { applyJsonPatch } from '../patch/jsonpatch'
import { CliError } from '../session/errors'
import type { Session } from '../session/session'

export async function applyOverrides(session: Session, object: KubeObject): Promise<KubeObject> {
  const text = session.flags.string('overrides')
  if (text === '') return object
  let patch: unknown
  try {
    patch = parseYaml(text)
  } catch (error) {
    throw new CliError(`error parsing the overrides: ${(error as Error).message}`)
  }
  const type = session.flags.string('override-type')
  switch (type) {
    case 'merge': case '': return ordered(applyMergePatch(copyObject(object), patch) as KubeObject)
    case 'strategic': return ordered(await applyStrategic(session, copyObject(object), patch as Record<string, unknown>))
    case 'json': return ordered(applyJsonPatch(copyObject(object), patch) as KubeObject)
    default: throw new CliError(`invalid override type: ${type}`)
  }
}

/** Kind and version stand first, as in objects made here. */
function ordered(object: KubeObject): KubeObject {
  const { kind, apiVersion, metadata, ...rest } = object
  return { kind, apiVersion, metadata, ...rest }
}
