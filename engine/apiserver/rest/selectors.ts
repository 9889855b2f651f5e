/** The selectors of a list, watch or deletecollection: parsed, checked against what the kind supports, applied. */
import { badRequestError } from '#engine/api/errors'
import { fieldSelectorText, labelSelectorText, matchesLabels, parseFieldSelector, parseLabelSelector, SelectorError, type FieldRequirement, type LabelSelector } from '#engine/api/selector'
import type { KubeObject } from '#engine/api/object'
import type { ServedResource } from '#engine/apiserver/catalog'
import type { Call } from '#engine/apiserver/chain/call'
import type { WatchScope } from '#engine/apiserver/storage/cacher'

export interface Selection {
  readonly scope: WatchScope
  /** Everything else than the scope; undefined selects all of it. */
  readonly matches: ((object: KubeObject) => boolean) | undefined
  readonly labels: LabelSelector
  readonly fields: readonly FieldRequirement[]
}

export function selectionOf(call: Call, served: ServedResource): Selection {
  const { query, namespace } = call.info
  const labels = parsed(() => parseLabelSelector(query.get('labelSelector') ?? ''))
  const fields = parsed(() => parseFieldSelector(query.get('fieldSelector') ?? ''))
  const name = call.info.name !== '' ? call.info.name : undefined
  const getters = fields.map((requirement) => ({ ...requirement, get: getterOf(served, requirement.field) }))
  const scope = scopeOf(served, namespace, fields, name)
  const matches = labels.length === 0 && getters.length === 0 ? undefined : (object: KubeObject): boolean =>
    getters.every(({ get, operator, value }) => (get(object) === value) === (operator === '=')) && (labels.length === 0 || matchesLabels(labels, object.metadata.labels))
  return { scope, matches, labels, fields }
}

function parsed<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof SelectorError) throw badRequestError(error.message)
    throw error
  }
}

function getterOf(served: ServedResource, field: string): (object: KubeObject) => string {
  if (field === 'metadata.name') return (object) => object.metadata.name ?? ''
  if (field === 'metadata.namespace' && (served.definition.scope === 'namespaced' || !served.custom)) return (object) => object.metadata.namespace ?? ''
  const own = served.definition.selectableFields?.[field]
  if (!own) throw badRequestError(served.custom ? `field label not supported: ${field}` : fieldComplaint(served, field))
  return own
}

function fieldComplaint(served: ServedResource, field: string): string {
  return served.definition.selectableFields && Object.keys(served.definition.selectableFields).length > 0 ? `field label not supported: ${field}` : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
}

function scopeOf(served: ServedResource, namespace: string, fields: readonly FieldRequirement[], name: string | undefined): WatchScope {
  const inNamespace = served.definition.scope === 'namespaced' ? namespace : ''
  const byName = name ?? fields.find((item) => item.field === 'metadata.name' && item.operator === '=')?.value
  if (byName !== undefined) return { namespace: inNamespace, name: byName }
  const indexed = fields.find((item) => item.operator === '=' && served.cacher?.hasIndex(item.field))
  if (indexed) return { namespace: inNamespace, index: { name: indexed.field, value: indexed.value } }
  return { namespace: inNamespace }
}

export function selectionText(selection: Selection): { label: string; field: string } {
  return { label: labelSelectorText(selection.labels), field: fieldSelectorText(selection.fields) }
}
