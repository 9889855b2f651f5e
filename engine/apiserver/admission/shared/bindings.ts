/** What admission policies of both sorts share: which requests a policy or binding means, and its parameters. */
import type { KubeObject } from '#engine/api/object'
import { parseGroupVersion } from '#engine/api/object'
import { selectorMatches } from '#engine/api/validation/selectors'
import type { AdmissionAttributes } from '#engine/apiserver/admission/plugin'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { ServerServices } from '#engine/apiserver/services'
import { namespaceMatches, objectMatches, ruleMatches } from './match'

export async function matchesResources(match: Free, attributes: AdmissionAttributes, services: ServerServices, rulesNeeded: boolean): Promise<boolean> {
  const namespaced = attributes.namespace !== '' && !(attributes.group === '' && attributes.resource === 'namespaces')
  if (listOf(match?.excludeResourceRules).some((rule) => ruleMatches(rule, attributes, namespaced))) return false
  const rules = listOf(match?.resourceRules)
  if ((rules.length > 0 || rulesNeeded) && !rules.some((rule) => ruleMatches(rule, attributes, namespaced))) return false
  return objectMatches(match?.objectSelector, attributes) && (await namespaceMatches(match?.namespaceSelector, attributes, services))
}

type Params = { readonly list: readonly (KubeObject | null)[] } | { readonly problem: string }

export async function paramsOf(policy: KubeObject, binding: KubeObject, attributes: AdmissionAttributes, services: ServerServices): Promise<Params> {
  const kind = policy.spec?.paramKind as { apiVersion: string; kind: string } | undefined
  const ref = binding.spec?.paramRef as Free
  if (!kind || !ref) return { list: [null] }
  const { group: paramGroup, version } = parseGroupVersion(kind.apiVersion)
  const definition = services.resources.ofKind(paramGroup, kind.kind, version)
  if (!definition) return { problem: `failed to find resource referenced by paramKind: '${kind.apiVersion}, Kind=${kind.kind}'` }
  const name = definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`
  const namespace = definition.scope === 'cluster' ? '' : ((ref.namespace ?? attributes.namespace) as string)
  if (definition.scope === 'namespaced' && namespace === '') return { problem: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' }
  const found = ref.name ? [await services.reader.get(name, namespace, ref.name as string)].filter((item): item is KubeObject => item !== undefined) : (await services.reader.list(name, namespace)).filter((item) => selectorMatches(ref.selector, item.metadata.labels ?? {}))
  if (found.length > 0) return { list: found }
  return ref.parameterNotFoundAction === 'Allow' ? { list: [] } : { problem: 'no params found for policy binding with `Deny` parameterNotFoundAction' }
}
