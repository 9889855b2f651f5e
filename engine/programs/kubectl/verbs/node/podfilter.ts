/** Which pods of a node a drain removes, passes over, or stops at. */
import type { KubeObject } from '#engine/api/object'
import { isReason } from '#engine/api/status'
import { builtin, resourcePath, type Session } from '#engine/programs/kubectl/session/session'

const daemonSets = builtin('apps', 'v1', 'daemonsets', 'DaemonSet')

export interface DrainList {
  readonly pods: readonly KubeObject[]
  /** `deleting Pods with local storage: a/b, c/d`. */
  readonly warnings: readonly string[]
  readonly errors: readonly string[]
}

interface Verdict {
  readonly remove: boolean
  readonly warning?: string
  readonly error?: string
}

type Filter = (session: Session, pod: KubeObject) => Promise<Verdict> | Verdict

const messages = {
  daemonFatal: 'cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)',
  daemonWarning: 'ignoring DaemonSet-managed Pods',
  storageFatal: 'cannot delete Pods with local storage (use --delete-emptydir-data to override)',
  storageWarning: 'deleting Pods with local storage',
  unmanagedFatal: 'cannot delete cannot delete Pods that declare no controller (use --force to override)',
  unmanagedWarning: 'deleting Pods that declare no controller',
} as const

const go: Verdict = { remove: true }
const filters: readonly Filter[] = [skipDeleted, daemonSetPods, mirrorPods, localStorage, unreplicated]

export async function podsToRemove(session: Session, pods: readonly KubeObject[]): Promise<DrainList> {
  const chosen: KubeObject[] = []
  const warnings = new Map<string, string[]>()
  const errors = new Map<string, string[]>()
  for (const pod of pods) {
    const verdict = await judge(session, pod)
    const name = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
    if (verdict.remove) chosen.push(pod)
    if (verdict.error) errors.set(verdict.error, [...(errors.get(verdict.error) ?? []), name])
    else if (verdict.warning) warnings.set(verdict.warning, [...(warnings.get(verdict.warning) ?? []), name])
  }
  const lines = (map: ReadonlyMap<string, string[]>): string[] => [...map].map(([message, names]) => `${message}: ${names.join(', ')}`)
  return { pods: chosen, warnings: lines(warnings), errors: lines(errors) }
}

/** The first filter that keeps the pod decides; warnings of earlier ones stay. */
async function judge(session: Session, pod: KubeObject): Promise<Verdict> {
  let last = go
  for (const filter of filters) {
    const verdict = await filter(session, pod)
    if (!verdict.remove) return verdict
    if (verdict.warning) last = verdict
  }
  return last
}

function isFinished(pod: KubeObject): boolean {
  return ['Succeeded', 'Failed'].includes((pod['status'] as { phase?: string } | undefined)?.phase ?? '')
}

function controllerOf(pod: KubeObject): { kind: string; name: string } | undefined {
  return pod.metadata.ownerReferences?.find((owner) => owner.controller)
}

function skipDeleted(session: Session, pod: KubeObject): Verdict {
  const limit = session.flags.number('skip-wait-for-delete-timeout')
  const deleted = pod.metadata.deletionTimestamp
  return { remove: !(limit > 0 && deleted && session.now() - Date.parse(deleted) > limit * 1000) }
}

async function daemonSetPods(session: Session, pod: KubeObject): Promise<Verdict> {
  const owner = controllerOf(pod)
  if (owner?.kind !== 'DaemonSet' || isFinished(pod)) return go
  try {
    await session.request('GET', resourcePath(daemonSets, pod.metadata.namespace, owner.name))
  } catch (error) {
    if (isReason(error, 'NotFound') && session.flags.bool('force')) return { remove: true, warning: (error as Error).message }
    return { remove: false, error: (error as Error).message }
  }
  return session.flags.bool('ignore-daemonsets') ? { remove: false, warning: messages.daemonWarning } : { remove: false, error: messages.daemonFatal }
}

function mirrorPods(_: Session, pod: KubeObject): Verdict {
  return { remove: pod.metadata.annotations?.['kubernetes.io/config.mirror'] === undefined }
}

function localStorage(session: Session, pod: KubeObject): Verdict {
  const volumes = (pod['spec'] as { volumes?: { emptyDir?: object }[] }).volumes ?? []
  if (!volumes.some((volume) => volume.emptyDir !== undefined) || isFinished(pod)) return go
  return session.flags.bool('delete-emptydir-data') ? { remove: true, warning: messages.storageWarning } : { remove: false, error: messages.storageFatal }
}

function unreplicated(session: Session, pod: KubeObject): Verdict {
  if (isFinished(pod) || controllerOf(pod)) return go
  return session.flags.bool('force') ? { remove: true, warning: messages.unmanagedWarning } : { remove: false, error: messages.unmanagedFatal }
}
