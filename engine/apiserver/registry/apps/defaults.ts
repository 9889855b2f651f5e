/** Defaults of the apps group. */
import type { KubeObject } from '#engine/api/object'
import { fallback, fallbackText, listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { defaultPodTemplate } from '#engine/apiserver/registry/core/pods/defaults'

export function defaultDeployment(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  fallback(spec, 'replicas', 1)
  const strategy = (spec.strategy ??= {})
  fallbackText(strategy, 'type', 'RollingUpdate')
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {})
    fallback(rolling, 'maxUnavailable', '25%')
    fallback(rolling, 'maxSurge', '25%')
  }
  fallback(spec, 'revisionHistoryLimit', 10)
  fallback(spec, 'progressDeadlineSeconds', 600)
  defaultPodTemplate((spec.template ??= {}))
}

export function defaultReplicaSet(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  fallback(spec, 'replicas', 1)
  defaultPodTemplate((spec.template ??= {}))
}

export function defaultDaemonSet(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  const strategy = (spec.updateStrategy ??= {})
  fallbackText(strategy, 'type', 'RollingUpdate')
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {})
    fallback(rolling, 'maxUnavailable', 1)
    fallback(rolling, 'maxSurge', 0)
  }
  fallback(spec, 'revisionHistoryLimit', 10)
  defaultPodTemplate((spec.template ??= {}))
}

export function defaultStatefulSet(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  fallbackText(spec, 'podManagementPolicy', 'OrderedReady')
  const strategy = (spec.updateStrategy ??= {})
  if (!strategy.type) {
    strategy.type = 'RollingUpdate'
    strategy.rollingUpdate ??= {}
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) fallback(strategy.rollingUpdate, 'partition', 0)
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {})
  fallbackText(retention, 'whenDeleted', 'Retain')
  fallbackText(retention, 'whenScaled', 'Retain')
  fallback(spec, 'replicas', 1)
  fallback(spec, 'revisionHistoryLimit', 10)
  for (const claim of listOf(spec.volumeClaimTemplates)) defaultClaimTemplate(claim)
  defaultPodTemplate((spec.template ??= {}))
}

function defaultClaimTemplate(claim: Free): void {
  fallbackText(claim, 'apiVersion', 'v1')
  fallbackText(claim, 'kind', 'PersistentVolumeClaim')
  fallback((claim.spec ??= {}), 'volumeMode', 'Filesystem')
  fallbackText((claim.status ??= {}), 'phase', 'Pending')
}
