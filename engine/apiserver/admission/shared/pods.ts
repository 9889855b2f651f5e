/** Questions several plugins ask. */
import type { AdmissionAttributes } from '#engine/apiserver/admission/plugin'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export function isPod(attributes: AdmissionAttributes, subresource = ''): boolean {
  return attributes.resource === 'pods' && attributes.group === '' && attributes.subresource === subresource
}

export function isMirror(pod: Free): boolean {
  return pod?.metadata?.annotations?.['kubernetes.io/config.mirror'] !== undefined
}

/** Init containers first, then the others, then ephemeral ones. */
export function allContainers(spec: Free): Free[] {
  return [...listOf(spec?.initContainers), ...listOf(spec?.containers), ...listOf(spec?.ephemeralContainers)]
}
