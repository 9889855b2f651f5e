/** Fields in which `$(NAME)` of a kustomization's `vars` is replaced. */
import type { FieldSpec } from './fieldpath'

const podSpecs: readonly (readonly [string, string])[] = [
  ['CronJob', 'spec/jobTemplate/spec/template/spec'], ['DaemonSet', 'spec/template/spec'], ['Deployment', 'spec/template/spec'], ['Job', 'spec/template/spec'], ['Pod', 'spec'], ['ReplicaSet', 'spec/template/spec'],
  ['StatefulSet', 'spec/template/spec'],
]
const inContainers = ['args', 'command', 'env/value', 'volumeMounts/mountPath'].flatMap((path) => [`containers/${path}`, `initContainers/${path}`])
const withServers = ['DaemonSet', 'Deployment', 'Job', 'Pod', 'ReplicaSet']

export const varFields: readonly FieldSpec[] = [
  ...podSpecs.flatMap(([kind, base]) => [...inContainers, ...(withServers.includes(kind) ? ['volumes/nfs/server'] : [])].map((path) => ({ kind, path: `${base}/${path}` }))),
  ...['spec/rules/host', 'spec/tls/hosts', 'spec/tls/secretName'].map((path) => ({ kind: 'Ingress', path })),
  ...['spec/ports/port', 'spec/ports/targetPort'].map((path) => ({ kind: 'Service', path })),
  { kind: 'PersistentVolume', path: 'spec/nfs/server' },
  { kind: 'Deployment', path: 'spec/template/metadata/annotations' },
  { path: 'metadata/labels' },
  { path: 'metadata/annotations' },
]
