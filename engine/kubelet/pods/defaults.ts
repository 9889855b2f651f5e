/** Defaults of a pod that comes from a file: what the API server would have set, as far as the kubelet acts on it. */
import type { Container, Pod, Probe, Volume } from '#engine/api/kinds'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export function defaultPod(pod: Pod): void {
  const spec = pod.spec as Mutable<NonNullable<Pod['spec']>> | undefined
  if (!spec) return
  setMissing(spec, { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', terminationGracePeriodSeconds: 30, securityContext: {}, schedulerName: 'default-scheduler', enableServiceLinks: true })
  const { initContainers = [], containers, volumes = [], hostNetwork = false } = spec
  for (const container of [...initContainers, ...containers]) defaultContainer(container, hostNetwork)
  for (const volume of volumes) defaultVolume(volume)
}

function setMissing(object: object, defaults: Readonly<Record<string, unknown>>): void {
  const fields = object as Record<string, unknown>
  for (const [key, value] of Object.entries(defaults)) fields[key] ??= value
}

function defaultContainer(container: Mutable<Container>, hostNetwork: boolean): void {
  setMissing(container, { imagePullPolicy: pullPolicy(container.image ?? ''), terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File', resources: {} })
  for (const port of container.ports ?? []) setMissing(port, { protocol: 'TCP', ...(hostNetwork ? { hostPort: port.containerPort } : {}) })
  const limits = container.resources?.limits
  if (limits) container.resources = { ...container.resources, requests: { ...limits, ...container.resources?.requests } }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) if (probe) defaultProbe(probe)
}

function pullPolicy(image: string): 'Always' | 'IfNotPresent' {
  const last = image.split('/').pop() ?? ''
  if (image.includes('@')) return 'IfNotPresent'
  return !last.includes(':') || last.endsWith(':latest') ? 'Always' : 'IfNotPresent'
}

function defaultProbe(probe: Mutable<Probe>): void {
  probe.timeoutSeconds ??= 1
  probe.periodSeconds ??= 10
  probe.successThreshold ??= 1
  probe.failureThreshold ??= 3
  const http = probe.httpGet as Mutable<NonNullable<Probe['httpGet']>> | undefined
  if (http) {
    http.path ??= '/'
    http.scheme ??= 'HTTP'
  }
}

function defaultVolume(volume: Mutable<Volume>): void {
  const source = Object.keys(volume).some((key) => key !== 'name')
  if (!source) volume.emptyDir = {}
  if (volume.hostPath) (volume.hostPath as Mutable<NonNullable<Volume['hostPath']>>).type ??= ''
  for (const part of [volume.configMap, volume.secret, volume.projected, volume.downwardAPI] as ({ defaultMode?: number } | undefined)[]) if (part) part.defaultMode ??= 420
}
