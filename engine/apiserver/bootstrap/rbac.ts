/**
 * The default roles and bindings, reconciled at every start: what is missing is made, what was taken from them is put back,
 * unless the annotation `rbac.authorization.kubernetes.io/autoupdate` says false. What was added stays.
 */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { coversRule } from '#engine/apiserver/authorization/rbac/rules'
import type { PolicyRule } from '#engine/apiserver/authorization/rbac/rules'
import type { BootstrapHook } from '#engine/apiserver/bootstrap'
import type { ServerServices } from '#engine/apiserver/services'
import { ensure } from './ensure'
import type { PolicyBinding, PolicyRole } from './policy'
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from './rbac.generated'

const apiVersion = 'rbac.authorization.k8s.io/v1'
const group = 'rbac.authorization.k8s.io'
const autoupdate = 'rbac.authorization.kubernetes.io/autoupdate'

export const bootstrapRoles: BootstrapHook = {
  name: 'rbac/bootstrap-roles',
  async run(services) {
    await reconcileAll(services, 'clusterroles', clusterRoles, (role) => roleObject('ClusterRole', role), mergeRole)
    await reconcileAll(services, 'clusterrolebindings', clusterRoleBindings, (binding) => bindingObject('ClusterRoleBinding', binding), mergeBinding)
    await reconcileAll(services, 'roles', roles, (role) => roleObject('Role', role), mergeRole)
    await reconcileAll(services, 'rolebindings', roleBindings, (binding) => bindingObject('RoleBinding', binding), mergeBinding)
  },
}

/** What was found whole before, by this server or the one whose etcd this is a copy of, is passed over at once. */
async function reconcileAll<T extends { readonly name: string; readonly namespace?: string }>(services: ServerServices, plural: string, items: readonly T[], objectOf: (item: T) => KubeObject, merge: Merge): Promise<void> {
  const resource = `${plural}.${group}`
  for (const item of items) {
    const there = services.reader.standing([resource])?.get(resource, item.namespace ?? '', item.name)
    if (!there || !complete.has(there)) await reconcile(services, resource, objectOf(item), merge)
  }
}

function metadata(item: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> }): KubeObject['metadata'] {
  return {
    name: item.name,
    ...(item.namespace === undefined ? {} : { namespace: item.namespace }),
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...item.labels },
    annotations: { [autoupdate]: 'true' },
  }
}

function roleObject(kind: string, role: PolicyRole): KubeObject {
  return { apiVersion, kind, metadata: metadata(role), ...(role.aggregationRule === undefined ? {} : { aggregationRule: role.aggregationRule }), rules: role.aggregationRule === undefined ? [...role.rules] : null }
}

function bindingObject(kind: string, binding: PolicyBinding): KubeObject {
  return { apiVersion, kind, metadata: metadata(binding), roleRef: { apiGroup: group, kind: binding.role, name: binding.roleName }, subjects: [...binding.subjects] }
}

type Merge = (wanted: KubeObject, there: KubeObject) => KubeObject | undefined

async function reconcile(services: ServerServices, resource: string, wanted: KubeObject, merge: Merge): Promise<void> {
  const { namespace = '', name = '' } = wanted.metadata
  const there = await services.reader.get(resource, namespace, name)
  if (!there) {
    await ensure(services, resource, wanted)
    return
  }
  if (there.metadata.annotations?.[autoupdate] === 'false' || complete.has(there)) return
  const merged = merge(wanted, there)
  if (merged) await services.client.update(resource, merged)
  else complete.add(there)
}

/** Objects that were found to lack nothing: a server that starts again on the very same ones need not look again. */
const complete = new WeakSet<KubeObject>()

function withMetadata(wanted: KubeObject, there: KubeObject): KubeObject {
  return { ...there, metadata: { ...there.metadata, labels: { ...there.metadata.labels, ...wanted.metadata.labels }, annotations: { ...wanted.metadata.annotations, ...there.metadata.annotations } } }
}

function mergeRole(wanted: KubeObject, there: KubeObject): KubeObject | undefined {
  const merged = withMetadata(wanted, there)
  if (wanted.aggregationRule) {
    const selectors = (there.aggregationRule?.clusterRoleSelectors ?? []) as unknown[]
    const missing = (wanted.aggregationRule.clusterRoleSelectors as unknown[]).filter((item) => !selectors.some((other) => equalJson(item, other)))
    if (missing.length > 0) merged.aggregationRule = { clusterRoleSelectors: [...selectors, ...missing] }
  } else {
    const rules = (there.rules ?? []) as PolicyRule[]
    const missing = (wanted.rules as PolicyRule[]).filter((rule) => !coversRule(rules, rule))
    if (missing.length > 0) merged.rules = [...rules, ...missing]
  }
  return equalJson(merged, there) ? undefined : merged
}

function mergeBinding(wanted: KubeObject, there: KubeObject): KubeObject | undefined {
  const merged = withMetadata(wanted, there)
  const subjects = (there.subjects ?? []) as unknown[]
  const missing = (wanted.subjects as unknown[]).filter((item) => !subjects.some((other) => equalJson(item, other)))
  if (missing.length > 0) merged.subjects = [...subjects, ...missing]
  return equalJson(merged, there) ? undefined : merged
}
