/** Every built-in kind that has a strategy of its own. Kinds without one are served from the schema data alone. */
import type { ResourceDefinition } from '#engine/apiserver/registry/resource'
import { mutatingAdmissionPolicies } from './admissionregistration/mutatingadmissionpolicies/strategy'
import { mutatingAdmissionPolicyBindings } from './admissionregistration/mutatingadmissionpolicybindings/strategy'
import { mutatingWebhookConfigurations } from './admissionregistration/mutatingwebhookconfigurations/strategy'
import { validatingAdmissionPolicies } from './admissionregistration/validatingadmissionpolicies/strategy'
import { validatingAdmissionPolicyBindings } from './admissionregistration/validatingadmissionpolicybindings/strategy'
import { validatingWebhookConfigurations } from './admissionregistration/validatingwebhookconfigurations/strategy'
import { apiServices } from './apiregistration/apiservices/strategy'
import { controllerRevisions } from './apps/controllerrevisions/strategy'
import { daemonSets } from './apps/daemonsets/strategy'
import { deployments } from './apps/deployments/strategy'
import { replicaSets } from './apps/replicasets/strategy'
import { statefulSets } from './apps/statefulsets/strategy'
import { selfSubjectReviews } from './authentication/selfsubjectreviews/strategy'
import { tokenReviews } from './authentication/tokenreviews/strategy'
import { localSubjectAccessReviews } from './authorization/localsubjectaccessreviews/strategy'
import { selfSubjectAccessReviews } from './authorization/selfsubjectaccessreviews/strategy'
import { selfSubjectRulesReviews } from './authorization/selfsubjectrulesreviews/strategy'
import { subjectAccessReviews } from './authorization/subjectaccessreviews/strategy'
import { horizontalPodAutoscalers } from './autoscaling/horizontalpodautoscalers/strategy'
import { cronJobs } from './batch/cronjobs/strategy'
import { jobs } from './batch/jobs/strategy'
import { certificateSigningRequests } from './certificates/certificatesigningrequests/strategy'
import { leases } from './coordination/leases/strategy'
import { componentStatuses } from './core/componentstatuses/strategy'
import { configMaps } from './core/configmaps/strategy'
import { endpoints } from './core/endpoints/strategy'
import { events } from './core/events/strategy'
import { limitRanges } from './core/limitranges/strategy'
import { namespaces } from './core/namespaces/strategy'
import { nodes } from './core/nodes/strategy'
import { persistentVolumeClaims } from './core/persistentvolumeclaims/strategy'
import { persistentVolumes } from './core/persistentvolumes/strategy'
import { pods } from './core/pods/strategy'
import { podTemplates } from './core/podtemplates/strategy'
import { replicationControllers } from './core/replicationcontrollers/strategy'
import { resourceQuotas } from './core/resourcequotas/strategy'
import { secrets } from './core/secrets/strategy'
import { serviceAccounts } from './core/serviceaccounts/strategy'
import { services } from './core/services/strategy'
import { endpointSlices } from './discovery/endpointslices/strategy'
import { flowSchemas } from './flowcontrol/flowschemas/strategy'
import { priorityLevelConfigurations } from './flowcontrol/prioritylevelconfigurations/strategy'
import { ingressClasses } from './networking/ingressclasses/strategy'
import { ingresses } from './networking/ingresses/strategy'
import { ipAddresses } from './networking/ipaddresses/strategy'
import { networkPolicies } from './networking/networkpolicies/strategy'
import { serviceCidrs } from './networking/servicecidrs/strategy'
import { runtimeClasses } from './node/runtimeclasses/strategy'
import { podDisruptionBudgets } from './policy/poddisruptionbudgets/strategy'
import { clusterRoleBindings } from './rbac/clusterrolebindings/strategy'
import { clusterRoles } from './rbac/clusterroles/strategy'
import { roleBindings } from './rbac/rolebindings/strategy'
import { roles } from './rbac/roles/strategy'
import { deviceClasses } from './resource/deviceclasses/strategy'
import { resourceClaims } from './resource/resourceclaims/strategy'
import { resourceClaimTemplates } from './resource/resourceclaimtemplates/strategy'
import { resourceSlices } from './resource/resourceslices/strategy'
import { priorityClasses } from './scheduling/priorityclasses/strategy'
import { csiDrivers } from './storage/csidrivers/strategy'
import { csiNodes } from './storage/csinodes/strategy'
import { csiStorageCapacities } from './storage/csistoragecapacities/strategy'
import { storageClasses } from './storage/storageclasses/strategy'
import { volumeAttachments } from './storage/volumeattachments/strategy'
import { volumeAttributesClasses } from './storage/volumeattributesclasses/strategy'

export const resourceDefinitions: readonly ResourceDefinition[] = [
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  mutatingWebhookConfigurations,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
  validatingWebhookConfigurations,
  apiServices,
  controllerRevisions,
  daemonSets,
  deployments,
  replicaSets,
  statefulSets,
  selfSubjectReviews,
  tokenReviews,
  localSubjectAccessReviews,
  selfSubjectAccessReviews,
  selfSubjectRulesReviews,
  subjectAccessReviews,
  horizontalPodAutoscalers,
  cronJobs,
  jobs,
  certificateSigningRequests,
  leases,
  componentStatuses,
  configMaps,
  endpoints,
  events,
  limitRanges,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  podTemplates,
  replicationControllers,
  resourceQuotas,
  secrets,
  serviceAccounts,
  services,
  endpointSlices,
  flowSchemas,
  priorityLevelConfigurations,
  ingressClasses,
  ingresses,
  ipAddresses,
  networkPolicies,
  serviceCidrs,
  runtimeClasses,
  podDisruptionBudgets,
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
  deviceClasses,
  resourceClaims,
  resourceClaimTemplates,
  resourceSlices,
  priorityClasses,
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  storageClasses,
  volumeAttachments,
  volumeAttributesClasses,
]
