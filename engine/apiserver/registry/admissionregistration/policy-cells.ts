/** What tables show of admission policies and their bindings. */
import type { KubeObject } from '#engine/api/object'

export function paramKindCell(object: KubeObject): string {
  const kind = object.spec?.paramKind as { apiVersion?: string; kind?: string } | undefined
  return kind ? `${kind.apiVersion ?? ''}/${kind.kind ?? ''}` : '<unset>'
}

export function paramRefCell(object: KubeObject): string {
  const ref = object.spec?.paramRef as { name?: string; namespace?: string; selector?: unknown } | undefined
  if (!ref) return '<unset>'
  if (ref.name) return `${ref.namespace || '*'}/${ref.name}`
  return ref.selector === undefined ? '<unset>' : JSON.stringify(ref.selector)
}
