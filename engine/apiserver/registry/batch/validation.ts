/** Jobs and cron jobs. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, invalid, invalidUntold, notSupported, required, tooLong, tooMany } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { domainPrefixedPath } from '#engine/api/validation/domain-path'
import { validateImmutable } from '#engine/api/validation/meta'
import { byteLength, dnsLabel, qualifiedName } from '#engine/api/validation/names'
import { isUsableSelector, selectorMatches, validateLabelSelector } from '#engine/api/validation/selectors'
import { checkName, notNegative, oneOf } from '#engine/apiserver/registry/core/pods/validation/errors'
import { goPodSpec } from '#engine/apiserver/registry/core/pods/validation/go-pod-spec'
import { validateTemplate } from '#engine/apiserver/registry/core/pods/validation/template'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { validateSuccessPolicy } from './success-policy'
import { validateSchedule, validateTimeZone } from './schedule'

const path = FieldPath.root('spec')

export function validateJob(object: KubeObject): FieldError[] {
  const spec = (object.spec ?? {}) as Free
  const errors: FieldError[] = []
  validateGenerated(errors, object, spec)
  errors.push(...validateJobSpec(spec, path, true))
  validateHostname(errors, object, spec)
  return errors
}

/** Pods of indexed jobs are named after the job and their index. */
function validateHostname(errors: FieldError[], object: KubeObject, spec: Free): void {
  if (spec.completionMode !== 'Indexed' || !((spec.completions ?? 0) > 0)) return
  const name = object.metadata.name ?? ''
  const last = `${name}-${(spec.completions as number) - 1}`
  if (dnsLabel(last).length > 0) errors.push(invalid(FieldPath.root('metadata').child('name'), name, `will not able to create pod with invalid DNS label: ${last}`))
}

/** Without manualSelector the selector is the server's to choose. */
function validateGenerated(errors: FieldError[], object: KubeObject, spec: Free): void {
  if (spec.manualSelector === true || !spec.selector) return
  const uid = object.metadata.uid ?? ''
  const labels = (spec.selector.matchLabels ?? {}) as Record<string, string>
  const expected = Object.keys(labels).length === 1 && (labels['batch.kubernetes.io/controller-uid'] === uid || labels['controller-uid'] === uid) && listOf(spec.selector.matchExpressions).length === 0
  if (!expected) errors.push(invalid(path.child('selector'), spec.selector, '`selector` not auto-generated'))
}

export function validateJobSpec(spec: Free, at: FieldPath, withSelector: boolean): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex']) notNegative(errors, spec[field] as number, at.child(field))
  if (spec.managedBy !== undefined) validateManager(errors, spec.managedBy as string, at.child('managedBy'))
  if (spec.maxFailedIndexes !== undefined) {
    notNegative(errors, spec.maxFailedIndexes as number, at.child('maxFailedIndexes'))
    if (spec.backoffLimitPerIndex === undefined) errors.push(required(at.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'))
  }
  validateMode(errors, spec, at)
  if (spec.podFailurePolicy) validateFailurePolicy(errors, spec, at.child('podFailurePolicy'))
  if (spec.successPolicy) validateSuccessPolicy(errors, spec, at.child('successPolicy'))
  validateReplacement(errors, spec, at.child('podReplacementPolicy'))
  validateTemplate(errors, spec.template ?? {}, at.child('template'))
  validateRestart(errors, spec, at.child('template', 'spec', 'restartPolicy'))
  if (withSelector) validateSelector(errors, spec, at)
  return errors
}

function validateSelector(errors: FieldError[], spec: Free, at: FieldPath): void {
  if (!spec.selector) errors.push(required(at.child('selector'), ''))
  else errors.push(...validateLabelSelector(spec.selector, at.child('selector')))
  const labels = spec.template?.metadata?.labels as Record<string, string> | undefined
  if (spec.selector && isUsableSelector(spec.selector) && !selectorMatches(spec.selector, labels ?? {})) errors.push(invalid(at.child('template', 'metadata', 'labels'), labels ?? null, '`selector` does not match template `labels`'))
}

function validateManager(errors: FieldError[], manager: string, at: FieldPath): void {
  errors.push(...domainPrefixedPath(manager, at))
  if (manager.length > 63) errors.push(tooLong(at, 63))
}

function validateMode(errors: FieldError[], spec: Free, at: FieldPath): void {
  const mode = spec.completionMode as string | undefined
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed') errors.push(notSupported(at.child('completionMode'), mode, ['Indexed', 'NonIndexed']))
  if (mode === 'Indexed') {
    if (spec.completions === undefined) errors.push(required(at.child('completions'), 'when completion mode is Indexed'))
    if ((spec.parallelism ?? 0) > 100000) errors.push(invalid(at.child('parallelism'), spec.parallelism, 'must be less than or equal to 100000 when completion mode is Indexed'))
    if ((spec.maxFailedIndexes ?? 0) > (spec.completions ?? 0) && spec.completions !== undefined) errors.push(invalid(at.child('maxFailedIndexes'), spec.maxFailedIndexes, 'must be less than or equal to completions'))
    validateHighCompletions(errors, spec, at)
    return
  }
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes']) if (spec[field] !== undefined) errors.push(invalid(at.child(field), spec[field], 'requires indexed completion mode'))
}

/** So many completions are only kept track of with fewer pods at a time. */
const manyCompletions = 100_000
const manyCompletionsLimit = 10_000

function validateHighCompletions(errors: FieldError[], spec: Free, at: FieldPath): void {
  const { completions = 0, parallelism = 0, maxFailedIndexes, backoffLimitPerIndex } = spec as { readonly completions?: number; readonly parallelism?: number; readonly maxFailedIndexes?: number; readonly backoffLimitPerIndex?: number }
  if ((maxFailedIndexes ?? 0) > manyCompletions) errors.push(invalid(at.child('maxFailedIndexes'), maxFailedIndexes, `must be less than or equal to ${manyCompletions}`))
  if (completions <= manyCompletions || backoffLimitPerIndex === undefined) return
  if (maxFailedIndexes === undefined) errors.push(required(at.child('maxFailedIndexes'), `must be specified when completions is above ${manyCompletions}`))
  const words = `must be less than or equal to ${manyCompletionsLimit} when completions are above ${manyCompletions} and used with backoff limit per index`
  if (parallelism > manyCompletionsLimit) errors.push(invalid(at.child('parallelism'), parallelism, words))
  if (maxFailedIndexes !== undefined && maxFailedIndexes > manyCompletionsLimit) errors.push(invalid(at.child('maxFailedIndexes'), maxFailedIndexes, words))
}

function validateReplacement(errors: FieldError[], spec: Free, at: FieldPath): void {
  const policy = spec.podReplacementPolicy as string | undefined
  if (policy === undefined) return
  if (spec.podFailurePolicy) {
    if (policy !== 'Failed') errors.push(notSupported(at, policy, ['Failed']))
  } else if (policy !== 'Failed' && policy !== 'TerminatingOrFailed') errors.push(notSupported(at, policy, ['Failed', 'TerminatingOrFailed']))
}

function validateRestart(errors: FieldError[], spec: Free, at: FieldPath): void {
  const policy = (spec.template?.spec?.restartPolicy ?? '') as string
  if (policy === 'Always') errors.push(required(at, 'valid values: "OnFailure", "Never"'))
  else if (policy !== 'OnFailure' && policy !== 'Never') errors.push(notSupported(at, policy, ['OnFailure', 'Never']))
  else if (spec.podFailurePolicy && policy !== 'Never') errors.push(invalid(at, policy, 'only "Never" is supported when podFailurePolicy is specified'))
}

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']

function validateFailurePolicy(errors: FieldError[], spec: Free, at: FieldPath): void {
  const rules = listOf(spec.podFailurePolicy.rules)
  if (rules.length > 20) errors.push(tooMany(at.child('rules'), rules.length, 20))
  const names = [...listOf(spec.template?.spec?.containers), ...listOf(spec.template?.spec?.initContainers)].map((container) => container.name as string)
  for (const [index, rule] of rules.entries()) {
    const where = at.child('rules').index(index)
    if (!rule.action) errors.push(required(where.child('action'), `valid values: ${JSON.stringify(actions)}`))
    else if (rule.action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) errors.push(invalid(where.child('action'), rule.action, 'requires the backoffLimitPerIndex to be set'))
    else oneOf(errors, rule.action, actions, where.child('action'))
    if (rule.onExitCodes) validateExitCodes(errors, rule.onExitCodes, names, where.child('onExitCodes'))
    validatePatterns(errors, rule, where)
    if (rule.onExitCodes && listOf(rule.onPodConditions).length > 0) errors.push(invalidUntold(where, 'specifying both OnExitCodes and OnPodConditions is not supported'))
    if (!rule.onExitCodes && listOf(rule.onPodConditions).length === 0) errors.push(invalidUntold(where, 'specifying one of OnExitCodes and OnPodConditions is required'))
  }
}

function validateExitCodes(errors: FieldError[], codes: Free, names: readonly string[], at: FieldPath): void {
  if (!codes.operator) errors.push(required(at.child('operator'), 'valid values: ["In" "NotIn"]'))
  else oneOf(errors, codes.operator, ['In', 'NotIn'], at.child('operator'))
  if (codes.containerName !== undefined && !names.includes(codes.containerName as string)) errors.push(invalid(at.child('containerName'), codes.containerName, 'must be one of the container or initContainer names in the pod template'))
  const values = listOf(codes.values) as number[]
  if (values.length === 0) errors.push(invalid(at.child('values'), codes.values ?? null, 'at least one value is required'))
  if (values.length > 255) errors.push(tooMany(at.child('values'), values.length, 255))
  validateExitValues(errors, codes, values, at)
}

function validateExitValues(errors: FieldError[], codes: Free, values: readonly number[], at: FieldPath): void {
  let ordered = true
  const seen = new Set<number>()
  for (const [index, value] of values.entries()) {
    if (codes.operator === 'In' && value === 0) errors.push(invalid(at.child('values').index(index), value, 'must not be 0 for the In operator'))
    if (seen.has(value)) errors.push({ type: 'FieldValueDuplicate', field: at.child('values').index(index).toString(), body: `Duplicate value: ${value}` })
    seen.add(value)
    if (index > 0 && (values[index - 1] ?? 0) > value) ordered = false
  }
  if (!ordered) errors.push(invalid(at.child('values'), values, 'must be ordered'))
}

function validatePatterns(errors: FieldError[], rule: Free, at: FieldPath): void {
  const patterns = listOf(rule.onPodConditions)
  if (patterns.length > 20) errors.push(tooMany(at.child('onPodConditions'), patterns.length, 20))
  for (const [index, pattern] of patterns.entries()) {
    const where = at.child('onPodConditions').index(index)
    checkName(errors, (pattern.type ?? '') as string, qualifiedName, where.child('type'))
    if (!pattern.status) errors.push(required(where.child('status'), 'valid values: ["False" "True" "Unknown"]'))
    else oneOf(errors, pattern.status, ['False', 'True', 'Unknown'], where.child('status'))
  }
}

export function validateJobUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const now = (next.spec ?? {}) as Free
  const before = (previous.spec ?? {}) as Free
  const errors: FieldError[] = []
  const elastic = now.completionMode === 'Indexed' && before.completionMode === 'Indexed'
  if (now.completions !== before.completions && !(elastic && now.completions === now.parallelism)) errors.push(invalid(path.child('completions'), now.completions ?? null, elastic ? 'can only be modified in tandem with parallelism' : 'field is immutable'))
  errors.push(...validateImmutable(now.selector, before.selector, path.child('selector')))
  errors.push(...validateTemplateUpdate(now, before, previous))
  for (const field of ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy']) errors.push(...validateImmutable(now[field] ?? null, before[field] ?? null, path.child(field)))
  return errors
}

const schedulingFields = ['nodeSelector', 'tolerations', 'affinity', 'schedulingGates']

/** A suspended job that has not started may be told where to run. */
function validateTemplateUpdate(now: Free, before: Free, previous: KubeObject): FieldError[] {
  const free = before.suspend === true && previous.status?.startTime === undefined
  const fixed = (template: Free): Free => {
    if (!free) return template
    const spec = Object.fromEntries(Object.entries((template?.spec ?? {}) as object).filter(([key]) => !schedulingFields.includes(key)))
    return { spec }
  }
  return equalJson(fixed(now.template), fixed(before.template)) ? [] : [invalid(path.child('template'), goTemplate(now.template), 'field is immutable')]
}

function goTemplate(template: Free): unknown {
  return { ...(template?.metadata as object | undefined), Spec: goPodSpec(template?.spec ?? {}) }
}

export function validateCronJob(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  if (byteLength(object.metadata.name ?? '') > 52) errors.push(invalid(FieldPath.root('metadata').child('name'), object.metadata.name, 'must be no more than 52 characters'))
  if (!spec.schedule) errors.push(required(path.child('schedule'), ''))
  else validateSchedule(errors, spec.schedule as string, spec.timeZone as string | undefined, path.child('schedule'))
  notNegative(errors, spec.startingDeadlineSeconds as number, path.child('startingDeadlineSeconds'))
  validateTimeZone(errors, spec.timeZone as string | undefined, path.child('timeZone'))
  if (!spec.concurrencyPolicy) errors.push(required(path.child('concurrencyPolicy'), ''))
  else oneOf(errors, spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], path.child('concurrencyPolicy'))
  const job = (spec.jobTemplate?.spec ?? {}) as Free
  const at = path.child('jobTemplate', 'spec')
  errors.push(...validateJobSpec(job, at, false))
  if (job.selector) errors.push(invalid(at.child('selector'), job.selector, '`selector` will be auto-generated'))
  if (job.manualSelector === true) errors.push(notSupported(at.child('manualSelector'), true, ['nil', 'false']))
  for (const field of ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit']) notNegative(errors, spec[field] as number, path.child(field))
  return errors
}
