/** The kind CustomResourceDefinition itself. */
import { copyObject, type KubeObject } from '#engine/api/object'
import type { ResourceDefinition } from '#engine/apiserver/registry/resource'
import { cleanupFinalizer, crdSpec, crdStatus, setCondition } from './crd'
import { validateDefinition, validateDefinitionUpdate } from './crd-validation'

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
  validate: validateDefinition, validateUpdate: validateDefinitionUpdate,
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
