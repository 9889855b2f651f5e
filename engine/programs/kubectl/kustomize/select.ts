/** Which resources a target means. */
import { matchesLabels, parseLabelSelector } from '#engine/api/selector'
import { CliError } from '../session/errors'
import type { Selector } from './kustomization'
import type { Resource, ResourceId } from './resource'

export function selected(resources: readonly Resource[], selector: Selector): Resource[] {
  const name = anchored(selector.name)
  const namespace = anchored(selector.namespace)
  const labels = selector.labelSelector ? parseLabelSelector(selector.labelSelector) : undefined
  const annotations = selector.annotationSelector ? parseLabelSelector(selector.annotationSelector) : undefined
  const gvk = (id: ResourceId): boolean => (!selector.group || anchored(selector.group).test(id.group)) && (!selector.version || anchored(selector.version).test(id.version)) && (!selector.kind || anchored(selector.kind).test(id.kind))
  return resources.filter((resource) => {
    const ids = [resource.id, ...resource.previous]
    if (!ids.some((id) => (!selector.name || name.test(id.name)) && (!selector.namespace || namespace.test(id.namespace || 'default')) && gvk(id))) return false
    if (labels && !matchesLabels(labels, (resource.metadata['labels'] ?? {}) as Record<string, string>)) return false
    return !annotations || matchesLabels(annotations, (resource.metadata['annotations'] ?? {}) as Record<string, string>)
  })
}

function anchored(pattern = ''): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`)
  } catch {
    throw new CliError(`error parsing regexp: ${pattern}`)
  }
}
