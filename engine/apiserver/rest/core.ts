/** What the handlers of resources share. */
import type { Clock } from '#engine/base/clock'
import type { Random } from '#engine/base/random'
import { copyObject, type KubeObject } from '#engine/api/object'
import type { GroupResource } from '#engine/api/errors'
import { badRequestError, invalidError } from '#engine/api/errors'
import { FieldPath, type FieldError } from '#engine/api/field'
import { validateCoreFinalizers, validateFieldManager } from '#engine/api/validation/meta'
import { failure } from '#engine/api/status'
import type { AdmissionChain } from '#engine/apiserver/admission/chain'
import type { Catalog, ServedResource } from '#engine/apiserver/catalog'
import type { Call } from '#engine/apiserver/chain/call'
import { builtinType } from '#engine/apiserver/schema/builtin'
import { canonical, ownCanonical } from '#engine/apiserver/schema/canonical'
import type { ServerServices } from '#engine/apiserver/services'
import type { ObjectStore } from '#engine/apiserver/storage/store'
import type { Cacher } from '#engine/apiserver/storage/cacher'

export interface RestCore {
  readonly clock: Clock
  readonly random: Random
  readonly catalog: Catalog
  readonly admission: AdmissionChain
  readonly services: ServerServices
  /** An etcd lease for objects that expire (events). */
  leaseFor(ttlMs: number): Promise<number>
}

/** What handlers answer before it is put into the form the client wants. */
export interface Answer {
  readonly status: number
  readonly object: unknown
}

export function storeOf(served: ServedResource): ObjectStore {
  if (!served.store) throw failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
  return served.store
}

export function cacherOf(served: ServedResource): Cacher {
  if (!served.cacher) throw failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
  return served.cacher
}

export function groupResource(served: ServedResource): GroupResource {
  return { group: served.definition.group, resource: served.definition.plural }
}

/** `YYYY-MM-DDTHH:MM:SSZ` */
export function timestamp(nowMs: number): string {
  const second = Math.floor(nowMs / 1000)
  if (last.second !== second) last = { second, text: `${new Date(nowMs).toISOString().slice(0, 19)}Z` }
  return last.text
}

/** Thousands of requests come in one second. */
let last = { second: Number.NaN, text: '' }

/** A `resourceVersion` of a query; '' reads as 0. */
export function parsedVersion(text: string): number {
  if (text === '') return 0
  const problem = !/^\d+$/.test(text) ? 'invalid syntax' : BigInt(text.slice(0, 30)) > 0xffff_ffff_ffff_ffffn ? 'value out of range' : undefined
  if (problem !== undefined) throw badRequestError(`resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${problem}`)
  return Number(text)
}

/** A whole number of a query; undefined where none is given. */
export function queryInteger(call: Call, name: string): number | undefined {
  const text = call.info.query.get(name) ?? ''
  if (text === '') return undefined
  const problem = !/^[+-]?\d+$/.test(text) ? 'invalid syntax' : text.replace(/^[+-]?0*/, '').length > 18 ? 'value out of range' : undefined
  if (problem !== undefined) throw badRequestError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${problem}`)
  return Number(text)
}

export function isDryRun(call: Call): boolean {
  return call.info.query.getAll('dryRun').includes('All')
}

const optionKinds: Readonly<Record<string, string>> = { POST: 'CreateOptions', PUT: 'UpdateOptions', PATCH: 'PatchOptions', DELETE: 'DeleteOptions' }

export function checkOptions(call: Call): void {
  const { method } = call.info
  const errors = method === 'POST' || method === 'PUT' ? validateFieldManager(call.info.query.get('fieldManager') ?? '', FieldPath.root('fieldManager')) : []
  if (errors.length > 0) throw invalidError('meta.k8s.io', optionKinds[method] ?? '', '', errors)
  for (const value of call.info.query.getAll('dryRun')) {
    if (value === 'All' || value === '') continue
    const kind = optionKinds[call.info.method] ?? 'CreateOptions'
    const message = `Unsupported value: ${JSON.stringify(value)}: supported values: "All"`
    throw failure(422, 'Invalid', `${kind}.meta.k8s.io "" is invalid: dryRun: ${message}`, { group: 'meta.k8s.io', kind, causes: [{ reason: 'FieldValueNotSupported', message, field: 'dryRun' }] })
  }
}

/** Checks the body's namespace against the path's, and sets it. */
export function fitNamespace(object: KubeObject, served: ServedResource, namespace: string): void {
  if (served.definition.scope === 'cluster') {
    delete object.metadata.namespace
    return
  }
  const given = object.metadata.namespace ?? ''
  if (given !== '' && given !== namespace) throw badRequestError('the namespace of the provided object does not match the namespace sent on the request')
  object.metadata.namespace = namespace
}

/** Groups whose kinds take any finalizer that is a qualified name, as custom ones do. */
const freeFinalizers = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io', 'admissionregistration.k8s.io', 'coordination.k8s.io'])

export function finalizerErrors({ definition, custom }: ServedResource, object: KubeObject): FieldError[] {
  return custom || freeFinalizers.has(definition.group) ? [] : validateCoreFinalizers(object.metadata, FieldPath.root('metadata').child('finalizers'))
}

/** The form in which an object is stored: Go's order of fields, nothing empty. Of the caller's own object, which it may be itself. */
export function storedForm(served: ServedResource, object: KubeObject): KubeObject {
  const { type, definition } = served
  if (type.kind === 'any' || served.custom) return customForm(object)
  const out = ownCanonical(type, object)
  out.apiVersion = definition.group === '' ? definition.version : `${definition.group}/${definition.version}`
  out.kind = definition.kind
  return out
}

/** A writer's own copy, but for who owns which fields: that is never changed in place. */
export function ownCopy(object: KubeObject): KubeObject {
  const managedFields = object.metadata?.managedFields
  if (!managedFields) return copyObject(object)
  const { managedFields: _, ...metadata } = object.metadata
  const copy = copyObject({ ...object, metadata } as KubeObject)
  copy.metadata.managedFields = managedFields
  return copy
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

/** Custom objects are maps for Go, and so written sorted. */
function customForm(object: KubeObject): KubeObject {
  return sorted({ ...object, metadata: canonical(builtinType(objectMeta), object.metadata) }) as KubeObject
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(sorted)
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(value).sort()) {
    const item = (value as Record<string, unknown>)[key]
    if (item !== undefined) out[key] = sorted(item)
  }
  return out
}

/** Reads an object for a client: in the version asked for, decorated. */
export async function presented(served: ServedResource, object: KubeObject): Promise<KubeObject> {
  const viewed = served.view ? await served.view.fromStorage(object) : object
  return served.definition.decorate ? served.definition.decorate(viewed) : viewed
}

export async function asStored(served: ServedResource, object: KubeObject): Promise<KubeObject> {
  return served.view ? served.view.toStorage(object) : object
}

/** Top-level fields that a write through this door leaves as they are. */
export function resetFields(served: ServedResource, subresource: string): readonly string[] {
  if (!served.subresources.some((entry) => entry.name === 'status')) return []
  return subresource === 'status' ? ['spec'] : ['status']
}
