/** The names of a custom kind. */
import { invalid, required, type FieldError, type FieldPath } from '#engine/api/field'
import { dns1035Label } from '#engine/api/validation/names'
import type { CrdSpec } from './crd'

export function namesErrors({ names }: CrdSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) if (!names?.[field]) errors.push(required(path.child(field), ''))
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    const value = names?.[field]
    const complaints = value ? dns1035Label(value.toLowerCase() === value || field.toLowerCase().endsWith('kind') ? value.toLowerCase() : value) : []
    if (complaints.length > 0) errors.push(invalid(path.child(field), value, `${field.toLowerCase().endsWith('kind') ? 'may have mixed case, but should otherwise match: ' : ''}${complaints.join(',')}`))
  }
  names?.shortNames?.forEach((name, index) => {
    const complaints = dns1035Label(name)
    if (complaints.length > 0) errors.push(invalid(path.child('shortNames').index(index), name, complaints.join(',')))
  })
  if (names?.kind && names.kind === names.listKind) errors.push(invalid(path.child('listKind'), names.listKind, 'kind and listKind may not be the same'))
  names?.categories?.forEach((name, index) => {
    if (dns1035Label(name).length > 0) errors.push(invalid(path.child('categories').index(index), name, dns1035Label(name).join(',')))
  })
  return errors
}
