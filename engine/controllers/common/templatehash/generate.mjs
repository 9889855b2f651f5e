/** Makes structs.generated.ts from the API server's table of types: node engine/controllers/common/templatehash/generate.mjs */
import { readFileSync, writeFileSync } from 'node:fs'

const source = readFileSync(new URL('../../../apiserver/openapi/data/types.generated.ts', import.meta.url), 'utf8')
const types = JSON.parse(JSON.parse(source.slice(source.indexOf('=> ') + 3)))

/** Names of Go fields that are not their JSON name with a capital. */
const everywhere = {
  metadata: 'ObjectMeta', uid: 'UID', dnsPolicy: 'DNSPolicy', dnsConfig: 'DNSConfig', serviceAccount: 'DeprecatedServiceAccount', os: 'OS', tty: 'TTY', httpGet: 'HTTPGet', tcpSocket: 'TCPSocket', grpc: 'GRPC',
  httpHeaders: 'HTTPHeaders', seLinuxOptions: 'SELinuxOptions', fsGroup: 'FSGroup', fsGroupChangePolicy: 'FSGroupChangePolicy', seLinuxChangePolicy: 'SELinuxChangePolicy', gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName', awsElasticBlockStore: 'AWSElasticBlockStore', gcePersistentDisk: 'GCEPersistentDisk', nfs: 'NFS', iscsi: 'ISCSI', rbd: 'RBD', fc: 'FC', cephfs: 'CephFS', csi: 'CSI',
  storageos: 'StorageOS', apiVersion: 'APIVersion', ip: 'IP', apiGroup: 'APIGroup', iqn: 'IQN', wwids: 'WWIDs', fsType: 'FSType', iscsiInterface: 'ISCSIInterface', chapAuthDiscovery: 'DiscoveryCHAPAuth',
  chapAuthSession: 'SessionCHAPAuth', targetWWNs: 'TargetWWNs', diskURI: 'DataDiskURI', sslEnabled: 'SSLEnabled', pdName: 'PDName',
}
const inStruct = { RBDVolumeSource: { monitors: 'CephMonitors', image: 'RBDImage', pool: 'RBDPool', user: 'RadosUser' }, GlusterfsVolumeSource: { endpoints: 'EndpointsName' } }
const special = { Time: 'v1.Time', Quantity: 'resource.Quantity', IntOrString: 'intstr.IntOrString', FieldsV1: 'v1.FieldsV1' }

const bare = (name) => name.slice(name.lastIndexOf('.') + 1)
const shortened = (text) => text.replace(/@[\w.-]+\.(\w+)/g, '@$1')

function goType(text) {
  const [body, named] = text.split('|')
  if (body.startsWith('[]')) return `[]${goType(body.slice(2) + (named ? `|${named}` : ''))}`
  if (body.startsWith('{}')) return named ?? `map[string]${goType(body.slice(2))}`
  if (body.startsWith('@')) return `v1.${bare(body)}`
  return named ?? (body.startsWith('!') ? special[body.slice(1)] : body)
}

const structs = {}
function take(name) {
  const short = bare(name)
  if (structs[short]) return
  structs[short] = types[name].map(([json, , text, flags]) => [
    json === '' ? bare(text) : (inStruct[short]?.[json] ?? everywhere[json] ?? json.charAt(0).toUpperCase() + json.slice(1)),
    json, `${(flags & 2) !== 0 ? '*' : ''}${goType(text)}`, shortened(text.split('|')[0]), (flags & 8) !== 0 ? 2 : (flags & 2) !== 0 ? 1 : 0,
  ])
  for (const [, , text] of types[name]) for (const [, reference] of text.matchAll(/@([\w.-]+)/g)) take(reference)
}
take('io.k8s.api.core.v1.PodTemplateSpec')
writeFileSync(new URL('structs.generated.ts', import.meta.url), `/** Go structs of a pod template: [Go name, JSON name, Go type, shape, 1 pointer | 2 embedded] each. Made by generate.mjs. */\nexport const text = (): string => ${JSON.stringify(JSON.stringify(structs))}\n`)
