import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { separateStatus, statusView } from '#engine/apiserver/registry/views'
import { horizontalPodAutoscalerColumns } from './columns'
import { horizontalPodAutoscalerToV2 } from './convert'
import { defaultHorizontalPodAutoscaler } from './defaults'
import { validateAutoscalerStatus, validateHorizontalPodAutoscaler } from './validation'

export const horizontalPodAutoscalers = defineResource({
  ...identity('autoscaling/v2/horizontalpodautoscalers'),
  validate: (object) => validateHorizontalPodAutoscaler(object.apiVersion === 'autoscaling/v1' ? horizontalPodAutoscalerToV2(object) : object),
  ...separateStatus,
  defaults: defaultHorizontalPodAutoscaler,
  hasGeneration: false,
  columns: horizontalPodAutoscalerColumns,
  subresources: { status: statusView({ validateUpdate: validateAutoscalerStatus }) },
})
