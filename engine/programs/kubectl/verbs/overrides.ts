/** `--overrides`: changes to a generated object before it is sent. */
import { copyObject, type KubeObject } from '#engine/api/object'
import { applyMergePatch } from '#engine/programs/common/patch/merge'
import { applyStrategic } from '../patch/applystrategic'
import { applyJsonPatch } from '../patch/jsonpatch'
import { isObject, jsonType } from '../resources/metadata'
import { CliError } from '../session/errors'
import type { Session } from '../session/session'

export async function applyOverrides(session: Session, object: KubeObject): Promise<KubeObject> {
  const text = session.flags.string('overrides')
  if (text === '') return object
  const result = await patched(session, copyObject(object), text)
  checkTypes(object, result)
  return ordered(result)
}

async function patched(session: Session, object: KubeObject, text: string): Promise<KubeObject> {
  const type = session.flags.string('override-type')
  switch (type) {
    case 'merge': case '': return applyMergePatch(object, parse(text)) as KubeObject
    case 'strategic': return await applyStrategic(session, object, parse(text) as Record<string, unknown>)
    case 'json': return applyJsonPatch(object, parse(text)) as KubeObject
    default: throw new CliError(`invalid override type: ${type}`)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new CliError('Invalid JSON Patch')
  }
}

/** The list that each kind made here has in its spec, and its Go type. */
const lists: Readonly<Record<string, readonly [string, string, string]>> = { Pod: ['containers', 'PodSpec', 'Container'], Service: ['ports', 'ServiceSpec', 'ServicePort'] }

/** What the result is decoded as: the kind that was made, with the types that Go's decoder insists on. */
function checkTypes(before: KubeObject, result: unknown): void {
  if (!isObject(result)) throw new CliError(`couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonType(result)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`)
  const { kind, apiVersion } = result as unknown as KubeObject
  if (kind !== before.kind || apiVersion !== before.apiVersion) throw new CliError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`)
  const [field, struct, type] = lists[kind] ?? ['', '', '']
  const spec = result['spec']
  const value = isObject(spec) ? spec[field] : undefined
  if (value !== undefined && value !== null && !Array.isArray(value)) throw new CliError(`json: cannot unmarshal ${jsonType(value)} into Go struct field ${struct}.spec.${field} of type []v1.${type}`)
}

/** Kind and version stand first, as in objects made here. */
function ordered(object: KubeObject): KubeObject {
  const { kind, apiVersion, metadata, ...rest } = object
  return { kind, apiVersion, metadata, ...rest }
}
