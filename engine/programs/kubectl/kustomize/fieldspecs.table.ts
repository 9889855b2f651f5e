/** Where names, namespaces, labels, annotations, images and counts stand in the built-in kinds. */
import type { FieldSpec } from './fieldpath'

const templated = ['ReplicaSet', 'Deployment', 'DaemonSet']

export const nameFields: readonly FieldSpec[] = [{ path: 'metadata/name' }]

export const namespaceFields: readonly FieldSpec[] = [
  { path: 'metadata/name', kind: 'Namespace', create: true },
  { path: 'spec/service/namespace', group: 'apiregistration.k8s.io', kind: 'APIService', create: true },
  { path: 'spec/conversion/webhook/clientConfig/service/namespace', group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' },
]

export const imageFields: readonly FieldSpec[] = ['spec', 'spec/template/spec'].flatMap((base) => ['containers[]/image', 'initContainers[]/image', 'volumes[]/image/reference'].map((path) => ({ path: `${base}/${path}` })))

export const replicaFields: readonly FieldSpec[] = ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'].map((kind) => ({ path: 'spec/replicas', kind, create: true }))

export const labelFields: readonly FieldSpec[] = [{ path: 'metadata/labels', create: true }]

export const templateLabelFields: readonly FieldSpec[] = [
  { path: 'spec/template/metadata/labels', version: 'v1', kind: 'ReplicationController', create: true },
  ...templated.map((kind) => ({ path: 'spec/template/metadata/labels', kind, create: true })),
  { path: 'spec/template/metadata/labels', group: 'apps', kind: 'StatefulSet', create: true },
  { path: 'spec/template/metadata/labels', group: 'batch', kind: 'Job', create: true },
  { path: 'spec/jobTemplate/metadata/labels', group: 'batch', kind: 'CronJob', create: true },
  { path: 'spec/jobTemplate/spec/template/metadata/labels', group: 'batch', kind: 'CronJob', create: true },
]

const affinity = ['podAffinity', 'podAntiAffinity'].flatMap((kind) => [`affinity/${kind}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm`, `affinity/${kind}/requiredDuringSchedulingIgnoredDuringExecution`])

export const selectorFields: readonly FieldSpec[] = [
  { path: 'spec/selector', version: 'v1', kind: 'Service', create: true },
  { path: 'spec/selector', version: 'v1', kind: 'ReplicationController', create: true },
  ...templated.map((kind) => ({ path: 'spec/selector/matchLabels', kind, create: true })),
  { path: 'spec/selector/matchLabels', group: 'apps', kind: 'StatefulSet', create: true },
  { path: 'spec/volumeClaimTemplates[]/metadata/labels', group: 'apps', kind: 'StatefulSet', create: true },
  ...['Deployment', 'StatefulSet'].flatMap((kind) => [...affinity, 'topologySpreadConstraints'].map((path) => ({ path: `spec/template/spec/${path}/labelSelector/matchLabels`, group: 'apps', kind }))),
  { path: 'spec/selector/matchLabels', group: 'batch', kind: 'Job' },
  { path: 'spec/jobTemplate/spec/selector/matchLabels', group: 'batch', kind: 'CronJob' },
  { path: 'spec/selector/matchLabels', group: 'policy', kind: 'PodDisruptionBudget' },
  ...['podSelector', 'ingress/from/podSelector', 'egress/to/podSelector'].map((path) => ({ path: `spec/${path}/matchLabels`, group: 'networking.k8s.io', kind: 'NetworkPolicy' })),
]

export const annotationFields: readonly FieldSpec[] = [
  { path: 'metadata/annotations', create: true },
  { path: 'spec/template/metadata/annotations', version: 'v1', kind: 'ReplicationController', create: true },
  ...templated.map((kind) => ({ path: 'spec/template/metadata/annotations', kind, create: true })),
  { path: 'spec/template/metadata/annotations', group: 'apps', kind: 'StatefulSet', create: true },
  { path: 'spec/template/metadata/annotations', group: 'batch', kind: 'Job', create: true },
  { path: 'spec/jobTemplate/metadata/annotations', group: 'batch', kind: 'CronJob', create: true },
  { path: 'spec/jobTemplate/spec/template/metadata/annotations', group: 'batch', kind: 'CronJob', create: true },
]
