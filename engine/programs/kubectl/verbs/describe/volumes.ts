/** The kinds of volumes, each with its words. */
import type { Loose } from './common'
import type { Writer } from './writer'

type Fields = readonly (readonly [string, (source: Loose, persistent: boolean) => unknown])[]

const plain = (name: string) => (source: Loose): unknown => source[name] ?? ''
const flag = (name: string) => (source: Loose): unknown => source[name] ?? false
const listed = (name: string) => (source: Loose): unknown => `[${(source[name] ?? []).join(' ')}]`
/** A volume's own, and the wider one of persistent volumes. */
const ref = (source: Loose, persistent: boolean): unknown => (!source.secretRef ? 'nil' : persistent ? `&SecretReference{Name:${source.secretRef.name ?? ''},Namespace:${source.secretRef.namespace ?? ''},}` : `&LocalObjectReference{Name:${source.secretRef.name},}`)
/** Told of persistent volumes only. */
const wider = (value: (source: Loose) => unknown) => (source: Loose, persistent: boolean): unknown => (persistent ? value(source) : undefined)
const options = (source: Loose): unknown => `map[${Object.keys(source.options ?? {}).sort().map((key) => `${key}:${source.options[key]}`).join(' ')}]`

const kinds: Readonly<Record<string, readonly [string, Fields]>> = {
  hostPath: ['HostPath (bare host directory volume)', [['Path', plain('path')], ['HostPathType', (source) => source.type ?? '<none>']]],
  emptyDir: ["EmptyDir (a temporary directory that shares a pod's lifetime)", [['Medium', plain('medium')], ['SizeLimit', (source) => source.sizeLimit ?? '<unset>']]],
  secret: ['Secret (a volume populated by a Secret)', [['SecretName', plain('secretName')], ['Optional', flag('optional')]]],
  configMap: ['ConfigMap (a volume populated by a ConfigMap)', [['Name', plain('name')], ['Optional', flag('optional')]]],
  nfs: ["NFS (an NFS mount that lasts the lifetime of a pod)", [['Server', plain('server')], ['Path', plain('path')], ['ReadOnly', flag('readOnly')]]],
  persistentVolumeClaim: ['PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)', [['ClaimName', plain('claimName')], ['ReadOnly', flag('readOnly')]]],
  csi: ['CSI (a Container Storage Interface (CSI) volume source)', [['Driver', plain('driver')], ['FSType', plain('fsType')], ['VolumeHandle', wider(plain('volumeHandle'))], ['ReadOnly', flag('readOnly')]]],
  image: ['Image (a container image or OCI artifact)', [['Reference', plain('reference')], ['PullPolicy', plain('pullPolicy')]]],
  local: ['LocalVolume (a persistent volume backed by local storage on a node)', [['Path', plain('path')]]],
  gitRepo: ['GitRepo (a volume that is pulled from git when the pod is created)', [['Repository', plain('repository')], ['Revision', plain('revision')]]],
  iscsi: ["ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)", [['TargetPortal', plain('targetPortal')], ['IQN', plain('iqn')], ['Lun', plain('lun')], ['ISCSIInterface', plain('iscsiInterface')], ['FSType', plain('fsType')], ['ReadOnly', flag('readOnly')], ['Portals', listed('portals')], ['DiscoveryCHAPAuth', flag('chapAuthDiscovery')], ['SessionCHAPAuth', flag('chapAuthSession')], ['SecretRef', ref], ['InitiatorName', (source) => source.initiatorName ?? '<none>']]],
  fc: ['FC (a Fibre Channel disk)', [['TargetWWNs', (source) => (source.targetWWNs ?? []).join(', ')], ['LUN', (source) => source.lun ?? '<none>'], ['FSType', plain('fsType')], ['ReadOnly', flag('readOnly')]]],
  cephfs: ["CephFS (a CephFS mount on the host that shares a pod's lifetime)", [['Monitors', listed('monitors')], ['Path', plain('path')], ['User', plain('user')], ['SecretFile', plain('secretFile')], ['SecretRef', ref], ['ReadOnly', flag('readOnly')]]],
  rbd: ["RBD (a Rados Block Device mount on the host that shares a pod's lifetime)", [['CephMonitors', listed('monitors')], ['RBDImage', plain('image')], ['FSType', plain('fsType')], ['RBDPool', plain('pool')], ['RadosUser', plain('user')], ['Keyring', plain('keyring')], ['SecretRef', ref], ['ReadOnly', flag('readOnly')]]],
  awsElasticBlockStore: ['AWSElasticBlockStore (a Persistent Disk resource in AWS)', [['VolumeID', plain('volumeID')], ['FSType', plain('fsType')], ['Partition', (source) => source.partition ?? 0], ['ReadOnly', flag('readOnly')]]],
  gcePersistentDisk: ['GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)', [['PDName', plain('pdName')], ['FSType', plain('fsType')], ['Partition', (source) => source.partition ?? 0], ['ReadOnly', flag('readOnly')]]],
  azureFile: ['AzureFile (an Azure File Service mount on the host and bind mount to the pod)', [['SecretName', plain('secretName')], ['SecretNamespace', wider(plain('secretNamespace'))], ['ShareName', plain('shareName')], ['ReadOnly', flag('readOnly')]]],
  azureDisk: ['AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)', [['DiskName', plain('diskName')], ['DiskURI', plain('diskURI')], ['Kind', plain('kind')], ['FSType', plain('fsType')], ['CachingMode', plain('cachingMode')], ['ReadOnly', flag('readOnly')]]],
  vsphereVolume: ['vSphereVolume (a Persistent Disk resource in vSphere)', [['VolumePath', plain('volumePath')], ['FSType', plain('fsType')], ['StoragePolicyName', plain('storagePolicyName')]]],
  cinder: ['Cinder (a Persistent Disk resource in OpenStack)', [['VolumeID', plain('volumeID')], ['FSType', plain('fsType')], ['ReadOnly', flag('readOnly')], ['SecretRef', ref]]],
  glusterfs: ["Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)", [['EndpointsName', plain('endpoints')], ['EndpointsNamespace', wider(plain('endpointsNamespace'))], ['Path', plain('path')], ['ReadOnly', flag('readOnly')]]],
  flexVolume: ['FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)', [['Driver', plain('driver')], ['FSType', plain('fsType')], ['SecretRef', ref], ['ReadOnly', flag('readOnly')], ['Options', options]]],
  portworxVolume: ['PortworxVolume (a Portworx Volume resource)', [['VolumeID', plain('volumeID')]]],
  scaleIO: ['ScaleIO (a persistent volume backed by a block device in ScaleIO)', [['Gateway', plain('gateway')], ['System', plain('system')], ['Protection Domain', plain('protectionDomain')], ['Storage Pool', plain('storagePool')], ['Storage Mode', plain('storageMode')], ['VolumeName', plain('volumeName')], ['SecretName', wider((source) => source.secretRef?.name ?? '')], ['SecretNamespace', wider((source) => source.secretRef?.namespace ?? '')], ['FSType', plain('fsType')], ['ReadOnly', flag('readOnly')]]],
  storageos: ['StorageOS (a StorageOS Persistent Disk resource)', [['VolumeName', plain('volumeName')], ['VolumeNamespace', plain('volumeNamespace')], ['FSType', plain('fsType')], ['ReadOnly', flag('readOnly')]]],
  quobyte: ["Quobyte (a Quobyte mount on the host that shares a pod's lifetime)", [['Registry', plain('registry')], ['Volume', plain('volume')], ['ReadOnly', flag('readOnly')]]],
  photonPersistentDisk: ['PhotonPersistentDisk (a Persistent Disk resource in photon platform)', [['PdID', plain('pdID')], ['FSType', plain('fsType')]]],
  flocker: ['Flocker (a Flocker volume mounted by the Flocker agent)', [['DatasetName', plain('datasetName')], ['DatasetUUID', plain('datasetUUID')]]],
}

/** `persistent`: the source of a persistent volume, not of a pod. */
export function volume(w: Writer, source: Loose, persistent = false): void {
  if (source.projected) return projected(w, source.projected)
  if (source.downwardAPI) return downward(w, source.downwardAPI)
  if (source.ephemeral) return ephemeral(w, source.ephemeral)
  const kind = Object.keys(kinds).find((name) => source[name] !== undefined)
  if (kind === undefined) return w.line(1, '<unknown>')
  const [words, fields] = kinds[kind] as readonly [string, Fields]
  w.line(2, `Type:\t${words}`)
  for (const [name, read] of fields) {
    const value = read(source[kind], persistent)
    if (value !== undefined) w.line(2, `${name}${name === 'ISCSIInterface' ? '' : ':'}\t${String(value)}`)
  }
  if (kind === 'csi') pairs(w, 'VolumeAttributes', source.csi.volumeAttributes, '=')
}

/** The values stand further in than other values do. */
function pairs(w: Writer, title: string, map: Readonly<Record<string, string>> | undefined, sign: string): void {
  const keys = Object.keys(map ?? {}).sort()
  if (keys.length === 0) return w.line(2, `${title}:\t<none>`)
  keys.forEach((key, index) => w.line(index === 0 ? 2 : 4, `${index === 0 ? `${title}:` : ''}\t    ${key}${sign}${map?.[key] ?? ''}`))
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
  pairs(w, 'Labels', claim.metadata?.labels, '=')
  if (Object.keys(claim.metadata?.annotations ?? {}).length === 0) w.line(2, 'Annotations:\t    <none>')
  else pairs(w, 'Annotations', claim.metadata.annotations, ': ')
  w.line(2, `Capacity:\t${claim.spec?.volumeName ? '0' : ''}`)
  w.line(2, 'Access Modes:\t')
  if (claim.spec?.volumeMode) w.line(2, `VolumeMode:\t${claim.spec.volumeMode}`)
  const from = claim.spec?.dataSource
  if (!from) return
  w.line(2, 'DataSource:')
  if (from.apiGroup) w.line(3, `APIGroup:\t${from.apiGroup}`)
  w.line(3, `Kind:\t${from.kind}`)
  w.line(3, `Name:\t${from.name}`)
}
