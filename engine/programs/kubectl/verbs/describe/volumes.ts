/** The kinds of volumes, each with its words. */
import type { Loose } from './common'
import type { Writer } from './writer'

type Fields = readonly (readonly [string, (source: Loose) => unknown])[]

const plain = (name: string) => (source: Loose): unknown => source[name] ?? ''
const flag = (name: string) => (source: Loose): unknown => source[name] ?? false
const listed = (name: string) => (source: Loose): unknown => `[${(source[name] ?? []).join(' ')}]`
const ref = (source: Loose): unknown => (source.secretRef ? `&LocalObjectReference{Name:${source.secretRef.name},}` : 'nil')

const kinds: Readonly<Record<string, readonly [string, Fields]>> = {
  hostPath: ['HostPath (bare host directory volume)', [['Path', plain('path')], ['HostPathType', (source) => source.type ?? '<none>']]],
  emptyDir: ["EmptyDir (a temporary directory that shares a pod's lifetime)", [['Medium', plain('medium')], ['SizeLimit', (source) => source.sizeLimit ?? '<unset>']]],
  secret: ['Secret (a volume populated by a Secret)', [['SecretName', plain('secretName')], ['Optional', flag('optional')]]],
  configMap: ['ConfigMap (a volume populated by a ConfigMap)', [['Name', plain('name')], ['Optional', flag('optional')]]],
  nfs: ["NFS (an NFS mount that lasts the lifetime of a pod)", [['Server', plain('server')], ['Path', plain('path')], ['ReadOnly', flag('readOnly')]]],
  persistentVolumeClaim: ['PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)', [['ClaimName', plain('claimName')], ['ReadOnly', flag('readOnly')]]],
  csi: ['CSI (a Container Storage Interface (CSI) volume source)', [['Driver', plain('driver')], ['FSType', plain('fsType')], ['ReadOnly', flag('readOnly')]]],
  image: ['Image (a container image or OCI artifact)', [['Reference', plain('reference')], ['PullPolicy', plain('pullPolicy')]]],
  local: ['LocalVolume (a persistent volume backed by local storage on a node)', [['Path', plain('path')]]],
  gitRepo: ['GitRepo (a volume that is pulled from git when the pod is created)', [['Repository', plain('repository')], ['Revision', plain('revision')]]],
  iscsi: ["ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)", [['TargetPortal', plain('targetPortal')], ['IQN', plain('iqn')], ['Lun', plain('lun')], ['FSType', plain('fsType')], ['ReadOnly', flag('readOnly')], ['Portals', listed('portals')], ['DiscoveryCHAPAuth', flag('chapAuthDiscovery')], ['SessionCHAPAuth', flag('chapAuthSession')], ['SecretRef', ref], ['InitiatorName', (source) => source.initiatorName ?? '<none>']]],
  fc: ['FC (a Fibre Channel disk)', [['TargetWWNs', (source) => (source.targetWWNs ?? []).join(', ')], ['LUN', (source) => source.lun ?? '<none>'], ['FSType', plain('fsType')], ['ReadOnly', flag('readOnly')]]],
  cephfs: ["CephFS (a CephFS mount on the host that shares a pod's lifetime)", [['Monitors', listed('monitors')], ['Path', plain('path')], ['User', plain('user')], ['SecretFile', plain('secretFile')], ['SecretRef', ref], ['ReadOnly', flag('readOnly')]]],
  rbd: ["RBD (a Rados Block Device mount on the host that shares a pod's lifetime)", [['CephMonitors', listed('monitors')], ['RBDImage', plain('image')], ['FSType', plain('fsType')], ['RBDPool', plain('pool')], ['RadosUser', plain('user')], ['Keyring', plain('keyring')], ['SecretRef', ref], ['ReadOnly', flag('readOnly')]]],
  awsElasticBlockStore: ['AWSElasticBlockStore (a Persistent Disk resource in AWS)', [['VolumeID', plain('volumeID')], ['FSType', plain('fsType')], ['Partition', (source) => source.partition ?? 0], ['ReadOnly', flag('readOnly')]]],
  gcePersistentDisk: ['GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)', [['PDName', plain('pdName')], ['FSType', plain('fsType')], ['Partition', (source) => source.partition ?? 0], ['ReadOnly', flag('readOnly')]]],
  azureFile: ['AzureFile (an Azure File Service mount on the host and bind mount to the pod)', [['SecretName', plain('secretName')], ['ShareName', plain('shareName')], ['ReadOnly', flag('readOnly')]]],
}

export function volume(w: Writer, source: Loose): void {
  if (source.projected) return projected(w, source.projected)
  if (source.downwardAPI) return downward(w, source.downwardAPI)
  if (source.ephemeral) return ephemeral(w, source.ephemeral)
  const kind = Object.keys(kinds).find((name) => source[name] !== undefined)
  if (kind === undefined) return w.line(1, '<unknown>')
  const [words, fields] = kinds[kind] as readonly [string, Fields]
  w.line(2, `Type:\t${words}`)
  for (const [name, value] of fields) w.line(2, `${name}:\t${String(value(source[kind]))}`)
  if (kind === 'csi') {
    if (source.csi.volumeHandle !== undefined) w.line(2, `VolumeHandle:\t${source.csi.volumeHandle}`)
    const attributes = Object.keys(source.csi.volumeAttributes ?? {}).sort()
    if (attributes.length === 0) w.line(2, 'VolumeAttributes:\t<none>')
    attributes.forEach((key, index) => w.line(index === 0 ? 2 : 4, `${index === 0 ? 'VolumeAttributes:' : ''}\t${key}=${source.csi.volumeAttributes[key]}`))
  }
}

function projected(w: Writer, source: Loose): void {
  w.line(2, 'Type:\tProjected (a volume that contains injected data from multiple sources)')
  for (const entry of source.sources ?? []) {
    if (entry.secret) {
      w.line(2, `SecretName:\t${entry.secret.name ?? ''}`)
      w.line(2, `Optional:\t${entry.secret.optional ?? false}`)
    } else if (entry.downwardAPI) w.line(2, 'DownwardAPI:\ttrue')
    else if (entry.configMap) {
      w.line(2, `ConfigMapName:\t${entry.configMap.name ?? ''}`)
      w.line(2, `Optional:\t${entry.configMap.optional ?? false}`)
    } else if (entry.serviceAccountToken) w.line(2, `TokenExpirationSeconds:\t${entry.serviceAccountToken.expirationSeconds ?? 0}`)
  }
}

function downward(w: Writer, source: Loose): void {
  w.line(2, 'Type:\tDownwardAPI (a volume populated by information about the pod)\n    Items:')
  for (const entry of source.items ?? []) {
    if (entry.fieldRef) w.line(3, `${entry.fieldRef.fieldPath} -> ${entry.path}`)
    if (entry.resourceFieldRef) w.line(3, `${entry.resourceFieldRef.resource} -> ${entry.path}`)
  }
}

function ephemeral(w: Writer, source: Loose): void {
  w.line(2, 'Type:\tEphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)')
  const claim = source.volumeClaimTemplate
  if (!claim) return
  w.line(2, `StorageClass:\t${claim.spec?.storageClassName ?? ''}`)
  w.line(2, `Volume:\t${claim.spec?.volumeName ?? ''}`)
  w.line(2, 'Labels:\t<none>')
  w.line(2, 'Annotations:\t<none>')
  w.line(2, 'Capacity:\t')
  w.line(2, 'Access Modes:\t')
  if (claim.spec?.volumeMode) w.line(2, `VolumeMode:\t${claim.spec.volumeMode}`)
}
