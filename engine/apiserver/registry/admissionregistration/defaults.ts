/** Defaults of webhook configurations and admission policies. */
import type { KubeObject } from '#engine/api/object'
import { fallback, fallbackText, listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

export function defaultWebhooks(object: KubeObject): void {
  const mutating = object.kind === 'MutatingWebhookConfiguration'
  for (const hook of listOf(object.webhooks)) {
    fallbackText(hook, 'failurePolicy', 'Fail')
    fallbackText(hook, 'matchPolicy', 'Equivalent')
    fallback(hook, 'namespaceSelector', {})
    fallback(hook, 'objectSelector', {})
    fallback(hook, 'timeoutSeconds', 10)
    if (mutating) fallbackText(hook, 'reinvocationPolicy', 'Never')
    if (hook.clientConfig?.service) fallback(hook.clientConfig.service, 'port', 443)
    for (const rule of listOf(hook.rules)) fallbackText(rule, 'scope', '*')
  }
}

export function defaultPolicy(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  fallbackText(spec, 'failurePolicy', 'Fail')
  if (spec.matchConstraints) defaultMatch(spec.matchConstraints)
}

export function defaultMutatingPolicy(object: KubeObject): void {
  defaultPolicy(object)
  fallbackText(object.spec as Free, 'reinvocationPolicy', 'Never')
}

export function defaultPolicyBinding(object: KubeObject): void {
  const spec = (object.spec ??= {}) as Free
  if (spec.matchResources) defaultMatch(spec.matchResources)
}

function defaultMatch(match: Free): void {
  fallbackText(match, 'matchPolicy', 'Equivalent')
  fallback(match, 'namespaceSelector', {})
  fallback(match, 'objectSelector', {})
  for (const rule of [...listOf(match.resourceRules), ...listOf(match.excludeResourceRules)]) fallbackText(rule, 'scope', '*')
}
