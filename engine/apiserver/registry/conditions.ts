/** Conditions of the common shape (`metav1.Condition`), as the kinds that check them do. */
import { duplicate, invalid, notSupported, required, tooLong } from '#engine/api/field'
import type { FieldError , FieldPath} from '#engine/api/field'
import { byteLength, qualifiedName } from '#engine/api/validation/names'
import { listOf } from './free'
import type { Free } from './free'

const reasonPattern = /^[A-Za-z](?:[A-Za-z0-9_,:]*[A-Za-z0-9_])?$/
const reasonWords = "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')"

export function validateConditions(list: Free, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, condition] of listOf(list).entries()) {
    const type = (condition.type ?? '') as string
    if (seen.has(type)) errors.push(duplicate(path.index(index).child('type'), type))
    seen.add(type)
    errors.push(...validateCondition(condition, type, path.index(index)))
  }
  return errors
}

function validateCondition(condition: Free, type: string, at: FieldPath): FieldError[] {
  const errors = qualifiedName(type).map((words) => invalid(at.child('type'), type, words))
  const status = (condition.status ?? '') as string
  if (!['True', 'False', 'Unknown'].includes(status)) errors.push(notSupported(at.child('status'), status, ['False', 'True', 'Unknown']))
  if (condition.observedGeneration < 0) errors.push(invalid(at.child('observedGeneration'), condition.observedGeneration, 'must be greater than or equal to zero'))
  if (!condition.lastTransitionTime) errors.push(required(at.child('lastTransitionTime'), 'must be set'))
  const reason = (condition.reason ?? '') as string
  if (reason === '') errors.push(required(at.child('reason'), 'must be set'))
  else if (!reasonPattern.test(reason)) errors.push(invalid(at.child('reason'), reason, reasonWords))
  if (byteLength(reason) > 1024) errors.push(tooLong(at.child('reason'), 1024))
  if (byteLength((condition.message ?? '') as string) > 32768) errors.push(tooLong(at.child('message'), 32768))
  return errors
}
