/** A kubelet changes its own node and the pods bound to it, and no more. */
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes, AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { nodeOf } from '#engine/apiserver/authorization/node/authorizer'
import type { ServerServices } from '#engine/apiserver/services'
import { restrictNode } from './nodes'
import { restrictEviction, restrictPod, restrictPodStatus } from './pods'

export const nodeRestriction: AdmissionRegistration = {
  name: 'NodeRestriction',
  enabledByDefault: false,
  create: (services) => ({ name: 'NodeRestriction', handles: (operation) => operation !== 'CONNECT', admit: (attributes) => admit(attributes, services) }),
}

async function admit(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const node = nodeOf(attributes.user)
  if (node === undefined) return
  if (node === '') throw admissionForbidden(attributes, `could not determine node from user ${JSON.stringify(attributes.user.username)}`)
  const what = `${attributes.group}/${attributes.resource}${attributes.subresource === '' ? '' : `/${attributes.subresource}`}`
  switch (what) {
    case '/pods': return restrictPod(attributes, node, services)
    case '/pods/status': return restrictPodStatus(attributes, node)
    case '/pods/eviction': return restrictEviction(attributes, node, services)
    case '/pods/binding': case '/pods/ephemeralcontainers': case '/pods/resize': throw admissionForbidden(attributes, `unexpected pod subresource ${JSON.stringify(attributes.subresource)}, only 'status' and 'eviction' are allowed`)
    case '/nodes': case '/nodes/status': return restrictNode(attributes, node)
    case '/serviceaccounts/token': return restrictToken(attributes, node, services)
    case 'coordination.k8s.io/leases': return restrictNamed(attributes, node, 'node lease')
    case 'storage.k8s.io/csinodes': return restrictNamed(attributes, node, 'CSINode')
    case 'resource.k8s.io/resourceslices': return restrictSlice(attributes, node)
    case '/persistentvolumeclaims/status': return restrictClaim(attributes, node)
    default: return undefined
  }
}

function restrictNamed(attributes: AdmissionAttributes, node: string, kind: string): void {
  if (kind === 'node lease' && attributes.namespace !== 'kube-node-lease') throw admissionForbidden(attributes, 'can only access leases in the "kube-node-lease" system namespace')
  const name = attributes.operation === 'CREATE' ? (attributes.object?.metadata.name ?? attributes.name) : attributes.name
  if (name !== node) throw admissionForbidden(attributes, `can only access ${kind} with the same name as the requesting node`)
}

function restrictSlice(attributes: AdmissionAttributes, node: string): void {
  const slice = attributes.operation === 'DELETE' ? attributes.oldObject : attributes.object
  if ((slice?.spec?.nodeName ?? '') !== node) throw admissionForbidden(attributes, attributes.operation === 'CREATE' ? 'can only create ResourceSlice with the same NodeName as the requesting node' : attributes.operation === 'DELETE' ? 'can only delete ResourceSlice with the same NodeName as the requesting node' : 'can only update ResourceSlice with the same NodeName as the requesting node')
}

function restrictClaim(attributes: AdmissionAttributes, node: string): void {
  if (attributes.operation !== 'UPDATE') throw admissionForbidden(attributes, `node ${JSON.stringify(node)} is not allowed to update fields other than status.capacity, status.conditions and status.allocatedResources`)
}

/** Tokens are for pods of this node alone. */
async function restrictToken(attributes: AdmissionAttributes, node: string, services: ServerServices): Promise<void> {
  const ref = attributes.object?.spec?.boundObjectRef as { apiVersion?: string; kind?: string; name?: string; uid?: string } | undefined
  if (!ref || ref.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) throw admissionForbidden(attributes, 'node requested token not bound to a pod')
  if (!ref.uid) throw admissionForbidden(attributes, 'node requested token with a pod binding without a uid')
  const pod = await services.reader.get('pods', attributes.namespace, ref.name)
  if (!pod) throw admissionForbidden(attributes, `pod ${JSON.stringify(ref.name)} not found`)
  if (pod.metadata.uid !== ref.uid) throw admissionForbidden(attributes, `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`)
  if (pod.spec?.nodeName !== node) throw admissionForbidden(attributes, 'node requested token bound to a pod scheduled on a different node')
}
