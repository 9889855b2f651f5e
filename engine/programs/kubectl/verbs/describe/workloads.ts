/** Pods and what makes them. */
import type { KubeObject } from '#engine/api/object'
import { query } from '#engine/client/client'
import { humanDuration } from '#engine/api/duration'
import { pods, replicaSets, resourcePath, type Session } from '#engine/programs/kubectl/session/session'
import { annotations, conditions, controllerOf, type EventList, events, formatMap, formatSelector, head, labels, type Loose, metadata, rfc1123, selectorText, since } from './common'
import { containers, podTemplate, printBool, resources, spreadConstraints, tolerations, volumes } from './podparts'
import type { Describer } from './table'
import type { Writer } from './writer'

export const pod: Describer = (w, object, context) => {
  const spec = object['spec']
  const status = object['status'] ?? {}
  head(w, object)
  if (spec.priority !== undefined) w.line(0, `Priority:\t${spec.priority}`)
  if (spec.priorityClassName) w.line(0, `Priority Class Name:\t${spec.priorityClassName}`)
  if (spec.runtimeClassName) w.line(0, `Runtime Class Name:\t${spec.runtimeClassName}`)
  if (spec.serviceAccountName) w.line(0, `Service Account:\t${spec.serviceAccountName}`)
  w.line(0, spec.nodeName ? `Node:\t${spec.nodeName}/${status.hostIP ?? ''}` : 'Node:\t<none>')
  if (status.startTime) w.line(0, `Start Time:\t${rfc1123(status.startTime)}`)
  metadata(w, object)
  podStatus(w, object, spec, status, context.nowMs)
  const controlledBy = controllerOf(object)
  if (controlledBy) w.line(0, `Controlled By:\t${controlledBy}`)
  if (status.nominatedNodeName) w.line(0, `NominatedNodeName:\t${status.nominatedNodeName}`)
  if (spec.resources) {
    w.line(0, 'Resources:')
    resources(w, spec.resources, 1)
  }
  const resolve = (path: string): string => fieldValue(object, path)
  if (spec.initContainers?.length) containers(w, 'Init Containers', spec.initContainers, status.initContainerStatuses, resolve, '')
  containers(w, 'Containers', spec.containers ?? [], status.containerStatuses, resolve, '')
  if (spec.ephemeralContainers?.length) containers(w, 'Ephemeral Containers', spec.ephemeralContainers, status.ephemeralContainerStatuses, resolve, '')
  podConditions(w, spec, status)
  volumes(w, spec.volumes, '')
  w.line(0, `QoS Class:\t${status.qosClass ?? qosOf(spec)}`)
  labels(w, 'Node-Selectors', spec.nodeSelector)
  tolerations(w, 'Tolerations', spec.tolerations)
  spreadConstraints(w, spec.topologySpreadConstraints, '')
  events(w, context.events, context.nowMs)
}

function podStatus(w: Writer, object: KubeObject, spec: Loose, status: Loose, nowMs: number): void {
  if (object.metadata.deletionTimestamp && status.phase !== 'Failed' && status.phase !== 'Succeeded') {
    w.line(0, `Status:\tTerminating (lasts ${since(object.metadata.deletionTimestamp, nowMs)})`)
    w.line(0, `Termination Grace Period:\t${object.metadata.deletionGracePeriodSeconds ?? 0}s`)
  } else w.line(0, `Status:\t${status.phase ?? ''}`)
  if (status.reason) w.line(0, `Reason:\t${status.reason}`)
  if (status.message) w.line(0, `Message:\t${status.message}`)
  const seccomp = spec.securityContext?.seccompProfile
  if (seccomp) {
    w.line(0, `SeccompProfile:\t${seccomp.type}`)
    if (seccomp.type === 'Localhost') w.line(0, `LocalhostProfile:\t${seccomp.localhostProfile ?? ''}`)
  }
  w.line(0, `IP:\t${status.podIP ?? ''}`)
  if (!status.podIPs?.length) return w.line(0, 'IPs:\t<none>')
  w.line(0, 'IPs:')
  for (const entry of status.podIPs) w.line(1, `IP:\t${entry.ip}`)
}

function podConditions(w: Writer, spec: Loose, status: Loose): void {
  if (spec.readinessGates?.length) {
    w.line(0, 'Readiness Gates:\n  Type\tStatus')
    for (const gate of spec.readinessGates) w.line(1, `${gate.conditionType} \t${(status.conditions ?? []).find((entry: Loose) => entry.type === gate.conditionType)?.status ?? '<none>'} `)
  }
  if (!status.conditions?.length) return
  w.line(0, 'Conditions:\n  Type\tStatus')
  for (const entry of status.conditions) w.line(1, `${entry.type} \t${entry.status} `)
}

function qosOf(spec: Loose): string {
  const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  if (all.every((entry: Loose) => Object.keys(entry.resources?.limits ?? {}).length === 0 && Object.keys(entry.resources?.requests ?? {}).length === 0)) return 'BestEffort'
  return all.every((entry: Loose) => ['cpu', 'memory'].every((name) => entry.resources?.limits?.[name] !== undefined && entry.resources.limits[name] === (entry.resources.requests?.[name] ?? entry.resources.limits[name]))) ? 'Guaranteed' : 'Burstable'
}

function fieldValue(object: KubeObject, path: string): string {
  switch (path) {
    case 'metadata.name': return object.metadata.name ?? ''
    case 'metadata.namespace': return object.metadata.namespace ?? ''
    case 'metadata.uid': return object.metadata.uid ?? ''
    case 'metadata.labels': case 'metadata.annotations': return Object.entries(object.metadata[path.slice(9) as 'labels'] ?? {}).sort().map(([key, value]) => `${key}=${JSON.stringify(value)}`).join('\n')
  }
  return ''
}

/** How many pods of a controller are in which phase. */
export async function podCounts(session: Session, object: KubeObject, selector: string): Promise<string> {
  const list = await session.request<{ items?: KubeObject[] }>('GET', resourcePath(pods, object.metadata.namespace ?? '') + query({ labelSelector: selector, limit: 500 }))
  const counts: Record<string, number> = {}
  for (const item of list.items ?? []) {
    if (!item.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === object.metadata.uid)) continue
    const phase = String(item['status']?.phase)
    counts[phase] = (counts[phase] ?? 0) + 1
  }
  return `${counts['Running'] ?? 0} Running / ${counts['Pending'] ?? 0} Waiting / ${counts['Succeeded'] ?? 0} Succeeded / ${counts['Failed'] ?? 0} Failed`
}

function statusTable(w: Writer, object: KubeObject): void {
  const list = object['status']?.conditions
  conditions(w, list, ['Type', 'Status', 'Reason'])
  for (const entry of list ?? []) w.line(1, `${entry.type} \t${entry.status}\t${entry.reason ?? ''}`)
}

export const replicationController: Describer = async (w, object, context) => {
  const spec = object['spec']
  head(w, object)
  w.line(0, `Selector:\t${formatMap(spec.selector)}`)
  metadata(w, object)
  w.line(0, `Replicas:\t${object['status']?.replicas ?? 0} current / ${spec.replicas ?? 0} desired`)
  w.line(0, `Pods Status:\t${await podCounts(context.session, object, formatMap(spec.selector))}`)
  podTemplate(w, spec.template)
  statusTable(w, object)
  events(w, context.events, context.nowMs)
}

export const replicaSet: Describer = async (w, object, context) => {
  const spec = object['spec']
  head(w, object)
  w.line(0, `Selector:\t${formatSelector(spec.selector)}`)
  metadata(w, object)
  const controlledBy = controllerOf(object)
  if (controlledBy) w.line(0, `Controlled By:\t${controlledBy}`)
  w.line(0, `Replicas:\t${object['status']?.replicas ?? 0} current / ${spec.replicas ?? 0} desired`)
  w.line(0, `Pods Status:\t${await podCounts(context.session, object, selectorText(spec.selector))}`)
  podTemplate(w, spec.template)
  statusTable(w, object)
  events(w, context.events, context.nowMs)
}

export const daemonSet: Describer = async (w, object, context) => {
  const spec = object['spec']
  const status = object['status'] ?? {}
  head(w, object)
  w.line(0, `Selector:\t${selectorText(spec.selector)}`)
  w.line(0, `Node-Selector:\t${formatMap(spec.template?.spec?.nodeSelector)}`)
  metadata(w, object)
  w.line(0, `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled ?? 0}`)
  w.line(0, `Current Number of Nodes Scheduled: ${status.currentNumberScheduled ?? 0}`)
  w.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status.updatedNumberScheduled ?? 0}`)
  w.line(0, `Number of Nodes Scheduled with Available Pods: ${status.numberAvailable ?? 0}`)
  w.line(0, `Number of Nodes Misscheduled: ${status.numberMisscheduled ?? 0}`)
  w.line(0, `Pods Status:\t${await podCounts(context.session, object, selectorText(spec.selector))}`)
  podTemplate(w, spec.template)
  events(w, context.events, context.nowMs)
}

export const statefulSet: Describer = async (w, object, context) => {
  const spec = object['spec']
  head(w, object)
  w.line(0, `CreationTimestamp:\t${rfc1123(object.metadata.creationTimestamp)}`)
  w.line(0, `Selector:\t${selectorText(spec.selector)}`)
  metadata(w, object)
  w.line(0, `Replicas:\t${spec.replicas ?? 0} desired | ${object['status']?.replicas ?? 0} total`)
  w.line(0, `Update Strategy:\t${spec.updateStrategy?.type ?? ''}`)
  const rolling = spec.updateStrategy?.rollingUpdate
  if (rolling?.partition !== undefined) {
    w.line(1, `Partition:\t${rolling.partition}`)
    if (rolling.maxUnavailable !== undefined) w.line(1, `MaxUnavailable:\t${rolling.maxUnavailable}`)
  }
  w.line(0, `Pods Status:\t${await podCounts(context.session, object, selectorText(spec.selector))}`)
  podTemplate(w, spec.template)
  claimTemplates(w, spec.volumeClaimTemplates)
  events(w, context.events, context.nowMs)
}

function claimTemplates(w: Writer, list: Loose[] | undefined): void {
  if (!list?.length) return w.line(0, 'Volume Claims:\t<none>')
  w.line(0, 'Volume Claims:')
  for (const claim of list) {
    w.line(1, `Name:\t${claim.metadata?.name ?? ''}`)
    w.line(1, `StorageClass:\t${claim.spec?.storageClassName ?? ''}`)
    labels(w, 'Labels', claim.metadata?.labels, '  ')
    labels(w, 'Annotations', claim.metadata?.annotations, '  ')
    w.line(1, `Capacity:\t${claim.spec?.resources?.requests?.storage ?? '<default>'}`)
    w.line(1, `Access Modes:\t[${(claim.spec?.accessModes ?? []).join(' ')}]`)
  }
}

export const deployment: Describer = async (w, object, context) => {
  const spec = object['spec']
  const status = object['status'] ?? {}
  head(w, object)
  w.line(0, `CreationTimestamp:\t${rfc1123(object.metadata.creationTimestamp)}`)
  metadata(w, object)
  w.line(0, `Selector:\t${selectorText(spec.selector)}`)
  w.line(0, `Replicas:\t${spec.replicas ?? 0} desired | ${status.updatedReplicas ?? 0} updated | ${status.replicas ?? 0} total | ${status.availableReplicas ?? 0} available | ${status.unavailableReplicas ?? 0} unavailable`)
  w.line(0, `StrategyType:\t${spec.strategy?.type ?? ''}`)
  w.line(0, `MinReadySeconds:\t${spec.minReadySeconds ?? 0}`)
  const rolling = spec.strategy?.rollingUpdate
  if (rolling) w.line(0, `RollingUpdateStrategy:\t${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`)
  podTemplate(w, spec.template)
  statusTable(w, object)
  const { old, current } = await ownedReplicaSets(context.session, object)
  if (old.length > 0 || current) {
    w.line(0, `OldReplicaSets:\t${setsText(old)}`)
    w.line(0, `NewReplicaSet:\t${setsText(current ? [current] : [])}`)
  }
  events(w, context.events, context.nowMs)
}

function setsText(list: readonly KubeObject[]): string {
  return list.length === 0 ? '<none>' : list.map((set) => `${set.metadata.name ?? ''} (${set['status']?.replicas ?? 0}/${set['spec']?.replicas ?? 0} replicas created)`).join(', ')
}

/** A deployment's replica sets: the one whose template is wanted now, and the others. */
export async function ownedReplicaSets(session: Session, object: KubeObject): Promise<{ all: KubeObject[]; old: KubeObject[]; current: KubeObject | undefined }> {
  const list = await session.request<{ items?: KubeObject[] }>('GET', resourcePath(replicaSets, object.metadata.namespace ?? '') + query({ labelSelector: selectorText(object['spec']?.selector) }))
  const all = (list.items ?? []).filter((set) => set.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === object.metadata.uid)).sort((a, b) => Date.parse(a.metadata.creationTimestamp ?? '') - Date.parse(b.metadata.creationTimestamp ?? '') || ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
  const current = all.find((set) => sameTemplate(set['spec']?.template, object['spec']?.template))
  return { all, current, old: all.filter((set) => set !== current) }
}

/** Equal but for the hash label. */
export function sameTemplate(a: Loose, b: Loose): boolean {
  const bare = (template: Loose): string => {
    const { 'pod-template-hash': _, ...rest } = template?.metadata?.labels ?? {}
    return JSON.stringify(sorted({ ...template, metadata: { ...template?.metadata, labels: rest, creationTimestamp: undefined } }))
  }
  return bare(a) === bare(b)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined && item !== null).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]))
}

export const job: Describer = (w, object, context) => {
  const spec = object['spec']
  const status = object['status'] ?? {}
  head(w, object)
  w.line(0, `Selector:\t${selectorText(spec.selector)}`)
  metadata(w, object)
  const controlledBy = controllerOf(object)
  if (controlledBy) w.line(0, `Controlled By:\t${controlledBy}`)
  if (spec.parallelism !== undefined) w.line(0, `Parallelism:\t${spec.parallelism}`)
  w.line(0, `Completions:\t${spec.completions ?? '<unset>'}`)
  if (spec.completionMode) w.line(0, `Completion Mode:\t${spec.completionMode}`)
  if (spec.suspend !== undefined) w.line(0, `Suspend:\t${spec.suspend}`)
  if (spec.backoffLimit !== undefined) w.line(0, `Backoff Limit:\t${spec.backoffLimit}`)
  if (spec.ttlSecondsAfterFinished !== undefined) w.line(0, `TTL Seconds After Finished:\t${spec.ttlSecondsAfterFinished}`)
  jobTimes(w, status)
  if (spec.activeDeadlineSeconds !== undefined) w.line(0, `Active Deadline Seconds:\t${spec.activeDeadlineSeconds}s`)
  w.line(0, `Pods Statuses:\t${status.active ?? 0} Active${status.ready === undefined ? '' : ` (${status.ready} Ready)`} / ${status.succeeded ?? 0} Succeeded / ${status.failed ?? 0} Failed`)
  if (spec.completionMode === 'Indexed') w.line(0, `Completed Indexes:\t${status.completedIndexes || '<none>'}`)
  podTemplate(w, spec.template)
  events(w, context.events, context.nowMs)
}

function jobTimes(w: Writer, { startTime, completionTime }: Loose): void {
  if (startTime) w.line(0, `Start Time:\t${rfc1123(startTime)}`)
  if (completionTime) w.line(0, `Completed At:\t${rfc1123(completionTime)}`)
  if (startTime && completionTime) w.line(0, `Duration:\t${humanDuration(Date.parse(completionTime) - Date.parse(startTime))}`)
}

export const cronJob: Describer = (w, object, context) => {
  const spec = object['spec']
  const template = spec.jobTemplate?.spec ?? {}
  head(w, object)
  metadata(w, object)
  w.line(0, `Schedule:\t${spec.schedule}`)
  w.line(0, `Concurrency Policy:\t${spec.concurrencyPolicy ?? ''}`)
  w.line(0, `Suspend:\t${printBool(spec.suspend)}`)
  w.line(0, `Successful Job History Limit:\t${spec.successfulJobsHistoryLimit ?? '<unset>'}`)
  w.line(0, `Failed Job History Limit:\t${spec.failedJobsHistoryLimit ?? '<unset>'}`)
  w.line(0, `Starting Deadline Seconds:\t${spec.startingDeadlineSeconds === undefined ? '<unset>' : `${spec.startingDeadlineSeconds}s`}`)
  w.line(0, `Selector:\t${template.selector ? selectorText(template.selector) : '<unset>'}`)
  w.line(0, `Parallelism:\t${template.parallelism ?? '<unset>'}`)
  w.line(0, `Completions:\t${template.completions ?? '<unset>'}`)
  if (template.activeDeadlineSeconds !== undefined) w.line(0, `Active Deadline Seconds:\t${template.activeDeadlineSeconds}s`)
  podTemplate(w, template.template)
  w.line(0, `Last Schedule Time:\t${object['status']?.lastScheduleTime ? rfc1123(object['status'].lastScheduleTime) : '<unset>'}`)
  w.line(0, `Active Jobs:\t${object['status']?.active?.length ? object['status'].active.map((entry: Loose) => entry.name).join(', ') : '<none>'}`)
  events(w, context.events, context.nowMs)
}

export type { EventList }
export { annotations }
