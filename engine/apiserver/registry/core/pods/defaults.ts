/** Defaults of pods and of the pod templates of workloads. Source: the recorded answers of a v1.35 server. */
import type { KubeObject } from '#engine/api/object'
import { fallback, fallbackText, listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { pullPolicyOf } from './pull-policy'
import { defaultResourceRequests } from './resource-defaults'
import { defaultVolume } from './volume-defaults'

export function defaultPod(pod: KubeObject): void {
  const spec = (pod.spec ??= {}) as Free
  for (const container of [...listOf(spec.initContainers), ...listOf(spec.containers)]) requestsFromLimits(container)
  defaultResourceRequests(spec)
  fallback(spec, 'enableServiceLinks', true)
  if (spec.hostNetwork === true) for (const container of [...listOf(spec.containers), ...listOf(spec.initContainers)]) openHostPorts(container)
  defaultPodSpec(spec)
  pod.status ??= {}
  fallbackText(pod.status, 'phase', 'Pending')
}

/** What a pod's spec gets wherever it stands: in a pod or in a template. */
export function defaultPodSpec(spec: Free): void {
  fallbackText(spec, 'dnsPolicy', 'ClusterFirst')
  fallbackText(spec, 'restartPolicy', 'Always')
  fallback(spec, 'securityContext', {})
  fallback(spec, 'terminationGracePeriodSeconds', 30)
  fallbackText(spec, 'schedulerName', 'default-scheduler')
  for (const volume of listOf(spec.volumes)) defaultVolume(volume)
  for (const field of ['initContainers', 'containers', 'ephemeralContainers']) for (const container of listOf(spec[field])) defaultContainer(container)
  if (spec.serviceAccountName === undefined && spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName
}

export function defaultPodTemplate(template: Free): void {
  if (!template) return
  defaultPodSpec((template.spec ??= {}))
}

function requestsFromLimits(container: Free): void {
  const limits = container.resources?.limits
  if (!limits) return
  const requests = (container.resources.requests ??= {})
  for (const name in limits) requests[name] ??= limits[name]
}

function openHostPorts(container: Free): void {
  for (const port of listOf(container.ports)) if (!port.hostPort) port.hostPort = port.containerPort
}

function defaultContainer(container: Free): void {
  if (!container.imagePullPolicy) container.imagePullPolicy = pullPolicyOf(container.image ?? '')
  fallbackText(container, 'terminationMessagePath', '/dev/termination-log')
  fallbackText(container, 'terminationMessagePolicy', 'File')
  for (const port of listOf(container.ports)) fallbackText(port, 'protocol', 'TCP')
  for (const variable of listOf(container.env)) {
    if (variable.valueFrom?.fieldRef) fallbackText(variable.valueFrom.fieldRef, 'apiVersion', 'v1')
    if (variable.valueFrom?.fileKeyRef) fallback(variable.valueFrom.fileKeyRef, 'optional', false)
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) if (container[name]) defaultProbe(container[name])
  for (const hook of [container.lifecycle?.postStart, container.lifecycle?.preStop]) if (hook?.httpGet) defaultHttpGet(hook.httpGet)
}

function defaultProbe(probe: Free): void {
  for (const [field, value] of [['timeoutSeconds', 1], ['periodSeconds', 10], ['successThreshold', 1], ['failureThreshold', 3]] as const) if (!probe[field]) probe[field] = value
  if (probe.httpGet) defaultHttpGet(probe.httpGet)
  if (probe.grpc) fallback(probe.grpc, 'service', '')
}

function defaultHttpGet(action: Free): void {
  fallbackText(action, 'path', '/')
  fallbackText(action, 'scheme', 'HTTP')
}
