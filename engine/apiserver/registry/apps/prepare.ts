/** What the server sets in the workloads of the apps group. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'

const generationAnnotation = 'deprecated.daemonset.template.generation'

export function prepareDaemonSet(object: KubeObject): void {
  delete object.status
  ;(object.metadata.annotations ??= {})[generationAnnotation] = '1'
}

/** The generation of the template is kept in an annotation, for clients of long ago. */
export function prepareDaemonSetUpdate(next: KubeObject, previous: KubeObject): void {
  next.status = previous.status as unknown
  const before = Number(previous.metadata.annotations?.[generationAnnotation] ?? 0)
  const changed = !equalJson(next.spec?.template, previous.spec?.template)
  const generation = changed ? before + 1 : before
  if (generation !== 0) (next.metadata.annotations ??= {})[generationAnnotation] = String(generation)
}

/** The status of a Deployment is not the place to change its labels. */
export function prepareDeploymentStatus(next: KubeObject, previous: KubeObject): void {
  if (previous.metadata.labels === undefined) delete next.metadata.labels
  else next.metadata.labels = previous.metadata.labels
}
