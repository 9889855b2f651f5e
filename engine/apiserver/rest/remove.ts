/** DELETE: grace periods, finalizers of the propagation policies, preconditions; and whole collections. */
import { copyObject, type KubeObject } from '#engine/api/object'
import { badRequestError, conflictError, forbiddenError, invalidError, notFoundError } from '#engine/api/errors'
import { builtinType } from '#engine/apiserver/schema/builtin'
import { decodeInto } from '#engine/apiserver/schema/decode'
import type { ServedResource } from '#engine/apiserver/catalog'
import { contextOf, type Call } from '#engine/apiserver/chain/call'
import { copyForWrite } from '#engine/apiserver/storage/copy'
import type { Stored } from '#engine/apiserver/storage/store'
import { returnsDeleted } from './deleted'
import { readBody } from './body'
import { checkOptions, groupResource, isDryRun, presented, queryInteger, storeOf, timestamp, type Answer, type RestCore } from './core'
import { selectForCollection } from './list'

export interface DeleteOptions {
  gracePeriodSeconds?: number
  preconditions?: { uid?: string; resourceVersion?: string }
  orphanDependents?: boolean
  propagationPolicy?: string
  dryRun?: string[]
}

const optionsType = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'

export async function readDeleteOptions(call: Call): Promise<DeleteOptions> {
  const raw = call.http.body.value === undefined && (await call.http.body.bytes()).length === 0 ? undefined : await readBody(call.http, false)
  const { query } = call.info
  const options: DeleteOptions = {}
  if (raw) {
    call.audited = raw.value
    const decoded = decodeInto(builtinType(optionsType), raw.value)
    if (decoded.error) throw badRequestError(decoded.error)
    Object.assign(options, decoded.value as DeleteOptions)
  }
  const grace = queryInteger(call, 'gracePeriodSeconds')
  if (grace !== undefined && options.gracePeriodSeconds === undefined) options.gracePeriodSeconds = grace
  const policy = query.get('propagationPolicy')
  if (policy !== null && options.propagationPolicy === undefined) options.propagationPolicy = policy
  if (query.get('orphanDependents') !== null) options.orphanDependents = query.get('orphanDependents') === 'true'
  validateOptions(options)
  return options
}

function validateOptions(options: DeleteOptions): void {
  const errors = []
  if (options.propagationPolicy !== undefined && options.orphanDependents !== undefined) errors.push({ type: 'FieldValueInvalid' as const, field: 'propagationPolicy', body: `Invalid value: ${JSON.stringify(options.propagationPolicy)}: orphanDependents and deletionPropagation cannot be both set` })
  if (options.propagationPolicy !== undefined && !['Foreground', 'Background', 'Orphan'].includes(options.propagationPolicy))
    errors.push({ type: 'FieldValueNotSupported' as const, field: 'propagationPolicy', body: `Unsupported value: ${JSON.stringify(options.propagationPolicy)}: supported values: "Foreground", "Background", "Orphan", "nil"` })
  if (errors.length > 0) throw invalidError('meta.k8s.io', 'DeleteOptions', '', errors)
}

export async function remove(core: RestCore, call: Call, served: ServedResource): Promise<Answer> {
  checkOptions(call)
  const options = await readDeleteOptions(call)
  return removeNamed(core, call, served, call.info.namespace, call.info.name, options)
}

export async function removeNamed(core: RestCore, call: Call, served: ServedResource, namespace: string, name: string, options: DeleteOptions): Promise<Answer> {
  const store = storeOf(served)
  const kept = served.definition.keeps?.(name)
  if (kept !== undefined) throw forbiddenError(groupResource(served), name, kept)
  const key = store.key(namespace, name)
  const dryRun = isDryRun(call) || (options.dryRun ?? []).includes('All')
  let current = await store.get(key)
  for (;;) {
    if (!current) throw notFoundError(groupResource(served), name)
    checkPreconditions(served, current.object, options)
    await admitDelete(core, call, served, current.object, namespace, name, options, dryRun)
    const outcome = await attemptRemove(core, call, served, key, current, options, dryRun)
    if ('answer' in outcome) return outcome.answer
    current = outcome.current
  }
}

async function admitDelete(core: RestCore, call: Call, served: ServedResource, object: KubeObject, namespace: string, name: string, options: DeleteOptions, dryRun: boolean): Promise<void> {
  const { definition } = served
  const request = {
    call, operation: 'DELETE' as const, group: definition.group, version: definition.version, resource: definition.plural, subresource: '', kind: definition, namespace, name,
    object: undefined, oldObject: served.view ? await served.view.fromStorage(object) : object, options: { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', metadata: {}, ...options }, dryRun,
  }
  await core.admission.admit(request)
  await core.admission.validate(request)
}

function checkPreconditions(served: ServedResource, object: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {}
  const name = object.metadata.name ?? ''
  const subject = { group: served.definition.group, resource: served.definition.kind }
  if (uid !== undefined && uid !== object.metadata.uid)
    throw conflictError(subject, name, `the UID in the precondition (${uid}) does not match the UID in record (${object.metadata.uid ?? ''}). The object might have been deleted and then recreated`)
  if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion)
    throw conflictError(subject, name, `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${object.metadata.resourceVersion ?? ''}). The object might have been modified`)
}

async function attemptRemove(core: RestCore, call: Call, served: ServedResource, key: string, current: Stored, options: DeleteOptions, dryRun: boolean): Promise<{ answer: Answer } | { current: Stored | undefined }> {
  const next = markDeleted(core, call, served, current.object, options)
  if (!next) {
    const other = await removeStored(core, served, key, current.revision, dryRun)
    if (other) return other
    return { answer: { status: 200, object: await goneAnswer(served, current.object) } }
  }
  if (next === current.object) return { answer: { status: 200, object: await presented(served, current.object) } }
  if (dryRun) return { answer: { status: 200, object: await presented(served, next) } }
  const result = await storeOf(served).replace(key, next, current.revision)
  if (!('done' in result)) return { current: result.current }
  return { answer: { status: options.orphanDependents === false ? 202 : 200, object: await presented(served, result.done) } }
}

async function goneAnswer(served: ServedResource, object: KubeObject): Promise<unknown> {
  const { definition } = served
  if (returnsDeleted(definition.group, definition.plural)) return presented(served, object)
  return {
    kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success',
    details: { name: object.metadata.name, ...(definition.group === '' ? {} : { group: definition.group }), kind: definition.plural, uid: object.metadata.uid },
  }
}

/** The object marked for a later end; undefined: it may go at once; itself: nothing changes. */
function markDeleted(core: RestCore, call: Call, served: ServedResource, object: KubeObject, options: DeleteOptions): KubeObject | undefined {
  const { definition } = served
  const finalizers = finalizersFor(object, options)
  const grace = definition.gracePeriodSeconds?.(object, options.gracePeriodSeconds, contextOf(call, { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' }))
  const namespaceHeld = isHeldNamespace(object)
  if (finalizers.length === 0 && !grace && !namespaceHeld && !definition.markDeleting) return undefined
  // Asked again while it is being emptied: nothing changes.
  if (namespaceHeld && object.metadata.deletionTimestamp) return object
  if (definition.markDeleting && object.metadata.deletionTimestamp) return object
  const next = marked(call, object, finalizers, grace, namespaceHeld)
  if (next === object || !definition.markDeleting) return next
  const own = copyObject(next)
  definition.markDeleting(own, timestamp(call.nowMs))
  return own
}

function marked(call: Call, object: KubeObject, finalizers: string[], grace: number | undefined, namespaceHeld: boolean): KubeObject {
  const { metadata } = object
  const sameFinalizers = finalizers.join() === (metadata.finalizers ?? []).join()
  const shorter = metadata.deletionTimestamp !== undefined && grace !== undefined && grace < (metadata.deletionGracePeriodSeconds ?? 0)
  if (metadata.deletionTimestamp && sameFinalizers && !shorter) return object
  const next = copyForWrite(object)
  if (finalizers.length > 0) next.metadata.finalizers = finalizers
  else delete next.metadata.finalizers
  if (!metadata.deletionTimestamp || shorter) setDeadline(next, object, call.nowMs, grace ?? 0)
  if (namespaceHeld) {
    delete next.metadata.deletionGracePeriodSeconds
    next['status'] = { ...(next['status'] as object), phase: 'Terminating' }
  }
  return next
}

/** When the object is to be gone: counted from the first wish, also where a later one is shorter. */
function setDeadline(next: KubeObject, { metadata }: KubeObject, nowMs: number, grace: number): void {
  const from = metadata.deletionTimestamp ? Date.parse(metadata.deletionTimestamp) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000 : nowMs
  next.metadata.deletionTimestamp = timestamp(from + grace * 1000)
  next.metadata.deletionGracePeriodSeconds = grace
  if (next.metadata.generation) next.metadata.generation += 1
}

function isHeldNamespace(object: KubeObject): boolean {
  return object.kind === 'Namespace' && ((object['spec'] as { finalizers?: string[] } | undefined)?.finalizers ?? []).length > 0
}

/** Finalizers after the propagation policy is applied: those of the garbage collector come and go. */
function finalizersFor(object: KubeObject, options: DeleteOptions): string[] {
  const own = object.metadata.finalizers ?? []
  const policy = options.propagationPolicy ?? (options.orphanDependents === true ? 'Orphan' : options.orphanDependents === false ? 'Background' : undefined)
  if (policy === undefined) return [...own]
  const rest = own.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion')
  if (policy === 'Orphan') return [...rest, 'orphan']
  if (policy === 'Foreground') return [...rest, 'foregroundDeletion']
  return rest
}

/** Takes the object out of the store; undefined when done. */
export async function removeStored(core: RestCore, served: ServedResource, key: string, revision: number, dryRun: boolean): Promise<{ current: Stored | undefined } | undefined> {
  if (dryRun) return undefined
  const store = storeOf(served)
  const before = await store.get(key)
  const result = await store.remove(key, revision)
  if ('current' in result) return result
  if (before) await served.definition.afterDelete?.(before.object, core.services)
  return undefined
}

/** Deletes what a list with the same selectors shows; answers with that list. */
export async function removeCollection(core: RestCore, call: Call, served: ServedResource): Promise<Answer> {
  checkOptions(call)
  const options = await readDeleteOptions(call)
  const { list, objects } = await selectForCollection(core, call, served)
  for (const object of objects) {
    try {
      await removeNamed(core, call, served, object.metadata.namespace ?? '', object.metadata.name ?? '', copyObject(options))
    } catch (error) {
      if ((error as { reason?: string }).reason !== 'NotFound') throw error
    }
  }
  return { status: 200, object: list }
}
