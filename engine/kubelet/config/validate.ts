/** The checks of a configuration that its reader can trip over, in the order and the words of the kubelet. */
import { parseGoDuration } from './duration'

type Document = Readonly<Record<string, unknown>>

export function validateConfig(document: Document): string[] {
  return [...ports(document), ...percentages(document), ...numbers(document), ...lists(document), ...shutdown(document)].map((text) => `invalid configuration: ${text}`)
}

function number(document: Document, key: string): number {
  return Number(document[key] ?? 0)
}

function ports(document: Document): string[] {
  const out: string[] = []
  const healthz = number(document, 'healthzPort')
  if (healthz !== 0 && (healthz < 1 || healthz > 65_535)) out.push(`healthzPort (--healthz-port) ${healthz} must be between 1 and 65535, inclusive`)
  return out
}

function percentages(document: Document): string[] {
  const out: string[] = []
  const high = number(document, 'imageGCHighThresholdPercent')
  const low = number(document, 'imageGCLowThresholdPercent')
  const period = number(document, 'cpuCFSQuotaPeriod')
  void period
  if (high < 0 || high > 100) out.push(`imageGCHighThresholdPercent (--image-gc-high-threshold) ${high} must be between 0 and 100, inclusive`)
  if (low < 0 || low > 100) out.push(`imageGCLowThresholdPercent (--image-gc-low-threshold) ${low} must be between 0 and 100, inclusive`)
  if (low >= high) out.push(`imageGCLowThresholdPercent (--image-gc-low-threshold) ${low} must be less than imageGCHighThresholdPercent (--image-gc-high-threshold) ${high}`)
  return out
}

function numbers(document: Document): string[] {
  const out: string[] = []
  const maxPods = number(document, 'maxPods')
  const oom = number(document, 'oomScoreAdj')
  const port = number(document, 'port')
  const readOnly = number(document, 'readOnlyPort')
  const lease = number(document, 'nodeLeaseDurationSeconds')
  if (lease <= 0) out.push(`nodeLeaseDurationSeconds must be greater than 0`)
  if (maxPods < 0) out.push(`maxPods (--max-pods) ${maxPods} must not be a negative number`)
  if (oom < -1000 || oom > 1000) out.push(`oomScoreAdj (--oom-score-adj) ${oom} must be between -1000 and 1000, inclusive`)
  if (port < 1 || port > 65_535) out.push(`port (--port) ${port} must be between 1 and 65535, inclusive`)
  if (readOnly < 0 || readOnly > 65_535) out.push(`readOnlyPort (--read-only-port) ${readOnly} must be between 0 and 65535, inclusive`)
  if (document['serverTLSBootstrap'] === true && number(document, 'port') === 0) out.push('serverTLSBootstrap requires port')
  return out
}

const enforceable = new Set(['none', 'pods', 'system-reserved', 'system-reserved-compressible', 'kube-reserved', 'kube-reserved-compressible'])

function lists(document: Document): string[] {
  const out: string[] = []
  for (const name of (document['enforceNodeAllocatable'] as string[] | undefined) ?? []) if (!enforceable.has(name)) out.push(`option ${JSON.stringify(name)} specified for enforceNodeAllocatable (--enforce-node-allocatable). Valid options are "pods", "system-reserved", "system-reserved-compressible", "kube-reserved", "kube-reserved-compressible" or "none"`)
  out.push(...reservedGroups(document))
  const hairpin = document['hairpinMode']
  if (!['none', 'hairpin-veth', 'promiscuous-bridge'].includes(String(hairpin))) out.push(`unknown hairpinMode (--hairpin-mode) ${JSON.stringify(hairpin)}`)
  const strategy = String(document['configMapAndSecretChangeDetectionStrategy'])
  if (!['Get', 'Cache', 'Watch'].includes(strategy)) out.push(`unknown configMapAndSecretChangeDetectionStrategy ${JSON.stringify(strategy)}`)
  return out
}

/** What is enforced on a control group needs to know which. */
function reservedGroups(document: Document): string[] {
  const enforced = (document['enforceNodeAllocatable'] as string[] | undefined) ?? []
  const of = (kind: 'system' | 'kube'): string[] => enforced.filter((name) => name.startsWith(`${kind}-reserved`) && !document[`${kind}ReservedCgroup`])
    .map((name) => `${kind}ReservedCgroup (--${kind}-reserved-cgroup) must be specified when ${JSON.stringify(name)} included in enforceNodeAllocatable (--enforce-node-allocatable)`)
  const none = enforced.includes('none') && enforced.length > 1 ? [`enforceNodeAllocatable (--enforce-node-allocatable) may not contain additional enforcements when "none" is specified`] : []
  return [...of('system'), ...of('kube'), ...none]
}

function shutdown(document: Document): string[] {
  const total = parseGoDuration(String(document['shutdownGracePeriod'])) ?? 0
  const critical = parseGoDuration(String(document['shutdownGracePeriodCriticalPods'])) ?? 0
  if (critical > total) return [`shutdownGracePeriodCriticalPods ${String(document['shutdownGracePeriodCriticalPods'])} must be <= shutdownGracePeriod ${String(document['shutdownGracePeriod'])}`]
  return []
}
