/** Pods behind a word of the command line: of a workload, of a service, and their containers. */
import type { Container, Pod } from '#engine/api/kinds'
import { labelSelectorOf, labelSelectorText } from '#engine/api/selector'
import type { KubeObject } from '#engine/api/object'
import { build } from '../resources/builder'
import { CliError } from '../session/errors'
import { pods, type Session } from '../session/session'

export const defaultContainerAnnotation = 'kubectl.kubernetes.io/default-container'

export interface FoundContainer {
  readonly container: Container
  readonly path: 'spec.initContainers' | 'spec.containers' | 'spec.ephemeralContainers'
}

export function findContainer(pod: Pod, name: string): FoundContainer | undefined {
  const groups = [['spec.initContainers', pod.spec?.initContainers], ['spec.containers', pod.spec?.containers], ['spec.ephemeralContainers', pod.spec?.ephemeralContainers]] as const
  for (const [path, list] of groups) {
    const container = (list ?? []).find((entry) => entry.name === name)
    if (container) return { container: container as Container, path }
  }
  return undefined
}

/** `a, b, init (init), dbg (ephem)`. */
export function allContainerNames(pod: Pod): string {
  return [...(pod.spec?.containers ?? []).map((entry) => entry.name), ...(pod.spec?.ephemeralContainers ?? []).map((entry) => `${entry.name} (ephem)`), ...(pod.spec?.initContainers ?? []).map((entry) => `${entry.name} (init)`)].join(', ')
}

/** The named container, or the default one, told on standard error where there is a choice. */
export async function findOrDefaultContainer(session: Session, pod: Pod, name: string, quiet: boolean): Promise<Container> {
  if (name !== '') {
    const found = findContainer(pod, name)
    if (!found) throw new CliError(`container ${name} not found in pod ${pod.metadata.name ?? ''}`)
    return found.container
  }
  const containers = pod.spec?.containers ?? []
  if (containers.length === 0) throw new CliError(`pod ${pod.metadata.name ?? ''} has no containers`)
  const annotated = pod.metadata.annotations?.[defaultContainerAnnotation]
  if (annotated) {
    const found = findContainer(pod, annotated)
    if (found) return found.container
    await session.err(`Default container name ${JSON.stringify(annotated)} in annotation ${defaultContainerAnnotation} not found in pod ${pod.metadata.name ?? ''}\n`)
  }
  const first = containers[0] as Container
  if (!quiet && (containers.length > 1 || (pod.spec?.initContainers?.length ?? 0) > 0 || (pod.spec?.ephemeralContainers?.length ?? 0) > 0)) await session.err(`Defaulted container ${JSON.stringify(first.name)} out of: ${allContainerNames(pod)}\n`)
  return first
}

/** The one object named by POD, TYPE/NAME or TYPE NAME. */
export async function objectOf(session: Session, words: readonly string[], filenames: readonly string[] = []): Promise<KubeObject> {
  const built = await build(session, { ...(words.length === 2 ? { args: [...words] } : { args: words, defaultType: 'pods' }), filenames, stopAtError: true })
  const { infos, error } = await built.infos()
  if (error) throw error
  if (infos.length !== 1) throw new CliError('cannot exec into multiple objects at a time')
  return infos[0]?.object as KubeObject
}

/** Namespace and selector of an object that has pods. */
export function selectorFor(object: KubeObject): { namespace: string; selector: string } {
  const namespace = object.metadata.namespace ?? ''
  const spec = (object['spec'] ?? {}) as { selector?: unknown }
  switch (object.kind) {
    case 'Service': case 'ReplicationController': {
      const map = (spec.selector ?? {}) as Record<string, string>
      if (Object.keys(map).length === 0) throw new CliError(object.kind === 'Service' ? `invalid service '${object.metadata.name ?? ''}': Service is defined without a selector` : `invalid replication controller '${object.metadata.name ?? ''}'`)
      return { namespace, selector: Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`).join(',') }
    }
    case 'Deployment': case 'ReplicaSet': case 'DaemonSet': case 'StatefulSet': case 'Job':
      return { namespace, selector: labelSelectorText(labelSelectorOf(spec.selector as Parameters<typeof labelSelectorOf>[0]) ?? []) }
    default: throw new CliError(`selector for *${goType(object)} not implemented`)
  }
}

const goPackages: Readonly<Record<string, string>> = { 'v1': 'v1', 'apps/v1': 'v1', 'batch/v1': 'v1' }

export function goType(object: KubeObject): string {
  return `${goPackages[object.apiVersion] ?? 'unstructured'}.${goPackages[object.apiVersion] ? object.kind : 'Unstructured'}`
}

/** The first pod of an object, waiting until there is one; `order` puts the best first. */
export async function podOf(session: Session, object: KubeObject, timeoutMs: number, order: (a: Pod, b: Pod) => number, say?: (count: number, name: string) => Promise<void>): Promise<{ pod: Pod; count: number }> {
  if (object.kind === 'Pod') return { pod: object as Pod, count: 1 }
  const { namespace, selector } = attachable(object)
  const deadline = session.now() + timeoutMs
  for (;;) {
    const list = await session.list(pods, namespace, { labelSelector: selector })
    const items = list.items.map((item) => ({ ...item, apiVersion: 'v1', kind: 'Pod' }) as Pod).sort(order)
    const first = items[0]
    if (first) {
      if (items.length > 1) await say?.(items.length, first.metadata.name ?? '')
      return { pod: first, count: items.length }
    }
    if (session.now() >= deadline) throw new CliError('timed out waiting for the condition')
    await session.process.clock.sleep(Math.min(500, deadline - session.now()))
  }
}

/** Whoever waits for a pod has to wait for some time. */
export function checkPodTimeout({ flags }: Session, refusal: (message: string) => Error): void {
  if (flags.number('pod-running-timeout') <= 0) throw refusal('--pod-running-timeout must be higher than zero')
}

function attachable(object: KubeObject): { namespace: string; selector: string } {
  try {
    return selectorFor(object)
  } catch (error) {
    throw new CliError(`cannot attach to *${goType(object)}: ${(error as Error).message}`)
  }
}

const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

export function isReady(pod: Pod): boolean {
  return (pod.status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True')
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount))
}

function readySince(pod: Pod): number {
  return Date.parse(String((pod.status?.conditions ?? []).find((condition) => condition.type === 'Ready' && condition.status === 'True')?.lastTransitionTime ?? '')) || 0
}

/** Assigned, further in its life, ready: what both orders look at first. */
function byState(a: Pod, b: Pod): number {
  const assigned = Number(Boolean(b.spec?.nodeName)) - Number(Boolean(a.spec?.nodeName))
  const phase = (phases[b.status?.phase ?? ''] ?? 0) - (phases[a.status?.phase ?? ''] ?? 0)
  return assigned || phase || Number(isReady(b)) - Number(isReady(a))
}

/** Sorts by how little a pod would be missed: unassigned, not running, not ready, young, restarting. */
export function byLogging(a: Pod, b: Pod): number {
  const state = byState(a, b)
  if (state !== 0) return state
  if (isReady(a) && isReady(b) && readySince(a) !== readySince(b)) return readySince(b) - readySince(a)
  if (restarts(a) !== restarts(b)) return restarts(b) - restarts(a)
  return Date.parse(b.metadata.creationTimestamp ?? '') - Date.parse(a.metadata.creationTimestamp ?? '') || 0
}

/** The most active pod first. */
export function byActivity(a: Pod, b: Pod): number {
  const state = byState(a, b)
  if (state !== 0) return state
  if (restarts(a) !== restarts(b)) return restarts(a) - restarts(b)
  return Date.parse(a.metadata.creationTimestamp ?? '') - Date.parse(b.metadata.creationTimestamp ?? '') || 0
}
