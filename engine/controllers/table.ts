/** All controllers, by the names of --controllers. */
import type { Controller } from '#engine/controllers/controller'
import { attachDetachController } from '#engine/controllers/attachdetach/controller'
import { bootstrapSignerController } from '#engine/controllers/bootstrapsigner/controller'
import { clusterRoleAggregationController } from '#engine/controllers/clusterroleaggregation/controller'
import { cronJobController } from '#engine/controllers/cronjob/controller'
import { csrApprovingController } from '#engine/controllers/csrapproving/controller'
import { csrCleanerController } from '#engine/controllers/csrcleaner/controller'
import { csrSigningController } from '#engine/controllers/csrsigning/controller'
import { daemonSetController } from '#engine/controllers/daemonset/controller'
import { deploymentController } from '#engine/controllers/deployment/controller'
import { disruptionController } from '#engine/controllers/disruption/controller'
import { endpointsController } from '#engine/controllers/endpoints/controller'
import { endpointSliceController } from '#engine/controllers/endpointslice/controller'
import { endpointSliceMirroringController } from '#engine/controllers/endpointslicemirroring/controller'
import { ephemeralVolumeController } from '#engine/controllers/ephemeralvolume/controller'
import { garbageCollectorController } from '#engine/controllers/garbagecollector/controller'
import { jobController } from '#engine/controllers/job/controller'
import { legacyTokenCleanerController } from '#engine/controllers/legacytokencleaner/controller'
import { namespaceController } from '#engine/controllers/namespace/controller'
import { nodeIpamController } from '#engine/controllers/nodeipam/controller'
import { nodeLifecycleController } from '#engine/controllers/nodelifecycle/controller'
import { persistentVolumeController } from '#engine/controllers/persistentvolume/controller'
import { podAutoscalerController } from '#engine/controllers/podautoscaler/controller'
import { podGcController } from '#engine/controllers/podgc/controller'
import { pvcProtectionController } from '#engine/controllers/pvprotection/controller'
import { pvProtectionController } from '#engine/controllers/pvprotection/controller'
import { replicaSetController } from '#engine/controllers/replicaset/controller'
import { replicationControllerController } from '#engine/controllers/replicationcontroller/controller'
import { resourceClaimController } from '#engine/controllers/resourceclaim/controller'
import { resourceQuotaController } from '#engine/controllers/resourcequota/controller'
import { rootCaController } from '#engine/controllers/rootca/controller'
import { serviceAccountController } from '#engine/controllers/serviceaccount/controller'
import { serviceAccountTokenController } from '#engine/controllers/serviceaccounttoken/controller'
import { serviceCidrController } from '#engine/controllers/servicecidr/controller'
import { statefulSetController } from '#engine/controllers/statefulset/controller'
import { taintEvictionController } from '#engine/controllers/tainteviction/controller'
import { tokenCleanerController } from '#engine/controllers/tokencleaner/controller'
import { ttlController } from '#engine/controllers/ttl/controller'
import { ttlAfterFinishedController } from '#engine/controllers/ttlafterfinished/controller'
import { vapStatusController } from '#engine/controllers/vapstatus/controller'
import { volumeAttributesClassController } from '#engine/controllers/volumeattributesclass/controller'
import { volumeExpandController } from '#engine/controllers/volumeexpand/controller'
import { nodeRouteController } from '#engine/controllers/withoutwork/controller'
import { serviceLbController } from '#engine/controllers/withoutwork/controller'
import { cloudNodeLifecycleController } from '#engine/controllers/withoutwork/controller'
import { deviceTaintEvictionController } from '#engine/controllers/withoutwork/controller'
import { selinuxWarningController } from '#engine/controllers/withoutwork/controller'
import { storageVersionGcController } from '#engine/controllers/withoutwork/controller'
import { storageVersionMigratorController } from '#engine/controllers/withoutwork/controller'
import { servingTrustBundleController } from '#engine/controllers/withoutwork/controller'
import { podCertificateCleanerController } from '#engine/controllers/withoutwork/controller'

export const controllers: readonly Controller[] = [
  attachDetachController,
  bootstrapSignerController,
  clusterRoleAggregationController,
  cronJobController,
  csrApprovingController,
  csrCleanerController,
  csrSigningController,
  daemonSetController,
  deploymentController,
  disruptionController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  ephemeralVolumeController,
  garbageCollectorController,
  jobController,
  legacyTokenCleanerController,
  namespaceController,
  nodeIpamController,
  nodeLifecycleController,
  persistentVolumeController,
  podAutoscalerController,
  podGcController,
  pvcProtectionController,
  pvProtectionController,
  replicaSetController,
  replicationControllerController,
  resourceClaimController,
  resourceQuotaController,
  rootCaController,
  serviceAccountController,
  serviceAccountTokenController,
  serviceCidrController,
  statefulSetController,
  taintEvictionController,
  tokenCleanerController,
  ttlController,
  ttlAfterFinishedController,
  vapStatusController,
  volumeAttributesClassController,
  volumeExpandController,
  nodeRouteController,
  serviceLbController,
  cloudNodeLifecycleController,
  deviceTaintEvictionController,
  selinuxWarningController,
  storageVersionGcController,
  storageVersionMigratorController,
  servingTrustBundleController,
  podCertificateCleanerController,
]
