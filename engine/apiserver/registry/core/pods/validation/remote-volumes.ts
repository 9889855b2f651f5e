/** Volume sources that lie outside of the node: mostly fields that must be there. Used for pods and persistent volumes. */
import { invalid, required, tooLong } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { byteLength, dnsSubdomain } from '#engine/api/validation/names'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { inRange, needed } from './errors'
import type { Errors } from './errors'

const requiredFields: Readonly<Record<string, readonly string[]>> = {
  gcePersistentDisk: ['pdName'],
  awsElasticBlockStore: ['volumeID'],
  iscsi: ['targetPortal', 'iqn'],
  glusterfs: ['endpoints', 'path'],
  rbd: ['monitors', 'image'],
  cinder: ['volumeID'],
  cephfs: ['monitors'],
  quobyte: ['registry', 'volume'],
  flexVolume: ['driver'],
  vsphereVolume: ['volumePath'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  scaleIO: ['gateway', 'system', 'volumeName'],
}

export function validateRemoteSource(errors: Errors, name: string, source: Free, path: FieldPath): void {
  validateRequiredFields(errors, name, source, path)
  if (name === 'gcePersistentDisk' || name === 'awsElasticBlockStore') inRange(errors, source.partition as number | undefined, 0, 255, path.child('partition'))
  if (name === 'iscsi') validateIscsi(errors, source, path)
  if (name === 'csi') validateCsi(errors, source, path)
  if (name === 'fc') validateFibreChannel(errors, source, path)
  if (name === 'azureFile') needed(errors, source.secretName, path.child('secretName'))
  if (name === 'azureFile') needed(errors, source.shareName, path.child('shareName'))
  if (name === 'flocker' && !source.datasetName && !source.datasetUUID) errors.push(required(path, 'one of datasetName and datasetUUID is required'))
}

function validateRequiredFields(errors: Errors, name: string, source: Free, path: FieldPath): void {
  for (const field of requiredFields[name] ?? []) {
    const value = source[field]
    if (Array.isArray(value) ? value.length === 0 : !value) errors.push(required(path.child(field), ''))
  }
}

function validateIscsi(errors: Errors, source: Free, path: FieldPath): void {
  const iqn = (source.iqn ?? '') as string
  if (iqn !== '' && !/^(iqn|eui|naa)/.test(iqn)) errors.push(invalid(path.child('iqn'), iqn, 'must be valid format starting with iqn, eui, or naa'))
  inRange(errors, source.lun as number | undefined, 0, 255, path.child('lun'))
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef) errors.push(required(path.child('secretRef'), ''))
}

function validateFibreChannel(errors: Errors, source: Free, path: FieldPath): void {
  const names = listOf(source.targetWWNs)
  const wide = listOf(source.wwids)
  if (names.length === 0 && wide.length === 0) errors.push(required(path.child('targetWWNs'), 'must specify either targetWWNs or wwids, but not both'))
  if (names.length > 0 && wide.length > 0) errors.push(invalid(path.child('targetWWNs'), names, 'targetWWNs and wwids can not be specified simultaneously'))
  if (names.length === 0) return
  if (source.lun === undefined) errors.push(required(path.child('lun'), 'lun is required if targetWWNs is specified'))
  else inRange(errors, source.lun as number, 0, 255, path.child('lun'))
}

export function validateDriverName(errors: Errors, name: string, path: FieldPath): void {
  if (!needed(errors, name, path)) return
  if (byteLength(name) > 63) errors.push(tooLong(path, 63))
  for (const text of dnsSubdomain(name.toLowerCase())) errors.push(invalid(path, name, text))
}

function validateCsi(errors: Errors, source: Free, path: FieldPath): void {
  validateDriverName(errors, (source.driver ?? '') as string, path.child('driver'))
  if (source.nodePublishSecretRef && !source.nodePublishSecretRef.name) errors.push(required(path.child('nodePublishSecretRef', 'name'), ''))
}

/** Persistent volumes name a handle and secrets of a namespace. */
export function validatePersistentCsi(errors: Errors, source: Free, path: FieldPath): void {
  validateDriverName(errors, (source.driver ?? '') as string, path.child('driver'))
  needed(errors, source.volumeHandle, path.child('volumeHandle'))
  for (const name of ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeExpandSecretRef']) {
    const ref = source[name]
    if (!ref) continue
    needed(errors, ref.name, path.child(name, 'name'))
    needed(errors, ref.namespace, path.child(name, 'namespace'))
  }
}

