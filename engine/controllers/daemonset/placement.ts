/** Which nodes a daemon set's pods belong on, and how a pod is tied to its node. */
import { matchesNode } from '#engine/api/node-affinity'
import type { DaemonSet, Node, Pod, Toleration } from '#engine/api/kinds'
import { untolerated } from '#engine/api/tolerations'

export function daemonTolerations(hostNetwork: boolean): Toleration[] {
  const noSchedule = ['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable', ...(hostNetwork ? ['network-unavailable'] : [])]
  return [
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
    { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
    ...noSchedule.map((name) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists' as const, effect: 'NoSchedule' as const })),
  ]
}

export function withDaemonTolerations(pod: Pod): Toleration[] {
  const out = [...((pod.spec?.tolerations ?? []) as Toleration[])]
  for (const toleration of daemonTolerations(pod.spec?.hostNetwork === true)) {
    const at = out.findIndex((own) => own.key === toleration.key && own.effect === toleration.effect && (own.operator ?? 'Equal') === toleration.operator && own.value === toleration.value)
    if (at >= 0) out[at] = toleration
    else out.push(toleration)
  }
  return out
}

/** Required node affinity to one node by its name, in place of the template's own terms. */
export function boundTo(nodeName: string, affinity: NonNullable<Pod['spec']>['affinity']): NonNullable<Pod['spec']>['affinity'] {
  return {
    ...affinity,
    nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nodeName] }] }] } },
  }
}

/** The node a pod runs on or is meant for. */
export function targetNode(pod: Pod): string {
  if (pod.spec?.nodeName) return pod.spec.nodeName
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const names = terms.flatMap((term) => term.matchFields ?? []).filter((field) => field.key === 'metadata.name' && field.operator === 'In' && field.values?.length === 1)
  return names[0]?.values?.[0] ?? ''
}

/** Whether a pod should be started on the node, and whether one that is there may stay. */
export function fitsNode(set: DaemonSet, node: Node): { run: boolean; stay: boolean } {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: set.spec?.template?.spec ?? { containers: [] } } as Pod
  const wanted = pod.spec?.nodeName
  if ((wanted && wanted !== node.metadata.name) || !matchesNode(pod, node)) return { run: false, stay: false }
  const tolerant = { ...pod, spec: { ...pod.spec, tolerations: withDaemonTolerations(pod) } } as Pod
  if (!untolerated(tolerant, node.spec?.taints, ['NoExecute', 'NoSchedule'])) return { run: true, stay: true }
  return { run: false, stay: !untolerated(tolerant, node.spec?.taints, ['NoExecute']) }
}
