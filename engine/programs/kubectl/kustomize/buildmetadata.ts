/** `buildMetadata`: who made an object, and what changed it, as labels and annotations. */
import { emitYaml } from '#engine/base/yaml/emit'
import type { Kustomization } from './kustomization'
import type { Data, Origin, Resource } from './resource'

export function describe(resources: readonly Resource[], { buildMetadata = [] }: Kustomization): void {
  const has = (option: string): boolean => buildMetadata.includes(option)
  for (const resource of resources) {
    const { origin, transformations } = resource
    if (has('managedByLabel')) add(resource, 'labels', 'app.kubernetes.io/managed-by', 'kustomize-v5.7.1')
    if (has('originAnnotations') && origin) add(resource, 'annotations', 'config.kubernetes.io/origin', written(origin))
    if (has('transformerAnnotations') && transformations.length > 0) add(resource, 'annotations', 'alpha.config.kubernetes.io/transformations', transformations.map(listed).join(''))
  }
}

function add({ metadata }: Resource, field: string, key: string, value: string): void {
  metadata[field] = { ...(metadata[field] as Data | undefined), [key]: value }
}

function written({ path, configuredIn, configuredBy }: Origin): string {
  return [['path', path], ['configuredIn', configuredIn], ['configuredBy', configuredBy]].filter(([, value]) => value !== undefined).map(([key, value]) => emitYaml({ [key as string]: value })).join('')
}

function listed(origin: Origin): string {
  return written(origin).trimEnd().split('\n').map((line, index) => `${index === 0 ? '- ' : '  '}${line}\n`).join('')
}
