/** Every admission plugin, in the order in which the server runs them. */
import { alwaysPullImages } from '#engine/apiserver/admission/alwayspullimages/plugin'
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from '#engine/apiserver/admission/certificates/plugins'
import { defaultIngressClass } from '#engine/apiserver/admission/defaultingressclass/plugin'
import { defaultStorageClass } from '#engine/apiserver/admission/defaultstorageclass/plugin'
import { defaultTolerationSeconds } from '#engine/apiserver/admission/defaulttolerationseconds/plugin'
import { denyServiceExternalIps } from '#engine/apiserver/admission/denyserviceexternalips/plugin'
import { eventRateLimit } from '#engine/apiserver/admission/eventratelimit/plugin'
import { extendedResourceToleration } from '#engine/apiserver/admission/extendedresourcetoleration/plugin'
import { imagePolicyWebhook } from '#engine/apiserver/admission/imagepolicywebhook/plugin'
import { limitPodHardAntiAffinityTopology } from '#engine/apiserver/admission/limitpodhardantiaffinitytopology/plugin'
import { limitRanger } from '#engine/apiserver/admission/limitranger/plugin'
import { namespaceAutoProvision } from '#engine/apiserver/admission/namespaceautoprovision/plugin'
import { namespaceExists } from '#engine/apiserver/admission/namespaceexists/plugin'
import { namespaceLifecycle } from '#engine/apiserver/admission/namespacelifecycle/plugin'
import { nodeRestriction } from '#engine/apiserver/admission/noderestriction/plugin'
import { ownerReferencesPermissionEnforcement } from '#engine/apiserver/admission/ownerreferences/plugin'
import { persistentVolumeClaimResize } from '#engine/apiserver/admission/persistentvolumeclaimresize/plugin'
import { mutatingAdmissionPolicy } from '#engine/apiserver/admission/mutatingpolicies/plugin'
import { validatingAdmissionPolicy } from '#engine/apiserver/admission/policies/plugin'
import { mutatingAdmissionWebhook, validatingAdmissionWebhook } from '#engine/apiserver/admission/webhooks/plugins'
import type { AdmissionRegistration } from '#engine/apiserver/admission/plugin'
import { podNodeSelector } from '#engine/apiserver/admission/podnodeselector/plugin'
import { podSecurity } from '#engine/apiserver/admission/podsecurity/plugin'
import { podTolerationRestriction } from '#engine/apiserver/admission/podtolerationrestriction/plugin'
import { podTopologyLabels } from '#engine/apiserver/admission/podtopologylabels/plugin'
import { priority } from '#engine/apiserver/admission/priority/plugin'
import { resourceQuota } from '#engine/apiserver/admission/resourcequota/plugin'
import { runtimeClass } from '#engine/apiserver/admission/runtimeclass/plugin'
import { serviceAccount } from '#engine/apiserver/admission/serviceaccount/plugin'
import { alwaysAdmit, alwaysDeny, clusterTrustBundleAttest, nodeDeclaredFeatureValidator } from '#engine/apiserver/admission/simple/plugins'
import { storageObjectInUseProtection } from '#engine/apiserver/admission/storageobjectinuseprotection/plugin'
import { taintNodesByCondition } from '#engine/apiserver/admission/taintnodesbycondition/plugin'

export const admissionPlugins: readonly AdmissionRegistration[] = [
  alwaysAdmit,
  namespaceAutoProvision,
  namespaceLifecycle,
  namespaceExists,
  limitPodHardAntiAffinityTopology,
  limitRanger,
  serviceAccount,
  nodeRestriction,
  taintNodesByCondition,
  alwaysPullImages,
  imagePolicyWebhook,
  podSecurity,
  podNodeSelector,
  priority,
  defaultTolerationSeconds,
  podTolerationRestriction,
  eventRateLimit,
  extendedResourceToleration,
  defaultStorageClass,
  storageObjectInUseProtection,
  ownerReferencesPermissionEnforcement,
  persistentVolumeClaimResize,
  runtimeClass,
  certificateApproval,
  certificateSigning,
  clusterTrustBundleAttest,
  certificateSubjectRestriction,
  defaultIngressClass,
  denyServiceExternalIps,
  nodeDeclaredFeatureValidator,
  podTopologyLabels,
  mutatingAdmissionPolicy,
  mutatingAdmissionWebhook,
  validatingAdmissionPolicy,
  validatingAdmissionWebhook,
  resourceQuota,
  alwaysDeny,
]
