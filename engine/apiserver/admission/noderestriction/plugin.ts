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
  create: (services) => ({ name: 'NodeRestriction', handles: (operation) => operation !== 'CONNECT', admit: (attributes) => (nodeOf(attributes.user) === undefined ? undefined : admit(attributes, services)) }),
}

async function admit(attributes: AdmissionAttributes, services: ServerServices): Promise<void> {
  const node = nodeOf(attributes.user)
  if (node === undefined) return
  if (node === '') throw admissionForbidden(attributes, `could not determine node from user ${JSON.stringify(attributes.user.username)}`)
  const subresource = attributes.subresource === '' ? '' : `/${attributes.subresource}`
  await restrictions[`${attributes.group}/${attributes.resource}${subresource}`]?.(attributes, node, services)
}

type Restriction = (attributes: AdmissionAttributes, node: string, services: ServerServices) => void | Promise<void>

const restrictions: Readonly<Record<string, Restriction>> = {
  '/pods': restrictPod, '/pods/status': restrictPodStatus, '/pods/eviction': restrictEviction,
  '/pods/binding': refuseSubresource, '/pods/ephemeralcontainers': refuseSubresource, '/pods/resize': refuseSubresource,
  '/nodes': restrictNode, '/nodes/status': restrictNode, '/serviceaccounts/token': restrictToken, '/persistentvolumeclaims/status': restrictClaim,
  'coordination.k8s.io/leases': (attributes, node) => restrictNamed(attributes, node, 'node lease'),
  'storage.k8s.io/csinodes': (attributes, node) => restrictNamed(attributes, node, 'CSINode'),
  'resource.k8s.io/resourceslices': restrictSlice,
}

function refuseSubresource(attributes: AdmissionAttributes): void {
  throw admissionForbidden(attributes, `unexpected pod subresource ${JSON.stringify(attributes.subresource)}, only 'status' and 'eviction' are allowed`)
}

function restrictNamed(attributes: AdmissionAttributes, node: string, kind: string): void {
  if (kind === 'node lease' && attributes.namespace !== 'kube-node-lease') throw admissionForbidden(attributes, 'can only access leases in the "kube-node-lease" system namespace')
  const name = attributes.operation === 'CREATE' ? (attributes.object?.metadata.name ?? attributes.name) : attributes.name
  if (name !== node) throw admissionForbidden(attributes, `can only access ${kind} with the same name as the requesting node`)
}

function restrictSlice(attributes: AdmissionAttributes, node: string): void {
  const slice = attributes.operation === 'DELETE' ? attributes.oldObject : attributes.object
  if ((slice?.spec?.nodeName ?? '') !== node) throw admissionForbidden(attributes, `can only ${attributes.operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`)
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
