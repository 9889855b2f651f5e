/** Which resources a target means. */
import { matchesLabels, parseLabelSelector } from '#engine/api/selector'
import { CliError } from '../session/errors'
import type { Selector } from './kustomization'
import type { Resource, ResourceId } from './resource'

export function selected(resources: readonly Resource[], selector: Selector): Resource[] {
  const name = anchored(selector.name)
  const namespace = anchored(selector.namespace)
  const labels = selector.labelSelector ? requirements(selector.labelSelector) : undefined
  const annotations = selector.annotationSelector ? requirements(selector.annotationSelector) : undefined
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
    throw new CliError(`error parsing regexp: ${faultIn(`^(?:${pattern})$`)}`)
  }
}

/** What Go's regexp says of the commonest mistakes. */
function faultIn(pattern: string): string {
  const bare = pattern.replace(/\\./g, '')
  if ((bare.match(/\[/g)?.length ?? 0) > (bare.match(/\]/g)?.length ?? 0)) return `missing closing ]: \`${pattern.slice(pattern.indexOf('['))}\``
  const depth = (bare.match(/\(/g)?.length ?? 0) - (bare.match(/\)/g)?.length ?? 0)
  if (depth > 0) return `missing closing ): \`${pattern}\``
  if (depth < 0) return `unexpected ): \`${pattern}\``
  const repeat = /(?:^|[(|])([*+?])/.exec(pattern.replace('^(?:', '('))
  return repeat ? `missing argument to repetition operator: \`${repeat[1] as string}\`` : `invalid nested repetition operator: \`${pattern}\``
}

/** kyaml has a selector parser of its own, with its own words. */
function requirements(text: string): ReturnType<typeof parseLabelSelector> {
  try {
    return parseLabelSelector(text)
  } catch (error) {
    throw new CliError((error as Error).message.replace('expected: in, notin, =, ==, !=, gt, lt', "expected: '=', '!=', '==', 'in', notin'"))
  }
}
