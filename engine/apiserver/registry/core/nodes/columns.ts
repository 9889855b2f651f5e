import type { KubeObject } from '#engine/api/object'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import type { Column } from '#engine/apiserver/registry/resource'

const info = 'io.k8s.api.core.v1.NodeSystemInfo'
const addresses = 'io.k8s.api.core.v1.NodeStatus#addresses'

export const nodeColumns: readonly Column[] = [
  nameColumn,
  column('Status', statusCell, { says: 'The status of the node' }),
  column('Roles', rolesCell, { says: 'The roles of the node' }),
  ageColumn,
  column('Version', (node) => (node.status?.nodeInfo?.kubeletVersion ?? '') as string, { docOf: `${info}#kubeletVersion` }),
  column('Internal-IP', (node) => address(node, 'InternalIP'), { wide: true, docOf: addresses }),
  column('External-IP', (node) => address(node, 'ExternalIP'), { wide: true, docOf: addresses }),
  column('OS-Image', (node) => node.status?.nodeInfo?.osImage || '<unknown>', { wide: true, docOf: `${info}#osImage` }),
  column('Kernel-Version', (node) => node.status?.nodeInfo?.kernelVersion || '<unknown>', { wide: true, docOf: `${info}#kernelVersion` }),
  column('Container-Runtime', (node) => node.status?.nodeInfo?.containerRuntimeVersion || '<unknown>', { wide: true, docOf: `${info}#containerRuntimeVersion` }),
]

function statusCell(node: KubeObject): string {
  const conditions = (node.status?.conditions ?? []) as { type: string; status: string }[]
  const ready = conditions.filter((item) => item.type === 'Ready').at(-1)
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown']
  if (node.spec?.unschedulable) words.push('SchedulingDisabled')
  return words.join(',')
}

function rolesCell(node: KubeObject): string {
  const roles = new Set<string>()
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith('node-role.kubernetes.io/') && key.length > 24) roles.add(key.slice(24))
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value)
  }
  return roles.size === 0 ? '<none>' : [...roles].sort().join(',')
}

function address(node: KubeObject, type: string): string {
  const list = (node.status?.addresses ?? []) as { type: string; address: string }[]
  return list.find((item) => item.type === type)?.address ?? '<none>'
}
