/** Whether an object of a release is ready, by its kind. */
import type { KubeObject } from '#engine/api/object'
import { findObject } from './write'
import type { ClusterObject } from './objects'
import type { HelmSession } from './session'

type Data = Record<string, unknown>
type Check = (object: Data, session: HelmSession) => boolean | Promise<boolean>

const part = (value: unknown, key: string): Data => ((value as Data | undefined)?.[key] ?? {}) as Data
const count = (value: Data, key: string, otherwise = 0): number => Number(value[key] ?? otherwise)

function hasCondition(status: Data, type: string): boolean {
  return ((status['conditions'] ?? []) as { type: string; status: string }[]).some((condition) => condition.type === type && condition.status === 'True')
}

function isObserved(object: Data): boolean {
  return count(part(object, 'status'), 'observedGeneration') >= count(part(object, 'metadata'), 'generation')
}

/** `25%` or a number, of so many; `up` rounds. */
function share(value: unknown, of: number, up: boolean): number {
  if (typeof value !== 'string') return Number(value ?? 0)
  const exact = (Number.parseInt(value, 10) * of) / 100
  return up ? Math.ceil(exact) : Math.floor(exact)
}

function deploymentReady(object: Data): boolean {
  const spec = part(object, 'spec')
  const status = part(object, 'status')
  if (spec['paused'] === true) return true
  const wanted = count(spec, 'replicas', 1)
  const strategy = part(spec, 'strategy')
  const rolling = part(strategy, 'rollingUpdate')
  const surge = share(rolling['maxSurge'] ?? '25%', wanted, true)
  const unavailable = strategy['type'] === 'Recreate' || wanted === 0 ? 0 : share(rolling['maxUnavailable'] ?? '25%', wanted, false)
  const allowed = unavailable === 0 && surge === 0 ? 1 : unavailable
  const fresh = Math.min(count(status, 'updatedReplicas'), count(status, 'readyReplicas') - (count(status, 'replicas') - count(status, 'updatedReplicas')))
  return isObserved(object) && fresh >= wanted - allowed
}

function daemonSetReady(object: Data): boolean {
  const status = part(object, 'status')
  const strategy = part(part(object, 'spec'), 'updateStrategy')
  if (!isObserved(object)) return false
  if (strategy['type'] !== 'RollingUpdate') return true
  const wanted = count(status, 'desiredNumberScheduled')
  if (count(status, 'updatedNumberScheduled') !== wanted) return false
  return count(status, 'numberReady') >= wanted - share(part(strategy, 'rollingUpdate')['maxUnavailable'] ?? 1, wanted, true)
}

function statefulSetReady(object: Data): boolean {
  const spec = part(object, 'spec')
  const status = part(object, 'status')
  const strategy = part(spec, 'updateStrategy')
  if (!isObserved(object)) return false
  if (strategy['type'] !== 'RollingUpdate') return true
  const wanted = count(spec, 'replicas', 1)
  const partition = count(part(strategy, 'rollingUpdate'), 'partition')
  if (count(status, 'updatedReplicas') < wanted - partition) return false
  return count(status, 'readyReplicas') === wanted && (partition > 0 || status['currentRevision'] === status['updateRevision'])
}

function serviceReady(object: Data): boolean {
  const spec = part(object, 'spec')
  if (spec['type'] === 'ExternalName') return true
  if (!spec['clusterIP']) return false
  if (spec['type'] !== 'LoadBalancer' || ((spec['externalIPs'] ?? []) as unknown[]).length > 0) return true
  return ((part(part(object, 'status'), 'loadBalancer')['ingress'] ?? []) as unknown[]).length > 0
}

function replicasReady(object: Data): boolean {
  return isObserved(object) && count(part(object, 'status'), 'readyReplicas') >= count(part(object, 'spec'), 'replicas', 1)
}

const checks: Readonly<Record<string, Check>> = {
  Pod: (object) => hasCondition(part(object, 'status'), 'Ready'),
  Deployment: deploymentReady,
  DaemonSet: daemonSetReady,
  StatefulSet: statefulSetReady,
  ReplicaSet: replicasReady,
  ReplicationController: replicasReady,
  Service: serviceReady,
  PersistentVolumeClaim: (object) => part(object, 'status')['phase'] === 'Bound',
  CustomResourceDefinition: (object) => hasCondition(part(object, 'status'), 'Established') || ((part(object, 'status')['conditions'] ?? []) as { type: string; status: string }[]).some(({ type, status }) => type === 'NamesAccepted' && status === 'False'),
}

export async function isReady(session: HelmSession, object: ClusterObject, jobs: boolean): Promise<boolean> {
  const { kind } = object.mapping
  const check = kind === 'Job' ? (jobs ? jobReady : undefined) : checks[kind]
  if (!check) return true
  const live: KubeObject | undefined = await findObject(session, object)
  return live !== undefined && (await check(live as unknown as Data, session))
}

function jobReady(object: Data): boolean {
  const status = part(object, 'status')
  const spec = part(object, 'spec')
  if (count(status, 'failed') > count(spec, 'backoffLimit', 6)) throw new Error(`job is failed: ${String(part(object, 'metadata')['namespace'])}/${String(part(object, 'metadata')['name'])}`)
  return spec['completions'] === undefined || count(status, 'succeeded') >= count(spec, 'completions')
}
