/** Which fields hold the name of which kind. */
import type { FieldSpec } from './fieldpath'

export interface ReferenceRule {
  readonly kind: string
  readonly group?: string
  readonly version?: string
  readonly fields: readonly FieldSpec[]
}

/** Where the pod spec of a kind stands. */
const podSpecs: readonly (readonly [string, string])[] = [
  ['Pod', 'spec'], ['PodTemplate', 'template/spec'], ['Deployment', 'spec/template/spec'], ['ReplicaSet', 'spec/template/spec'], ['DaemonSet', 'spec/template/spec'], ['StatefulSet', 'spec/template/spec'], ['Job', 'spec/template/spec'],
  ['CronJob', 'spec/jobTemplate/spec/template/spec'],
]
const workloads: readonly (readonly [string, string])[] = [...podSpecs.filter(([kind]) => kind !== 'PodTemplate' && kind !== 'ReplicaSet'), ['ReplicationController', 'spec/template/spec']]

function inPods(paths: readonly string[], where = podSpecs): FieldSpec[] {
  return where.flatMap(([kind, base]) => paths.map((path) => ({ kind, path: `${base}/${path}` })))
}

const containers = (path: string): string[] => [`containers/${path}`, `initContainers/${path}`]
const rules = ['Role', 'ClusterRole'].map((kind) => ({ kind, path: 'rules/resourceNames' }))
const scaled: readonly FieldSpec[] = [{ kind: 'HorizontalPodAutoscaler', path: 'spec/scaleTargetRef/name' }]
const rbac = 'rbac.authorization.k8s.io'

export const referenceRules: readonly ReferenceRule[] = [
  ...['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map((kind) => ({ kind, fields: scaled })),
  {
    kind: 'ConfigMap', group: '',
    fields: [
      ...inPods(['volumes/configMap/name', ...containers('env/valueFrom/configMapKeyRef/name'), ...containers('envFrom/configMapRef/name'), 'volumes/projected/sources/configMap/name']), ...rules,
      { kind: 'Ingress', path: 'metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap' },
    ],
  },
  {
    kind: 'Secret', group: '',
    fields: [
      ...inPods(['volumes/secret/secretName', ...containers('env/valueFrom/secretKeyRef/name'), ...containers('envFrom/secretRef/name'), 'imagePullSecrets/name', 'volumes/projected/sources/secret/name']), ...rules,
      ...['spec/tls/secretName', ...['ingress.kubernetes.io\\/auth-secret', 'nginx.ingress.kubernetes.io\\/auth-secret', 'nginx.ingress.kubernetes.io\\/auth-tls-secret'].map((name) => `metadata/annotations/${name}`)].map((path) => ({ kind: 'Ingress', path })),
      { kind: 'ServiceAccount', path: 'imagePullSecrets/name' },
      ...['secretName', 'adminSecretName', 'userSecretName', 'secretRef'].map((name) => ({ kind: 'StorageClass', path: `parameters/${name}` })),
      { kind: 'PersistentVolume', path: 'spec/azureFile/secretName' },
    ],
  },
  {
    kind: 'Service', group: '',
    fields: [
      { kind: 'StatefulSet', group: 'apps', path: 'spec/serviceName' },
      ...['spec/rules/http/paths/backend/serviceName', 'spec/backend/serviceName', 'spec/rules/http/paths/backend/service/name', 'spec/defaultBackend/service/name'].map((path) => ({ kind: 'Ingress', path })),
      { kind: 'APIService', group: 'apiregistration.k8s.io', path: 'spec/service/name' },
      ...['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].map((kind) => ({ kind, group: 'admissionregistration.k8s.io', path: 'webhooks/clientConfig/service' })),
      { kind: 'HTTPRoute', path: 'spec/rules/backendRefs/name' },
    ],
  },
  { kind: 'Role', group: rbac, fields: [{ kind: 'RoleBinding', group: rbac, path: 'roleRef/name' }] },
  { kind: 'ClusterRole', group: rbac, fields: ['RoleBinding', 'ClusterRoleBinding'].map((kind) => ({ kind, group: rbac, path: 'roleRef/name' })) },
  { kind: 'ServiceAccount', group: '', fields: [...['RoleBinding', 'ClusterRoleBinding'].map((kind) => ({ kind, group: rbac, path: 'subjects' })), ...inPods(['serviceAccountName'], workloads)] },
  { kind: 'PersistentVolumeClaim', group: '', fields: inPods(['volumes/persistentVolumeClaim/claimName'], workloads) },
  { kind: 'PersistentVolume', group: '', fields: [{ kind: 'PersistentVolumeClaim', path: 'spec/volumeName' }, { kind: 'ClusterRole', path: 'rules/resourceNames' }] },
  { kind: 'StorageClass', group: 'storage.k8s.io', fields: [{ kind: 'PersistentVolume', path: 'spec/storageClassName' }, { kind: 'PersistentVolumeClaim', path: 'spec/storageClassName' }, { kind: 'StatefulSet', path: 'spec/volumeClaimTemplates/spec/storageClassName' }] },
  { kind: 'PriorityClass', group: 'scheduling.k8s.io', fields: inPods(['priorityClassName'], workloads) },
]
