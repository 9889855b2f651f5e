/** Who owns which field of an object: kept true on every write, asked on server-side apply. */
import type { KubeObject, ManagedFieldsEntry } from '#engine/api/object'
import { badRequestError } from '#engine/api/errors'
import { failure, type StatusError } from '#engine/api/status'
import { canonical, ownCanonical } from '#engine/apiserver/schema/canonical'
import type { Type } from '#engine/apiserver/schema/type'
import { fromFieldsV1, toFieldsV1 } from './forms'
import { difference, emptySet, equalSets, intersection, isEmpty, members, pathText, union, type FieldNode } from './set'
import { compare, merge, prune, toFieldSet, type Comparison } from './typed'
import { typedProblems } from './validate'

interface Manager {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  time: string | undefined
  set: FieldNode
  /** How it stands in the live object, as long as nothing of it changes. */
  entry: ManagedFieldsEntry | undefined
}

export interface UpdateRequest {
  readonly type: Type
  readonly live: KubeObject | undefined
  readonly next: KubeObject
  readonly manager: string
  readonly apiVersion: string
  readonly subresource: string
  readonly time: string
  /** Top-level fields that this way of writing never changes: `status`, or `spec` where the status is written. */
  readonly resets?: readonly string[]
  /** Custom objects have no fields of their own before they are made. */
  readonly crd: boolean
}

const stripped = fromFieldsV1({
  'f:apiVersion': {}, 'f:kind': {},
  'f:metadata': { '.': {}, 'f:name': {}, 'f:namespace': {}, 'f:creationTimestamp': {}, 'f:selfLink': {}, 'f:uid': {}, 'f:clusterName': {}, 'f:generation': {}, 'f:managedFields': {}, 'f:resourceVersion': {} },
})
const maxUpdateManagers = 10
const zeroObjects = new WeakMap<Type, unknown>()

/** The next object (the caller's own) with its managedFields. On types without a schema it is returned as it is. */
export function recordUpdate(request: UpdateRequest): KubeObject {
  const { type, live } = request
  if (type.kind === 'any') return request.next
  const next = request.crd ? request.next : ownCanonical(type, request.next)
  const managers = managersOf(live, next, request.subresource !== '')
  if (live && managers.length === 0) return withManagers(next, [])
  const before = live ? bare(live) : zeroObject(type, request.crd)
  const comparison = without(compare(type, before, bare(next)), request.resets)
  const fields = difference(comparison.changed, stripped)
  // Who writes would get back what is taken: it only loses what it does not claim.
  const rest = disown(managers, comparison, { isMine: (item) => writes(request, item), lost: () => union(comparison.removed, difference(comparison.changed, fields)) })
  claim(rest, request, fields)
  return withManagers(next, capped(rest))
}

/** A comparison that does not see the fields which the write will put back. */
function without(comparison: Comparison, resets: readonly string[] | undefined): Comparison {
  if (!resets?.length) return comparison
  const drop = (set: FieldNode): FieldNode => ({ own: set.own, kids: new Map([...set.kids].filter(([part]) => !resets.includes(part.slice(2)))) })
  return { changed: drop(comparison.changed), removed: drop(comparison.removed) }
}

function zeroObject(type: Type, crd: boolean): unknown {
  if (crd) return {}
  let zero = zeroObjects.get(type)
  if (zero === undefined) zeroObjects.set(type, (zero = canonical(type, {})))
  return zero
}

function bare(object: KubeObject): unknown {
  if (!object.metadata.managedFields) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

function managersOf(live: KubeObject | undefined, next: KubeObject, ignoreSent: boolean): Manager[] {
  const sent = next.metadata.managedFields
  if (!ignoreSent && live && sent && sent.length === 1 && sent[0] && Object.keys(sent[0]).length === 0) return []
  if (!ignoreSent && sent && sent.length > 0 && live) return sent.map(readManager)
  return standingManagers(live)
}

function standingManagers(live: KubeObject | undefined): Manager[] {
  return (live?.metadata.managedFields ?? []).map((entry) => ({ ...readManager(entry), entry }))
}

function readManager(entry: ManagedFieldsEntry): Manager {
  return { manager: entry.manager ?? '', operation: entry.operation ?? 'Update', apiVersion: entry.apiVersion ?? '', subresource: entry.subresource ?? '', time: entry.time, set: fromFieldsV1(entry.fieldsV1), entry: undefined }
}

/** Takes changed and removed fields from those who had them. */
function disown(managers: readonly Manager[], { changed, removed }: Comparison, writer?: { isMine(item: Manager): boolean; lost(): FieldNode }): Manager[] {
  if (managers.length === 0) return []
  const lost = union(changed, removed)
  if (isEmpty(lost)) return [...managers]
  return managers.map((manager) => deprived(manager, writer?.isMine(manager) ? writer.lost() : lost)).filter((manager) => !isEmpty(manager.set))
}

function writes(request: UpdateRequest, item: Manager): boolean {
  return item.manager === request.manager && item.operation === 'Update' && item.apiVersion === request.apiVersion && item.subresource === request.subresource
}

function deprived(manager: Manager, lost: FieldNode): Manager {
  const set = difference(manager.set, lost)
  return set === manager.set ? manager : { ...manager, set, entry: undefined }
}

function claim(managers: Manager[], request: UpdateRequest, fields: FieldNode): void {
  if (isEmpty(fields)) return
  const known = managers.find((item) => writes(request, item))
  if (known) {
    const set = union(known.set, fields)
    if (set !== known.set || known.time !== request.time) known.entry = undefined
    known.set = set
    known.time = request.time
    return
  }
  managers.push({ manager: request.manager, operation: 'Update', apiVersion: request.apiVersion, subresource: request.subresource, time: request.time, set: fields, entry: undefined })
}

/** Old updaters are merged into one beyond ten of them. */
function capped(managers: Manager[]): Manager[] {
  const updaters = managers.filter((item) => item.operation === 'Update')
  if (updaters.length <= maxUpdateManagers) return managers
  const oldest = [...updaters].sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1)).slice(0, updaters.length - maxUpdateManagers + 1)
  const merged: Manager = { ...(oldest[0] as Manager), manager: 'ancient-changes', subresource: '', set: oldest.reduce((set, item) => union(set, item.set), emptySet()), time: oldest[oldest.length - 1]?.time, entry: undefined }
  return [...managers.filter((item) => !oldest.includes(item)), merged]
}

function withManagers(object: KubeObject, managers: readonly Manager[]): KubeObject {
  if (managers.length > 0) return { ...object, metadata: { ...object.metadata, managedFields: [...managers].sort(byOrder).map(writeManager) } }
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

function byOrder(a: Manager, b: Manager): number {
  return compared(a.operation, b.operation) || compared(a.time ?? '', b.time ?? '') || compared(a.manager, b.manager) || compared(a.apiVersion, b.apiVersion) || compared(a.subresource, b.subresource)
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function writeManager(item: Manager): ManagedFieldsEntry {
  return item.entry ?? {
    manager: item.manager, operation: item.operation, apiVersion: item.apiVersion, ...(item.time === undefined ? {} : { time: item.time }),
    fieldsType: 'FieldsV1', fieldsV1: toFieldsV1(item.set), ...(item.subresource === '' ? {} : { subresource: item.subresource }),
  }
}

export interface ApplyRequest extends Omit<UpdateRequest, 'next'> {
  readonly applied: KubeObject
  readonly force: boolean
}

/** The merged object with its managedFields; the live one where nothing changes. Throws Status 409 on conflicts. */
export function applyObject(request: ApplyRequest): KubeObject {
  const { type, applied, live } = request
  if (applied.metadata.managedFields) throw badRequestError('metadata.managedFields must be nil')
  const problems = typedProblems(type, applied)
  if (problems.length > 0) throw typeFailure(request, problems)
  const standing = live ? startingManagers(type, live) : []
  const self = standing.find((item) => item.operation === 'Apply' && item.manager === request.manager && item.subresource === request.subresource)
  const set = withoutTop(difference(toFieldSet(type, applied), stripped), request.resets)
  const before = live ? bare(live) : {}
  let merged = merge(type, before, applied)
  const others = standing.filter((item) => item !== self)
  if (self) merged = prune(type, merged, self.set, others.reduce((all, item) => union(all, item.set), set))
  const result = request.crd ? (merged as KubeObject) : canonical(type, merged as KubeObject)
  return settle(request, result, before, others, self, set)
}

function withoutTop(set: FieldNode, resets: readonly string[] | undefined): FieldNode {
  if (!resets?.length) return set
  return { own: set.own, kids: new Map([...set.kids].filter(([part]) => !resets.includes(part.slice(2)))) }
}

function settle(request: ApplyRequest, result: KubeObject, before: unknown, others: Manager[], self: Manager | undefined, set: FieldNode): KubeObject {
  const comparison = without(compare(request.type, request.live ? before : zeroObject(request.type, request.crd), bare(result)), request.resets)
  const { changed } = comparison
  const conflicts = others.map((item) => ({ manager: item, fields: intersection(item.set, changed) })).filter((item) => !isEmpty(item.fields))
  if (conflicts.length > 0 && !request.force && !migrates(request, conflicts)) throw conflictFailure(conflicts)
  const rest = disown(others, comparison)
  const unchanged = self && equalSets(self.set, set) && isEmpty(changed) && isEmpty(comparison.removed)
  const mine: Manager = { manager: request.manager, operation: 'Apply', apiVersion: request.apiVersion, subresource: request.subresource, time: unchanged ? self.time : request.time, set, entry: undefined }
  return withManagers(result, isEmpty(set) ? rest : [...rest, mine])
}

/** Objects from before the first apply have an owner for all they had. */
function startingManagers(type: Type, live: KubeObject): Manager[] {
  const managers = standingManagers(live)
  if (managers.length > 0) return managers
  const set = difference(toFieldSet(type, bare(live)), stripped)
  return isEmpty(set) ? [] : [{ manager: 'before-first-apply', operation: 'Update', apiVersion: live.apiVersion, subresource: '', time: undefined, set, entry: undefined }]
}

interface Conflict {
  readonly manager: Manager
  readonly fields: FieldNode
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** kubectl may take over fields that it applied from the client's side before. */
function migrates(request: ApplyRequest, conflicts: readonly Conflict[]): boolean {
  const text = request.live?.metadata.annotations?.[lastApplied]
  if (request.manager !== 'kubectl' || text === undefined) return false
  try {
    const allowed = toFieldSet(request.type, JSON.parse(text))
    return conflicts.every((conflict) => isEmpty(difference(conflict.fields, allowed)))
  } catch {
    return false
  }
}

function typeFailure(request: ApplyRequest, problems: readonly string[]): StatusError {
  const { metadata, kind } = request.applied
  const subject = `${metadata.namespace ? `${metadata.namespace}/` : '/'}${metadata.name ?? ''}; ${request.apiVersion}, Kind=${kind}`
  const text = problems.length === 1 ? (problems[0] ?? '') : `errors:\n${problems.map((line) => `  ${line}`).join('\n')}`
  return failure(500, '', `failed to create typed patch object (${subject}): ${text}`)
}

function conflictFailure(conflicts: readonly Conflict[]): StatusError {
  const causes = conflicts.flatMap(({ manager, fields }) => members(fields).map((path) => ({ reason: 'FieldManagerConflict', message: `conflict with ${managerText(manager)}`, field: pathText(path) })))
  const unique = causes.sort((a, b) => (a.message < b.message ? -1 : a.message > b.message ? 1 : a.field < b.field ? -1 : 1))
  return failure(409, 'Conflict', conflictText(unique), { causes: unique })
}

function conflictText(causes: readonly { message: string; field: string }[]): string {
  const only = causes[0]
  if (causes.length === 1 && only) return `Apply failed with 1 conflict: ${only.message}: ${only.field}`
  const byManager = new Map<string, string[]>()
  for (const cause of causes) byManager.set(cause.message, [...(byManager.get(cause.message) ?? []), cause.field])
  const lines: string[] = []
  for (const [message, fields] of byManager) {
    lines.push(`${message.replace(/^conflict with/, 'conflicts with')}:`)
    for (const field of fields) lines.push(`- ${field}`)
  }
  return `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`
}

function managerText(manager: Manager): string {
  const subject = `${JSON.stringify(manager.manager)}${manager.subresource === '' ? '' : ` with subresource ${JSON.stringify(manager.subresource)}`}`
  return manager.operation === 'Update' ? `${subject} using ${manager.apiVersion}` : subject
}
