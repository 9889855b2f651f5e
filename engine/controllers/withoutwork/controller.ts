/** Controllers that have nothing to do in a cluster without a cloud provider, or whose subject is not simulated. */
import type { Controller } from '#engine/controllers/controller'

const nothing = (): void => undefined

export const nodeRouteController: Controller = { name: 'node-route-controller', aliases: ['route'], account: '', start: nothing }
export const serviceLbController: Controller = { name: 'service-lb-controller', aliases: ['service'], account: '', start: nothing }
export const cloudNodeLifecycleController: Controller = { name: 'cloud-node-lifecycle-controller', aliases: ['cloud-node-lifecycle'], account: '', start: nothing }
export const deviceTaintEvictionController: Controller = { name: 'device-taint-eviction-controller', disabledByDefault: true, start: nothing }
export const selinuxWarningController: Controller = { name: 'selinux-warning-controller', disabledByDefault: true, start: nothing }
export const storageVersionGcController: Controller = { name: 'storageversion-garbage-collector-controller', aliases: ['storage-version-gc'], disabledByDefault: true, start: nothing }
export const storageVersionMigratorController: Controller = { name: 'storage-version-migrator-controller', disabledByDefault: true, start: nothing }
export const servingTrustBundleController: Controller = { name: 'kube-apiserver-serving-clustertrustbundle-publisher-controller', disabledByDefault: true, start: nothing }
export const podCertificateCleanerController: Controller = { name: 'podcertificaterequest-cleaner-controller', disabledByDefault: true, start: nothing }
