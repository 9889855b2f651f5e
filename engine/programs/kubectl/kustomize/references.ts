/** Names of renamed objects, wherever others hold them. */
import { appliesTo, changeField, isMap, pathParts } from './fieldpath'
import type { ReferenceRule } from './references.table'
import type { Data, Resource, ResourceId } from './resource'
import { isClusterScoped } from './scope.table'

export function fixReferences(resources: readonly Resource[], rules: readonly ReferenceRule[]): void {
  for (const rule of rules) {
    const targets = resources.filter(({ gvk }) => gvk.kind === rule.kind && (rule.group === undefined || gvk.group === rule.group) && (!rule.version || gvk.version === rule.version))
    if (targets.length === 0) continue
    for (const referrer of resources) fixIn(referrer, rule, targets)
  }
}

function fixIn(referrer: Resource, rule: ReferenceRule, targets: readonly Resource[]): void {
  for (const spec of rule.fields) {
    if (!appliesTo(spec, referrer.gvk)) continue
    changeField(referrer.object, pathParts(spec.path), false, (value) => changed(value, referrer, targets))
  }
}

function changed(value: unknown, referrer: Resource, targets: readonly Resource[]): unknown {
  if (typeof value === 'string') return find(value, undefined, referrer, targets)?.name ?? value
  if (Array.isArray(value)) return value.map((item: unknown) => changed(item, referrer, targets))
  return isMap(value) ? changedMap(value, referrer, targets) : value
}

/** A name with its namespace beside it. */
function changedMap(value: Data, referrer: Resource, targets: readonly Resource[]): Data {
  const { name, namespace } = value
  if (typeof name !== 'string') return value
  const found = find(name, typeof namespace === 'string' ? namespace : undefined, referrer, targets)
  if (!found) return value
  return { ...value, name: found.name, ...(found.namespace === '' ? {} : { namespace: found.namespace }) }
}

/** The one object that had this name, as near to the referrer as can be. */
function find(name: string, namespace: string | undefined, referrer: Resource, targets: readonly Resource[]): Resource | undefined {
  let found = targets.filter((target) => target.allIds.some((id) => id.name === name && inNamespace(id, namespace, referrer)))
  if (found.length > 1) found = narrowed(found, (target) => sameAffixes(target, referrer))
  if (found.length > 1) found = narrowed(found, (target) => target.namespace === referrer.namespace)
  if (found.length > 1) found = narrowed(found, (target) => target.name === name)
  return found.length === 1 ? found[0] : undefined
}

function narrowed(found: readonly Resource[], test: (resource: Resource) => boolean): Resource[] {
  const fewer = found.filter(test)
  return fewer.length > 0 ? fewer : [...found]
}

/** A namespace that is named counts alone; else those the referrer is or was in. */
function inNamespace(id: ResourceId, namespace: string | undefined, referrer: Resource): boolean {
  if (isClusterScoped(id)) return true
  const own = id.namespace || 'default'
  if (namespace !== undefined) return own === (namespace || 'default')
  return isClusterScoped(referrer.gvk) || referrer.allIds.some((known) => (known.namespace || 'default') === own)
}

/** What came through the same overlays has the same prefixes and suffixes, as far as both go. */
function sameAffixes(a: Resource, b: Resource): boolean {
  const match = (first: readonly string[], second: readonly string[]): boolean => first.slice(0, second.length).join('\n') === second.slice(0, first.length).join('\n')
  return match(a.prefixes, b.prefixes) && match(a.suffixes, b.suffixes)
}
