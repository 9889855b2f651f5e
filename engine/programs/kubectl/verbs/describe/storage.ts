/** Volumes, claims, classes; budgets, priorities, autoscalers, certificate requests. */
import { humanDuration } from '#engine/api/duration'
import type { KubeObject } from '#engine/api/object'
import { decodeUtf8, fromBase64 } from '#engine/base/bytes'
import { attribute, commonName } from '#engine/base/pki/name'
import { parseRequestPem } from '#engine/base/pki/request'
import { pods, type Session } from '#engine/programs/kubectl/session/session'
import { conditions, events, formatMap, formatSelector, head, type Loose, metadata, rfc1123, since } from './common'
import { printBool } from './podparts'
import type { Describer } from './table'
import { volume } from './volumes'
import type { Writer } from './writer'

const modes: Readonly<Record<string, string>> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' }

function accessModes(list: string[] | undefined): string {
  return Object.keys(modes).filter((mode) => list?.includes(mode)).map((mode) => modes[mode] as string).join(',')
}

function finalizers(object: KubeObject): string {
  return `[${(object.metadata.finalizers ?? []).join(' ')}]`
}

export const persistentVolume: Describer = (w, object, context) => {
  const spec = object['spec'] ?? {}
  head(w, object, false)
  metadata(w, object)
  w.line(0, `Finalizers:\t${finalizers(object)}`)
  w.line(0, `StorageClass:\t${spec.storageClassName ?? ''}`)
  w.line(0, object.metadata.deletionTimestamp ? `Status:\tTerminating (lasts ${since(object.metadata.deletionTimestamp, context.nowMs)})` : `Status:\t${object['status']?.phase ?? ''}`)
  w.line(0, `Claim:\t${spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : ''}`)
  w.line(0, `Reclaim Policy:\t${spec.persistentVolumeReclaimPolicy ?? ''}`)
  w.line(0, `Access Modes:\t${accessModes(spec.accessModes)}`)
  if (spec.volumeMode) w.line(0, `VolumeMode:\t${spec.volumeMode}`)
  w.line(0, `Capacity:\t${spec.capacity?.storage ?? '0'}`)
  nodeAffinity(w, spec.nodeAffinity)
  w.line(0, `Message:\t${object['status']?.message ?? ''}`)
  w.line(0, 'Source:')
  volume(w, spec, true)
  events(w, context.events, context.nowMs)
}

function nodeAffinity(w: Writer, affinity: Loose): void {
  if (!affinity?.required) return w.line(0, 'Node Affinity:\t<none>')
  w.line(0, 'Node Affinity:\t')
  const terms: Loose[] = affinity.required.nodeSelectorTerms ?? []
  w.line(1, `Required Terms:\t${terms.length === 0 ? '<none>' : ''}`)
  terms.forEach((term, index) => {
    const list: Loose[] = term.matchExpressions ?? []
    if (list.length === 0) w.line(2, `Term ${index}:\t<none>`)
    list.forEach((entry, at) => w.line(2, `${at === 0 ? `Term ${index}:` : ''}\t${entry.key} ${String(entry.operator).toLowerCase()}${entry.values?.length ? ` [${entry.values.join(', ')}]` : ''}`))
  })
}

export const persistentVolumeClaim: Describer = async (w, object, context) => {
  const spec = object['spec'] ?? {}
  const status = object['status'] ?? {}
  head(w, object)
  w.line(0, `StorageClass:\t${spec.storageClassName ?? ''}`)
  w.line(0, object.metadata.deletionTimestamp ? `Status:\tTerminating (lasts ${since(object.metadata.deletionTimestamp, context.nowMs)})` : `Status:\t${status.phase ?? ''}`)
  w.line(0, `Volume:\t${spec.volumeName ?? ''}`)
  metadata(w, object)
  w.line(0, `Finalizers:\t${finalizers(object)}`)
  w.line(0, `Capacity:\t${spec.volumeName ? (status.capacity?.storage ?? '0') : ''}`)
  w.line(0, `Access Modes:\t${spec.volumeName ? accessModes(status.accessModes) : ''}`)
  if (spec.volumeMode) w.line(0, `VolumeMode:\t${spec.volumeMode}`)
  if (spec.dataSource) {
    w.line(0, 'DataSource:')
    if (spec.dataSource.apiGroup) w.line(1, `APIGroup:\t${spec.dataSource.apiGroup}`)
    w.line(1, `Kind:\t${spec.dataSource.kind}`)
    w.line(1, `Name:\t${spec.dataSource.name}`)
  }
  const users = await podsUsing(context.session, object)
  if (users.length === 0) w.line(0, 'Used By:\t<none>')
  users.forEach((name, index) => w.line(0, `${index === 0 ? 'Used By:' : ''}\t${name}`))
  if (status.conditions?.length) {
    w.line(0, 'Conditions:')
    w.line(1, 'Type\tStatus\tLastProbeTime\tLastTransitionTime\tReason\tMessage')
    w.line(1, '----\t------\t-----------------\t------------------\t------\t-------')
    for (const entry of status.conditions) w.line(1, `${entry.type} \t${entry.status} \t${rfc1123(entry.lastProbeTime)} \t${rfc1123(entry.lastTransitionTime)} \t${entry.reason ?? ''} \t${entry.message ?? ''}`)
  }
  events(w, context.events, context.nowMs)
}

async function podsUsing(session: Session, claim: KubeObject): Promise<string[]> {
  const list = await session.list(pods, claim.metadata.namespace ?? '', { limit: 500 })
  const owners = new Set((claim.metadata.ownerReferences ?? []).filter((owner) => owner.kind === 'Pod').map((owner) => owner.uid))
  return list.items.filter((pod) => owners.has(pod.metadata.uid ?? '') || (pod['spec']?.volumes ?? []).some((entry: Loose) => entry.persistentVolumeClaim?.claimName === claim.metadata.name)).map((pod) => pod.metadata.name ?? '').sort()
}

export const storageClass: Describer = (w, object, context) => {
  head(w, object, false)
  w.line(0, `IsDefaultClass:\t${object.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true' ? 'Yes' : 'No'}`)
  w.line(0, `Annotations:\t${formatMap(object.metadata.annotations)}`)
  w.line(0, `Provisioner:\t${object['provisioner'] ?? ''}`)
  w.line(0, `Parameters:\t${formatMap(object['parameters'])}`)
  w.line(0, `AllowVolumeExpansion:\t${printBool(object['allowVolumeExpansion'])}`)
  const mountOptions: string[] = object['mountOptions'] ?? []
  w.line(0, mountOptions.length === 0 ? 'MountOptions:\t<none>' : 'MountOptions:')
  for (const option of mountOptions) w.line(1, option)
  if (object['reclaimPolicy']) w.line(0, `ReclaimPolicy:\t${object['reclaimPolicy']}`)
  if (object['volumeBindingMode']) w.line(0, `VolumeBindingMode:\t${object['volumeBindingMode']}`)
  const topologies: Loose[] | undefined = object['allowedTopologies']
  if (topologies) {
    w.line(0, `AllowedTopologies:\t${topologies.length === 0 ? '<none>' : ''}`)
    topologies.forEach((term, index) => (term.matchLabelExpressions ?? []).forEach((entry: Loose, at: number) => w.line(1, `${at === 0 ? `Term ${index}:` : ''}\t${entry.key} in [${(entry.values ?? []).join(', ')}]`)))
  }
  events(w, context.events, context.nowMs)
}

export const volumeAttributesClass: Describer = (w, object, context) => {
  head(w, object, false)
  w.line(0, `Annotations:\t${formatMap(object.metadata.annotations)}`)
  w.line(0, `DriverName:\t${object['driverName'] ?? ''}`)
  w.line(0, `Parameters:\t${formatMap(object['parameters'])}`)
  events(w, context.events, context.nowMs)
}

export const csiNode: Describer = (w, object, context) => {
  head(w, object, false)
  metadata(w, object)
  w.line(0, `CreationTimestamp:\t${rfc1123(object.metadata.creationTimestamp)}`)
  w.line(0, 'Spec:')
  const drivers: Loose[] | null | undefined = object['spec']?.drivers
  if (drivers) w.line(1, 'Drivers:')
  for (const driver of drivers ?? []) {
    w.line(2, `${driver.name}:`)
    w.line(3, `Node ID:\t${driver.nodeID}`)
    if (driver.allocatable?.count !== undefined) {
      w.line(3, 'Allocatables:')
      w.line(4, `Count:\t${driver.allocatable.count}`)
    }
    if (driver.topologyKeys) w.line(3, `Topology Keys:\t[${driver.topologyKeys.join(' ')}]`)
  }
  events(w, context.events, context.nowMs)
}

export const podDisruptionBudget: Describer = (w, object, context) => {
  const spec = object['spec'] ?? {}
  const status = object['status'] ?? {}
  head(w, object)
  if (spec.minAvailable !== undefined) w.line(0, `Min available:\t${spec.minAvailable}`)
  else if (spec.maxUnavailable !== undefined) w.line(0, `Max unavailable:\t${spec.maxUnavailable}`)
  w.line(0, `Selector:\t${spec.selector ? formatSelector(spec.selector) : '<unset>'}`)
  w.line(0, 'Status:')
  w.line(2, `Allowed disruptions:\t${status.disruptionsAllowed ?? 0}`)
  w.line(2, `Current:\t${status.currentHealthy ?? 0}`)
  w.line(2, `Desired:\t${status.desiredHealthy ?? 0}`)
  w.line(2, `Total:\t${status.expectedPods ?? 0}`)
  events(w, context.events, context.nowMs)
}

export const priorityClass: Describer = (w, object, context) => {
  head(w, object, false)
  w.line(0, `Value:\t${object['value'] ?? 0}`)
  w.line(0, `GlobalDefault:\t${object['globalDefault'] ?? false}`)
  w.line(0, `PreemptionPolicy:\t${object['preemptionPolicy'] ?? ''}`)
  w.line(0, `Description:\t${object['description'] ?? ''}`)
  w.line(0, `Annotations:\t${formatMap(object.metadata.annotations)}`)
  events(w, context.events, context.nowMs)
}

export const autoscaler: Describer = (w, object, context) => {
  const spec = object['spec'] ?? {}
  const status = object['status'] ?? {}
  head(w, object)
  metadata(w, object)
  w.line(0, `CreationTimestamp:\t${rfc1123(object.metadata.creationTimestamp)}`)
  w.line(0, `Reference:\t${spec.scaleTargetRef?.kind}/${spec.scaleTargetRef?.name}`)
  w.line(0, 'Metrics:\t( current / target )')
  ;(spec.metrics ?? []).forEach((metric: Loose, index: number) => w.line(1, metricText(metric, status.currentMetrics?.[index])))
  w.line(0, `Min replicas:\t${spec.minReplicas ?? '<unset>'}`)
  w.line(0, `Max replicas:\t${spec.maxReplicas}`)
  if (spec.behavior) {
    w.line(0, 'Behavior:')
    behavior(w, 'Scale Up', spec.behavior.scaleUp)
    behavior(w, 'Scale Down', spec.behavior.scaleDown)
  }
  w.line(0, `${spec.scaleTargetRef?.kind} pods:\t${status.currentReplicas ?? 0} current / ${status.desiredReplicas ?? 0} desired`)
  conditions(w, status.conditions, ['Type', 'Status', 'Reason', 'Message'])
  for (const entry of status.conditions ?? []) w.line(1, `${entry.type}\t${entry.status}\t${entry.reason ?? ''}\t${entry.message ?? ''}`)
  events(w, context.events, context.nowMs)
}

function metricText(metric: Loose, current: Loose): string {
  const source = metric.resource ?? metric.containerResource
  if (source) {
    const now = (current?.resource ?? current?.containerResource)?.current
    const head = metric.resource ? `resource ${source.name} on pods` : `resource ${source.name} of container "${source.container}" on pods`
    if (source.target?.averageValue !== undefined) return `${head}:\t${now?.averageValue ?? '<unknown>'} / ${source.target.averageValue}`
    return `${head}  (as a percentage of request):\t${now?.averageUtilization === undefined ? '<unknown>' : `${now.averageUtilization}% (${now.averageValue})`} / ${source.target?.averageUtilization === undefined ? '<auto>' : `${source.target.averageUtilization}%`}`
  }
  if (metric.pods) return `"${metric.pods.metric.name}" on pods:\t${current?.pods?.current?.averageValue ?? '<unknown>'} / ${metric.pods.target.averageValue}`
  if (metric.object) {
    const { target } = metric.object
    const now = current?.object?.current
    const head = `"${metric.object.metric.name}" on ${metric.object.describedObject.kind}/${metric.object.describedObject.name} `
    return target.type === 'AverageValue' ? `${head}(target average value):\t${now?.averageValue ?? '<unknown>'} / ${target.averageValue}` : `${head}(target value):\t${now?.value ?? '<unknown>'} / ${target.value}`
  }
  if (metric.external) {
    const { target } = metric.external
    const now = current?.external?.current
    return target.averageValue !== undefined ? `"${metric.external.metric.name}" (target average value):\t${now?.averageValue ?? '<unknown>'} / ${target.averageValue}` : `"${metric.external.metric.name}" (target value):\t${now?.value ?? '<unknown>'} / ${target.value}`
  }
  return `<unknown metric type ${JSON.stringify(metric.type)}>`
}

function behavior(w: Writer, title: string, rules: Loose): void {
  if (!rules) return
  w.line(1, `${title}:`)
  if (rules.stabilizationWindowSeconds !== undefined && rules.stabilizationWindowSeconds !== null) w.line(2, `Stabilization Window: ${rules.stabilizationWindowSeconds} seconds`)
  if (!rules.policies?.length) return
  w.line(2, `Select Policy: ${rules.selectPolicy ?? 'Max'}`)
  w.line(2, 'Policies:')
  for (const policy of rules.policies) w.line(3, `- Type: ${policy.type}\tValue: ${policy.value}\tPeriod: ${policy.periodSeconds} seconds`)
}

export const certificateRequest: Describer = (w, object, context) => {
  const spec = object['spec'] ?? {}
  head(w, object, false)
  w.line(0, `Labels:\t${formatMap(object.metadata.labels)}`)
  w.line(0, `Annotations:\t${formatMap(object.metadata.annotations)}`)
  w.line(0, `CreationTimestamp:\t${rfc1123(object.metadata.creationTimestamp)}`)
  w.line(0, `Requesting User:\t${spec.username ?? ''}`)
  if (spec.signerName) w.line(0, `Signer:\t${spec.signerName}`)
  if (spec.expirationSeconds !== undefined) w.line(0, `Requested Duration:\t${humanDuration(spec.expirationSeconds * 1000)}`)
  w.line(0, `Status:\t${requestStatus(object)}`)
  const request = parseRequestPem(decodeUtf8(fromBase64(String(spec.request ?? ''))))
  w.line(0, 'Subject:')
  w.line(0, `\tCommon Name:\t${commonName(request.subject)}`)
  w.line(0, `\tSerial Number:\t${attribute(request.subject, '2.5.4.5').join(',')}`)
  for (const [title, oid] of [['Organization', '2.5.4.10'], ['Organizational Unit', '2.5.4.11'], ['Country', '2.5.4.6'], ['Locality', '2.5.4.7'], ['Province', '2.5.4.8'], ['StreetAddress', '2.5.4.9'], ['PostalCode', '2.5.4.17']] as const) listed(w, title, attribute(request.subject, oid))
  const { dns, ips } = request.names
  if (dns.length + ips.length > 0) w.line(0, 'Subject Alternative Names:')
  listed(w, 'DNS Names', dns)
  listed(w, 'IP Addresses', ips)
  events(w, context.events, context.nowMs)
}

function listed(w: Writer, title: string, values: readonly string[]): void {
  if (values.length > 0) w.line(0, `\t${title}:\t${values.join('\n\t\t')}`)
}

function requestStatus(object: KubeObject): string {
  const types: string[] = (object['status']?.conditions ?? []).map((entry: Loose) => entry.type as string)
  let text = types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending'
  if (types.includes('Failed')) text += ',Failed'
  return object['status']?.certificate ? `${text},Issued` : text
}
