/** Defaults of dynamic resource allocation. */
import type { KubeObject } from '#engine/api/object'
import { fallbackText, listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export function defaultResourceClaim(object: KubeObject): void {
  defaultClaimSpec(object.spec)
}

export function defaultResourceClaimTemplate(object: KubeObject): void {
  defaultClaimSpec(object.spec?.spec)
}

function defaultClaimSpec(spec: Free): void {
  for (const request of listOf(spec?.devices?.requests)) {
    if (request.exactly) defaultRequest(request.exactly)
    for (const alternative of listOf(request.firstAvailable)) defaultRequest(alternative)
  }
}

function defaultRequest(request: Free): void {
  fallbackText(request, 'allocationMode', 'ExactCount')
  if (request.allocationMode === 'ExactCount' && !request.count) request.count = 1
  for (const toleration of listOf(request.tolerations)) fallbackText(toleration, 'operator', 'Equal')
}
