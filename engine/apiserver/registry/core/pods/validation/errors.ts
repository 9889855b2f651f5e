/** What all checks of pods share: a list to add to, and a word for a value that fails a name check. */
import type { FieldError, FieldPath } from '#engine/api/field'
import { invalid, notSupported, required } from '#engine/api/field'
import type { Check } from '#engine/api/validation/names'

export type Errors = FieldError[]

export function checkName(errors: Errors, value: string, check: Check, path: FieldPath): void {
  for (const text of check(value)) errors.push(invalid(path, value, text))
}

export function needed(errors: Errors, value: unknown, path: FieldPath): boolean {
  if (value !== undefined && value !== null && value !== '') return true
  errors.push(required(path, ''))
  return false
}

export function oneOf(errors: Errors, value: unknown, supported: readonly string[], path: FieldPath): void {
  if (!supported.includes(value as string)) errors.push(notSupported(path, value, supported))
}

export function notNegative(errors: Errors, value: number | undefined | null, path: FieldPath): void {
  if (value !== undefined && value !== null && value < 0) errors.push(invalid(path, value, 'must be greater than or equal to 0'))
}

export function inRange(errors: Errors, value: number | undefined | null, low: number, high: number, path: FieldPath): void {
  if (value !== undefined && value !== null && (value < low || value > high)) errors.push(invalid(path, value, `must be between ${low} and ${high}, inclusive`))
}

export function isAbsolute(path: string): boolean {
  return path.startsWith('/')
}

export function noBacksteps(errors: Errors, value: string, path: FieldPath): boolean {
  if (!value.split('/').includes('..')) return true
  errors.push(invalid(path, value, "must not contain '..'"))
  return false
}

/** A path within a volume. */
export function localPath(errors: Errors, value: string, path: FieldPath): void {
  if (isAbsolute(value)) errors.push(invalid(path, value, 'must be a relative path'))
  noBacksteps(errors, value, path)
}

/** The same, and not one of the names the kubelet keeps for itself. */
export function projectedPath(errors: Errors, value: string, path: FieldPath): void {
  localPath(errors, value, path)
  if (value.startsWith('..') && !value.startsWith('../') && value !== '..') errors.push(invalid(path, value, "must not start with '..'"))
}

export const largestInt32 = 2147483647
