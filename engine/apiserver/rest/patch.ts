/** PATCH: JSON, merge, strategic merge and server-side apply. */
import { decodeUtf8 } from '#engine/base/bytes'
import { badRequestError, invalidError } from '#engine/api/errors'
import { parseJson, JsonSyntaxError } from '#engine/api/json'
import { copyObject, groupVersion, type KubeObject } from '#engine/api/object'
import { applyJsonPatch, JsonPatchError, type JsonPatchOperation } from '#engine/api/patch/json'
import { applyMergePatch } from '#engine/api/patch/merge'
import { applyStrategicPatch, goMap, StrategicPatchError } from '#engine/api/patch/strategic'
import { failure, type StatusError } from '#engine/api/status'
import type { ServedResource } from '#engine/apiserver/catalog'
import { fieldManagerOf, warn, type Call } from '#engine/apiserver/chain/call'
import { applyObject } from '#engine/apiserver/managedfields/manager'
import type { Subresource } from '#engine/apiserver/registry/resource'
import { unstructuredError } from '#engine/apiserver/schema/unstructured'
import { fieldValidationOf, limitedBytes, mediaType, readAs, readBody } from './body'
import { checkOptions, fitNamespace, ownCopy, resetFields, storeOf, timestamp, type Answer, type RestCore } from './core'
import { createObject } from './create'
import { change } from './update'

const kinds = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'] as const
type PatchKind = (typeof kinds)[number]

export async function patch(core: RestCore, call: Call, served: ServedResource, view?: Subresource): Promise<Answer> {
  const kind = patchKind(call, served)
  checkPatchOptions(call, kind)
  const body = await readPatch(call, kind)
  call.audited = body
  if (kind === 'application/apply-patch+yaml') return apply(core, call, served, body as KubeObject, view)
  const object = await change(core, call, served, {
    make: (current) => Promise.resolve(patched(call, served, kind, current, body)), subresource: call.info.subresource, optionsKind: 'PatchOptions', retry: true, ...(view ? { view } : {}),
  })
  return { status: 200, object }
}

export function patchKind(call: Call, served: ServedResource): PatchKind {
  const given = mediaType(call.http)
  const supported = served.custom ? kinds.filter((kind) => kind !== 'application/strategic-merge-patch+json') : kinds
  const found = supported.find((kind) => kind === given)
  if (found) return found
  throw failure(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${supported.join(', ')}`, {})
}

function checkPatchOptions(call: Call, kind: PatchKind): void {
  checkOptions(call)
  const { query } = call.info
  const manager = query.get('fieldManager') ?? ''
  const problem = (type: 'FieldValueRequired' | 'FieldValueForbidden' | 'FieldValueTooLong', field: string, body: string): StatusError => invalidError('meta.k8s.io', 'PatchOptions', '', [{ type, field, body }])
  if (kind === 'application/apply-patch+yaml') {
    if (manager === '') throw problem('FieldValueRequired', 'fieldManager', 'Required value: is required for apply patch')
  } else if (query.get('force') !== null) throw problem('FieldValueForbidden', 'force', 'Forbidden: may not be specified for non-apply patch')
  if (manager.length > 128) throw problem('FieldValueTooLong', 'fieldManager', 'Too long: may not be more than 128 bytes')
}

export async function readPatch(call: Call, kind: PatchKind): Promise<unknown> {
  let value: unknown
  try {
    value = call.http.body.value !== undefined ? call.http.body.value : kind === 'application/apply-patch+yaml' ? (await readBody(call.http, false)).value : parseJson(decodeUtf8(await limitedBytes(call.http)))
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw badRequestError(kind === 'application/strategic-merge-patch+json' ? error.message : `error decoding patch: ${error.message}`)
    throw error
  }
  if (kind === 'application/json-patch+json') checkOperations(value)
  else if (value === null || typeof value !== 'object' || Array.isArray(value)) throw badRequestError(`error decoding patch: json: cannot unmarshal ${kindOf(value)} into Go value of type map[string]interface {}`)
  return value
}

function checkOperations(value: unknown): void {
  if (!Array.isArray(value)) throw badRequestError(`error decoding patch: json: cannot unmarshal ${kindOf(value)} into Go value of type []handlers.jsonPatchOp`)
  const stray = value.find((item) => item !== null && (typeof item !== 'object' || Array.isArray(item))) as unknown
  if (stray !== undefined) throw badRequestError(`json: cannot unmarshal ${kindOf(stray)} into Go value of type jsonpatch.Operation`)
  if (value.length > 10_000) throw failure(413, 'RequestEntityTooLarge', `The allowed maximum operations in a JSON patch is 10000, got ${value.length}`)
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'boolean') return 'bool'
  return value === null ? 'null' : typeof value
}

/** The current object with the patch laid on it, read and defaulted like a body. */
export function patched(call: Call, served: ServedResource, kind: PatchKind, current: KubeObject, body: unknown): KubeObject {
  if (kind === 'application/json-patch+json') {
    let result: unknown
    try {
      result = applyJsonPatch(current, body as JsonPatchOperation[])
    } catch (error) {
      if (error instanceof JsonPatchError) throw failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
      throw error
    }
    return finished(call, served, current, result as KubeObject, (error) => patchInvalid(JSON.stringify(result), error), false)
  }
  if (kind === 'application/merge-patch+json') {
    const result = applyMergePatch(current, body)
    return finished(call, served, current, result as KubeObject, (error) => patchInvalid(JSON.stringify(sortTop(result as KubeObject)), error), false)
  }
  let result: Record<string, unknown>
  try {
    result = applyStrategicPatch(served.type, current, body as Record<string, unknown>)
  } catch (error) {
    if (error instanceof StrategicPatchError) throw failure(500, '', error.message)
    throw error
  }
  return finished(call, served, current, result as KubeObject, (error) => patchInvalid(goMap(body as Record<string, unknown>), error), true)
}

function patchInvalid(value: string, error: string): StatusError {
  return invalidError('', '', '', [{ type: 'FieldValueInvalid', field: 'patch', body: `Invalid value: ${JSON.stringify(value)}: ${error}` }])
}

function sortTop(object: KubeObject): unknown {
  return Object.fromEntries(Object.keys(object).sort().map((key) => [key, object[key] as unknown]))
}

function finished(call: Call, served: ServedResource, current: KubeObject, result: KubeObject, invalid: (error: string) => StatusError, unstructured: boolean): KubeObject {
  const validation = fieldValidationOf(call)
  const decoded = readAs({ type: served.type, ...(served.custom ? { prune: served.custom.prune } : {}) }, result)
  if (decoded.error) throw invalid(unstructured ? (unstructuredError(served.type, result) ?? decoded.error) : decoded.error)
  const unknown = [...decoded.unknown].sort()
  if (unknown.length > 0 && validation === 'Strict') throw invalidError(served.definition.group, served.definition.kind, call.info.name, [{ type: 'FieldValueInvalid', field: 'patch', body: `Invalid value: ${JSON.stringify(unstructured ? goMap(result) : JSON.stringify(result))}: strict decoding error: ${unknown.map((path) => `unknown field ${JSON.stringify(path)}`).join(', ')}` }])
  if (validation === 'Warn') for (const path of unknown) warn(call, `unknown field ${JSON.stringify(path)}`)
  // Reading into a type copies; of custom objects it only takes away.
  const object = served.custom ? ownCopy(decoded.value as KubeObject) : (decoded.value as KubeObject)
  object.apiVersion = current.apiVersion
  object.kind = current.kind
  object.metadata ??= {}
  if (object.metadata.name !== current.metadata.name) throw badRequestError(`the name of the object (${object.metadata.name ?? ''}) does not match the name on the URL (${call.info.name})`)
  fitNamespace(object, served, call.info.namespace)
  served.definition.defaults?.(object)
  return object
}

async function apply(core: RestCore, call: Call, served: ServedResource, body: KubeObject, view: Subresource | undefined): Promise<Answer> {
  const applied = checkedApply(call, served, body)
  const { definition } = served
  const request = {
    type: served.type, manager: fieldManagerOf(call), apiVersion: groupVersion(definition.group, definition.version), subresource: call.info.subresource,
    time: timestamp(call.nowMs), crd: served.custom !== undefined, resets: resetFields(served, call.info.subresource), applied, force: ['true', '1'].includes(call.info.query.get('force') ?? ''),
  }
  const store = storeOf(served)
  const standing = await store.get(store.key(call.info.namespace, call.info.name))
  if (!standing && !view) return { status: 201, object: await applyNew(core, call, served, request) }
  const object = await change(core, call, served, {
    make: (current) => {
      const made = copyObject(applyObject({ ...request, live: current }))
      definition.defaults?.(made)
      return Promise.resolve(made)
    },
    subresource: call.info.subresource, ownsManagedFields: true, optionsKind: 'PatchOptions', retry: true, ...(view ? { view } : {}),
  })
  return { status: 200, object }
}

function checkedApply(call: Call, served: ServedResource, body: KubeObject): KubeObject {
  const { definition } = served
  const wanted = groupVersion(definition.group, definition.version)
  if (typeof body.apiVersion !== 'string' || body.apiVersion === '' || typeof body.kind !== 'string' || body.kind === '') throw badRequestError(`error decoding YAML: Object 'Kind' is missing in '${JSON.stringify(body)}'`)
  if (body.apiVersion !== wanted || body.kind !== definition.kind) throw badRequestError(`invalid object type: ${body.apiVersion}, Kind=${body.kind}`)
  const applied = copyObject(body)
  applied.metadata ??= {}
  // What is no map is told of by the typed check that follows.
  if (typeof applied.metadata !== 'object' || Array.isArray(applied.metadata)) return applied
  if (applied.metadata.name !== undefined && applied.metadata.name !== call.info.name) throw badRequestError(`name in URL does not match name in provided object`)
  applied.metadata.name = call.info.name
  fitNamespace(applied, served, call.info.namespace)
  return applied
}

async function applyNew(core: RestCore, call: Call, served: ServedResource, request: Omit<Parameters<typeof applyObject>[0], 'live'>): Promise<KubeObject> {
  const made = copyObject(applyObject({ ...request, live: undefined }))
  return createObject(core, call, served, made, made.metadata.managedFields)
}

