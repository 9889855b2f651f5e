/** The labels and taints that make a node a control plane. */
import { nodes } from '#engine/client/resources'
import type { Session } from './session'

interface Taint {
  readonly key: string
  readonly effect: string
  readonly value?: string
}

export async function markControlPlane(session: Session, name: string, given: readonly unknown[] | null, kubeconfig: string): Promise<void> {
  const labels = { 'node-role.kubernetes.io/control-plane': '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
  const taints = (given ?? [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]) as readonly Taint[]
  await session.say(`[mark-control-plane] Marking the node ${name} as control-plane by adding the labels: [${Object.keys(labels).join(' ')}]`)
  const shown = taints.map((taint) => `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`)
  if (shown.length > 0) await session.say(`[mark-control-plane] Marking the node ${name} as control-plane by adding the taints [${shown.join(' ')}]`)
  const api = session.client(kubeconfig).of(nodes)
  await session.waitFor(60_000, 500, async () => (await api.list()).items.some((node) => node.metadata.name === name))
  const current = await api.get('', name)
  const others = ((current.spec?.taints ?? []) as Taint[]).filter((taint) => !taints.some((wanted) => wanted.key === taint.key && wanted.effect === taint.effect))
  await api.patch('', name, 'merge', { metadata: { labels, annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': null } }, spec: { taints: [...others, ...taints] } })
}
