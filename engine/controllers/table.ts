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
import { namespaceController } from '#engine/controllers/namespace/controller'
import { nodeIpamController } from '#engine/controllers/nodeipam/controller'
import { nodeLifecycleController } from '#engine/controllers/nodelifecycle/controller'
import { persistentVolumeController } from '#engine/controllers/persistentvolume/controller'
import { podGcController } from '#engine/controllers/podgc/controller'
import { pvcProtectionController } from '#engine/controllers/pvprotection/controller'
import { pvProtectionController } from '#engine/controllers/pvprotection/controller'
import { replicaSetController } from '#engine/controllers/replicaset/controller'
import { replicationControllerController } from '#engine/controllers/replicationcontroller/controller'
import { rootCaController } from '#engine/controllers/rootca/controller'
import { serviceAccountController } from '#engine/controllers/serviceaccount/controller'
import { statefulSetController } from '#engine/controllers/statefulset/controller'
import { taintEvictionController } from '#engine/controllers/tainteviction/controller'
import { tokenCleanerController } from '#engine/controllers/tokencleaner/controller'
import { ttlController } from '#engine/controllers/ttl/controller'
import { ttlAfterFinishedController } from '#engine/controllers/ttlafterfinished/controller'
import { volumeExpandController } from '#engine/controllers/volumeexpand/controller'

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
  namespaceController,
  nodeIpamController,
  nodeLifecycleController,
  persistentVolumeController,
  podGcController,
  pvcProtectionController,
  pvProtectionController,
  replicaSetController,
  replicationControllerController,
  rootCaController,
  serviceAccountController,
  statefulSetController,
  taintEvictionController,
  tokenCleanerController,
  ttlController,
  ttlAfterFinishedController,
  volumeExpandController,
]
