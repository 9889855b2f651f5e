import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { statusView } from '#engine/apiserver/registry/views'
import { podColumns } from './columns'
import { defaultPod } from './defaults'
import { podGracePeriod, preparePodForCreate, preparePodForUpdate, preparePodStatus } from './prepare'

export const pods = defineResource({
  ...identity('/v1/pods'),
  prepareForCreate: preparePodForCreate,
  prepareForUpdate: preparePodForUpdate,
  gracePeriodSeconds: podGracePeriod,
  defaults: defaultPod,
  columns: podColumns,
  subresources: { status: statusView({ prepareForUpdate: preparePodStatus }) },
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
