/** The loop behind PUT and PATCH: read, change, admit, validate, compare and swap, again where somebody was faster. */
import { equalJson, groupVersion, type KubeObject } from '#engine/api/object'
import { badRequestError, conflictError, invalidError, notFoundError, objectModified } from '#engine/api/errors'
import { FieldPath, type FieldError } from '#engine/api/field'
import { failure } from '#engine/api/status'
import { validateObjectMeta, validateObjectMetaUpdate } from '#engine/api/validation/meta'
import type { AdmissionRequest } from '#engine/apiserver/admission/chain'
import type { ServedResource } from '#engine/apiserver/catalog'
import { contextOf, fieldManagerOf, warn, type Call } from '#engine/apiserver/chain/call'
import { recordUpdate } from '#engine/apiserver/managedfields/manager'
import type { RequestContext, Subresource } from '#engine/apiserver/registry/resource'
import type { Stored } from '#engine/apiserver/storage/store'
import { readObject } from './body'
import { dropGatedFields } from '#engine/apiserver/registry/gates'
import { checkOptions, finalizerErrors, fitNamespace, groupResource, isDryRun, ownCopy, presented, resetFields, storedForm, storeOf, timestamp, type Answer, type RestCore } from './core'
import { createObject, optionsObject } from './create'
import { removeStored } from './remove'

export interface Change {
  /** The wanted object, made from what stands now (in the served version): a private copy. Undefined means as it is. */
  make(current: KubeObject): Promise<KubeObject | undefined>
  readonly subresource: string
  /** managedFields are already right (apply). */
  readonly ownsManagedFields?: boolean
  /** What was sent names the version it is based on: a conflict is the client's to solve. */
  readonly optionsKind: 'UpdateOptions' | 'PatchOptions'
  /** Retry when somebody was faster, though a version was named (never for PUT). */
  readonly retry: boolean
  /** Internal writers (finalize, approval) may skip admission's view of the main resource. */
  readonly view?: Subresource
}

export async function update(core: RestCore, call: Call, served: ServedResource, view?: Subresource): Promise<Answer> {
  checkOptions(call)
  const { definition } = served
  const given = await readObject(call, { group: definition.group, version: definition.version, kind: definition.kind, type: served.type, ...(served.custom ? { prune: served.custom.prune } : {}) })
  fitNamespace(given, served, call.info.namespace)
  const name = given.metadata.name ?? ''
  if (name === '') given.metadata.name = call.info.name
  else if (name !== call.info.name) throw badRequestError(`the name of the object (${name}) does not match the name on the URL (${call.info.name})`)
  definition.defaults?.(given)
  call.audited = given
  const existing = definition.createOnUpdate && call.info.subresource === '' ? await storeOf(served).get(storeOf(served).key(call.info.namespace, call.info.name)) : true
  if (!existing) return { status: 201, object: await createObject(core, call, served, given) }
  const object = await change(core, call, served, {
    make: () => Promise.resolve(ownCopy(given)), subresource: call.info.subresource, optionsKind: 'UpdateOptions', retry: false, ...(view ? { view } : {}),
  })
  return { status: 200, object }
}

const maxAttempts = 20

/** Returns the object as stored, in the served version. */
export async function change(core: RestCore, call: Call, served: ServedResource, wanted: Change): Promise<KubeObject> {
  const store = storeOf(served)
  const { namespace, name } = call.info
  const key = store.key(namespace, name)
  let current = await store.get(key)
  for (let attempt = 1; ; attempt++) {
    if (!current) throw notFoundError(groupResource(served), name)
    const outcome = await attemptChange(core, call, served, wanted, key, current)
    if ('object' in outcome) return outcome.object
    if (attempt >= maxAttempts) throw conflictError(groupResource(served), name, objectModified)
    current = outcome.current
  }
}

async function attemptChange(core: RestCore, call: Call, served: ServedResource, wanted: Change, key: string, current: Stored): Promise<{ object: KubeObject } | { current: Stored | undefined }> {
  const { definition } = served
  const previous = served.view ? await served.view.fromStorage(current.object) : current.object
  const made = await wanted.make(previous)
  if (!made) return { object: await presented(served, current.object) }
  checkPreconditions(call, served, key, made, previous)
  let next = made
  if (!wanted.ownsManagedFields) next = recordUpdate({
    type: served.type, live: previous, next, manager: fieldManagerOf(call), apiVersion: groupVersion(definition.group, definition.version),
    subresource: wanted.subresource, time: timestamp(call.nowMs), crd: served.custom !== undefined, resets: resetFields(served, wanted.subresource),
  })
  if (wanted.view?.take) next = taken(wanted.view.take, next, previous)
  const dryRun = isDryRun(call)
  const admission: AdmissionRequest = {
    call, operation: 'UPDATE', group: definition.group, version: definition.version, resource: definition.plural, subresource: wanted.subresource, kind: definition,
    namespace: call.info.namespace, name: call.info.name, object: next, oldObject: previous, options: optionsObject(call, wanted.optionsKind), dryRun,
  }
  next = (await core.admission.admit(admission)) ?? next
  const context = contextOf(call, { dryRun })
  const finish = wanted.view ? undefined : await definition.begin?.(next, previous, core.services, context)
  let stored = false
  try {
    if (!wanted.view && !served.custom) dropGatedFields(core.services.settings.featureGates, next, previous)
    next = beforeUpdate(call, served, wanted, next, previous, context)
    admission.object = next
    await core.admission.validate(admission)
    const outcome = await write(core, served, key, next, previous, current, dryRun)
    stored = 'object' in outcome && !dryRun
    return outcome
  } finally {
    finish?.(stored)
  }
}

/** What the subresource lets through; who wrote which field stands on record even where the field itself was put back. */
function taken(take: NonNullable<Subresource['take']>, next: KubeObject, previous: KubeObject): KubeObject {
  const out = ownCopy(take(next, previous))
  const { managedFields } = next.metadata
  if (managedFields) out.metadata.managedFields = managedFields
  else delete out.metadata.managedFields
  return out
}

function checkPreconditions(call: Call, served: ServedResource, key: string, next: KubeObject, previous: KubeObject): void {
  const { metadata } = next
  const name = previous.metadata.name ?? ''
  if (call.info.method === 'PUT' && metadata.uid && metadata.uid !== previous.metadata.uid)
    throw conflictError(groupResource(served), name, `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${previous.metadata.uid ?? ''}`)
  const version = metadata.resourceVersion ?? ''
  if (version !== '' && !/^\d+$/.test(version)) throw failure(500, '', `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`)
  if (version === '' || version === '0') return checkUnconditional(call, served, name)
  if (version !== previous.metadata.resourceVersion) throw conflictError(groupResource(served), name, objectModified)
}

function checkUnconditional(call: Call, served: ServedResource, name: string): void {
  if (served.definition.requiresVersion && call.info.method === 'PUT') throw invalidError(served.definition.group, served.definition.kind, name, [{ type: 'FieldValueInvalid', field: 'metadata.resourceVersion', body: 'Invalid value: 0: must be specified for an update' }])
}

/** Subresources that change the specification, which counts as a new generation. */
const specViews = new Set(['resize', 'ephemeralcontainers'])

function beforeUpdate(call: Call, served: ServedResource, wanted: Change, next: KubeObject, previous: KubeObject, context: RequestContext): KubeObject {
  const { definition } = served
  keepSystemFields(next, previous, definition.hasGeneration !== false)
  const { prepareForUpdate, warnings } = wanted.view ?? definition
  prepareForUpdate?.(next, previous, context)
  if (countsGeneration(served, wanted) && specChanged(served, next, previous)) next.metadata.generation = (previous.metadata.generation ?? 0) + 1
  const errors = updateErrors(served, wanted, next, previous, context)
  if (errors.length > 0) throw invalidError(definition.group, definition.kind, next.metadata.name ?? '', errors)
  for (const text of warnings?.(next, previous, context) ?? []) warn(call, text)
  return storedForm(served, next)
}

function countsGeneration({ definition }: ServedResource, wanted: Change): boolean {
  return definition.hasGeneration !== false && (!wanted.view || specViews.has(wanted.subresource))
}

function keepSystemFields(next: KubeObject, previous: KubeObject, hasGeneration: boolean): void {
  const { metadata } = next
  const old = previous.metadata
  if (!metadata.uid && old.uid) metadata.uid = old.uid
  if (old.creationTimestamp) metadata.creationTimestamp = old.creationTimestamp
  if (old.deletionTimestamp && !metadata.deletionTimestamp) metadata.deletionTimestamp = old.deletionTimestamp
  if (old.deletionGracePeriodSeconds !== undefined && metadata.deletionGracePeriodSeconds === undefined) metadata.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds
  if (hasGeneration) {
    if (old.generation === undefined) delete metadata.generation
    else metadata.generation = old.generation
  }
  if (old.resourceVersion !== undefined) metadata.resourceVersion = old.resourceVersion
  delete metadata.selfLink
}

function specChanged(served: ServedResource, next: KubeObject, previous: KubeObject): boolean {
  const after = storedForm(served, next)
  for (const key of new Set([...Object.keys(after), ...Object.keys(previous)])) {
    if (key === 'metadata' || key === 'status' || key === 'apiVersion' || key === 'kind') continue
    if (!equalJson(after[key], previous[key])) return true
  }
  return previous.metadata.deletionTimestamp === undefined && next.metadata.deletionTimestamp !== undefined
}

function updateErrors(served: ServedResource, wanted: Change, next: KubeObject, previous: KubeObject, context: RequestContext): FieldError[] {
  const { definition } = served
  const path = FieldPath.root('metadata')
  if (wanted.view) return [...validateObjectMetaUpdate(next.metadata, previous.metadata, path), ...(wanted.view.validateUpdate?.(next, previous, context) ?? [])]
  if (definition.ownsMetaValidation) return [...(definition.validateUpdate?.(next, previous, context) ?? [])]
  const errors = validateObjectMetaUpdate(next.metadata, previous.metadata, path)
  errors.push(...finalizerErrors(served, next), ...validateObjectMeta(next.metadata, definition.scope === 'namespaced', definition.nameFormat ?? 'dns-subdomain', path).filter((error) => !errors.some((other) => other.field === error.field)))
  const own = definition.validate?.(next, context) ?? []
  errors.push(...(definition.ratchet?.(own, next, previous) ?? own), ...(definition.validateUpdate?.(next, previous, context) ?? []))
  return errors
}

async function write(core: RestCore, served: ServedResource, key: string, next: KubeObject, previous: KubeObject, current: Stored, dryRun: boolean): Promise<{ object: KubeObject } | { current: Stored | undefined }> {
  const store = storeOf(served)
  if (next.metadata.deletionTimestamp && (next.metadata.finalizers ?? []).length === 0 && isSpent(next)) {
    const removed = await removeStored(core, served, key, current.revision, dryRun)
    if (removed) return removed
    return { object: await presented(served, next) }
  }
  if (!current.stale && sameButTimes(next, previous)) return { object: await presented(served, current.object) }
  if (dryRun) return { object: await presented(served, next) }
  const toStore = served.view ? await served.view.toStorage(next) : next
  const result = await store.replace(key, toStore, current.revision)
  if (!('done' in result)) return { current: result.current }
  return { object: await presented(served, result.done) }
}

/** A deleting object without finalizers goes as soon as nothing waits: no grace period, no namespace content. */
function isSpent(object: KubeObject): boolean {
  if (object.kind === 'Namespace' && ((object['spec'] as { finalizers?: string[] } | undefined)?.finalizers ?? []).length > 0) return false
  return (object.metadata.deletionGracePeriodSeconds ?? 0) === 0
}

/** Nothing but times of managedFields differs: no write, no new version. */
function sameButTimes(next: KubeObject, previous: KubeObject): boolean {
  if (equalJson(next, previous)) return true
  const before = previous.metadata.managedFields
  const after = next.metadata.managedFields
  if (!before || !after || before.length !== after.length) return false
  const timeless = (object: KubeObject): KubeObject => ({ ...object, metadata: { ...object.metadata, managedFields: (object.metadata.managedFields ?? []).map(({ time: _, ...entry }) => entry) } })
  return equalJson(timeless(next), timeless(previous))
}

