/** What a job's status may say, and which of it is final. */
import type { KubeObject } from '#engine/api/object'
import { FieldPath, invalid, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { notNegative } from '#engine/apiserver/registry/core/pods/validation/errors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const path = FieldPath.root('status')
const terminal = ['Complete', 'Failed', 'SuccessCriteriaMet', 'FailureTarget']

function has(status: Free, type: string): boolean {
  return listOf(status.conditions).some((condition) => condition.type === type && condition.status === 'True')
}

export function validateJobStatusUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const now = (next.status ?? {}) as Free
  const before = (previous.status ?? {}) as Free
  for (const field of ['active', 'succeeded', 'failed', 'ready', 'terminating']) notNegative(errors, now[field] as number | undefined, path.child(field))
  validateEnd(errors, now, before)
  validateConditions(errors, now, before)
  return errors
}

function validateEnd(errors: FieldError[], now: Free, before: Free): void {
  const finished = has(now, 'Complete') || has(now, 'Failed')
  validateCompletionTime(errors, now, before)
  if (!finished) return
  if (!now.startTime) errors.push(required(path.child('startTime'), 'startTime is required for finished job'))
  for (const field of ['active', 'terminating']) if ((now[field] ?? 0) > 0 && now[field] !== before[field]) errors.push(invalid(path.child(field), now[field], `${field}>0 is invalid for finished job`))
}

function validateCompletionTime(errors: FieldError[], now: Free, before: Free): void {
  const at = path.child('completionTime')
  const time = now.completionTime as string | undefined
  const complete = has(now, 'Complete')
  if (complete && !time) errors.push(required(at, 'completionTime is required for Complete jobs'))
  if (!complete && time && !before.completionTime) errors.push(invalid(at, time, 'cannot set completionTime when there is no Complete=True condition'))
  if (time && now.startTime && Date.parse(time) < Date.parse(now.startTime as string)) errors.push(invalid(at, time, 'completionTime cannot be set before startTime'))
}

/** Conditions that exclude each other. */
const exclusive = [
  ['Complete', 'Failed', 'cannot set Complete=True and Failed=true conditions'], ['Complete', 'FailureTarget', 'cannot set Complete=True and FailureTarget=true conditions'],
  ['SuccessCriteriaMet', 'Failed', 'cannot set Failed=True and SuccessCriteriaMet=true conditions'], ['SuccessCriteriaMet', 'FailureTarget', 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'],
] as const
/** A job is over in two steps. */
const preceded = [['Failed', 'FailureTarget'], ['Complete', 'SuccessCriteriaMet']] as const

function validateConditions(errors: FieldError[], now: Free, before: Free): void {
  const at = path.child('conditions')
  for (const type of terminal) if (has(before, type) && !has(now, type)) errors.push(invalid(at, '', `cannot disable the terminal ${type}=True condition`))
  const both = (status: Free, one: string, other: string): boolean => has(status, one) && has(status, other)
  for (const [one, other, words] of exclusive) if (both(now, one, other) && !both(before, one, other)) errors.push(invalid(at, '', words))
  for (const [type, first] of preceded) if (has(now, type) && !has(now, first) && !has(before, type)) errors.push(invalid(at, '', `cannot set ${type}=True condition without the ${first}=true condition`))
}
