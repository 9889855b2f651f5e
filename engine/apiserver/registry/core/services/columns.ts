import type { KubeObject } from '#engine/api/object'
import { ageColumn, column, formatLabels, loadBalancerText, nameColumn } from '#engine/apiserver/registry/cells'
import type { Column } from '#engine/apiserver/registry/resource'

const spec = 'io.k8s.api.core.v1.ServiceSpec'

export const serviceColumns: readonly Column[] = [
  nameColumn,
  column('Type', (service) => (service.spec?.type ?? '') as string, { docOf: `${spec}#type` }),
  column('Cluster-IP', (service) => (service.spec?.clusterIPs?.[0] ?? '<none>') as string, { docOf: `${spec}#clusterIP` }),
  column('External-IP', externalIpCell, { docOf: `${spec}#externalIPs` }),
  column('Port(s)', portsCell, { docOf: `${spec}#ports` }),
  ageColumn,
  column('Selector', (service) => formatLabels(service.spec?.selector as Record<string, string> | undefined), { wide: true, docOf: `${spec}#selector` }),
]

function externalIpCell(service: KubeObject): string {
  const external = ((service.spec?.externalIPs ?? []) as string[]).join(',')
  switch (service.spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return external === '' ? '<none>' : external
    case 'LoadBalancer': {
      const all = [loadBalancerText(service.status?.loadBalancer?.ingress as { ip?: string }[] | undefined), external].filter((item) => item !== '')
      return all.length === 0 ? '<pending>' : all.join(',')
    }
    case 'ExternalName':
      return (service.spec.externalName ?? '') as string
    default:
      return '<unknown>'
  }
}

function portsCell(service: KubeObject): string {
  const ports = (service.spec?.ports ?? []) as { port: number; nodePort?: number; protocol?: string }[]
  const parts = ports.map((item) => (item.nodePort ? `${item.port}:${item.nodePort}/${item.protocol ?? ''}` : `${item.port}/${item.protocol ?? ''}`))
  return parts.length === 0 ? '<none>' : parts.join(',')
}
