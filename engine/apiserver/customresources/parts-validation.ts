/** Subresources, printer columns and selectable fields of a custom kind: paths into its objects. */
import { duplicate, invalid, required, tooMany, type FieldError, type FieldPath } from '#engine/api/field'
import type { CrdVersion } from './crd'
import type { JsonSchema } from './schema'

export function subresourceErrors(subresources: CrdVersion['subresources'], path: FieldPath): FieldError[] {
  const scale = subresources?.scale
  if (!scale) return []
  const { specReplicasPath = '', statusReplicasPath = '', labelSelectorPath = '' } = scale
  return [
    ...(specReplicasPath === '' ? [required(path.child('scale.specReplicasPath'), '')] : under(specReplicasPath, path.child('scale.specReplicasPath'), ['.spec.'], 'should be a json path under .spec')),
    ...(statusReplicasPath === '' ? [required(path.child('scale.statusReplicasPath'), '')] : under(statusReplicasPath, path.child('scale.statusReplicasPath'), ['.status.'], 'should be a json path under .status')),
    ...(labelSelectorPath === '' ? [] : under(labelSelectorPath, path.child('scale.labelSelectorPath'), ['.spec.', '.status.'], 'should be a json path under either .spec or .status')),
  ]
}

function under(text: string, at: FieldPath, roots: readonly string[], words: string): FieldError[] {
  const wrong = simplePath(text, at)
  return wrong.length > 0 || roots.some((root) => text.startsWith(root)) ? wrong : [invalid(at, text, words)]
}

function simplePath(text: string, at: FieldPath): FieldError[] {
  return text.startsWith('.') ? [] : [invalid(at, text, 'must be a simple json path starting with .')]
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

export function columnErrors(columns: CrdVersion['additionalPrinterColumns'], path: FieldPath): FieldError[] {
  return (columns ?? []).flatMap((column, index) => {
    const at = path.index(index)
    const errors: FieldError[] = []
    if (!column.name) errors.push(required(at.child('name'), ''))
    if (!column.type) errors.push(required(at.child('type'), `must be one of ${columnTypes.join(',')}`))
    else if (!columnTypes.includes(column.type)) errors.push(invalid(at.child('type'), column.type, `must be one of ${columnTypes.join(',')}`))
    if (column.format && !columnFormats.includes(column.format)) errors.push(invalid(at.child('format'), column.format, `must be one of ${columnFormats.join(',')}`))
    return [...errors, ...(column.jsonPath ? simplePath(column.jsonPath, at.child('JSONPath')) : [required(at.child('JSONPath'), '')])]
  })
}

const maxSelectable = 8

export function selectableErrors(fields: CrdVersion['selectableFields'], schema: JsonSchema | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, { jsonPath = '' }] of (fields ?? []).entries()) {
    const at = path.index(index)
    if (jsonPath === '') {
      errors.push(required(at.child('jsonPath'), ''))
      continue
    }
    const found = schemaAt(schema, jsonPath)
    if (typeof found === 'string') errors.push(invalid(at.child('jsonPath'), jsonPath, `is an invalid path: ${found}`))
    else if (!['string', 'boolean', 'integer'].includes(found.type ?? '')) errors.push(invalid(at, jsonPath, 'must point to a field of type string, boolean or integer. Enum string fields and strings with allowed formats are allowed.'))
    if (typeof found !== 'string' && jsonPath.startsWith('.metadata')) errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'))
    if (seen.has(jsonPath)) errors.push(duplicate(at, jsonPath))
    seen.add(jsonPath)
  }
  if (seen.size > maxSelectable) errors.push(tooMany(path, seen.size, maxSelectable))
  return errors
}

/** The schema at a path of plain names, or why there is none. */
function schemaAt(schema: JsonSchema | undefined, path: string): JsonSchema | string {
  let at = schema
  for (const part of path.replace(/^\./, '').split('.')) {
    const next: JsonSchema | undefined = at?.properties?.[part]
    if (!next) return `does not refer to a valid field`
    at = next
  }
  return at ?? 'does not refer to a valid field'
}
