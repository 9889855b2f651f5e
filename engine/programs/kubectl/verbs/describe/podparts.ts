/** Containers, volumes and templates of pods. */
import { annotations, type Loose, formatSelector, labels, rfc1123 } from './common'
import { volume } from './volumes'
import type { Writer } from './writer'

export function printBool(value: unknown): string {
  return value === undefined || value === null ? '<unset>' : value ? 'True' : 'False'
}

export type EnvResolver = (fieldPath: string) => string

export function containers(w: Writer, title: string, list: Loose[], statuses: Loose[] | undefined, resolve: EnvResolver | undefined, space: string): void {
  w.line(0, `${space}${title}:${list.length === 0 ? ' <none>' : ''}`)
  for (const container of list) {
    const status = statuses?.find((entry) => entry.name === container.name)
    basicInfo(w, container, status, space)
    words(w, 'Command', container.command)
    words(w, 'Args', container.args)
    if (status) state(w, status)
    resources(w, container.resources, 2)
    for (const [name, probe] of [['Liveness', container.livenessProbe], ['Readiness', container.readinessProbe], ['Startup', container.startupProbe]] as const) if (probe) w.line(2, `${name}:\t${probeText(probe)}`)
    envFrom(w, container)
    environment(w, container, resolve)
    mounts(w, container)
  }
}

function basicInfo(w: Writer, container: Loose, status: Loose, space: string): void {
  w.line(1, `${space === '' ? '' : ' '}${container.name}:`)
  if (status) w.line(2, `Container ID:\t${status.containerID ?? ''}`)
  w.line(2, `Image:\t${container.image ?? ''}`)
  if (status) w.line(2, `Image ID:\t${status.imageID ?? ''}`)
  const ports = (host: boolean): string => (container.ports ?? []).map((port: Loose) => `${host ? (port.hostPort ?? 0) : port.containerPort}/${port.protocol ?? ''}${port.name ? ` (${port.name})` : ''}`).join(', ')
  const [plain, host] = [ports(false), ports(true)]
  w.line(2, plain.includes(',') ? `Ports:\t${plain}` : `Port:\t${plain || '<none>'}`)
  w.line(2, host.includes(',') ? `Host Ports:\t${host}` : `Host Port:\t${host || '<none>'}`)
  const seccomp = container.securityContext?.seccompProfile
  if (seccomp) {
    w.line(2, `SeccompProfile:\t${seccomp.type}`)
    if (seccomp.type === 'Localhost') w.line(3, `LocalhostProfile:\t${seccomp.localhostProfile ?? ''}`)
  }
}

function words(w: Writer, title: string, list: string[] | undefined): void {
  if (!list?.length) return
  w.line(2, `${title}:`)
  for (const word of list) for (const line of word.split('\n')) w.line(3, line)
}

function state(w: Writer, status: Loose): void {
  stateOf(w, 'State', status.state ?? {})
  if (status.lastState?.terminated) stateOf(w, 'Last State', status.lastState)
  w.line(2, `Ready:\t${printBool(status.ready ?? false)}`)
  w.line(2, `Restart Count:\t${status.restartCount ?? 0}`)
}

function stateOf(w: Writer, name: string, value: Loose): void {
  if (value.running) {
    w.line(2, `${name}:\tRunning`)
    w.line(3, `Started:\t${rfc1123(value.running.startedAt)}`)
  } else if (value.terminated) {
    const { terminated } = value
    w.line(2, `${name}:\tTerminated`)
    if (terminated.reason) w.line(3, `Reason:\t${terminated.reason}`)
    if (terminated.message) w.line(3, `Message:\t${terminated.message}`)
    w.line(3, `Exit Code:\t${terminated.exitCode ?? 0}`)
    if ((terminated.signal ?? 0) > 0) w.line(3, `Signal:\t${terminated.signal}`)
    w.line(3, `Started:\t${rfc1123(terminated.startedAt)}`)
    w.line(3, `Finished:\t${rfc1123(terminated.finishedAt)}`)
  } else {
    w.line(2, `${name}:\tWaiting`)
    if (value.waiting?.reason) w.line(3, `Reason:\t${value.waiting.reason}`)
  }
}

export function resources(w: Writer, value: Loose, level: number): void {
  for (const [title, map] of [['Limits', value?.limits], ['Requests', value?.requests]] as const) {
    const keys = Object.keys(map ?? {}).sort()
    if (keys.length > 0) w.line(level, `${title}:`)
    for (const key of keys) w.line(level + 1, `${key}:\t${String(map[key])}`)
  }
}

function probeText(probe: Loose): string {
  const attributes = `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds ?? 0}s period=${probe.periodSeconds ?? 0}s #success=${probe.successThreshold ?? 0} #failure=${probe.failureThreshold ?? 0}`
  if (probe.exec) return `exec [${(probe.exec.command ?? []).join(' ')}] ${attributes}`
  if (probe.httpGet) {
    const get = probe.httpGet
    const path = String(get.path ?? '')
    return `http-get ${String(get.scheme ?? '').toLowerCase()}://${get.host ?? ''}:${get.port}${path === '' || path.startsWith('/') ? '' : '/'}${path} ${attributes}`
  }
  if (probe.tcpSocket) return `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port} ${attributes}`
  if (probe.grpc) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ''} ${attributes}`
  return `unknown ${attributes}`
}

function envFrom(w: Writer, container: Loose): void {
  if (!container.envFrom?.length) return
  w.line(2, 'Environment Variables from:')
  for (const entry of container.envFrom) {
    const source = entry.configMapRef ?? entry.secretRef
    const kind = entry.configMapRef ? 'ConfigMap' : entry.secretRef ? 'Secret' : ''
    w.line(3, `${source?.name ?? ''}\t${kind}${entry.prefix ? ` with prefix '${entry.prefix}'` : ''}\tOptional: ${source?.optional ? 'true' : 'false'}`)
  }
}

function environment(w: Writer, container: Loose, resolve: EnvResolver | undefined): void {
  w.line(2, `Environment:${container.env?.length ? '' : '\t<none>'}`)
  for (const entry of container.env ?? []) {
    const from = entry.valueFrom
    if (!from) String(entry.value ?? '').split('\n').forEach((line, index) => w.line(3, index === 0 ? `${entry.name}:\t${line}` : `\t${line}`))
    else if (from.fieldRef) w.line(3, `${entry.name}:\t${resolve?.(from.fieldRef.fieldPath) ?? ''} (${from.fieldRef.apiVersion ?? 'v1'}:${from.fieldRef.fieldPath})`)
    else if (from.resourceFieldRef) w.line(3, `${entry.name}:\t${resourceValue(from.resourceFieldRef, container)} (${from.resourceFieldRef.resource})`)
    else if (from.secretKeyRef) w.line(3, `${entry.name}:\t<set to the key '${from.secretKeyRef.key}' in secret '${from.secretKeyRef.name}'>\tOptional: ${from.secretKeyRef.optional ? 'true' : 'false'}`)
    else if (from.configMapKeyRef) w.line(3, `${entry.name}:\t<set to the key '${from.configMapKeyRef.key}' of config map '${from.configMapKeyRef.name}'>\tOptional: ${from.configMapKeyRef.optional ? 'true' : 'false'}`)
  }
}

const units: Readonly<Record<string, number>> = { '': 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 }

function resourceValue(ref: Loose, container: Loose): string {
  const [kind = '', name = ''] = String(ref.resource).split('.')
  const text = String(container.resources?.[kind]?.[name] ?? '0')
  const number = (value: string): number => {
    const match = /^([0-9.]+)(m|k|M|G|Ki|Mi|Gi|Ti)?$/.exec(value)
    return match ? Number(match[1]) * (units[match[2] ?? ''] ?? 1) : 0
  }
  const divisor = number(String(ref.divisor ?? '1')) || 1
  const value = Math.ceil(number(text) / divisor)
  return value === 0 && kind === 'limits' ? 'node allocatable' : String(value)
}

function mounts(w: Writer, container: Loose): void {
  const list = [...(container.volumeMounts ?? [])].sort((a: Loose, b: Loose) => (a.mountPath < b.mountPath ? -1 : 1))
  w.line(2, `Mounts:${list.length === 0 ? '\t<none>' : ''}`)
  for (const mount of list) w.line(3, `${mount.mountPath} from ${mount.name} (${mount.readOnly ? 'ro' : 'rw'}${mount.subPath ? `,path=${JSON.stringify(mount.subPath)}` : ''})`)
  const devices = [...(container.volumeDevices ?? [])].sort((a: Loose, b: Loose) => (a.devicePath < b.devicePath ? -1 : 1))
  if (devices.length > 0) w.line(2, `Devices:${list.length === 0 ? '\t<none>' : ''}`)
  for (const device of devices) w.line(3, `${device.devicePath} from ${device.name}`)
}

export function volumes(w: Writer, list: Loose[] | undefined, space: string): void {
  if (!list?.length) return w.line(0, `${space}Volumes:\t<none>`)
  w.line(0, `${space}Volumes:`)
  for (const entry of list) {
    w.line(1, `${space === '' ? '' : ' '}${entry.name}:`)
    volume(w, entry)
  }
}

export function tolerations(w: Writer, title: string, list: Loose[] | undefined): void {
  const sorted = [...(list ?? [])].sort((a: Loose, b: Loose) => ((a.key ?? '') < (b.key ?? '') ? -1 : (a.key ?? '') > (b.key ?? '') ? 1 : 0))
  if (sorted.length === 0) return w.line(0, `${title}:\t<none>`)
  sorted.forEach((entry: Loose, index) => {
    let text = `${entry.key ?? ''}${entry.value ? `=${entry.value}` : ''}${entry.effect ? `:${entry.effect}` : ''}`
    if (entry.operator === 'Exists' && !entry.value) text += entry.key || entry.effect ? ' op=Exists' : 'op=Exists'
    if (entry.tolerationSeconds !== undefined) text += ` for ${entry.tolerationSeconds}s`
    w.line(0, `${index === 0 ? `${title}:\t` : '\t'}${text}`)
  })
}

export function spreadConstraints(w: Writer, list: Loose[] | undefined, space: string): void {
  const sorted = [...(list ?? [])].sort((a: Loose, b: Loose) => (a.topologyKey < b.topologyKey ? -1 : 1))
  sorted.forEach((entry: Loose, index) => w.line(0, `${index === 0 ? `${space}Topology Spread Constraints:\t` : `${space}\t`}${entry.topologyKey}:${entry.whenUnsatisfiable} when max skew ${entry.maxSkew} is exceeded${entry.labelSelector ? ` for selector ${formatSelector(entry.labelSelector)}` : ''}`))
}

export function podTemplate(w: Writer, template: Loose): void {
  w.line(0, 'Pod Template:')
  if (!template) return w.part(1, '<unset>')
  labels(w, '  Labels', template.metadata?.labels)
  if (Object.keys(template.metadata?.annotations ?? {}).length > 0) annotations(w, '  Annotations', template.metadata.annotations)
  const spec = template.spec ?? {}
  if (spec.serviceAccountName) w.line(1, `Service Account:\t${spec.serviceAccountName}`)
  if (spec.initContainers?.length) containers(w, 'Init Containers', spec.initContainers, undefined, undefined, '  ')
  containers(w, 'Containers', spec.containers ?? [], undefined, undefined, '  ')
  volumes(w, spec.volumes, '  ')
  spreadConstraints(w, spec.topologySpreadConstraints, '  ')
  if (spec.priorityClassName) w.line(1, `Priority Class Name:\t${spec.priorityClassName}`)
  labels(w, '  Node-Selectors', spec.nodeSelector)
  tolerations(w, '  Tolerations', spec.tolerations)
}
