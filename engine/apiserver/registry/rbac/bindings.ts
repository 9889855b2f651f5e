/** Columns of role bindings of both scopes. */
import type { KubeObject } from '#engine/api/object'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'
import type { Column } from '#engine/apiserver/registry/resource'

interface Subject { readonly kind: string; readonly name: string; readonly namespace?: string }

export function bindingColumns(kind: 'RoleBinding' | 'ClusterRoleBinding'): readonly Column[] {
  const word = kind === 'RoleBinding' ? 'roleBinding' : 'clusterRoleBinding'
  return [
    nameColumn,
    column('Role', (object) => `${(object.roleRef?.kind ?? '') as string}/${(object.roleRef?.name ?? '') as string}`, { docOf: `io.k8s.api.rbac.v1.${kind}#roleRef` }),
    ageColumn,
    column('Users', (object) => subjects(object, 'User'), { wide: true, says: `Users in the ${word}` }),
    column('Groups', (object) => subjects(object, 'Group'), { wide: true, says: `Groups in the ${word}` }),
    column('ServiceAccounts', (object) => subjects(object, 'ServiceAccount'), { wide: true, says: `ServiceAccounts in the ${word}` }),
  ]
}

function subjects(object: KubeObject, kind: string): string {
  const list = ((object.subjects ?? []) as Subject[]).filter((item) => item.kind === kind)
  return list.map((item) => (kind === 'ServiceAccount' && item.namespace ? `${item.namespace}/${item.name}` : item.name)).join(', ')
}
