/** CustomResourceDefinition as it stands in the API. */
import type { KubeObject } from '#engine/api/object'
import type { JsonSchema } from './schema'

export interface CrdNames {
  plural: string
  singular?: string
  kind: string
  listKind?: string
  shortNames?: string[]
  categories?: string[]
}

export interface CrdVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly deprecated?: boolean
  readonly deprecationWarning?: string
  readonly schema?: { readonly openAPIV3Schema?: JsonSchema }
  readonly subresources?: { readonly status?: object; readonly scale?: { readonly specReplicasPath: string; readonly statusReplicasPath: string; readonly labelSelectorPath?: string } }
  readonly additionalPrinterColumns?: readonly { readonly name: string; readonly type: string; readonly format?: string; readonly description?: string; readonly priority?: number; readonly jsonPath: string }[]
  readonly selectableFields?: readonly { readonly jsonPath: string }[]
}

export interface CrdSpec {
  readonly group: string
  readonly scope: 'Namespaced' | 'Cluster'
  readonly names: CrdNames
  readonly versions: readonly CrdVersion[]
  readonly conversion?: { readonly strategy: string; readonly webhook?: { readonly clientConfig?: WebhookClient; readonly conversionReviewVersions?: readonly string[] } }
  readonly preserveUnknownFields?: boolean
}

export interface WebhookClient {
  readonly url?: string
  readonly caBundle?: string
  readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number }
}

export interface CrdCondition {
  type: string
  status: string
  lastTransitionTime?: string
  reason?: string
  message?: string
  observedGeneration?: number
}

export interface CrdStatus {
  conditions?: CrdCondition[]
  acceptedNames?: CrdNames
  storedVersions?: string[]
}

export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

export function crdSpec(crd: KubeObject): CrdSpec {
  const spec = (crd['spec'] ?? {}) as Partial<CrdSpec>
  return (spec.versions ? spec : { ...spec, versions: [] }) as CrdSpec
}

export function crdStatus(crd: KubeObject): CrdStatus {
  return (crd['status'] ?? {}) as CrdStatus
}

export function hasCondition(crd: KubeObject, type: string): boolean {
  return crdStatus(crd).conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false
}

/** Sets a condition in a private copy; the time changes with the status. */
export function setCondition(crd: KubeObject, condition: CrdCondition, now: string): void {
  const status = (crd['status'] ??= {}) as CrdStatus
  const conditions = (status.conditions ??= [])
  const at = conditions.findIndex((item) => item.type === condition.type)
  const previous = conditions[at]
  const made = { ...condition, lastTransitionTime: previous && previous.status === condition.status ? (previous.lastTransitionTime ?? now) : now }
  if (at >= 0) conditions[at] = made
  else conditions.push(made)
}

/** Go's order of API versions: stable before beta before alpha, higher before lower. */
export function compareVersions(a: string, b: string): number {
  const left = rank(a)
  const right = rank(b)
  for (let i = 0; i < 4; i++) if (left[i] !== right[i]) return (right[i] as number) - (left[i] as number)
  return a < b ? -1 : a > b ? 1 : 0
}

function rank(version: string): number[] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (!match) return [0, 0, 0, 0]
  return [1, match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1, Number(match[1]), Number(match[3] ?? 0)]
}
