/** What a kubelet may do to pods: mirror its static ones, and end or report those bound to it. */
import { equalJson } from '#engine/api/object'
import { admissionForbidden } from '#engine/apiserver/admission/plugin'
import type { AdmissionAttributes } from '#engine/apiserver/admission/plugin'
import { allContainers, isMirror } from '#engine/apiserver/admission/shared/pods'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'

export async function restrictPod(attributes: AdmissionAttributes, node: string, services: ServerServices): Promise<void> {
  const who = `node ${JSON.stringify(node)}`
  if (attributes.operation === 'CREATE') return restrictCreate(attributes, node, services)
  if (attributes.operation !== 'DELETE') throw admissionForbidden(attributes, `unexpected operation ${JSON.stringify(attributes.operation)}, ${who} can only create and delete mirror pods`)
  const pod = await services.reader.get('pods', attributes.namespace, attributes.name)
  if (pod && pod.spec?.nodeName !== node) throw admissionForbidden(attributes, `${who} can only delete pods with spec.nodeName set to itself`)
}

async function restrictCreate(attributes: AdmissionAttributes, node: string, services: ServerServices): Promise<void> {
  const pod = attributes.object as Free
  const who = `node ${JSON.stringify(node)}`
  if (!isMirror(pod)) throw admissionForbidden(attributes, `pod does not have "kubernetes.io/config.mirror" annotation, ${who} can only create mirror pods`)
  if (pod.spec?.nodeName !== node) throw admissionForbidden(attributes, `${who} can only create pods with spec.nodeName set to itself`)
  await checkOwner(attributes, node, services)
  if (pod.spec.serviceAccountName) throw admissionForbidden(attributes, `${who} can not create pods that reference a service account`)
  const used = references(pod.spec)
  for (const kind of ['secrets', 'configmaps', 'persistentvolumeclaims', 'ephemeral volumes', 'resourceclaims']) if (used.has(kind)) throw admissionForbidden(attributes, `${who} can not create pods that reference ${kind}`)
}

async function checkOwner(attributes: AdmissionAttributes, node: string, services: ServerServices): Promise<void> {
  const owners = attributes.object?.metadata.ownerReferences ?? []
  const who = `node ${JSON.stringify(node)}`
  if (owners.length > 1) throw admissionForbidden(attributes, `${who} can only create pods with a single owner reference set to itself`)
  const [owner] = owners
  if (!owner) throw admissionForbidden(attributes, `${who} can only create pods with an owner reference set to itself`)
  if (owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) throw admissionForbidden(attributes, `${who} can only create pods with an owner reference set to itself`)
  if (owner.controller !== true) throw admissionForbidden(attributes, `${who} can only create pods with a controller owner reference set to itself`)
  if (owner.blockOwnerDeletion === true) throw admissionForbidden(attributes, `${who} must not set blockOwnerDeletion on an owner reference`)
  const found = await services.reader.get('nodes', '', node)
  if (!found) throw admissionForbidden(attributes, `node ${JSON.stringify(node)} not found`)
  if (owner.uid !== found.metadata.uid) throw admissionForbidden(attributes, `node ${JSON.stringify(node)} UID mismatch: expected ${JSON.stringify(owner.uid)} got ${JSON.stringify(found.metadata.uid ?? '')}`)
}

function references(spec: Free): Set<string> {
  const used = new Set<string>()
  for (const container of allContainers(spec)) {
    for (const source of listOf(container.envFrom)) used.add(source.secretRef ? 'secrets' : source.configMapRef ? 'configmaps' : '')
    for (const item of listOf(container.env)) used.add(item.valueFrom?.secretKeyRef ? 'secrets' : item.valueFrom?.configMapKeyRef ? 'configmaps' : '')
  }
  if (listOf(spec.imagePullSecrets).length > 0) used.add('secrets')
  if (listOf(spec.resourceClaims).length > 0) used.add('resourceclaims')
  for (const volume of listOf(spec.volumes)) addVolumeReferences(used, volume)
  return used
}

function addVolumeReferences(used: Set<string>, volume: Free): void {
  const parts = [volume, ...listOf(volume.projected?.sources)]
  if (parts.some((part) => part.secret)) used.add('secrets')
  if (parts.some((part) => part.configMap)) used.add('configmaps')
  if (volume.persistentVolumeClaim) used.add('persistentvolumeclaims')
  if (volume.ephemeral) used.add('ephemeral volumes')
}

export function restrictPodStatus(attributes: AdmissionAttributes, node: string): void {
  const who = `node ${JSON.stringify(node)}`
  if (attributes.operation !== 'UPDATE') throw admissionForbidden(attributes, `unexpected operation ${JSON.stringify(attributes.operation)}`)
  const { object, oldObject } = attributes
  if (oldObject?.spec?.nodeName !== node) throw admissionForbidden(attributes, `${who} can only update pod status for pods with spec.nodeName set to itself`)
  if (!equalJson(object?.metadata.labels ?? {}, oldObject?.metadata.labels ?? {})) throw admissionForbidden(attributes, `${who} cannot update labels through pod status`)
}

export async function restrictEviction(attributes: AdmissionAttributes, node: string, services: ServerServices): Promise<void> {
  const name = attributes.name || (attributes.object?.metadata.name ?? '')
  const pod = await services.reader.get('pods', attributes.namespace, name)
  if (pod && pod.spec?.nodeName !== node) throw admissionForbidden(attributes, `node ${JSON.stringify(node)} can only evict pods with spec.nodeName set to itself`)
}
