import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { statusView } from '#engine/apiserver/registry/views'
import { horizontalPodAutoscalerColumns } from './columns'

export const horizontalPodAutoscalers = defineResource({
  ...identity('autoscaling/v2/horizontalpodautoscalers'),
  hasGeneration: false,
  columns: horizontalPodAutoscalerColumns,
  subresources: { status: statusView() },
})
