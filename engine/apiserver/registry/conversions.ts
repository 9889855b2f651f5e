/** Built-in kinds that are served in two versions of different shape: one is stored, the other made of it. */
import type { KubeObject } from '#engine/api/object'
import { groupVersion } from '#engine/api/object'
import { horizontalPodAutoscalerToV1, horizontalPodAutoscalerToV2 } from '#engine/apiserver/registry/autoscaling/horizontalpodautoscalers/convert'
import { eventToCore, eventToEvents } from '#engine/apiserver/registry/core/events/convert'

/** The object in the wanted version. Kinds of one shape only get another apiVersion. */
export function convertObject(object: KubeObject, group: string, version: string): KubeObject {
  const wanted = groupVersion(group, version)
  if (object.apiVersion === wanted) return object
  if (object.kind === 'HorizontalPodAutoscaler') return version === 'v1' ? horizontalPodAutoscalerToV1(object) : horizontalPodAutoscalerToV2(object)
  if (object.kind === 'Event') return group === '' ? eventToCore(object) : eventToEvents(object)
  return { ...object, apiVersion: wanted }
}
