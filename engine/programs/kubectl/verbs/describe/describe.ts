import { bool } from '#engine/programs/common/cobra/flags'
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { query } from '#engine/client/client'
import { allNamespacesFlag, chunkSizeFlag, filenameFlags, selectorFlag } from '#engine/programs/kubectl/flagsets'
import { build } from '#engine/programs/kubectl/resources/builder'
import type { Info } from '#engine/programs/kubectl/resources/info'
import type { Mapping } from '#engine/programs/common/kube/discovery'
import { CliError, Collected } from '#engine/programs/kubectl/session/errors'
import { resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { requestTimeoutOf } from '#engine/programs/kubectl/session/timeout'
import { verb } from '../verb'
import { eventsFor } from './common'
import { configMap, limitRange, namespace, quota, role, roleBinding, secret, serviceAccount } from './config'
import { generic } from './generic'
import { endpoints, endpointSlice, ingress, ingressClass, ipAddress, networkPolicy, service, serviceCidr } from './network'
import { node } from './node'
import { autoscaler, certificateRequest, csiNode, persistentVolume, persistentVolumeClaim, podDisruptionBudget, priorityClass, storageClass, volumeAttributesClass } from './storage'
import type { Describer } from './table'
import { cronJob, daemonSet, deployment, job, pod, replicaSet, replicationController, statefulSet } from './workloads'
import { Writer } from './writer'
import { completeResources } from '../completion/resources'

/** One line a kind: `Kind` or `Kind.group`. */
const describers: Readonly<Record<string, Describer>> = {
  Pod: pod, ReplicationController: replicationController, Secret: secret, Service: service, ServiceAccount: serviceAccount, Node: node, LimitRange: limitRange, ResourceQuota: quota,
  PersistentVolume: persistentVolume, PersistentVolumeClaim: persistentVolumeClaim, Namespace: namespace, Endpoints: endpoints, ConfigMap: configMap,
  'PriorityClass.scheduling.k8s.io': priorityClass, 'EndpointSlice.discovery.k8s.io': endpointSlice, 'HorizontalPodAutoscaler.autoscaling': autoscaler,
  'Ingress.networking.k8s.io': ingress, 'IngressClass.networking.k8s.io': ingressClass, 'NetworkPolicy.networking.k8s.io': networkPolicy, 'ServiceCIDR.networking.k8s.io': serviceCidr, 'IPAddress.networking.k8s.io': ipAddress,
  'Job.batch': job, 'CronJob.batch': cronJob, 'StatefulSet.apps': statefulSet, 'Deployment.apps': deployment, 'DaemonSet.apps': daemonSet, 'ReplicaSet.apps': replicaSet,
  'CertificateSigningRequest.certificates.k8s.io': certificateRequest, 'StorageClass.storage.k8s.io': storageClass, 'CSINode.storage.k8s.io': csiNode, 'VolumeAttributesClass.storage.k8s.io': volumeAttributesClass,
  'PodDisruptionBudget.policy': podDisruptionBudget, 'Role.rbac.authorization.k8s.io': role, 'ClusterRole.rbac.authorization.k8s.io': role, 'RoleBinding.rbac.authorization.k8s.io': roleBinding, 'ClusterRoleBinding.rbac.authorization.k8s.io': roleBinding,
}

const withoutEvents = new Set<Describer>([secret, role, roleBinding, quota, limitRange, namespace, networkPolicy])

export const describe = verb({
  use: 'describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)',
  short: 'Show details of a specific resource or group of resources',
  long: 'Show details of a specific resource or group of resources.\n\n Print a detailed description of the selected resources, including related resources such as events or controllers. You may select a single object by name, all objects of that type, provide a name prefix, or label selector. For example:\n\n  $ kubectl describe TYPE NAME_PREFIX\n  \n will first check for an exact match on TYPE and NAME_PREFIX. If no such resource exists, it will output details for every resource that has a name prefixed with NAME_PREFIX.\n\nUse "kubectl api-resources" for a complete list of supported resources.',
  example: '# Describe a node\nkubectl describe nodes kubernetes-node-emt8.c.myproject.internal\n\n# Describe a pod\nkubectl describe pods/nginx\n\n# Describe all pods\nkubectl describe pods\n\n# Describe pods by label name=myLabel\nkubectl describe pods -l name=myLabel',
  group: 'Troubleshooting and Debugging Commands:',
  flags: [...filenameFlags('containing the resource to describe'), selectorFlag, allNamespacesFlag, chunkSizeFlag, bool('show-events', 'If true, display events related to the described object.', { default: true })],
  complete: completeResources,
  run: runDescribe,
})

async function runDescribe(session: Session): Promise<void> {
  const { flags, args } = session
  const files = flags.list('filename').length > 0 || flags.string('kustomize') !== ''
  session.connect()
  requestTimeoutOf(flags.string('request-timeout'))
  if (args.length === 0 && !files) throw new CliError('You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.')
  const built = await build(session, { args, filenames: flags.list('filename'), kustomize: flags.string('kustomize'), recursive: flags.bool('recursive'), selector: flags.string('selector'), allNamespaces: flags.bool('all-namespaces'), chunkSize: flags.number('chunk-size'), allowEmptySelector: true })
  const { infos, error } = await built.infos()
  if (error) {
    if (args.length === 2 && isReason(error, 'NotFound')) return await describePrefixed(session, args, error)
    if (infos.length === 0) throw asAggregate(error)
  }
  await describeAll(session, infos)
  if (infos.length === 0 && !error) await session.err(flags.bool('all-namespaces') ? 'No resources found\n' : `No resources found in ${session.namespace} namespace.\n`)
  if (error) throw asAggregate(error)
}

/** Errors met on the way are collected, so that none is told as the only one. */
function asAggregate(error: Error): Error {
  return error instanceof CliError ? new Collected([error]) : error
}

async function describeAll(session: Session, infos: readonly Info[]): Promise<void> {
  for (const [index, info] of infos.entries()) {
    const text = await describeObject(session, info.mapping, await described(session, info), info)
    await session.out(index === 0 ? text : `\n\n${text}`)
  }
}

/** Autoscalers are described as autoscaling/v2 has them, whichever version was asked for. */
async function described(session: Session, { mapping, object, namespace, name }: Info): Promise<KubeObject> {
  if (mapping.kind !== 'HorizontalPodAutoscaler' || mapping.group !== 'autoscaling' || mapping.version === 'v2') return object as KubeObject
  return await session.request<KubeObject>('GET', resourcePath({ ...mapping, version: 'v2' }, namespace, name))
}

async function describePrefixed(session: Session, args: readonly string[], original: Error): Promise<void> {
  if (args[0]?.includes(',')) throw new CliError('you may only specify a single resource type')
  const mapping = await session.mappingFor(args[0] as string)
  const list = await session.request<{ items?: KubeObject[] }>('GET', resourcePath(mapping, session.namespace) + query({ limit: 500 }))
  const found = (list.items ?? []).filter((item) => (item.metadata.name ?? '').startsWith(args[1] as string))
  if (found.length === 0) throw original
  for (const item of found) {
    const object = { ...item, apiVersion: mapping.group === '' ? mapping.version : `${mapping.group}/${mapping.version}`, kind: mapping.kind }
    await session.out(`${await describeObject(session, mapping, object, { name: item.metadata.name ?? '', namespace: item.metadata.namespace ?? '' })}\n`)
  }
}

export async function describeObject(session: Session, mapping: Mapping, object: KubeObject, info: Pick<Info, 'name' | 'namespace'>): Promise<string> {
  const key = mapping.group === '' ? mapping.kind : `${mapping.kind}.${mapping.group}`
  const describer = describers[key] ?? generic
  const events = withoutEvents.has(describer) ? undefined : await eventsFor(session, info, describer === pod ? '' : mapping.kind, object.metadata.annotations?.['kubernetes.io/config.mirror'] ?? object.metadata.uid ?? '')
  const w = new Writer()
  await describer(w, object, { session, events, nowMs: session.now() })
  return w.text()
}
