/** To make an object wait for yours you must be allowed to set its finalizers. */
import type { KubeObject, OwnerReference } from '#engine/api/object'
import { parseGroupVersion } from '#engine/api/object'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import type { AuthorizationAttributes } from '#engine/apiserver/authorization/authorizer'
import type { ServerServices } from '#engine/apiserver/services'

export const ownerReferencesPermissionEnforcement: AdmissionRegistration = {
  name: 'OwnerReferencesPermissionEnforcement',
  enabledByDefault: false,
  create: (services) => ({ name: 'OwnerReferencesPermissionEnforcement', handles: (operation) => operation === 'CREATE' || operation === 'UPDATE', validate: (attributes) => validate(attributes, services) }),
}

async function validate(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const { object, oldObject, user, namespace } = attributes
  if (!object || attributes.subresource === 'status' || (attributes.resource === 'pods' && attributes.subresource !== '')) return
  if (JSON.stringify(object.metadata.ownerReferences ?? []) === JSON.stringify(oldObject?.metadata.ownerReferences ?? [])) return
  const none = { version: '', path: '', isResource: true, user, namespace }
  const allowed = async (what: Pick<AuthorizationAttributes, 'verb' | 'group' | 'resource' | 'subresource' | 'name'>): Promise<{ ok: boolean; reason: string }> => {
    const { decision, reason } = await services.authorizer.authorize({ ...none, ...what })
    return { ok: decision === 'allow', reason }
  }
  const self = await allowed({ verb: 'delete', group: attributes.group, resource: attributes.resource, subresource: attributes.subresource, name: attributes.name })
  if (!self.ok && attributes.operation === 'UPDATE') throw admissionForbidden(attributes, `cannot set an ownerRef on a resource you can't delete: ${self.reason}, <nil>`)
  for (const owner of newBlocking(object, oldObject)) {
    const { group, version } = parseGroupVersion(owner.apiVersion)
    const definition = services.resources.ofKind(group, owner.kind, version)
    if (!definition) throw admissionForbidden(attributes, `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${owner.apiVersion} Kind ${owner.kind}`)
    const finalizers = await allowed({ verb: 'update', group, resource: definition.plural, subresource: 'finalizers', name: owner.name })
    if (!finalizers.ok) throw admissionForbidden(attributes, `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${finalizers.reason}, <nil>`)
  }
}

function newBlocking(object: KubeObject, old: KubeObject | undefined): OwnerReference[] {
  const before = new Map((old?.metadata.ownerReferences ?? []).map((owner) => [owner.uid, owner.blockOwnerDeletion === true]))
  return (object.metadata.ownerReferences ?? []).filter((owner) => owner.blockOwnerDeletion === true && before.get(owner.uid) !== true)
}
