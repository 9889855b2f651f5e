/** What one version of a custom resource is to the server. */
import { JsonPath, relaxedJsonPath, compactJson } from '#engine/api/jsonpath/evaluate'
import { ageOf } from '#engine/api/duration'
import type { FieldError } from '#engine/api/field'
import type { KubeObject } from '#engine/api/object'
import type { Column, ResourceDefinition, Subresource } from '#engine/apiserver/registry/resource'
import type { CustomRules } from './rules'
import { crdSpec, type CrdVersion } from './crd'
import { applyDefaults } from './prune'
import { ratchet } from './ratchet'
import { validateBySchema } from './validate'

export function customDefinition(crd: KubeObject, version: CrdVersion, rules: CustomRules | undefined): ResourceDefinition {
  const spec = crdSpec(crd)
  const { names } = spec
  const schema = version.schema?.openAPIV3Schema
  const check = (object: KubeObject, previous: KubeObject | undefined): FieldError[] => (previous && schema ? ratchet(checked(object, previous), schema, object, previous) : checked(object, previous))
  const bySchema = (object: KubeObject): FieldError[] => {
    const { metadata: _, apiVersion: _a, kind: _k, ...rest } = object
    return schema ? validateBySchema({ ...schema, required: schema.required?.filter((name) => !['metadata', 'apiVersion', 'kind'].includes(name)) ?? [] }, rest) : []
  }
  const checked = (object: KubeObject, previous: KubeObject | undefined): FieldError[] => {
    const errors = bySchema(object)
    if (!rules) return errors
    return [...errors, ...rules.validate(object, previous, errors.length > 0)]
  }
  return {
    group: spec.group, version: version.name, kind: names.kind, plural: names.plural, singular: names.singular ?? names.kind.toLowerCase(),
    ...(names.shortNames ? { shortNames: names.shortNames } : {}), ...(names.categories ? { categories: names.categories } : {}),
    scope: spec.scope === 'Namespaced' ? 'namespaced' : 'cluster', storagePrefix: `${spec.group}/${names.plural}`,
    columns: columnsOf(version), subresources: subresourcesOf(version, check), requiresVersion: true,
    prepareForCreate: (object) => {
      if (version.subresources?.status) delete object['status']
    },
    prepareForUpdate: (next, previous) => {
      if (!version.subresources?.status) return
      if (previous['status'] === undefined) delete next['status']
      else next['status'] = previous['status'] as unknown
    },
    ...(schema ? { defaults: (object: KubeObject) => applyDefaults(schema, object) } : {}),
    validate: (object) => check(object, undefined), validateUpdate: (next, previous) => (rules && bySchema(next).length === 0 ? rules.validateTransitions(next, previous) : []),
    ...(schema ? { ratchet: (errors: readonly FieldError[], next: KubeObject, previous: KubeObject) => ratchet(errors, schema, next, previous) } : {}),
    warnings: (object, previous) => finalizerWarnings(object, previous),
    ...(version.selectableFields?.length ? { selectableFields: Object.fromEntries(version.selectableFields.map(({ jsonPath }) => [jsonPath.replace(/^\./, ''), (object: KubeObject) => textAt(object, jsonPath)])) } : {}),
    ...(version.deprecated ? { deprecation: version.deprecationWarning ?? deprecationText(crd, version) } : {}),
  }
}

const plainFinalizers = ['orphan', 'foregroundDeletion', 'kubernetes']

function finalizerWarnings(object: KubeObject, previous: KubeObject | undefined): string[] {
  const added = (object.metadata.finalizers ?? []).filter((name) => !previous?.metadata.finalizers?.includes(name)).sort()
  return added.filter((name) => !name.includes('/') && !plainFinalizers.includes(name)).map((name) => `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`)
}

function deprecationText(crd: KubeObject, version: CrdVersion): string {
  const { group, names, versions } = crdSpec(crd)
  const better = [...versions].filter((item) => item.served && !item.deprecated).map((item) => item.name)[0]
  return `${group}/${version.name} ${names.kind} is deprecated${better ? `; use ${group}/${better} ${names.kind}` : ''}`
}

function subresourcesOf(version: CrdVersion, check: (object: KubeObject, previous: KubeObject | undefined) => FieldError[]): Record<string, Subresource> {
  const out: Record<string, Subresource> = {}
  if (version.subresources?.status) out['status'] = { kind: 'view', verbs: ['get', 'patch', 'update'], take: takeStatus, validateUpdate: (next, previous) => check(next, previous) }
  const scale = version.subresources?.scale
  if (scale) out['scale'] = { kind: 'scale', verbs: ['get', 'patch', 'update'], scale: { specReplicasPath: scale.specReplicasPath, statusReplicasPath: scale.statusReplicasPath, selectorPath: scale.labelSelectorPath ?? '' } }
  return out
}

function takeStatus(next: KubeObject, previous: KubeObject): KubeObject {
  const out: KubeObject = { ...previous, metadata: { ...previous.metadata, ...(next.metadata.managedFields ? { managedFields: next.metadata.managedFields } : {}), ...(next.metadata.resourceVersion ? { resourceVersion: next.metadata.resourceVersion } : {}) } }
  if (next['status'] === undefined) delete out['status']
  else out['status'] = next['status'] as unknown
  return out
}

const nameColumn: Column = { name: 'Name', type: 'string', format: 'name', docOf: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#name', cell: (object) => object.metadata.name ?? '' }
const ageColumn: Column = { name: 'Age', type: 'date', docOf: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#creationTimestamp', cell: (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs) }

function columnsOf(version: CrdVersion): Column[] {
  const given = version.additionalPrinterColumns
  if (!given?.length) return [nameColumn, ageColumn]
  return [nameColumn, ...given.map((column): Column => ({
    name: column.name, type: column.type as Column['type'], ...(column.format ? { format: column.format as '' } : {}), priority: column.priority ?? 0,
    description: column.description ?? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`, cell: cellOf(column.type, column.jsonPath),
  }))]
}

function cellOf(type: string, jsonPath: string): Column['cell'] {
  const path = compiled(jsonPath)
  return (object, nowMs) => {
    const values = path(object)
    if (values.length === 0) return type === 'string' ? '' : null
    const value = values.length === 1 ? values[0] : values
    switch (type) {
      case 'date': return typeof value === 'string' ? dateCell(value, nowMs) : null
      case 'integer': case 'number': return numberCell(value)
      case 'boolean': return typeof value === 'boolean' ? value : null
      default: return textCell(value)
    }
  }
}

function numberCell(value: unknown): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value !== '' && !Number.isNaN(Number(value)) ? Number(value) : null
}

function textCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? compactJson(value) : String(value as string | number | boolean)
}

function dateCell(value: string, nowMs: number): string {
  return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageOf(value, nowMs)
}

function compiled(jsonPath: string): (object: KubeObject) => unknown[] {
  try {
    const path = new JsonPath(relaxedJsonPath(jsonPath), { allowMissingKeys: true })
    return (object) => {
      try {
        return path.results(object).flat()
      } catch {
        return []
      }
    }
  } catch {
    return () => []
  }
}

function textAt(object: KubeObject, jsonPath: string): string {
  let value: unknown = object
  for (const part of jsonPath.replace(/^\./, '').split('.')) value = value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[part] : undefined
  return value === undefined || value === null ? '' : String(value)
}
