/** Names, scope and verbs of the built-in resources, as a v1.35 server's discovery gives them. */
import type { ResourceDefinition } from '#engine/apiserver/registry/resource'
import type { Verb } from '#engine/apiserver/registry/served'

type Identity = Pick<ResourceDefinition, 'group' | 'version' | 'kind' | 'plural' | 'singular' | 'shortNames' | 'categories' | 'scope' | 'verbs'>

const all: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

const table = {
  '/v1/bindings': { group: '', version: 'v1', kind: 'Binding', plural: 'bindings', singular: 'binding', scope: 'namespaced', verbs: ['create'] },
  '/v1/componentstatuses': { group: '', version: 'v1', kind: 'ComponentStatus', plural: 'componentstatuses', singular: 'componentstatus', scope: 'cluster', verbs: ['get', 'list'], shortNames: ['cs'] },
  '/v1/configmaps': { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', singular: 'configmap', scope: 'namespaced', verbs: all, shortNames: ['cm'] },
  '/v1/endpoints': { group: '', version: 'v1', kind: 'Endpoints', plural: 'endpoints', singular: 'endpoints', scope: 'namespaced', verbs: all, shortNames: ['ep'] },
  '/v1/events': { group: '', version: 'v1', kind: 'Event', plural: 'events', singular: 'event', scope: 'namespaced', verbs: all, shortNames: ['ev'] },
  '/v1/limitranges': { group: '', version: 'v1', kind: 'LimitRange', plural: 'limitranges', singular: 'limitrange', scope: 'namespaced', verbs: all, shortNames: ['limits'] },
  '/v1/namespaces': { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', singular: 'namespace', scope: 'cluster', verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'], shortNames: ['ns'] },
  '/v1/nodes': { group: '', version: 'v1', kind: 'Node', plural: 'nodes', singular: 'node', scope: 'cluster', verbs: all, shortNames: ['no'] },
  '/v1/persistentvolumeclaims': { group: '', version: 'v1', kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', singular: 'persistentvolumeclaim', scope: 'namespaced', verbs: all, shortNames: ['pvc'] },
  '/v1/persistentvolumes': { group: '', version: 'v1', kind: 'PersistentVolume', plural: 'persistentvolumes', singular: 'persistentvolume', scope: 'cluster', verbs: all, shortNames: ['pv'] },
  '/v1/pods': { group: '', version: 'v1', kind: 'Pod', plural: 'pods', singular: 'pod', scope: 'namespaced', verbs: all, shortNames: ['po'], categories: ['all'] },
  '/v1/podtemplates': { group: '', version: 'v1', kind: 'PodTemplate', plural: 'podtemplates', singular: 'podtemplate', scope: 'namespaced', verbs: all },
  '/v1/replicationcontrollers': { group: '', version: 'v1', kind: 'ReplicationController', plural: 'replicationcontrollers', singular: 'replicationcontroller', scope: 'namespaced', verbs: all, shortNames: ['rc'], categories: ['all'] },
  '/v1/resourcequotas': { group: '', version: 'v1', kind: 'ResourceQuota', plural: 'resourcequotas', singular: 'resourcequota', scope: 'namespaced', verbs: all, shortNames: ['quota'] },
  '/v1/secrets': { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', singular: 'secret', scope: 'namespaced', verbs: all },
  '/v1/serviceaccounts': { group: '', version: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', singular: 'serviceaccount', scope: 'namespaced', verbs: all, shortNames: ['sa'] },
  '/v1/services': { group: '', version: 'v1', kind: 'Service', plural: 'services', singular: 'service', scope: 'namespaced', verbs: all, shortNames: ['svc'], categories: ['all'] },
  'apiregistration.k8s.io/v1/apiservices': { group: 'apiregistration.k8s.io', version: 'v1', kind: 'APIService', plural: 'apiservices', singular: 'apiservice', scope: 'cluster', verbs: all, categories: ['api-extensions'] },
  'apps/v1/controllerrevisions': { group: 'apps', version: 'v1', kind: 'ControllerRevision', plural: 'controllerrevisions', singular: 'controllerrevision', scope: 'namespaced', verbs: all },
  'apps/v1/daemonsets': { group: 'apps', version: 'v1', kind: 'DaemonSet', plural: 'daemonsets', singular: 'daemonset', scope: 'namespaced', verbs: all, shortNames: ['ds'], categories: ['all'] },
  'apps/v1/deployments': { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', singular: 'deployment', scope: 'namespaced', verbs: all, shortNames: ['deploy'], categories: ['all'] },
  'apps/v1/replicasets': { group: 'apps', version: 'v1', kind: 'ReplicaSet', plural: 'replicasets', singular: 'replicaset', scope: 'namespaced', verbs: all, shortNames: ['rs'], categories: ['all'] },
  'apps/v1/statefulsets': { group: 'apps', version: 'v1', kind: 'StatefulSet', plural: 'statefulsets', singular: 'statefulset', scope: 'namespaced', verbs: all, shortNames: ['sts'], categories: ['all'] },
  'events.k8s.io/v1/events': { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events', singular: 'event', scope: 'namespaced', verbs: all, shortNames: ['ev'] },
  'authentication.k8s.io/v1/selfsubjectreviews': { group: 'authentication.k8s.io', version: 'v1', kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', singular: 'selfsubjectreview', scope: 'cluster', verbs: ['create'] },
  'authentication.k8s.io/v1/tokenreviews': { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenReview', plural: 'tokenreviews', singular: 'tokenreview', scope: 'cluster', verbs: ['create'] },
  'authorization.k8s.io/v1/localsubjectaccessreviews': { group: 'authorization.k8s.io', version: 'v1', kind: 'LocalSubjectAccessReview', plural: 'localsubjectaccessreviews', singular: 'localsubjectaccessreview', scope: 'namespaced', verbs: ['create'] },
  'authorization.k8s.io/v1/selfsubjectaccessreviews': { group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews', singular: 'selfsubjectaccessreview', scope: 'cluster', verbs: ['create'] },
  'authorization.k8s.io/v1/selfsubjectrulesreviews': { group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews', singular: 'selfsubjectrulesreview', scope: 'cluster', verbs: ['create'] },
  'authorization.k8s.io/v1/subjectaccessreviews': { group: 'authorization.k8s.io', version: 'v1', kind: 'SubjectAccessReview', plural: 'subjectaccessreviews', singular: 'subjectaccessreview', scope: 'cluster', verbs: ['create'] },
  'autoscaling/v2/horizontalpodautoscalers': { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler', plural: 'horizontalpodautoscalers', singular: 'horizontalpodautoscaler', scope: 'namespaced', verbs: all, shortNames: ['hpa'], categories: ['all'] },
  'autoscaling/v1/horizontalpodautoscalers': { group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler', plural: 'horizontalpodautoscalers', singular: 'horizontalpodautoscaler', scope: 'namespaced', verbs: all, shortNames: ['hpa'], categories: ['all'] },
  'batch/v1/cronjobs': { group: 'batch', version: 'v1', kind: 'CronJob', plural: 'cronjobs', singular: 'cronjob', scope: 'namespaced', verbs: all, shortNames: ['cj'], categories: ['all'] },
  'batch/v1/jobs': { group: 'batch', version: 'v1', kind: 'Job', plural: 'jobs', singular: 'job', scope: 'namespaced', verbs: all, categories: ['all'] },
  'certificates.k8s.io/v1/certificatesigningrequests': { group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest', plural: 'certificatesigningrequests', singular: 'certificatesigningrequest', scope: 'cluster', verbs: all, shortNames: ['csr'] },
  'networking.k8s.io/v1/ingressclasses': { group: 'networking.k8s.io', version: 'v1', kind: 'IngressClass', plural: 'ingressclasses', singular: 'ingressclass', scope: 'cluster', verbs: all },
  'networking.k8s.io/v1/ingresses': { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress', plural: 'ingresses', singular: 'ingress', scope: 'namespaced', verbs: all, shortNames: ['ing'] },
  'networking.k8s.io/v1/ipaddresses': { group: 'networking.k8s.io', version: 'v1', kind: 'IPAddress', plural: 'ipaddresses', singular: 'ipaddress', scope: 'cluster', verbs: all, shortNames: ['ip'] },
  'networking.k8s.io/v1/networkpolicies': { group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy', plural: 'networkpolicies', singular: 'networkpolicy', scope: 'namespaced', verbs: all, shortNames: ['netpol'] },
  'networking.k8s.io/v1/servicecidrs': { group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR', plural: 'servicecidrs', singular: 'servicecidr', scope: 'cluster', verbs: all },
  'policy/v1/poddisruptionbudgets': { group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', singular: 'poddisruptionbudget', scope: 'namespaced', verbs: all, shortNames: ['pdb'] },
  'rbac.authorization.k8s.io/v1/clusterrolebindings': { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', singular: 'clusterrolebinding', scope: 'cluster', verbs: all },
  'rbac.authorization.k8s.io/v1/clusterroles': { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole', plural: 'clusterroles', singular: 'clusterrole', scope: 'cluster', verbs: all },
  'rbac.authorization.k8s.io/v1/rolebindings': { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding', plural: 'rolebindings', singular: 'rolebinding', scope: 'namespaced', verbs: all },
  'rbac.authorization.k8s.io/v1/roles': { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role', plural: 'roles', singular: 'role', scope: 'namespaced', verbs: all },
  'storage.k8s.io/v1/csidrivers': { group: 'storage.k8s.io', version: 'v1', kind: 'CSIDriver', plural: 'csidrivers', singular: 'csidriver', scope: 'cluster', verbs: all },
  'storage.k8s.io/v1/csinodes': { group: 'storage.k8s.io', version: 'v1', kind: 'CSINode', plural: 'csinodes', singular: 'csinode', scope: 'cluster', verbs: all },
  'storage.k8s.io/v1/csistoragecapacities': { group: 'storage.k8s.io', version: 'v1', kind: 'CSIStorageCapacity', plural: 'csistoragecapacities', singular: 'csistoragecapacity', scope: 'namespaced', verbs: all },
  'storage.k8s.io/v1/storageclasses': { group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass', plural: 'storageclasses', singular: 'storageclass', scope: 'cluster', verbs: all, shortNames: ['sc'] },
  'storage.k8s.io/v1/volumeattachments': { group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttachment', plural: 'volumeattachments', singular: 'volumeattachment', scope: 'cluster', verbs: all },
  'storage.k8s.io/v1/volumeattributesclasses': { group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttributesClass', plural: 'volumeattributesclasses', singular: 'volumeattributesclass', scope: 'cluster', verbs: all, shortNames: ['vac'] },
  'admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicies': { group: 'admissionregistration.k8s.io', version: 'v1beta1', kind: 'MutatingAdmissionPolicy', plural: 'mutatingadmissionpolicies', singular: 'mutatingadmissionpolicy', scope: 'cluster', verbs: all, categories: ['api-extensions'] },
  'admissionregistration.k8s.io/v1beta1/mutatingadmissionpolicybindings': { group: 'admissionregistration.k8s.io', version: 'v1beta1', kind: 'MutatingAdmissionPolicyBinding', plural: 'mutatingadmissionpolicybindings', singular: 'mutatingadmissionpolicybinding', scope: 'cluster', verbs: all, categories: ['api-extensions'] },
  'admissionregistration.k8s.io/v1/mutatingwebhookconfigurations': { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'MutatingWebhookConfiguration', plural: 'mutatingwebhookconfigurations', singular: 'mutatingwebhookconfiguration', scope: 'cluster', verbs: all, categories: ['api-extensions'] },
  'admissionregistration.k8s.io/v1/validatingadmissionpolicies': { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicy', plural: 'validatingadmissionpolicies', singular: 'validatingadmissionpolicy', scope: 'cluster', verbs: all, categories: ['api-extensions'] },
  'admissionregistration.k8s.io/v1/validatingadmissionpolicybindings': { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicyBinding', plural: 'validatingadmissionpolicybindings', singular: 'validatingadmissionpolicybinding', scope: 'cluster', verbs: all, categories: ['api-extensions'] },
  'admissionregistration.k8s.io/v1/validatingwebhookconfigurations': { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingWebhookConfiguration', plural: 'validatingwebhookconfigurations', singular: 'validatingwebhookconfiguration', scope: 'cluster', verbs: all, categories: ['api-extensions'] },
  'apiextensions.k8s.io/v1/customresourcedefinitions': { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', plural: 'customresourcedefinitions', singular: 'customresourcedefinition', scope: 'cluster', verbs: all, shortNames: ['crd', 'crds'], categories: ['api-extensions'] },
  'scheduling.k8s.io/v1/priorityclasses': { group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', plural: 'priorityclasses', singular: 'priorityclass', scope: 'cluster', verbs: all, shortNames: ['pc'] },
  'coordination.k8s.io/v1/leases': { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', singular: 'lease', scope: 'namespaced', verbs: all },
  'node.k8s.io/v1/runtimeclasses': { group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', plural: 'runtimeclasses', singular: 'runtimeclass', scope: 'cluster', verbs: all },
  'discovery.k8s.io/v1/endpointslices': { group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', plural: 'endpointslices', singular: 'endpointslice', scope: 'namespaced', verbs: all },
  'resource.k8s.io/v1/deviceclasses': { group: 'resource.k8s.io', version: 'v1', kind: 'DeviceClass', plural: 'deviceclasses', singular: 'deviceclass', scope: 'cluster', verbs: all },
  'resource.k8s.io/v1/resourceclaims': { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaim', plural: 'resourceclaims', singular: 'resourceclaim', scope: 'namespaced', verbs: all },
  'resource.k8s.io/v1/resourceclaimtemplates': { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaimTemplate', plural: 'resourceclaimtemplates', singular: 'resourceclaimtemplate', scope: 'namespaced', verbs: all },
  'resource.k8s.io/v1/resourceslices': { group: 'resource.k8s.io', version: 'v1', kind: 'ResourceSlice', plural: 'resourceslices', singular: 'resourceslice', scope: 'cluster', verbs: all },
  'flowcontrol.apiserver.k8s.io/v1/flowschemas': { group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'FlowSchema', plural: 'flowschemas', singular: 'flowschema', scope: 'cluster', verbs: all },
  'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations': { group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'PriorityLevelConfiguration', plural: 'prioritylevelconfigurations', singular: 'prioritylevelconfiguration', scope: 'cluster', verbs: all },
} satisfies Record<string, Identity>

export type ResourcePath = keyof typeof table

/** The identity of `group/version/resource`; the core group's is empty: `/v1/pods`. */
export function identity(path: ResourcePath): Identity {
  return table[path]
}
