/** Prefix, suffix and namespace. */
import { CliError } from '../session/errors'
import { appliesTo, changeField, type FieldSpec, isMap, pathParts } from './fieldpath'
import type { Gvk, Resource } from './resource'
import { isClusterScoped } from './scope.table'

function keepsName({ group, kind }: Gvk): boolean {
  return kind === 'CustomResourceDefinition' || kind === 'Namespace' || (group === 'apiregistration.k8s.io' && kind === 'APIService')
}

export function addPrefix(resources: readonly Resource[], prefix: string, specs: readonly FieldSpec[]): void {
  addAffix(resources, specs, (resource) => void resource.prefixes.push(prefix), (name) => prefix + name)
}

export function addSuffix(resources: readonly Resource[], suffix: string, specs: readonly FieldSpec[]): void {
  addAffix(resources, specs, (resource) => void resource.suffixes.push(suffix), (name) => name + suffix)
}

/** What is renamed is chosen by the kind it had at first. */
function addAffix(resources: readonly Resource[], specs: readonly FieldSpec[], record: (resource: Resource) => void, change: (name: string) => string): void {
  for (const resource of resources) {
    for (const spec of specs) {
      if (!appliesTo(spec, resource.originalId)) continue
      if (spec.path === 'metadata/name') {
        resource.remember()
        record(resource)
      }
      if (!keepsName(resource.gvk)) changeField(resource.object, pathParts(spec.path), spec.create ?? false, (value) => (typeof value === 'string' ? change(value) : value))
    }
  }
}

export type SubjectMode = 'defaultOnly' | 'allServiceAccounts' | 'none'

export interface NamespaceOptions {
  /** Leaves objects alone that name a namespace. */
  readonly unsetOnly?: boolean
  readonly subjects?: SubjectMode
}

export function checkSubjectMode(text: unknown): void {
  if (text !== undefined && text !== '' && text !== 'defaultOnly' && text !== 'allServiceAccounts' && text !== 'none') throw new CliError(`invalid value ${JSON.stringify(text)} for setRoleBindingSubjects: must be one of "defaultOnly", "none" or "allServiceAccounts"`)
}

export function setNamespace(resources: readonly Resource[], namespace: string, specs: readonly FieldSpec[], options: NamespaceOptions = {}): void {
  const chosen = (old: unknown): unknown => (options.unsetOnly && typeof old === 'string' && old !== '' ? old : namespace)
  for (const resource of resources) {
    if (Object.keys(resource.object).length === 0) continue
    resource.remember()
    if (resource.kind === 'Namespace' && resource.gvk.group === '') resource.name = namespace
    else if (!isClusterScoped(resource.gvk)) resource.metadata['namespace'] = chosen(resource.metadata['namespace'])
    const roles = resource.kind === 'RoleBinding' || resource.kind === 'ClusterRoleBinding'
    if (roles) setSubjects(resource, options.subjects || 'defaultOnly', chosen)
    for (const spec of specs) if (!isSpecial(spec, roles) && appliesTo(spec, resource.gvk)) changeField(resource.object, pathParts(spec.path), spec.create ?? false, chosen)
  }
}

function isSpecial({ path }: FieldSpec, roles: boolean): boolean {
  return path === 'metadata/name' || path === 'metadata/namespace' || (roles && (path === 'subjects/namespace' || path === 'subjects'))
}

/** The service account `default` is meant to be that of the namespace. */
function setSubjects({ object }: Resource, mode: SubjectMode, chosen: (old: unknown) => unknown): void {
  const subjects: unknown = object['subjects']
  if (!Array.isArray(subjects) || mode === 'none') return
  for (const subject of subjects) if (isMap(subject) && subject['kind'] === 'ServiceAccount' && (mode === 'allServiceAccounts' || subject['name'] === 'default')) subject['namespace'] = chosen(subject['namespace'])
}
