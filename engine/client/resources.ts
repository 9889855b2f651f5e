/** The built-in resources by name, with the type of their objects, for typed calls: `client.of(pods)`. */
import type * as kinds from '#engine/api/kinds'
import type { KubeObject } from '#engine/api/object'

export interface ResourceRef<T extends KubeObject = KubeObject> {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  /** Never there: carries the type. */
  readonly object?: T
}

function ref<T extends KubeObject>(apiVersion: string, resource: string, kind: string, namespaced = true): ResourceRef<T> {
  const slash = apiVersion.indexOf('/')
  return { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), resource, kind, namespaced }
}

/** `pods`, `deployments.apps`: as in messages and RBAC. */
export function groupResource(of: { group: string; resource: string }): string {
  return of.group === '' ? of.resource : `${of.resource}.${of.group}`
}

export const pods = ref<kinds.Pod>('v1', 'pods', 'Pod')
export const nodes = ref<kinds.Node>('v1', 'nodes', 'Node', false)
export const services = ref<kinds.Service>('v1', 'services', 'Service')
export const namespaces = ref<kinds.Namespace>('v1', 'namespaces', 'Namespace', false)
export const configMaps = ref<kinds.ConfigMap>('v1', 'configmaps', 'ConfigMap')
export const secrets = ref<kinds.Secret>('v1', 'secrets', 'Secret')
export const serviceAccounts = ref<kinds.ServiceAccount>('v1', 'serviceaccounts', 'ServiceAccount')
export const endpoints = ref<kinds.Endpoints>('v1', 'endpoints', 'Endpoints')
export const events = ref<kinds.Event>('v1', 'events', 'Event')
export const persistentVolumes = ref<kinds.PersistentVolume>('v1', 'persistentvolumes', 'PersistentVolume', false)
export const persistentVolumeClaims = ref<kinds.PersistentVolumeClaim>('v1', 'persistentvolumeclaims', 'PersistentVolumeClaim')
export const replicationControllers = ref<kinds.ReplicationController>('v1', 'replicationcontrollers', 'ReplicationController')
export const resourceQuotas = ref<kinds.ResourceQuota>('v1', 'resourcequotas', 'ResourceQuota')
export const limitRanges = ref<kinds.LimitRange>('v1', 'limitranges', 'LimitRange')
export const podTemplates = ref<kinds.PodTemplate>('v1', 'podtemplates', 'PodTemplate')
export const deployments = ref<kinds.Deployment>('apps/v1', 'deployments', 'Deployment')
export const replicaSets = ref<kinds.ReplicaSet>('apps/v1', 'replicasets', 'ReplicaSet')
export const daemonSets = ref<kinds.DaemonSet>('apps/v1', 'daemonsets', 'DaemonSet')
export const statefulSets = ref<kinds.StatefulSet>('apps/v1', 'statefulsets', 'StatefulSet')
export const controllerRevisions = ref<kinds.ControllerRevision>('apps/v1', 'controllerrevisions', 'ControllerRevision')
export const jobs = ref<kinds.Job>('batch/v1', 'jobs', 'Job')
export const cronJobs = ref<kinds.CronJob>('batch/v1', 'cronjobs', 'CronJob')
export const horizontalPodAutoscalers = ref<kinds.HorizontalPodAutoscaler>('autoscaling/v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler')
export const podDisruptionBudgets = ref<kinds.PodDisruptionBudget>('policy/v1', 'poddisruptionbudgets', 'PodDisruptionBudget')
export const ingresses = ref<kinds.Ingress>('networking.k8s.io/v1', 'ingresses', 'Ingress')
export const ingressClasses = ref<kinds.IngressClass>('networking.k8s.io/v1', 'ingressclasses', 'IngressClass', false)
export const networkPolicies = ref<kinds.NetworkPolicy>('networking.k8s.io/v1', 'networkpolicies', 'NetworkPolicy')
export const ipAddresses = ref('networking.k8s.io/v1', 'ipaddresses', 'IPAddress', false)
export const serviceCidrs = ref('networking.k8s.io/v1', 'servicecidrs', 'ServiceCIDR', false)
export const endpointSlices = ref<kinds.EndpointSlice>('discovery.k8s.io/v1', 'endpointslices', 'EndpointSlice')
export const roles = ref<kinds.Role>('rbac.authorization.k8s.io/v1', 'roles', 'Role')
export const roleBindings = ref<kinds.RoleBinding>('rbac.authorization.k8s.io/v1', 'rolebindings', 'RoleBinding')
export const clusterRoles = ref<kinds.ClusterRole>('rbac.authorization.k8s.io/v1', 'clusterroles', 'ClusterRole', false)
export const clusterRoleBindings = ref<kinds.ClusterRoleBinding>('rbac.authorization.k8s.io/v1', 'clusterrolebindings', 'ClusterRoleBinding', false)
export const storageClasses = ref<kinds.StorageClass>('storage.k8s.io/v1', 'storageclasses', 'StorageClass', false)
export const volumeAttachments = ref<kinds.VolumeAttachment>('storage.k8s.io/v1', 'volumeattachments', 'VolumeAttachment', false)
export const csiNodes = ref<kinds.CSINode>('storage.k8s.io/v1', 'csinodes', 'CSINode', false)
export const csiDrivers = ref<kinds.CSIDriver>('storage.k8s.io/v1', 'csidrivers', 'CSIDriver', false)
export const csiStorageCapacities = ref('storage.k8s.io/v1', 'csistoragecapacities', 'CSIStorageCapacity')
export const volumeAttributesClasses = ref('storage.k8s.io/v1', 'volumeattributesclasses', 'VolumeAttributesClass', false)
export const priorityClasses = ref<kinds.PriorityClass>('scheduling.k8s.io/v1', 'priorityclasses', 'PriorityClass', false)
export const leases = ref<kinds.Lease>('coordination.k8s.io/v1', 'leases', 'Lease')
export const certificateSigningRequests = ref<kinds.CertificateSigningRequest>('certificates.k8s.io/v1', 'certificatesigningrequests', 'CertificateSigningRequest', false)
export const customResourceDefinitions = ref('apiextensions.k8s.io/v1', 'customresourcedefinitions', 'CustomResourceDefinition', false)
export const apiServices = ref('apiregistration.k8s.io/v1', 'apiservices', 'APIService', false)
export const newEvents = ref('events.k8s.io/v1', 'events', 'Event')
export const subjectAccessReviews = ref('authorization.k8s.io/v1', 'subjectaccessreviews', 'SubjectAccessReview', false)
export const tokenReviews = ref('authentication.k8s.io/v1', 'tokenreviews', 'TokenReview', false)
export const validatingAdmissionPolicies = ref('admissionregistration.k8s.io/v1', 'validatingadmissionpolicies', 'ValidatingAdmissionPolicy', false)
export const resourceClaims = ref('resource.k8s.io/v1', 'resourceclaims', 'ResourceClaim')
export const resourceClaimTemplates = ref('resource.k8s.io/v1', 'resourceclaimtemplates', 'ResourceClaimTemplate')
export const resourceSlices = ref('resource.k8s.io/v1', 'resourceslices', 'ResourceSlice', false)
export const deviceClasses = ref('resource.k8s.io/v1', 'deviceclasses', 'DeviceClass', false)
