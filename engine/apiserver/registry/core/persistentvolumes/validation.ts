import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { formatQuantity, tryQuantity } from '#engine/api/quantity'
import { dnsSubdomain } from '#engine/api/validation/names'
import { validateAccessModes } from '#engine/apiserver/registry/core/persistentvolumeclaims/validation'
import { checkName, needed, noBacksteps } from '#engine/apiserver/registry/core/pods/validation/errors'
import { goDiff } from '#engine/apiserver/registry/core/pods/validation/go-diff'
import { goVolumeSource } from '#engine/apiserver/registry/core/pods/validation/go-pod-spec'
import { validatePersistentCsi, validateRemoteSource } from '#engine/apiserver/registry/core/pods/validation/remote-volumes'
import { validateNodeSelector } from '#engine/apiserver/registry/core/pods/validation/scheduling'
import { validateHostPath, validateNfs } from '#engine/apiserver/registry/core/pods/validation/volumes'
import type { Free } from '#engine/apiserver/registry/free'

const path = FieldPath.root('spec')
const sources = ['hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'flocker', 'nfs', 'rbd', 'quobyte', 'cephfs', 'iscsi', 'cinder', 'fc', 'flexVolume', 'azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'scaleIO', 'local', 'storageos', 'csi']

export function validatePersistentVolume(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  validateAccessModes(errors, spec.accessModes, path.child('accessModes'), '')
  validateCapacity(errors, spec.capacity as Record<string, string> | undefined)
  const policy = spec.persistentVolumeReclaimPolicy as string | undefined
  if (policy && !['Delete', 'Recycle', 'Retain'].includes(policy)) errors.push(notSupported(path.child('persistentVolumeReclaimPolicy'), policy, ['Delete', 'Recycle', 'Retain']))
  const affine = validateAffinity(errors, spec)
  validateSources(errors, spec, affine)
  if (spec.hostPath?.path === '/' && policy === 'Recycle') errors.push(forbidden(path.child('persistentVolumeReclaimPolicy'), "may not be 'recycle' for a hostPath mount of '/'"))
  if (spec.storageClassName) checkName(errors, spec.storageClassName as string, dnsSubdomain, path.child('storageClassName'))
  if (spec.volumeMode && spec.volumeMode !== 'Block' && spec.volumeMode !== 'Filesystem') errors.push(notSupported(path.child('volumeMode'), spec.volumeMode, ['Block', 'Filesystem']))
  return errors
}

function validateCapacity(errors: FieldError[], capacity: Record<string, string> | undefined): void {
  const at = path.child('capacity')
  const names = Object.keys(capacity ?? {})
  if (names.length === 0) errors.push(required(at, ''))
  if (capacity?.storage === undefined || names.length > 1) errors.push(notSupported(at, names.length === 0 ? null : capacity, ['storage']))
  for (const name of names) {
    const quantity = tryQuantity(capacity?.[name])
    if (name === 'storage' && quantity && quantity.nano <= 0n) errors.push(invalid(at.key(name), formatQuantity(quantity), 'must be greater than zero'))
  }
}

/** True when the volume is bound to some nodes. */
function validateAffinity(errors: FieldError[], spec: Free): boolean {
  const affinity = spec.nodeAffinity
  if (!affinity) return false
  if (affinity.required) {
    validateNodeSelector(errors, affinity.required, path.child('nodeAffinity', 'required'))
    return true
  }
  errors.push(required(path.child('nodeAffinity', 'required'), 'must specify required node constraints'))
  return false
}

function validateSources(errors: FieldError[], spec: Free, affine: boolean): void {
  let count = 0
  for (const name of sources) {
    const source = spec[name]
    if (source === undefined || source === null) continue
    const at = path.child(name)
    if (count++ > 0) errors.push(forbidden(at, 'may not specify more than 1 volume type'))
    else if (name === 'hostPath') validateHostPath(errors, source, at)
    else if (name === 'nfs') validateNfs(errors, source, at)
    else if (name === 'csi') validatePersistentCsi(errors, source, at)
    else if (name === 'local') {
      if (needed(errors, source.path, at.child('path'))) noBacksteps(errors, source.path as string, at.child('path'))
      if (!affine) errors.push(required(path.child('nodeAffinity'), 'Local volume requires node affinity'))
    } else validateRemoteSource(errors, name, source, at)
  }
  if (count === 0) errors.push(required(path, 'must specify a volume type'))
}

/** What the server warns of in a volume. */
export function persistentVolumeWarnings(object: KubeObject): string[] {
  const out: string[] = []
  if (object.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) out.push('metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead')
  if (object.metadata.annotations?.['volume.beta.kubernetes.io/mount-options'] !== undefined) out.push('metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use "mountOptions" attribute instead')
  if (object.spec?.persistentVolumeReclaimPolicy === 'Recycle') out.push('spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.')
  return out
}

export function validatePersistentVolumeUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const pick = (spec: Free): Free => Object.fromEntries(sources.map((name) => [name, spec?.[name]]))
  const now = (next.spec ?? {}) as Free
  const before = (previous.spec ?? {}) as Free
  if (!equalJson(pick(now), pick(before))) errors.push(forbidden(path.child('persistentvolumesource'), `spec.persistentvolumesource is immutable after creation\n${goDiff(goVolumeSource(before), goVolumeSource(now))}`))
  if (now.volumeMode !== before.volumeMode) errors.push(invalid(FieldPath.root('volumeMode'), now.volumeMode ?? null, 'field is immutable'))
  if (before.nodeAffinity && !equalJson(now.nodeAffinity, before.nodeAffinity)) errors.push(invalid(FieldPath.root('nodeAffinity'), now.nodeAffinity ?? null, 'field is immutable, except for updating from beta label to GA'))
  return errors
}
