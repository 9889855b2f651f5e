/** The add-ons of a fresh cluster, CoreDNS and kube-proxy, as the API objects kubeadm applies. */
import type { KubeObject } from '#engine/api/object'
import { parseYamlStream } from '#engine/base/yaml/parser'
import { firstAddress } from './certificates'
import type { ClusterConfiguration } from './configuration'
import { corednsTag } from './manifests'
import { corednsTemplate, kubeProxyConfigTemplate, kubeProxyTemplate } from './addons.table'

export function corednsObjects(cluster: ClusterConfiguration): KubeObject[] {
  const image = `${cluster.dns.imageRepository ?? `${cluster.imageRepository}/coredns`}/coredns:${cluster.dns.imageTag ?? corednsTag}`
  return objects(corednsTemplate, { IMAGE: image, DOMAIN: cluster.networking.dnsDomain, CLUSTER_IP: firstAddress(cluster.networking.serviceSubnet, 10) })
}

export function kubeProxyObjects(cluster: ClusterConfiguration, server: string, proxy: Record<string, unknown> | undefined): KubeObject[] {
  const mode = typeof proxy?.['mode'] === 'string' ? proxy['mode'] : ''
  const config = fill(kubeProxyConfigTemplate, { CLUSTER_CIDR: JSON.stringify(cluster.networking.podSubnet ?? '').replace(/^"(.+)"$/, '$1'), MODE: mode === '' ? '""' : mode })
  const list = objects(kubeProxyTemplate, { IMAGE: `${cluster.imageRepository}/kube-proxy:${cluster.kubernetesVersion}`, SERVER: server })
  for (const object of list) if (object.kind === 'ConfigMap') (object['data'] as Record<string, string>)['config.conf'] = config
  return list
}

function objects(template: string, values: Readonly<Record<string, string>>): KubeObject[] {
  return parseYamlStream(fill(template, values)).filter((document) => document !== null) as KubeObject[]
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? '')
}
