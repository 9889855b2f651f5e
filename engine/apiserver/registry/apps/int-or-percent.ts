/** `3` or `25%`. */
import { invalid } from '#engine/api/field'
import type { FieldError, FieldPath } from '#engine/api/field'
import { percent } from '#engine/api/validation/names'

export function validateIntOrPercent(errors: FieldError[], value: unknown, path: FieldPath): void {
  if (value === undefined || value === null) return
  if (typeof value === 'string') for (const text of percent(value)) errors.push(invalid(path, value, text))
  else if ((value as number) < 0) errors.push(invalid(path, value, 'must be greater than or equal to 0'))
}

/** The number in it; 0 for text that is no percentage. */
export function numberIn(value: unknown): number {
  if (typeof value === 'string') return percent(value).length === 0 ? Number(value.slice(0, -1)) : 0
  return (value as number | undefined) ?? 0
}

export function validateWithinWhole(errors: FieldError[], value: unknown, path: FieldPath): void {
  if (typeof value === 'string' && numberIn(value) > 100) errors.push(invalid(path, value, 'must not be greater than 100%'))
}
