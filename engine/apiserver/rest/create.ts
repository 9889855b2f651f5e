/** POST: a new object, through admission and validation, into the store. */
import { groupVersion, type KubeObject, type ManagedFieldsEntry } from '#engine/api/object'
import { alreadyExistsError, conflictError, forbiddenError, invalidError } from '#engine/api/errors'
import { FieldPath } from '#engine/api/field'
import { failure, type StatusError } from '#engine/api/status'
import { validateObjectMeta } from '#engine/api/validation/meta'
import type { AdmissionRequest } from '#engine/apiserver/admission/chain'
import type { ServedResource } from '#engine/apiserver/catalog'
import { contextOf, fieldManagerOf, warn, type Call } from '#engine/apiserver/chain/call'
import { recordUpdate } from '#engine/apiserver/managedfields/manager'
import { readObject } from './body'
import { dropGatedFields } from '#engine/apiserver/registry/gates'
import { checkOptions, finalizerErrors, fitNamespace, groupResource, isDryRun, ownCopy, presented, resetFields, storedForm, storeOf, timestamp, type Answer, type RestCore } from './core'

const maxGenerateAttempts = 8

export async function create(core: RestCore, call: Call, served: ServedResource): Promise<Answer> {
  checkOptions(call)
  const { definition } = served
  const given = await readObject(call, { group: definition.group, version: definition.version, kind: definition.kind, type: served.type, ...(served.custom ? { prune: served.custom.prune } : {}) })
  if (definition.review) return { status: 201, object: await review(core, call, served, given) }
  return { status: 201, object: await createObject(core, call, served, given) }
}

async function review(core: RestCore, call: Call, served: ServedResource, given: KubeObject): Promise<KubeObject> {
  const { definition } = served
  if (definition.scope === 'namespaced') fitNamespace(given, served, call.info.namespace)
  definition.defaults?.(given)
  call.audited = given
  const errors = definition.validate?.(given, contextOf(call)) ?? []
  if (errors.length > 0) throw invalidError(definition.group, definition.kind, given.metadata.name ?? '', errors)
  const answer = await definition.review?.(given, core.services, contextOf(call))
  return storedForm(served, answer ?? given)
}

/** `given` is the caller's own copy. */
export async function createObject(core: RestCore, call: Call, served: ServedResource, given: KubeObject, managedFields?: ManagedFieldsEntry[]): Promise<KubeObject> {
  const { definition } = served
  fitNamespace(given, served, call.info.namespace)
  if (served.custom?.terminating()) throw forbiddenError(groupResource(served), given.metadata.name ?? '', 'create not allowed while custom resource definition is terminating')
  let object = await stripForCreate(served, given)
  definition.defaults?.(object)
  call.audited ??= object
  if (managedFields) object.metadata.managedFields = managedFields
  else object = recordUpdate({ type: served.type, live: undefined, next: object, manager: fieldManagerOf(call), apiVersion: groupVersion(definition.group, definition.version), subresource: '', time: timestamp(call.nowMs), crd: served.custom !== undefined, resets: resetFields(served, '') })
  for (let attempt = 1; ; attempt++) {
    const generated = !object.metadata.name && object.metadata.generateName
    const made = await attemptCreate(core, call, served, ownCopy(object))
    if ('stored' in made) return made.stored
    if (!generated || attempt >= maxGenerateAttempts) throw made.taken
  }
}

async function stripForCreate(served: ServedResource, given: KubeObject): Promise<KubeObject> {
  const { metadata } = given
  dedupeOwners(given)
  delete metadata.managedFields
  delete metadata.selfLink
  delete metadata.resourceVersion
  return Promise.resolve(given)
}

function dedupeOwners(object: KubeObject): void {
  const owners = object.metadata.ownerReferences
  if (!owners || owners.length < 2) return
  const seen = new Set<string>()
  object.metadata.ownerReferences = owners.filter((owner) => !seen.has(owner.uid) && seen.add(owner.uid))
}

async function attemptCreate(core: RestCore, call: Call, served: ServedResource, start: KubeObject): Promise<{ stored: KubeObject } | { taken: StatusError }> {
  const { definition } = served
  const dryRun = isDryRun(call)
  const admission: AdmissionRequest = {
    call, operation: 'CREATE', group: definition.group, version: definition.version, resource: definition.plural, subresource: '', kind: definition,
    namespace: start.metadata.namespace ?? '', name: start.metadata.name ?? '', object: start, oldObject: undefined, options: optionsObject(call, 'CreateOptions'), dryRun,
  }
  let object = (await core.admission.admit(admission)) ?? start
  fillSystemFields(core, call, object)
  const context = contextOf(call, { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '', dryRun })
  const finish = await definition.begin?.(object, undefined, core.services, context)
  try {
    if (!served.custom) dropGatedFields(core.services.settings.featureGates, object)
    object = beforeCreate(call, served, object, context)
    admission.name = object.metadata.name ?? ''
    admission.object = object
    await core.admission.validate(admission)
    const made = await insert(core, served, object, dryRun)
    finish?.('stored' in made && !dryRun)
    return made
  } catch (error) {
    finish?.(false)
    throw error
  }
}

function fillSystemFields(core: RestCore, call: Call, object: KubeObject): void {
  const { metadata } = object
  metadata.creationTimestamp = timestamp(call.nowMs)
  metadata.uid = core.random.uuid()
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  if (!metadata.name && metadata.generateName) metadata.name = metadata.generateName.slice(0, 58) + core.random.suffix(5)
}

function beforeCreate(call: Call, served: ServedResource, object: KubeObject, context: ReturnType<typeof contextOf>): KubeObject {
  const { definition } = served
  if (definition.hasGeneration !== false) object.metadata.generation = 1
  definition.prepareForCreate?.(object, context)
  const errors = definition.ownsMetaValidation ? [] : [...validateObjectMeta(object.metadata, definition.scope === 'namespaced', definition.nameFormat ?? 'dns-subdomain', FieldPath.root('metadata')), ...finalizerErrors(served, object)]
  errors.push(...(definition.validate?.(object, context) ?? []))
  if (errors.length > 0) throw invalidError(definition.group, definition.kind, object.metadata.name ?? '', errors)
  for (const text of definition.warnings?.(object, undefined, context) ?? []) warn(call, text)
  return storedForm(served, object)
}

async function insert(core: RestCore, served: ServedResource, object: KubeObject, dryRun: boolean): Promise<{ stored: KubeObject } | { taken: StatusError }> {
  const store = storeOf(served)
  const key = store.key(object.metadata.namespace ?? '', object.metadata.name ?? '')
  const stored = served.view ? await served.view.toStorage(object) : object
  const result = dryRun ? ((await store.get(key)) ? undefined : stored) : await store.create(key, stored, await leaseOf(core, served))
  if (result) return { stored: await presented(served, result) }
  return { taken: await takenError(served, key, object) }
}

async function leaseOf(core: RestCore, served: ServedResource): Promise<number | undefined> {
  const { plural, group } = served.definition
  return plural === 'events' && (group === '' || group === 'events.k8s.io') ? core.leaseFor(core.services.settings.eventTtlMs) : undefined
}

async function takenError(served: ServedResource, key: string, object: KubeObject): Promise<StatusError> {
  const resource = groupResource(served)
  const name = object.metadata.name ?? ''
  const error = alreadyExistsError(resource, name)
  const standing = await storeOf(served).get(key)
  if (standing?.object.metadata.deletionTimestamp) return failure(409, 'AlreadyExists', `object is being deleted: ${error.message}`, error.status.details)
  if (object.metadata.generateName && standing) return conflictError(resource, name, 'the object has been modified')
  return error
}

export function optionsObject(call: Call, kind: string): KubeObject {
  const { query } = call.info
  const manager = query.get('fieldManager')
  const validation = query.get('fieldValidation')
  return {
    kind, apiVersion: 'meta.k8s.io/v1', metadata: {}, ...(query.get('dryRun') ? { dryRun: query.getAll('dryRun') } : {}),
    ...(manager ? { fieldManager: manager } : {}), ...(validation ? { fieldValidation: validation } : {}),
  }
}
