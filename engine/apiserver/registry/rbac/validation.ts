/** Roles and bindings. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, invalid, notSupported, required } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { dnsLabel, dnsSubdomain, pathSegment } from '#engine/api/validation/names'
import { validateLabelSelector } from '#engine/api/validation/selectors'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const group = 'rbac.authorization.k8s.io'
const root = (name: string): FieldPath => FieldPath.root(name)

function validateRule(errors: FieldError[], rule: Free, namespaced: boolean, at: FieldPath): void {
  if (listOf(rule.verbs).length === 0) errors.push(required(at.child('verbs'), 'verbs must contain at least one value'))
  if (listOf(rule.nonResourceURLs).length > 0) {
    if (namespaced) errors.push(invalid(at.child('nonResourceURLs'), rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'))
    if (listOf(rule.apiGroups).length > 0 || listOf(rule.resources).length > 0 || listOf(rule.resourceNames).length > 0) errors.push(invalid(at.child('nonResourceURLs'), rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'))
    return
  }
  if (listOf(rule.apiGroups).length === 0) errors.push(required(at.child('apiGroups'), 'resource rules must supply at least one api group'))
  if (listOf(rule.resources).length === 0) errors.push(required(at.child('resources'), 'resource rules must supply at least one resource'))
}

export function validateRole(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, rule] of listOf(object.rules).entries()) validateRule(errors, rule, object.kind === 'Role', root('rules').index(index))
  if (!object.aggregationRule) return errors
  const selectors = listOf(object.aggregationRule.clusterRoleSelectors)
  const at = root('aggregationRule').child('clusterRoleSelectors')
  if (selectors.length === 0) errors.push(required(at, 'at least one clusterRoleSelector required if aggregationRule is non-nil'))
  for (const [index, selector] of selectors.entries()) errors.push(...validateLabelSelector(selector, at.index(index)))
  return errors
}

export function validateBinding(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const ref = (object.roleRef ?? {}) as Free
  const at = root('roleRef')
  const cluster = object.kind === 'ClusterRoleBinding'
  if (ref.apiGroup !== group) errors.push(notSupported(at.child('apiGroup'), ref.apiGroup ?? '', [group]))
  const kinds = cluster ? ['ClusterRole'] : ['Role', 'ClusterRole']
  if (!kinds.includes(ref.kind as string)) errors.push(notSupported(at.child('kind'), ref.kind ?? '', [...kinds].sort()))
  if (!ref.name) errors.push(required(at.child('name'), ''))
  else checkName(errors, ref.name as string, pathSegment, at.child('name'))
  for (const [index, subject] of listOf(object.subjects).entries()) validateSubject(errors, subject, !cluster, root('subjects').index(index))
  return errors
}

function validateSubject(errors: FieldError[], subject: Free, namespaced: boolean, at: FieldPath): void {
  if (!subject.name) errors.push(required(at.child('name'), ''))
  switch (subject.kind) {
    case 'ServiceAccount':
      if (subject.name) checkName(errors, subject.name as string, dnsSubdomain, at.child('name'))
      if (subject.apiGroup) errors.push(notSupported(at.child('apiGroup'), subject.apiGroup, ['']))
      if (!subject.namespace && !namespaced) errors.push(required(at.child('namespace'), ''))
      else if (subject.namespace) checkName(errors, subject.namespace as string, dnsLabel, at.child('namespace'))
      break
    case 'User': case 'Group':
      if (subject.apiGroup !== group) errors.push(notSupported(at.child('apiGroup'), subject.apiGroup ?? '', [group]))
      break
    default: errors.push(notSupported(at.child('kind'), subject.kind ?? '', ['Group', 'ServiceAccount', 'User']))
  }
}

export function validateBindingUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const text = (ref: Free): unknown => ({ APIGroup: ref?.apiGroup ?? '', Kind: ref?.kind ?? '', Name: ref?.name ?? '' })
  return equalJson(next.roleRef, previous.roleRef) ? [] : [invalid(root('roleRef'), text(next.roleRef), 'cannot change roleRef')]
}
