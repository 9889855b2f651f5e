import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { statusView } from '#engine/apiserver/registry/views'
import { withMeta, withMetaUpdate } from '#engine/apiserver/registry/metadata'
import { podColumns } from './columns'
import { defaultPod } from './defaults'
import { podGracePeriod, preparePodForCreate, preparePodForUpdate, preparePodStatus } from './prepare'
import { validateEphemeralUpdate, validateNewPod, validatePod, validatePodUpdate } from './validation/pod'
import { validateResize } from './validation/resize'
import { podWarnings } from './warnings'
import { validatePodStatus } from './validation/status'

export const pods = defineResource({
  ...identity('/v1/pods'),
  defaults: defaultPod,
  ownsMetaValidation: true,
  validate: withMeta('dns-subdomain', true, validateNewPod),
  validateUpdate: withMetaUpdate('dns-subdomain', true, (next, previous) => [...validatePod(next), ...validatePodUpdate(next, previous)]),
  prepareForCreate: preparePodForCreate,
  prepareForUpdate: preparePodForUpdate,
  warnings: (pod, previous) => podWarnings(pod, previous),
  gracePeriodSeconds: podGracePeriod,
  columns: podColumns,
  subresources: {
    status: statusView({ prepareForUpdate: preparePodStatus, validateUpdate: validatePodStatus }),
    ephemeralcontainers: { kind: 'view', verbs: ['get', 'patch', 'update'], take: takeEphemeral, validateUpdate: validateEphemeralUpdate },
    resize: { kind: 'view', verbs: ['get', 'patch', 'update'], take: takeResize, validateUpdate: validateResize },
  },
  indexes: { 'spec.nodeName': (pod) => (pod.spec?.nodeName ?? '') as string },
  selectableFields: {
    'spec.nodeName': (pod) => (pod.spec?.nodeName ?? '') as string,
    'spec.restartPolicy': (pod) => (pod.spec?.restartPolicy ?? '') as string,
    'spec.schedulerName': (pod) => (pod.spec?.schedulerName ?? '') as string,
    'spec.serviceAccountName': (pod) => (pod.spec?.serviceAccountName ?? '') as string,
    'spec.hostNetwork': (pod) => String(pod.spec?.hostNetwork ?? false),
    'status.phase': (pod) => (pod.status?.phase ?? '') as string,
    'status.podIP': (pod) => (pod.status?.podIPs?.[0]?.ip ?? '') as string,
    'status.podIPs': (pod) => (pod.status?.podIPs?.[0]?.ip ?? '') as string,
    'status.nominatedNodeName': (pod) => (pod.status?.nominatedNodeName ?? '') as string,
  },
})

function takeEphemeral(next: KubeObject, previous: KubeObject): KubeObject {
  return withGeneration(previous, { ...previous, metadata: { ...previous.metadata, resourceVersion: next.metadata.resourceVersion ?? '' }, spec: { ...previous.spec, ephemeralContainers: next.spec?.ephemeralContainers as unknown } })
}

interface Container { readonly name: string; readonly resources?: unknown; readonly resizePolicy?: unknown }

/** Resources and resize policies of the containers; nothing else moves. Containers that are not the same ones are for the validation to refuse. */
function takeResize(next: KubeObject, previous: KubeObject): KubeObject {
  const spec = { ...previous.spec } as Record<string, unknown>
  for (const kind of ['containers', 'initContainers'] as const) {
    const containers = (next.spec?.[kind] ?? []) as readonly Container[]
    const old = (previous.spec?.[kind] ?? []) as readonly Container[]
    const same = containers.length === old.length && containers.every(({ name }, index) => name === old[index]?.name)
    if (containers.length > 0 || old.length > 0) spec[kind] = same ? old.map((container, index) => resized(container, containers[index] as Container)) : containers
  }
  return withGeneration(previous, { ...previous, metadata: { ...previous.metadata, resourceVersion: next.metadata.resourceVersion ?? '' }, spec })
}

function resized(old: Container, { resources, resizePolicy }: Container): Container {
  return { ...old, ...(resources === undefined ? {} : { resources }), ...(resizePolicy === undefined ? {} : { resizePolicy }) }
}

function withGeneration(previous: KubeObject, next: KubeObject): KubeObject {
  if (JSON.stringify(next.spec) === JSON.stringify(previous.spec)) return next
  return { ...next, metadata: { ...next.metadata, generation: (previous.metadata.generation ?? 0) + 1 } }
}
