/** Defaults of a pod that comes from a file: what the API server would have set, as far as the kubelet acts on it. */
import type { Container, Pod, Probe, Volume } from '#engine/api/kinds'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export function defaultPod(pod: Pod): void {
  const spec = pod.spec as Mutable<NonNullable<Pod['spec']>> | undefined
  if (!spec) return
  spec.restartPolicy ??= 'Always'
  spec.dnsPolicy ??= 'ClusterFirst'
  spec.terminationGracePeriodSeconds ??= 30
  spec.securityContext ??= {}
  spec.schedulerName ??= 'default-scheduler'
  spec.enableServiceLinks ??= true
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) defaultContainer(container, spec.hostNetwork ?? false)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
}

function defaultContainer(container: Mutable<Container>, hostNetwork: boolean): void {
  container.imagePullPolicy ??= pullPolicy(container.image ?? '')
  container.terminationMessagePath ??= '/dev/termination-log'
  container.terminationMessagePolicy ??= 'File'
  container.resources ??= {}
  for (const port of (container.ports ?? []) as Mutable<NonNullable<Container['ports']>[number]>[]) {
    port.protocol ??= 'TCP'
    if (hostNetwork) port.hostPort ??= port.containerPort
  }
  const limits = container.resources.limits
  if (limits) container.resources = { ...container.resources, requests: { ...limits, ...container.resources.requests } }
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
