/** Namespaces, priority classes, flow control, the service network and the `kubernetes` service of a fresh cluster. */
import type { BootstrapHook } from '#engine/apiserver/bootstrap'
import { timestamp } from '#engine/apiserver/registry/core/prepare'
import type { ServerServices } from '#engine/apiserver/services'
import { ensure } from './ensure'
import { flowSchemas, priorityLevels } from './flowcontrol.generated'

const ownNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'default']

async function ensureNamespaces(services: ServerServices): Promise<void> {
  for (const name of ownNamespaces) await ensure(services, 'namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
}

export const systemNamespaces: BootstrapHook = {
  name: 'start-system-namespaces-controller',
  run: ensureNamespaces,
  upkeep: { everyMs: 60_000, resources: ['namespaces'], concerns: ({ metadata }, gone) => gone && ownNamespaces.includes(metadata.name ?? ''), restore: ensureNamespaces },
}

const systemPriorities = [
  { name: 'system-node-critical', value: 2000001000, description: 'Used for system critical pods that must not be moved from their current node.' },
  { name: 'system-cluster-critical', value: 2000000000, description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.' },
]

export const systemPriorityClasses: BootstrapHook = {
  name: 'scheduling/bootstrap-system-priority-classes',
  async run(services) {
    for (const { name, value, description } of systemPriorities) await ensure(services, 'priorityclasses.scheduling.k8s.io', { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description })
  },
}

const flowGroup = 'flowcontrol.apiserver.k8s.io'

async function ensureFlowControl(services: ServerServices): Promise<void> {
  const metadata = (name: string): { name: string; annotations: Record<string, string> } => ({ name, annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } })
  for (const { name, spec } of priorityLevels) await ensure(services, `prioritylevelconfigurations.${flowGroup}`, { apiVersion: `${flowGroup}/v1`, kind: 'PriorityLevelConfiguration', metadata: metadata(name), spec })
  for (const { name, spec } of flowSchemas) {
    const made = await ensure(services, `flowschemas.${flowGroup}`, { apiVersion: `${flowGroup}/v1`, kind: 'FlowSchema', metadata: metadata(name), spec })
    if (made) await reportFlowSchema(services, name, spec.priorityLevelConfiguration.name)
  }
}

const ownFlows = new Set([...priorityLevels, ...flowSchemas].map(({ name }) => name))

export const flowControl: BootstrapHook = {
  name: 'priority-and-fairness-config-producer',
  run: ensureFlowControl,
  upkeep: {
    everyMs: 60_000, resources: [`prioritylevelconfigurations.${flowGroup}`, `flowschemas.${flowGroup}`],
    concerns: ({ metadata }, gone) => gone && ownFlows.has(metadata.name ?? ''), restore: ensureFlowControl,
  },
}

async function reportFlowSchema(services: ServerServices, name: string, level: string): Promise<void> {
  const message = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} and it exists`
  const condition = { type: 'Dangling', status: 'False', lastTransitionTime: timestamp(services.clock.now()), reason: 'Found', message }
  await services.client.patch(`flowschemas.${flowGroup}`, '', name, { status: { conditions: [condition] } }, 'application/merge-patch+json', 'status')
}

export const serviceNetwork: BootstrapHook = {
  name: 'start-kubernetes-service-cidr-controller',
  async run(services) {
    const resource = 'servicecidrs.networking.k8s.io'
    const cidrs = services.settings.serviceClusterIpRange.split(',')
    const made = await ensure(services, resource, { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'kubernetes' }, spec: { cidrs } })
    if (!made) return
    const condition = { type: 'Ready', status: 'True', lastTransitionTime: timestamp(services.clock.now()), reason: '', message: 'Kubernetes Service CIDR is ready' }
    await services.client.patch(resource, '', 'kubernetes', { status: { conditions: [condition] } }, 'application/merge-patch+json', 'status')
  },
}

export const legacyTokenTracking: BootstrapHook = {
  name: 'start-legacy-token-tracking-controller',
  async run(services) {
    const data = { since: new Date(services.clock.now()).toISOString().slice(0, 10) }
    await ensure(services, 'configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' }, data })
  },
}
