/** Fields behind feature gates: where a gate is off they are dropped without a word, but from objects that have them already. */
import type { KubeObject } from '#engine/api/object'
import type { Free } from './free'

interface GatedField {
  readonly gate: string
  readonly stage: 'alpha' | 'beta'
  readonly on: boolean
  /** Below the object, or below the pod spec that it holds. */
  readonly pod?: readonly string[]
  readonly kinds?: Readonly<Record<string, readonly string[]>>
}

const containers = ['containers', 'initContainers', 'ephemeralContainers']
const inContainers = (...fields: string[]): string[] => containers.flatMap((list) => fields.map((field) => `${list}.*.${field}`))
const inSources = (field: string): string => `volumes.*.projected.sources.*.${field}`

const gatedFields: readonly GatedField[] = [
  { gate: 'MaxUnavailableStatefulSet', stage: 'beta', on: false, kinds: { StatefulSet: ['spec.updateStrategy.rollingUpdate.maxUnavailable'] } },
  { gate: 'HPAConfigurableTolerance', stage: 'beta', on: true, kinds: { HorizontalPodAutoscaler: ['spec.behavior.scaleUp.tolerance', 'spec.behavior.scaleDown.tolerance'] } },
  { gate: 'CrossNamespaceVolumeDataSource', stage: 'alpha', on: false, kinds: { PersistentVolumeClaim: ['spec.dataSourceRef.namespace'] } },
  { gate: 'ContainerStopSignals', stage: 'alpha', on: false, pod: inContainers('lifecycle.stopSignal') },
  { gate: 'GenericWorkload', stage: 'alpha', on: false, pod: ['workloadRef'] },
  { gate: 'ClusterTrustBundleProjection', stage: 'beta', on: false, pod: [inSources('clusterTrustBundle')] },
  { gate: 'PodCertificateRequest', stage: 'beta', on: false, pod: [inSources('podCertificate')] },
  { gate: 'PodLevelResources', stage: 'beta', on: true, pod: ['resources'] },
  { gate: 'ImageVolume', stage: 'beta', on: true, pod: ['volumes.*.image'] },
  { gate: 'UserNamespacesSupport', stage: 'beta', on: true, pod: ['hostUsers'] },
  { gate: 'HostnameOverride', stage: 'beta', on: true, pod: ['hostnameOverride'] },
  { gate: 'SELinuxChangePolicy', stage: 'beta', on: true, pod: ['securityContext.seLinuxChangePolicy'] },
  { gate: 'ProcMountType', stage: 'beta', on: true, pod: inContainers('securityContext.procMount') },
  { gate: 'EnvFiles', stage: 'beta', on: true, pod: inContainers('env.*.valueFrom.fileKeyRef') },
  { gate: 'ContainerRestartRules', stage: 'beta', on: true, pod: [...inContainers('restartPolicyRules'), 'containers.*.restartPolicy'] },
  { gate: 'MatchLabelKeysInPodTopologySpread', stage: 'beta', on: true, pod: ['topologySpreadConstraints.*.matchLabelKeys'] },
]

/** Where a kind holds its pod spec. */
const podSpecs: Readonly<Record<string, string>> = {
  Pod: 'spec', PodTemplate: 'template.spec', CronJob: 'spec.jobTemplate.spec.template.spec',
  ...Object.fromEntries(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ReplicationController', 'Job'].map((kind) => [kind, 'spec.template.spec'])),
}

export type Gates = ReadonlyMap<string, boolean>

function enabled(gates: Gates, { gate, stage, on }: GatedField): boolean {
  return gates.get(gate) ?? gates.get(stage === 'alpha' ? 'AllAlpha' : 'AllBeta') ?? on
}

/** Changes `next`, which is the caller's own. */
export function dropGatedFields(gates: Gates, next: KubeObject, previous?: KubeObject): void {
  const podSpec = podSpecs[next.kind]
  for (const field of gatedFields) {
    if (enabled(gates, field)) continue
    const paths = field.pod && podSpec !== undefined ? field.pod.map((path) => `${podSpec}.${path}`) : (field.kinds?.[next.kind] ?? [])
    if (previous && paths.some((path) => visit(previous, path.split('.'), () => undefined))) continue
    for (const path of paths) visit(next, path.split('.'), (owner, name) => void delete owner[name])
  }
}

/** Calls for each place that the path leads to; says whether there was one. */
function visit(at: Free, [name = '', ...rest]: readonly string[], found: (owner: Free, name: string) => void): boolean {
  if (at === null || typeof at !== 'object') return false
  if (name === '*') return (at as Free[]).map((item) => visit(item, rest, found)).includes(true)
  if (at[name] === undefined) return false
  if (rest.length > 0) return visit(at[name], rest, found)
  found(at, name)
  return true
}
