/** The kind CustomResourceDefinition itself. */
import { invalid, notSupported, required, FieldPath, type FieldError } from '#engine/api/field'
import { copyObject, equalJson, type KubeObject } from '#engine/api/object'
import { dns1035Label, dnsLabel, dnsSubdomain } from '#engine/api/validation/names'
import { CelError, compileCel } from '#engine/apiserver/cel/expression'
import type { ResourceDefinition } from '#engine/apiserver/registry/resource'
import { cleanupFinalizer, crdSpec, crdStatus, setCondition, type CrdSpec, type CrdVersion } from './crd'
import type { JsonSchema } from './schema'
import { schemaErrors } from './structural'

const columnDocs = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

export const customResourceDefinitions: ResourceDefinition = {
  group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', plural: 'customresourcedefinitions', shortNames: ['crd', 'crds'], categories: ['api-extensions'], scope: 'cluster',
  storagePrefix: 'apiextensions.k8s.io/customresourcedefinitions',
  defaults,
  prepareForCreate: (crd) => {
    const storage = crdSpec(crd).versions.find((version) => version.storage)
    crd['status'] = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: storage ? [storage.name] : [] }
  },
  prepareForUpdate: (next, previous) => {
    const status = copyObject(crdStatus(previous))
    const storage = crdSpec(next).versions.find((version) => version.storage)
    if (storage && !status.storedVersions?.includes(storage.name)) status.storedVersions = [...(status.storedVersions ?? []), storage.name]
    next['status'] = status
  },
  validate, validateUpdate,
  subresources: { status: { kind: 'view', verbs: ['get', 'patch', 'update'], take: (next, previous) => ({ ...previous, metadata: { ...previous.metadata, ...(next.metadata.resourceVersion ? { resourceVersion: next.metadata.resourceVersion } : {}), ...(next.metadata.managedFields ? { managedFields: next.metadata.managedFields } : {}) }, status: next['status'] as unknown }) } },
  columns: [
    { name: 'Name', type: 'string', format: 'name', docOf: `${columnDocs}#name`, cell: (crd) => crd.metadata.name ?? '' },
    { name: 'Created At', type: 'date', docOf: `${columnDocs}#creationTimestamp`, cell: (crd) => crd.metadata.creationTimestamp ?? '' },
  ],
  markDeleting: (crd, now) => {
    crd.metadata.finalizers = [...new Set([...(crd.metadata.finalizers ?? []), cleanupFinalizer])]
    setCondition(crd, { type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending', message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon' }, now)
  },
}

function defaults(crd: KubeObject): void {
  const spec = crd['spec'] as { names?: { kind?: string; singular?: string; listKind?: string }; scope?: string; conversion?: unknown; versions?: object[] } | undefined
  if (!spec) return
  const names = (spec.names ??= {})
  if (names.kind && !names.singular) names.singular = names.kind.toLowerCase()
  if (names.kind && !names.listKind) names.listKind = `${names.kind}List`
  spec.conversion ??= { strategy: 'None' }
  spec.versions ??= []
}

function validate(crd: KubeObject): FieldError[] {
  const spec = crdSpec(crd) as CrdSpec | undefined
  const path = FieldPath.root('spec')
  if (!spec) return [required(path, '')]
  const errors = [...nameErrors(crd, spec), ...groupErrors(spec, path)]
  if (!spec.scope) errors.push(required(path.child('scope'), ''))
  else if (spec.scope !== 'Namespaced' && spec.scope !== 'Cluster') errors.push(notSupported(path.child('scope'), spec.scope, ['Cluster', 'Namespaced']))
  errors.push(...versionErrors(spec, path), ...namesErrors(spec, path.child('names')))
  return errors
}

function nameErrors(crd: KubeObject, spec: CrdSpec): FieldError[] {
  const wanted = `${spec.names?.plural ?? ''}.${spec.group ?? ''}`
  return crd.metadata.name === wanted ? [] : [invalid(FieldPath.root('metadata').child('name'), crd.metadata.name ?? '', `must be spec.names.plural+"."+spec.group`)]
}

function groupErrors(spec: CrdSpec, path: FieldPath): FieldError[] {
  if (!spec.group) return [required(path.child('group'), '')]
  const complaints = dnsSubdomain(spec.group)
  if (complaints.length > 0) return [invalid(path.child('group'), spec.group, complaints.join(','))]
  return spec.group.split('.').length < 2 ? [invalid(path.child('group'), spec.group, 'should be a domain with at least one dot')] : []
}

/** As Go prints the internal versions. */
function goVersions(versions: readonly CrdVersion[]): unknown {
  return versions.map((version) => ({
    Name: version.name, Served: version.served, Storage: version.storage, Deprecated: version.deprecated ?? false, DeprecationWarning: version.deprecationWarning ?? null, Schema: null,
    Subresources: version.subresources ? { Status: version.subresources.status ?? null, Scale: null } : null, AdditionalPrinterColumns: null, SelectableFields: null,
  }))
}

function versionErrors(spec: CrdSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  const versions = spec.versions ?? []
  versions.forEach((version, index) => {
    const at = path.child('versions').index(index)
    const complaints = dns1035Label(version.name ?? '')
    if (complaints.length > 0) errors.push(invalid(at.child('name'), version.name ?? '', complaints.join(',')))
    if (seen.has(version.name)) errors.push(invalid(path.child('versions'), goVersions(versions), 'must contain unique version names'))
    seen.add(version.name)
    const schema = version.schema?.openAPIV3Schema
    if (!schema) errors.push(required(at.child('schema', 'openAPIV3Schema'), 'schemas are required'))
    else errors.push(...schemaErrors(schema, at.child('schema', 'openAPIV3Schema')), ...celErrors(schema, at.child('schema', 'openAPIV3Schema')))
  })
  if (versions.filter((version) => version.storage).length !== 1) errors.push(invalid(path.child('versions'), goVersions(versions), 'must have exactly one version marked as storage version'))
  return errors
}

function celErrors(schema: JsonSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  schema['x-kubernetes-validations']?.forEach((rule, index) => {
    const at = path.child('x-kubernetes-validations').index(index)
    if (!rule.rule?.trim()) errors.push(required(at.child('rule'), 'rule is not specified'))
    else {
      try {
        compileCel(rule.rule, ['self', 'oldSelf'])
      } catch (error) {
        if (!(error instanceof CelError)) throw error
        errors.push(invalid(at.child('rule'), rule, `compilation failed: ERROR: <input>:1:1: ${error.message}`))
      }
    }
  })
  for (const [name, property] of Object.entries(schema.properties ?? {})) errors.push(...celErrors(property, path.child('properties').key(name)))
  if (schema.items) errors.push(...celErrors(schema.items, path.child('items')))
  if (typeof schema.additionalProperties === 'object') errors.push(...celErrors(schema.additionalProperties, path.child('additionalProperties')))
  return errors
}

function namesErrors({ names }: CrdSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const label = (field: string, value: string | undefined): void => {
    if (!value) errors.push(required(path.child(field), ''))
    else {
      const complaints = dns1035Label(value)
      if (complaints.length > 0) errors.push(invalid(path.child(field), value, complaints.join(',')))
    }
  }
  label('plural', names?.plural)
  label('singular', names?.singular)
  const kind = (field: 'kind' | 'listKind'): void => {
    const value = names?.[field]
    if (!value) errors.push(required(path.child(field), ''))
    else if (dns1035Label(value.toLowerCase()).length > 0) errors.push(invalid(path.child(field), value, `may have mixed case, but should otherwise match: ${dns1035Label(value.toLowerCase()).join(',')}`))
  }
  kind('kind')
  names?.shortNames?.forEach((name, index) => {
    const complaints = dns1035Label(name)
    if (complaints.length > 0) errors.push(invalid(path.child('shortNames').index(index), name, complaints.join(',')))
  })
  kind('listKind')
  if (names?.kind && names.kind === names.listKind) errors.push(invalid(path.child('listKind'), names.listKind, 'kind and listKind may not be the same'))
  names?.categories?.forEach((name, index) => {
    if (dnsLabel(name).length > 0) errors.push(invalid(path.child('categories').index(index), name, dnsLabel(name).join(',')))
  })
  return errors
}

function validateUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const spec = crdSpec(next)
  const old = crdSpec(previous)
  const path = FieldPath.root('spec')
  const errors: FieldError[] = []
  const stored = crdStatus(previous).storedVersions ?? []
  stored.forEach((name, index) => {
    if (!spec.versions.some((version) => version.name === name)) errors.push(invalid(FieldPath.root('status').child('storedVersions').index(index), name, `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`))
  })
  const established = crdStatus(previous).conditions?.some((condition) => condition.type === 'Established' && condition.status === 'True')
  const fixed = (at: FieldPath, a: unknown, b: unknown): void => {
    if (!equalJson(a, b)) errors.push(invalid(at, a, 'field is immutable'))
  }
  if (established) {
    fixed(path.child('scope'), spec.scope, old.scope)
    fixed(path.child('names', 'kind'), spec.names.kind, old.names.kind)
  }
  fixed(path.child('group'), spec.group, old.group)
  fixed(path.child('names', 'plural'), spec.names.plural, old.names.plural)
  return errors
}

