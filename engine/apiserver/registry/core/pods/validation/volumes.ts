/** Volumes of a pod. */
import { forbidden, invalid, duplicate, required } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { tryQuantity } from '#engine/api/quantity'
import { dnsLabel } from '#engine/api/validation/names'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { validateClaimTemplate } from '#engine/apiserver/registry/core/persistentvolumeclaims/validation'
import { validateFieldRef, validateResourceFieldRef, volumeFields } from './downward'
import { checkName, isAbsolute, needed, noBacksteps, oneOf, projectedPath } from './errors'
import type { Errors } from './errors'
import { validateRemoteSource } from './remote-volumes'

type Check = (errors: Errors, source: Free, path: FieldPath) => void

/** Good volumes by name: a bad one is as if it were not there. */
export function validateVolumes(errors: Errors, volumes: readonly Free[], path: FieldPath): ReadonlyMap<string, Free> {
  const good = new Map<string, Free>()
  for (const [index, volume] of volumes.entries()) {
    const found: Errors = []
    const at = path.index(index)
    const name = (volume.name ?? '') as string
    validateSource(found, volume, at)
    if (needed(found, name, at.child('name'))) checkName(found, name, dnsLabel, at.child('name'))
    if (good.has(name)) found.push(duplicate(at.child('name'), name))
    if (found.length === 0) good.set(name, volume)
    errors.push(...found)
  }
  return good
}

const hostPathTypes = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']

function mode(errors: Errors, value: unknown, path: FieldPath): void {
  if (typeof value === 'number' && (value < 0 || value > 0o777)) errors.push(invalid(path, value, 'must be a number between 0 and 0777 (octal), both inclusive'))
}

function keyToPath(errors: Errors, item: Free, path: FieldPath): void {
  needed(errors, item.key, path.child('key'))
  if (needed(errors, item.path, path.child('path'))) projectedPath(errors, item.path as string, path.child('path'))
  mode(errors, item.mode, path.child('mode'))
}

function items(errors: Errors, list: Free, path: FieldPath): void {
  for (const [index, item] of listOf(list).entries()) keyToPath(errors, item, path.child('items').index(index))
}

function downwardFile(errors: Errors, file: Free, path: FieldPath): void {
  if (needed(errors, file.path, path.child('path'))) projectedPath(errors, file.path as string, path.child('path'))
  if (file.fieldRef) {
    validateFieldRef(errors, file.fieldRef, volumeFields, path.child('fieldRef'))
    if (file.resourceFieldRef) errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  } else if (file.resourceFieldRef) validateResourceFieldRef(errors, file.resourceFieldRef, true, path.child('resourceFieldRef'))
  else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
  mode(errors, file.mode, path.child('mode'))
}

const localSources: Readonly<Record<string, Check>> = {
  emptyDir(errors, source, path) {
    const limit = tryQuantity(source.sizeLimit)
    if (limit && limit.nano < 0n) errors.push(forbidden(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity'))
  },
  hostPath: validateHostPath,
  gitRepo(errors, source, path) {
    needed(errors, source.repository, path.child('repository'))
    if (source.directory) projectedPath(errors, source.directory as string, path.child('directory'))
  },
  secret(errors, source, path) {
    needed(errors, source.secretName, path.child('secretName'))
    mode(errors, source.defaultMode, path.child('defaultMode'))
    items(errors, source.items, path)
  },
  nfs: validateNfs,
  persistentVolumeClaim(errors, source, path) {
    needed(errors, source.claimName, path.child('claimName'))
  },
  downwardAPI(errors, source, path) {
    mode(errors, source.defaultMode, path.child('defaultMode'))
    for (const file of listOf(source.items)) downwardFile(errors, file, path)
  },
  configMap(errors, source, path) {
    needed(errors, source.name, path.child('name'))
    mode(errors, source.defaultMode, path.child('defaultMode'))
    items(errors, source.items, path)
  },
  projected: validateProjected,
  ephemeral(errors, source, path) {
    if (!source.volumeClaimTemplate) errors.push(required(path.child('volumeClaimTemplate'), ''))
    else validateClaimTemplate(errors, source.volumeClaimTemplate, path.child('volumeClaimTemplate'))
  },
  image(errors, source, path) {
    needed(errors, source.reference, path.child('reference'))
    if (source.pullPolicy) oneOf(errors, source.pullPolicy, ['Always', 'IfNotPresent', 'Never'], path.child('pullPolicy'))
  },
}

const order = ['emptyDir', 'hostPath', 'gitRepo', 'gcePersistentDisk', 'awsElasticBlockStore', 'secret', 'nfs', 'iscsi', 'glusterfs', 'flocker', 'persistentVolumeClaim', 'rbd', 'cinder', 'cephfs', 'quobyte', 'downwardAPI', 'fc', 'configMap', 'azureFile', 'flexVolume', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'storageos', 'projected', 'scaleIO', 'csi', 'ephemeral', 'image']

function validateSource(errors: Errors, volume: Free, path: FieldPath): void {
  let count = 0
  for (const name of order) {
    const source = volume[name]
    if (source === undefined || source === null) continue
    if (count++ > 0) {
      errors.push(forbidden(path.child(name), 'may not specify more than 1 volume type'))
      continue
    }
    const check = localSources[name]
    if (check) check(errors, source, path.child(name))
    else validateRemoteSource(errors, name, source, path.child(name))
  }
  if (count === 0) errors.push(required(path, 'must specify a volume type'))
}

export function validateHostPath(errors: Errors, source: Free, path: FieldPath): void {
  if (needed(errors, source.path, path.child('path'))) noBacksteps(errors, source.path as string, path.child('path'))
  if (source.type !== undefined && source.type !== null) oneOf(errors, source.type, hostPathTypes, path.child('type'))
}

export function validateNfs(errors: Errors, source: Free, path: FieldPath): void {
  needed(errors, source.server, path.child('server'))
  needed(errors, source.path, path.child('path'))
  if (!isAbsolute((source.path ?? '') as string)) errors.push(invalid(path.child('path'), source.path ?? '', 'must be an absolute path'))
}

function validateProjected(errors: Errors, source: Free, path: FieldPath): void {
  mode(errors, source.defaultMode, path.child('defaultMode'))
  const taken = new Set<string>()
  const take = (file: string, owner: string): void => {
    if (file === '') return
    if (taken.has(file)) errors.push(invalid(path, owner, 'conflicting duplicate paths'))
    taken.add(file)
  }
  for (const [index, part] of listOf(source.sources).entries()) validateProjection(errors, part, path, path.child('sources').index(index), take)
}

function validateProjection(errors: Errors, part: Free, path: FieldPath, at: FieldPath, take: (file: string, owner: string) => void): void {
  let count = 0
  const first = (name: string): boolean => {
    if (!part[name]) return false
    if (count++ === 0) return true
    errors.push(forbidden(at.child(name), 'may not specify more than 1 volume type'))
    return false
  }
  for (const name of ['secret', 'configMap']) {
    if (!first(name)) continue
    needed(errors, part[name].name, at.child('name'))
    for (const [index, item] of listOf(part[name].items).entries()) {
      keyToPath(errors, item, at.child(name).child('items').index(index))
      take((item.path ?? '') as string, (part[name].name ?? '') as string)
    }
  }
  if (first('downwardAPI')) {
    for (const file of listOf(part.downwardAPI.items)) {
      downwardFile(errors, file, at.child('downwardAPI'))
      take((file.path ?? '') as string, (file.path ?? '') as string)
    }
  }
  if (first('serviceAccountToken')) validateToken(errors, part.serviceAccountToken, path, at.child('serviceAccountToken'), take)
}

function validateToken(errors: Errors, token: Free, path: FieldPath, at: FieldPath, take: (file: string, owner: string) => void): void {
  const seconds = token.expirationSeconds as number | undefined
  if (seconds !== undefined && seconds < 600) errors.push(invalid(at.child('expirationSeconds'), seconds, 'may not specify a duration less than 10 minutes'))
  if (seconds !== undefined && seconds > 2 ** 32) errors.push(invalid(at.child('expirationSeconds'), seconds, 'may not specify a duration larger than 2^32 seconds'))
  if (!needed(errors, token.path, path.child('path'))) return
  projectedPath(errors, token.path as string, path.child('path'))
  take(token.path as string, token.path as string)
}
