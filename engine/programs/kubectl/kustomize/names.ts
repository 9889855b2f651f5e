/** Prefix, suffix and namespace. */
import { changeField, isMap } from './fieldpath'
import type { Gvk, Resource } from './resource'
import { isClusterScoped } from './scope.table'

function keepsName({ group, kind }: Gvk): boolean {
  return kind === 'CustomResourceDefinition' || kind === 'Namespace' || (group === 'apiregistration.k8s.io' && kind === 'APIService')
}

export function addPrefix(resources: readonly Resource[], prefix: string): void {
  for (const resource of resources) {
    resource.remember()
    resource.prefixes.push(prefix)
    if (!keepsName(resource.gvk)) resource.name = prefix + resource.name
  }
}

export function addSuffix(resources: readonly Resource[], suffix: string): void {
  for (const resource of resources) {
    resource.remember()
    resource.suffixes.push(suffix)
    if (!keepsName(resource.gvk)) resource.name += suffix
  }
}

export function setNamespace(resources: readonly Resource[], namespace: string): void {
  for (const resource of resources) {
    if (Object.keys(resource.object).length === 0) continue
    resource.remember()
    if (resource.kind === 'Namespace' && resource.gvk.group === '') resource.name = namespace
    else if (!isClusterScoped(resource.gvk)) resource.metadata['namespace'] = namespace
    setSubjects(resource, namespace)
    setServices(resource, namespace)
  }
}

/** The service account `default` is meant to be that of the namespace. */
function setSubjects({ kind, object }: Resource, namespace: string): void {
  if (kind !== 'RoleBinding' && kind !== 'ClusterRoleBinding') return
  const subjects: unknown = object['subjects']
  if (!Array.isArray(subjects)) return
  for (const subject of subjects) if (isMap(subject) && subject['kind'] === 'ServiceAccount' && subject['name'] === 'default') subject['namespace'] = namespace
}

function setServices({ kind, object }: Resource, namespace: string): void {
  if (kind === 'APIService') changeField(object, ['spec', 'service', 'namespace'], true, () => namespace)
}
