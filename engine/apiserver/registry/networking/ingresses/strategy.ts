import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { ageColumn, column, loadBalancerText, nameColumn } from '#engine/apiserver/registry/cells'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { ingressWarnings, validateIngress, validateNewIngress } from './validation'
import { withMeta, withMetaUpdate } from '#engine/apiserver/registry/metadata'
import { validateIngressStatus } from '#engine/apiserver/registry/load-balancer'

export const ingresses = defineResource({
  ...identity('networking.k8s.io/v1/ingresses'),
  ownsMetaValidation: true,
  validate: withMeta('dns-subdomain', true, validateNewIngress),
  validateUpdate: withMetaUpdate('dns-subdomain', true, (next) => validateIngress(next)),
  warnings: (object, previous) => ingressWarnings(object, previous),
  ...separateStatus,
  storagePrefix: 'ingress',
  columns: [
    nameColumn,
    column('Class', (object) => (object.spec?.ingressClassName ?? '<none>') as string, { says: 'The name of the IngressClass resource that should be used for additional configuration' }),
    column('Hosts', hostsCell, { says: 'Hosts that incoming requests are matched against before the ingress rule' }),
    column('Address', (object) => loadBalancerText(object.status?.loadBalancer?.ingress as { ip?: string }[] | undefined), { says: 'Address is a list containing ingress points for the load-balancer' }),
    column('Ports', (object) => (((object.spec?.tls ?? []) as unknown[]).length > 0 ? '80, 443' : '80'), { says: 'Ports of TLS configurations that open' }),
    ageColumn,
  ],
  subresources: { status: statusView({ validateUpdate: validateIngressStatus }) },
})

function hostsCell(object: KubeObject): string {
  const rules = (object.spec?.rules ?? []) as { host?: string }[]
  const list: string[] = []
  let more = false
  for (const rule of rules) {
    if (list.length === 3) more = true
    if (!more && rule.host) list.push(rule.host)
  }
  if (list.length === 0) return '*'
  return more ? `${list.join(',')} + ${rules.length - 3} more...` : list.join(',')
}
