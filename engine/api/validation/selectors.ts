/** Validation of label selectors, as apimachinery's `apis/meta/v1/validation`. */
import type { FieldError, FieldPath } from '#engine/api/field'
import { forbidden, invalid, required } from '#engine/api/field'
import { validateLabels } from '#engine/api/validation/meta'
import { labelValue, qualifiedName } from '#engine/api/validation/names'

export interface LabelSelectorLike {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
}

export function validateLabelSelector(selector: LabelSelectorLike | undefined, path: FieldPath): FieldError[] {
  if (!selector) return []
  const errors = validateLabels(selector.matchLabels, path.child('matchLabels'))
  for (const [index, item] of (selector.matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(index)
    const values = item.values ?? []
    if (item.operator === 'In' || item.operator === 'NotIn') {
      if (values.length === 0) errors.push(required(at.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"))
    } else if (item.operator === 'Exists' || item.operator === 'DoesNotExist') {
      if (values.length > 0) errors.push(forbidden(at.child('values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    } else errors.push(invalid(at.child('operator'), item.operator, 'not a valid selector operator'))
    for (const text of qualifiedName(item.key ?? '')) errors.push(invalid(at.child('key'), item.key ?? '', text))
    for (const [position, value] of values.entries()) for (const text of labelValue(value)) errors.push(invalid(at.child('values').index(position), value, text))
  }
  return errors
}

export function isEmptySelector(selector: LabelSelectorLike): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0
}

/** Can it be compiled? An operator that is none, or values that do not fit it, make it unusable. */
export function isUsableSelector(selector: LabelSelectorLike | undefined): boolean {
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) if (qualifiedName(key).length > 0 || labelValue(value).length > 0) return false
  return (selector?.matchExpressions ?? []).every((item) => {
    if (qualifiedName(item.key ?? '').length > 0) return false
    const count = item.values?.length ?? 0
    if (item.operator === 'In' || item.operator === 'NotIn') return count > 0 && (item.values ?? []).every((value) => labelValue(value).length === 0)
    return (item.operator === 'Exists' || item.operator === 'DoesNotExist') && count === 0
  })
}

/** Without a selector nothing is matched; an empty one matches everything. */
export function selectorMatches(selector: LabelSelectorLike | undefined | null, labels: Readonly<Record<string, string>> | undefined): boolean {
  if (!selector) return false
  for (const key in selector.matchLabels) if (labels?.[key] !== selector.matchLabels[key]) return false
  return (selector.matchExpressions ?? []).every((item) => {
    const value = labels?.[item.key]
    if (item.operator === 'In') return value !== undefined && (item.values ?? []).includes(value)
    if (item.operator === 'NotIn') return value === undefined || !(item.values ?? []).includes(value)
    return item.operator === 'Exists' ? value !== undefined : value === undefined
  })
}
