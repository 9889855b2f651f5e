/** Where a container sees the pod's volumes. */
import { forbidden, invalid, notFound, notSupported, required } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { localPath, needed } from './errors'
import type { Errors } from './errors'

type Volumes = ReadonlyMap<string, Free>

export function validateMounts(errors: Errors, container: Free, volumes: Volumes, path: FieldPath): void {
  const seen = new Set<string>()
  const devices = listOf(container.volumeDevices)
  const all = path.child('volumeMounts')
  for (const [index, mount] of listOf(container.volumeMounts).entries()) {
    const at = all.index(index)
    const name = (mount.name ?? '') as string
    const mountPath = (mount.mountPath ?? '') as string
    needed(errors, name, at.child('name'))
    if (!volumes.has(name)) errors.push(notFound(at.child('name'), name))
    needed(errors, mountPath, at.child('mountPath'))
    if (seen.has(mountPath)) errors.push(invalid(at.child('mountPath'), mountPath, 'must be unique'))
    seen.add(mountPath)
    if (devices.some((device) => device.name === name)) errors.push(invalid(at.child('name'), name, 'must not already exist in volumeDevices'))
    if (devices.some((device) => device.devicePath === mountPath)) errors.push(invalid(at.child('mountPath'), mountPath, 'must not already exist as a path in volumeDevices'))
    if (mount.subPath) localPath(errors, mount.subPath as string, all.child('subPath'))
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(invalid(at.child('subPathExpr'), mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
      localPath(errors, mount.subPathExpr as string, all.child('subPathExpr'))
    }
    validateSharing(errors, mount, container, all)
  }
}

function validateSharing(errors: Errors, mount: Free, container: Free, all: FieldPath): void {
  const propagation = mount.mountPropagation as string | undefined
  if (propagation !== undefined) {
    const supported = ['Bidirectional', 'HostToContainer', 'None']
    if (!supported.includes(propagation)) errors.push(notSupported(all.child('mountPropagation'), propagation, supported))
    if (propagation === 'Bidirectional' && container.securityContext?.privileged !== true) errors.push(forbidden(all.child('mountPropagation'), 'Bidirectional mount propagation is available only to privileged containers'))
  }
  const recursive = mount.recursiveReadOnly as string | undefined
  if (recursive === undefined || recursive === 'Disabled') return
  const at = all.child('recursiveReadOnly')
  if (recursive !== 'Enabled' && recursive !== 'IfPossible') {
    errors.push(notSupported(at, recursive, ['Disabled', 'Enabled', 'IfPossible']))
    return
  }
  if (mount.readOnly !== true) errors.push(forbidden(at, 'may only be specified when readOnly is true'))
  if (propagation !== undefined && propagation !== 'None') errors.push(forbidden(at, 'may only be specified when mountPropagation is None or not specified'))
}

function validateDevicePath(errors: Errors, devicePath: string, paths: Set<string>, at: FieldPath): void {
  if (devicePath === '') errors.push(required(at, ''))
  if (paths.has(devicePath)) errors.push(invalid(at, devicePath, 'must be unique'))
  if (devicePath.split('/').includes('..')) errors.push(invalid(at, devicePath, "can not contain backsteps ('..')"))
  paths.add(devicePath)
}

export function validateDevices(errors: Errors, container: Free, volumes: Volumes, path: FieldPath): void {
  const names = new Set<string>()
  const paths = new Set<string>()
  const mounts = listOf(container.volumeMounts)
  for (const [index, device] of listOf(container.volumeDevices).entries()) {
    const at = path.child('volumeDevices').index(index)
    const name = (device.name ?? '') as string
    const devicePath = (device.devicePath ?? '') as string
    if (name === '') errors.push(required(at.child('name'), ''))
    if (names.has(name)) errors.push(invalid(at.child('name'), name, 'must be unique'))
    names.add(name)
    const volume = volumes.get(name)
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) errors.push(invalid(at.child('name'), name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'))
    if (!volume) errors.push(notFound(at.child('name'), name))
    validateDevicePath(errors, devicePath, paths, at.child('devicePath'))
    if (mounts.some((mount) => mount.name === name)) errors.push(invalid(at.child('name'), name, 'must not already exist in volumeMounts'))
    if (mounts.some((mount) => mount.mountPath === devicePath)) errors.push(invalid(at.child('devicePath'), devicePath, 'must not already exist as a path in volumeMounts'))
  }
}
