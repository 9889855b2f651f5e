/** A pod's spec in the order and the names of the server's internal Go types, which some messages show. */
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

type Shape = readonly (readonly [go: string, json: string, convert?: (value: Free) => unknown])[]

const empty = (value: Free): unknown => value ?? ''
const zero = (value: Free): unknown => value ?? 0
const no = (value: Free): unknown => value ?? false
const or = (value: Free): unknown => value ?? null
const upper = (text: string): string => specials[text] ?? text.charAt(0).toUpperCase() + text.slice(1)
const specials: Readonly<Record<string, string>> = {
  hostPID: 'HostPID', hostIPC: 'HostIPC', hostIP: 'HostIP', ip: 'IP', dnsPolicy: 'DNSPolicy', dnsConfig: 'DNSConfig', apiVersion: 'APIVersion', downwardAPI: 'DownwardAPI', nfs: 'NFS', iscsi: 'ISCSI', rbd: 'RBD', fc: 'FC', csi: 'CSI', os: 'OS', stdin: 'Stdin', tty: 'TTY',
  httpGet: 'HTTPGet', tcpSocket: 'TCPSocket', grpc: 'GRPC', uid: 'UID', seLinuxOptions: 'SELinuxOptions', fsGroup: 'FSGroup',
}

/** Parts that are seldom in a difference: their own fields, renamed, in the order given. */
function loose(value: Free): unknown {
  if (value === undefined || value === null) return null
  if (Array.isArray(value)) return value.map(loose)
  if (typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value as Record<string, unknown>).map(([key, item]) => [upper(key), loose(item)]))
}

/** Maps keep their keys. */
const map = (value: Free): unknown => (value && Object.keys(value as object).length > 0 ? Object.fromEntries(Object.entries(value as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1))) : null)
const list = (shape: Shape) => (value: Free): unknown => (listOf(value).length > 0 ? listOf(value).map((item) => take(shape, item)) : null)
const one = (shape: Shape) => (value: Free): unknown => (value ? take(shape, value) : null)

function take(shape: Shape, value: Free): Record<string, unknown> {
  return Object.fromEntries(shape.map(([go, json, convert]) => [go, (convert ?? or)(value[json])]))
}

const port: Shape = [['Name', 'name', empty], ['HostPort', 'hostPort', zero], ['ContainerPort', 'containerPort', zero], ['Protocol', 'protocol', empty], ['HostIP', 'hostIP', empty]]
const resources = (value: Free): unknown => ({ Limits: map(value?.limits), Requests: map(value?.requests), Claims: listOf(value?.claims).length > 0 ? loose(value.claims) : null })
const mount: Shape = [['Name', 'name', empty], ['ReadOnly', 'readOnly', no], ['RecursiveReadOnly', 'recursiveReadOnly'], ['MountPath', 'mountPath', empty], ['SubPath', 'subPath', empty], ['MountPropagation', 'mountPropagation'], ['SubPathExpr', 'subPathExpr', empty]]
const variable: Shape = [['Name', 'name', empty], ['Value', 'value', empty], ['ValueFrom', 'valueFrom', loose]]
const toleration: Shape = [['Key', 'key', empty], ['Operator', 'operator', empty], ['Value', 'value', empty], ['Effect', 'effect', empty], ['TolerationSeconds', 'tolerationSeconds']]
const strings = (value: Free): unknown => (listOf(value).length > 0 ? value : null)
const loosely = (value: Free): unknown => (Array.isArray(value) && value.length === 0 ? null : loose(value))

const container: Shape = [
  ['Name', 'name', empty], ['Image', 'image', empty], ['Command', 'command', strings], ['Args', 'args', strings], ['WorkingDir', 'workingDir', empty], ['Ports', 'ports', list(port)], ['EnvFrom', 'envFrom', loosely], ['Env', 'env', list(variable)],
  ['Resources', 'resources', resources], ['ResizePolicy', 'resizePolicy', loosely], ['RestartPolicy', 'restartPolicy'], ['RestartPolicyRules', 'restartPolicyRules', loosely], ['VolumeMounts', 'volumeMounts', list(mount)], ['VolumeDevices', 'volumeDevices', loosely],
  ['LivenessProbe', 'livenessProbe', loose], ['ReadinessProbe', 'readinessProbe', loose], ['StartupProbe', 'startupProbe', loose], ['Lifecycle', 'lifecycle', loose], ['TerminationMessagePath', 'terminationMessagePath', empty],
  ['TerminationMessagePolicy', 'terminationMessagePolicy', empty], ['ImagePullPolicy', 'imagePullPolicy', empty], ['SecurityContext', 'securityContext', loose], ['Stdin', 'stdin', no], ['StdinOnce', 'stdinOnce', no], ['TTY', 'tty', no],
]

const sources = ['hostPath', 'emptyDir', 'gcePersistentDisk', 'awsElasticBlockStore', 'gitRepo', 'secret', 'nfs', 'iscsi', 'glusterfs', 'persistentVolumeClaim', 'rbd', 'quobyte', 'flexVolume', 'cinder', 'cephfs', 'flocker', 'downwardAPI', 'fc', 'azureFile', 'configMap', 'vsphereVolume', 'azureDisk', 'photonPersistentDisk', 'projected', 'portworxVolume', 'scaleIO', 'storageos', 'csi', 'ephemeral', 'image']
const sourceNames: Readonly<Record<string, string>> = { gcePersistentDisk: 'GCEPersistentDisk', awsElasticBlockStore: 'AWSElasticBlockStore', cephfs: 'CephFS', storageos: 'StorageOS' }

const item: Shape = [['Key', 'key', empty], ['Path', 'path', empty], ['Mode', 'mode']]
const fieldRef: Shape = [['APIVersion', 'apiVersion', empty], ['FieldPath', 'fieldPath', empty]]
const file: Shape = [['Path', 'path', empty], ['FieldRef', 'fieldRef', one(fieldRef)], ['ResourceFieldRef', 'resourceFieldRef', loose], ['Mode', 'mode']]
const named: Shape = [['Name', 'name', empty], ['Items', 'items', list(item)], ['Optional', 'optional']]
const token: Shape = [['Audience', 'audience', empty], ['ExpirationSeconds', 'expirationSeconds', zero], ['Path', 'path', empty]]
const projection: Shape = [['Secret', 'secret', one(named)], ['DownwardAPI', 'downwardAPI', one([['Items', 'items', list(file)]])], ['ConfigMap', 'configMap', one(named)], ['ServiceAccountToken', 'serviceAccountToken', one(token)], ['ClusterTrustBundle', 'clusterTrustBundle', loose], ['PodCertificate', 'podCertificate', loose]]
const known: Readonly<Record<string, Shape>> = {
  hostPath: [['Path', 'path', empty], ['Type', 'type']],
  emptyDir: [['Medium', 'medium', empty], ['SizeLimit', 'sizeLimit']],
  secret: [['SecretName', 'secretName', empty], ['Items', 'items', list(item)], ['DefaultMode', 'defaultMode'], ['Optional', 'optional']],
  configMap: [['Name', 'name', empty], ['Items', 'items', list(item)], ['DefaultMode', 'defaultMode'], ['Optional', 'optional']],
  persistentVolumeClaim: [['ClaimName', 'claimName', empty], ['ReadOnly', 'readOnly', no]],
  downwardAPI: [['Items', 'items', list(file)], ['DefaultMode', 'defaultMode']],
  projected: [['Sources', 'sources', list(projection)], ['DefaultMode', 'defaultMode']],
}

function source(name: string, value: Free): unknown {
  const shape = known[name]
  return value && shape ? take(shape, value) : loose(value)
}

function volume(value: Free): unknown {
  return { Name: value.name, ...Object.fromEntries(sources.map((name) => [sourceNames[name] ?? upper(name), source(name, value[name])])) }
}

/** The source of a persistent volume, in the same form. */
export function goVolumeSource(spec: Free): unknown {
  return Object.fromEntries(persistentSources.map((name) => [sourceNames[name] ?? upper(name), source(name, spec[name])]))
}

const persistentSources = ['gcePersistentDisk', 'awsElasticBlockStore', 'hostPath', 'glusterfs', 'nfs', 'rbd', 'quobyte', 'iscsi', 'flexVolume', 'cinder', 'cephfs', 'fc', 'flocker', 'azureFile', 'vsphereVolume', 'azureDisk', 'photonPersistentDisk', 'portworxVolume', 'scaleIO', 'local', 'storageos', 'csi']

const podSecurity: Shape = [
  ['HostNetwork', 'hostNetwork', no], ['HostPID', 'hostPID', no], ['HostIPC', 'hostIPC', no], ['ShareProcessNamespace', 'shareProcessNamespace'], ['HostUsers', 'hostUsers'], ['SELinuxOptions', 'seLinuxOptions', loose], ['WindowsOptions', 'windowsOptions', loose],
  ['RunAsUser', 'runAsUser'], ['RunAsGroup', 'runAsGroup'], ['RunAsNonRoot', 'runAsNonRoot'], ['SupplementalGroups', 'supplementalGroups', strings], ['SupplementalGroupsPolicy', 'supplementalGroupsPolicy'], ['FSGroup', 'fsGroup'], ['FSGroupChangePolicy', 'fsGroupChangePolicy'],
  ['Sysctls', 'sysctls', loosely], ['SeccompProfile', 'seccompProfile', loose], ['AppArmorProfile', 'appArmorProfile', loose], ['SELinuxChangePolicy', 'seLinuxChangePolicy'],
]

const spec: Shape = [
  ['Volumes', 'volumes', (value) => (listOf(value).length > 0 ? listOf(value).map(volume) : null)], ['InitContainers', 'initContainers', list(container)], ['Containers', 'containers', list(container)], ['EphemeralContainers', 'ephemeralContainers', list([...container, ['TargetContainerName', 'targetContainerName', empty]])],
  ['RestartPolicy', 'restartPolicy', empty], ['TerminationGracePeriodSeconds', 'terminationGracePeriodSeconds'], ['ActiveDeadlineSeconds', 'activeDeadlineSeconds'], ['DNSPolicy', 'dnsPolicy', empty], ['NodeSelector', 'nodeSelector', map],
  ['ServiceAccountName', 'serviceAccountName', empty], ['AutomountServiceAccountToken', 'automountServiceAccountToken'], ['NodeName', 'nodeName', empty], ['SecurityContext', 'securityContext', one(podSecurity)], ['ImagePullSecrets', 'imagePullSecrets', loosely],
  ['Hostname', 'hostname', empty], ['Subdomain', 'subdomain', empty], ['SetHostnameAsFQDN', 'setHostnameAsFQDN'], ['Affinity', 'affinity', loose], ['SchedulerName', 'schedulerName', empty], ['Tolerations', 'tolerations', list(toleration)], ['HostAliases', 'hostAliases', loosely],
  ['PriorityClassName', 'priorityClassName', empty], ['Priority', 'priority'], ['PreemptionPolicy', 'preemptionPolicy'], ['DNSConfig', 'dnsConfig', loose], ['ReadinessGates', 'readinessGates', loosely], ['RuntimeClassName', 'runtimeClassName'], ['Overhead', 'overhead', map],
  ['EnableServiceLinks', 'enableServiceLinks'], ['TopologySpreadConstraints', 'topologySpreadConstraints', loosely], ['OS', 'os', loose], ['SchedulingGates', 'schedulingGates', loosely], ['ResourceClaims', 'resourceClaims', loosely], ['Resources', 'resources', (value) => (value ? resources(value) : null)], ['HostnameOverride', 'hostnameOverride'],
]

export function goPodSpec(value: Free): unknown {
  const security = { ...value.securityContext, hostNetwork: value.hostNetwork, hostPID: value.hostPID, hostIPC: value.hostIPC, shareProcessNamespace: value.shareProcessNamespace, hostUsers: value.hostUsers }
  return take(spec, { ...value, securityContext: security })
}
