/** What tables show of admission policies and their bindings. */
import type { KubeObject } from '#engine/api/object'
import { ageColumn, column, nameColumn } from '#engine/apiserver/registry/cells'

export function paramKindCell(object: KubeObject): string {
  const kind = object.spec?.paramKind as { apiVersion?: string; kind?: string } | undefined
  return kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : '<unset>'
}

function paramRefCell(object: KubeObject): string {
  const ref = object.spec?.paramRef as { name?: string; namespace?: string; selector?: unknown } | undefined
  if (!ref) return '<unset>'
  if (ref.name) return `${ref.namespace || '*'}/${ref.name}`
  return ref.selector === undefined ? '<unset>' : JSON.stringify(ref.selector)
}

export const bindingColumns = [
  nameColumn,
  column('PolicyName', (object) => (object.spec?.policyName ?? '') as string, { says: 'PolicyName indicates the policy definition which the policy binding binded to' }),
  column('ParamRef', paramRefCell, { says: 'ParamRef indicates the param resource which sets the configuration param' }),
  ageColumn,
]
