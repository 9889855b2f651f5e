/** How far a rollout is, in the words of kubectl's status viewers. */
import { type KubeObject, parseGroupVersion } from '#engine/api/object'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { noStatusViewer } from './kinds'

export interface RolloutStatus {
  readonly text: string
  readonly done: boolean
}

interface Numbers {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly availableReplicas?: number
  readonly readyReplicas?: number
  readonly desiredNumberScheduled?: number
  readonly updatedNumberScheduled?: number
  readonly numberAvailable?: number
  readonly currentRevision?: string
  readonly updateRevision?: string
  readonly conditions?: readonly { readonly type: string; readonly reason?: string }[]
}

interface WorkloadSpec {
  readonly replicas?: number
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } }
}

type Viewer = (object: KubeObject, spec: WorkloadSpec, status: Numbers, revision: number) => RolloutStatus

const viewers: Readonly<Record<string, Viewer>> = { Deployment: deployment, DaemonSet: daemonSet, StatefulSet: statefulSet }

/** Throws where the kind has no rollout or the rollout has failed. */
export function rolloutStatus(object: KubeObject, revision: number): RolloutStatus {
  const viewer = viewers[object.kind]
  if (!viewer) throw noStatusViewer({ group: parseGroupVersion(object.apiVersion).group, kind: object.kind })
  return viewer(object, (object['spec'] ?? {}) as WorkloadSpec, (object['status'] ?? {}) as Numbers, revision)
}

const waiting = (text: string): RolloutStatus => ({ text, done: false })
const finished = (text: string): RolloutStatus => ({ text, done: true })

function isObserved(object: KubeObject, status: Numbers): boolean {
  return (object.metadata.generation ?? 0) <= (status.observedGeneration ?? 0)
}

function deployment(object: KubeObject, spec: WorkloadSpec, status: Numbers, revision: number): RolloutStatus {
  const name = JSON.stringify(object.metadata.name)
  const running = Number(object.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0)
  if (revision > 0 && revision !== running) throw new CliError(`desired revision (${revision}) is different from the running revision (${running})`)
  if (!isObserved(object, status)) return waiting('Waiting for deployment spec update to be observed...\n')
  if (status.conditions?.some((condition) => condition.type === 'Progressing' && condition.reason === 'ProgressDeadlineExceeded')) throw new CliError(`deployment ${name} exceeded its progress deadline`)
  const updated = status.updatedReplicas ?? 0
  const wait = (detail: string): RolloutStatus => waiting(`Waiting for deployment ${name} rollout to finish: ${detail}...\n`)
  if (spec.replicas !== undefined && updated < spec.replicas) return wait(`${updated} out of ${spec.replicas} new replicas have been updated`)
  if ((status.replicas ?? 0) > updated) return wait(`${(status.replicas ?? 0) - updated} old replicas are pending termination`)
  if ((status.availableReplicas ?? 0) < updated) return wait(`${status.availableReplicas ?? 0} of ${updated} updated replicas are available`)
  return finished(`deployment ${name} successfully rolled out\n`)
}

const rollingOnly = 'rollout status is only available for RollingUpdate strategy type'

function daemonSet(object: KubeObject, spec: WorkloadSpec, status: Numbers): RolloutStatus {
  const name = JSON.stringify(object.metadata.name)
  if (spec.updateStrategy?.type !== 'RollingUpdate') throw new CliError(rollingOnly)
  if (!isObserved(object, status)) return waiting('Waiting for daemon set spec update to be observed...\n')
  const desired = status.desiredNumberScheduled ?? 0
  const wait = (detail: string): RolloutStatus => waiting(`Waiting for daemon set ${name} rollout to finish: ${detail}...\n`)
  if ((status.updatedNumberScheduled ?? 0) < desired) return wait(`${status.updatedNumberScheduled ?? 0} out of ${desired} new pods have been updated`)
  if ((status.numberAvailable ?? 0) < desired) return wait(`${status.numberAvailable ?? 0} of ${desired} updated pods are available`)
  return finished(`daemon set ${name} successfully rolled out\n`)
}

function statefulSet(object: KubeObject, spec: WorkloadSpec, status: Numbers): RolloutStatus {
  if (spec.updateStrategy?.type !== 'RollingUpdate') throw new CliError(rollingOnly)
  if ((status.observedGeneration ?? 0) === 0 || !isObserved(object, status)) return waiting('Waiting for statefulset spec update to be observed...\n')
  const replicas = spec.replicas ?? 0
  const updated = status.updatedReplicas ?? 0
  if ((status.readyReplicas ?? 0) < replicas) return waiting(`Waiting for ${replicas - (status.readyReplicas ?? 0)} pods to be ready...\n`)
  // The server always sets a partition, so this is how a rollout ends; the last words are for an object without one.
  const partition = spec.updateStrategy.rollingUpdate?.partition
  if (partition !== undefined) {
    if (updated < replicas - partition) return waiting(`Waiting for partitioned roll out to finish: ${updated} out of ${replicas - partition} new pods have been updated...\n`)
    return finished(`partitioned roll out complete: ${updated} new pods have been updated...\n`)
  }
  if (status.updateRevision !== status.currentRevision) return waiting(`waiting for statefulset rolling update to complete ${updated} pods at revision ${status.updateRevision ?? ''}...\n`)
  return finished(`statefulset rolling update complete ${updated} pods at revision ${status.currentRevision ?? ''}...\n`)
}
