/** Rules for the objects that templates make. */
import { type Check, dns1035Label, dnsLabel, dnsSubdomain, pathSegment } from '#engine/api/validation/names'
import { compareVersions, parseVersion } from '#engine/programs/helm/chart/versions'
import type { Findings } from './messages'

interface ObjectHead {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
}

const nameRules: Readonly<Record<string, Check>> = {
  service: dns1035Label, namespace: dnsLabel, role: pathSegment, clusterrole: pathSegment, rolebinding: pathSegment, clusterrolebinding: pathSegment, certificatesigningrequest: () => [],
}

/** Kinds that went: since when they were deprecated, since when they are not served, and what took their place. */
const gone: readonly (readonly [kind: string, deprecated: string, removed: string, instead: string])[] = [
  ['extensions/v1beta1 Ingress', '1.14', '1.22', 'networking.k8s.io/v1 Ingress'], ['networking.k8s.io/v1beta1 Ingress', '1.19', '1.22', 'networking.k8s.io/v1 Ingress'],
  ['extensions/v1beta1 Deployment', '1.8', '1.16', 'apps/v1 Deployment'], ['extensions/v1beta1 DaemonSet', '1.8', '1.16', 'apps/v1 DaemonSet'], ['extensions/v1beta1 ReplicaSet', '1.8', '1.16', 'apps/v1 ReplicaSet'],
  ['extensions/v1beta1 NetworkPolicy', '1.9', '1.16', 'networking.k8s.io/v1 NetworkPolicy'], ['apps/v1beta1 Deployment', '1.8', '1.16', 'apps/v1 Deployment'], ['apps/v1beta2 Deployment', '1.9', '1.16', 'apps/v1 Deployment'],
  ['apps/v1beta1 StatefulSet', '1.8', '1.16', 'apps/v1 StatefulSet'], ['apps/v1beta2 StatefulSet', '1.9', '1.16', 'apps/v1 StatefulSet'], ['apps/v1beta2 DaemonSet', '1.9', '1.16', 'apps/v1 DaemonSet'],
  ['apps/v1beta2 ReplicaSet', '1.9', '1.16', 'apps/v1 ReplicaSet'], ['policy/v1beta1 PodDisruptionBudget', '1.21', '1.25', 'policy/v1 PodDisruptionBudget'], ['batch/v1beta1 CronJob', '1.21', '1.25', 'batch/v1 CronJob'],
  ['autoscaling/v2beta1 HorizontalPodAutoscaler', '1.22', '1.25', 'autoscaling/v2 HorizontalPodAutoscaler'], ['autoscaling/v2beta2 HorizontalPodAutoscaler', '1.23', '1.26', 'autoscaling/v2 HorizontalPodAutoscaler'],
  ['rbac.authorization.k8s.io/v1beta1 Role', '1.17', '1.22', 'rbac.authorization.k8s.io/v1 Role'], ['rbac.authorization.k8s.io/v1beta1 ClusterRole', '1.17', '1.22', 'rbac.authorization.k8s.io/v1 ClusterRole'],
]

const selecting = new Set(['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'])

export function lintObject(path: string, value: Record<string, unknown>, kubeVersion: string, findings: Findings): void {
  const meta = (value['metadata'] ?? {}) as Record<string, unknown>
  const text = (item: unknown): string => (typeof item === 'string' ? item : '')
  const head: ObjectHead = { apiVersion: text(value['apiVersion']), kind: text(value['kind']), name: text(meta['name']) }
  findings.rule('WARNING', path, nameProblem(head))
  findings.rule('WARNING', path, deprecation(head, kubeVersion))
  findings.rule('ERROR', path, selectorProblem(head, value))
  findings.rule('ERROR', path, listProblem(head, value))
}

function nameProblem({ kind, name }: ObjectHead): string | undefined {
  const problems = (nameRules[kind.toLowerCase()] ?? dnsSubdomain)(name)
  if (problems.length === 0) return undefined
  const words = problems.map((problem) => `metadata.name: Invalid value: ${JSON.stringify(name)}: ${problem}`)
  return `object name does not conform to Kubernetes naming requirements: ${JSON.stringify(name)}: ${words.length === 1 ? words[0] as string : `[${words.join(', ')}]`}`
}

function deprecation({ apiVersion, kind }: ObjectHead, kubeVersion: string): string | undefined {
  const found = gone.find(([name]) => name === `${apiVersion} ${kind}`)
  const version = parseVersion(kubeVersion)
  const since = found && parseVersion(found[1])
  if (!found || !version || !since || compareVersions(version, since) < 0) return undefined
  return `${found[0]} is deprecated in v${found[1]}+, unavailable in v${found[2]}+; use ${found[3]}`
}

function selectorProblem({ kind, name }: ObjectHead, value: Record<string, unknown>): string | undefined {
  if (!selecting.has(kind)) return undefined
  const text = JSON.stringify(value)
  return text.includes('matchLabels') || text.includes('matchExpressions') ? undefined : `a ${kind} must contain matchLabels or matchExpressions, and ${JSON.stringify(name)} does not`
}

function listProblem({ kind }: ObjectHead, value: Record<string, unknown>): string | undefined {
  if (kind !== 'List' || !Array.isArray(value['items'])) return undefined
  const kept = (value['items'] as { metadata?: { annotations?: Record<string, string> } }[]).some((item) => item.metadata?.annotations?.['helm.sh/resource-policy'] !== undefined)
  return kept ? "Annotation 'helm.sh/resource-policy' within List objects are ignored" : undefined
}
