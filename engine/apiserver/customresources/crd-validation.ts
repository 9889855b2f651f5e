/** What may stand in a CustomResourceDefinition. */
import { forbidden, invalid, notSupported, required, FieldPath, type FieldError } from '#engine/api/field'
import { equalJson, type KubeObject } from '#engine/api/object'
import { dns1035Label, dnsSubdomain } from '#engine/api/validation/names'
import { crdSpec, crdStatus, type CrdSpec, type CrdVersion } from './crd'
import { conversionErrors } from './conversion-validation'
import { namesErrors } from './names'
import { columnErrors, selectableErrors, subresourceErrors } from './parts-validation'
import { costErrors } from './rule-cost'
import { celErrors } from './rule-validation'
import { schemaErrors } from './structural'

const specPath = FieldPath.root('spec')

export function validateDefinition(crd: KubeObject): FieldError[] {
  const spec = crdSpec(crd) as CrdSpec | undefined
  if (!spec) return [required(specPath, '')]
  const errors = [...nameErrors(crd, spec), ...groupErrors(spec, specPath)]
  if (!spec.scope) errors.push(required(specPath.child('scope'), ''))
  else if (spec.scope !== 'Namespaced' && spec.scope !== 'Cluster') errors.push(notSupported(specPath.child('scope'), spec.scope, ['Cluster', 'Namespaced']))
  errors.push(...versionErrors(spec, specPath), ...namesErrors(spec, specPath.child('names')), ...sharedErrors(spec), ...conversionErrors(spec.conversion, specPath.child('conversion')))
  return [...errors, ...approvalErrors(crd, spec), ...preserveErrors(spec)]
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

/** What all versions have alike stands, for the server, in one place above them. */
function isShared(versions: readonly CrdVersion[], part: 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields'): boolean {
  return versions.every((version) => equalJson(version[part], versions[0]?.[part]))
}

/** As Go prints the internal versions. */
function goVersions(versions: readonly CrdVersion[]): unknown {
  const own = (part: 'subresources'): boolean => !isShared(versions, part)
  return versions.map((version) => ({
    Name: version.name, Served: version.served, Storage: version.storage, Deprecated: version.deprecated ?? false, DeprecationWarning: version.deprecationWarning ?? null, Schema: null,
    Subresources: version.subresources && own('subresources') ? { Status: version.subresources.status ?? null, Scale: null } : null, AdditionalPrinterColumns: null, SelectableFields: null,
  }))
}

function versionErrors(spec: CrdSpec, path: FieldPath): FieldError[] {
  const versions = spec.versions ?? []
  const errors: FieldError[] = []
  for (const [index, version] of versions.entries()) if (!version.schema?.openAPIV3Schema) errors.push(required(path.child('versions').index(index).child('schema', 'openAPIV3Schema'), 'schemas are required'))
  for (const [index, version] of versions.entries()) errors.push(...oneVersion(version, versions, path.child('versions').index(index)))
  if (new Set(versions.map((version) => version.name)).size < versions.length) errors.push(invalid(path.child('versions'), goVersions(versions), 'must contain unique version names'))
  if (versions.filter((version) => version.storage).length !== 1) errors.push(invalid(path.child('versions'), goVersions(versions), 'must have exactly one version marked as storage version'))
  return errors
}

function oneVersion(version: CrdVersion, all: readonly CrdVersion[], at: FieldPath): FieldError[] {
  const complaints = dns1035Label(version.name ?? '')
  const errors = complaints.length > 0 ? [invalid(at.child('name'), version.name ?? '', complaints.join(','))] : []
  errors.push(...warningErrors(version, at.child('deprecationWarning')))
  if (!isShared(all, 'schema')) errors.push(...validationErrors(version, at.child('schema')))
  if (!isShared(all, 'subresources')) errors.push(...subresourceErrors(version.subresources, at.child('subresources')))
  if (!isShared(all, 'additionalPrinterColumns')) errors.push(...columnErrors(version.additionalPrinterColumns, at.child('additionalPrinterColumns')))
  if (!isShared(all, 'selectableFields')) errors.push(...selectableErrors(version.selectableFields, version.schema?.openAPIV3Schema, at.child('selectableFields')))
  return errors
}

function warningErrors({ deprecated, deprecationWarning }: CrdVersion, at: FieldPath): FieldError[] {
  if (deprecationWarning === undefined) return []
  if (!deprecated) return [invalid(at, deprecationWarning, 'can only be set for deprecated versions')]
  if (deprecationWarning === '') return [invalid(at, '', 'must not be an empty string')]
  return deprecationWarning.length > 256 ? [invalid(at, deprecationWarning, 'must be <= 256 characters long')] : []
}

function sharedErrors({ versions = [] }: CrdSpec): FieldError[] {
  const first = versions[0]
  if (!first) return []
  const errors: FieldError[] = []
  if (isShared(versions, 'schema')) errors.push(...validationErrors({ ...first, ...(versions.some((version) => version.subresources?.status) ? { subresources: { status: {} } } : {}) }, specPath.child('validation')))
  if (isShared(versions, 'subresources')) errors.push(...subresourceErrors(first.subresources, specPath.child('subresources')))
  if (isShared(versions, 'additionalPrinterColumns')) errors.push(...columnErrors(first.additionalPrinterColumns, specPath.child('additionalPrinterColumns')))
  if (isShared(versions, 'selectableFields')) errors.push(...selectableErrors(first.selectableFields, first.schema?.openAPIV3Schema, specPath.child('selectableFields')))
  return errors
}

function validationErrors({ schema, subresources }: CrdVersion, at: FieldPath): FieldError[] {
  const root = schema?.openAPIV3Schema
  if (!root) return []
  const path = at.child('openAPIV3Schema')
  const errors: FieldError[] = []
  if (subresources?.status && root.type !== undefined && root.type !== 'object') errors.push(invalid(path.child('type'), root.type, 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'))
  if (root.nullable) errors.push(forbidden(path.child('nullable'), 'nullable cannot be true at the root'))
  return [...errors, ...schemaErrors(root, path), ...celErrors(root, path), ...costErrors(root, path)]
}

const approval = 'api-approved.kubernetes.io'

/** Groups of the community want a word of approval. */
function approvalErrors(crd: KubeObject, { group = '' }: CrdSpec): FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return []
  const given = crd.metadata.annotations?.[approval] ?? ''
  const at = FieldPath.root('metadata').child('annotations').key(approval)
  if (given === '') return [required(at, `protected groups must have approval annotation "${approval}", see https://github.com/kubernetes/enhancements/pull/1111`)]
  if (given.startsWith('unapproved') || /^[a-z][a-z0-9+.-]*:\/\/[^/]+/i.test(given)) return []
  return [invalid(at, given, `protected groups must have approval annotation "${approval}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`)]
}

function preserveErrors({ preserveUnknownFields }: CrdSpec): FieldError[] {
  return preserveUnknownFields ? [invalid(specPath.child('preserveUnknownFields'), true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead')] : []
}

export function validateDefinitionUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
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
