/** Defaults of role bindings: whoever names no group means the usual one. */
import type { KubeObject } from '#engine/api/object'
import { fallbackText, listOf } from '#engine/apiserver/registry/free'

const rbacGroup = 'rbac.authorization.k8s.io'

export function defaultBinding(object: KubeObject): void {
  if (object.roleRef) fallbackText(object.roleRef, 'apiGroup', rbacGroup)
  for (const subject of listOf(object.subjects)) if (subject.kind === 'User' || subject.kind === 'Group') fallbackText(subject, 'apiGroup', rbacGroup)
}
