/** Flow schemas and priority levels that are what they are: those that the server cannot do without. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, invalid } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { flowSchemas, priorityLevels } from '#engine/apiserver/bootstrap/flowcontrol.generated'

const mandatory = ['exempt', 'catch-all']
const oddNames: Readonly<Record<string, string>> = { apiGroups: 'APIGroups', nonResourceURLs: 'NonResourceURLs' }

export function validateMandatory(object: KubeObject): FieldError[] {
  const { name = '' } = object.metadata
  // How much of the server the exempt level counts for may be changed.
  if (!mandatory.includes(name) || (name === 'exempt' && object.kind !== 'FlowSchema')) return []
  const table = object.kind === 'FlowSchema' ? flowSchemas : priorityLevels
  const fixed = table.find((item) => item.name === name)?.spec
  return equalJson(object.spec, fixed) ? [] : [invalid(FieldPath.root('spec'), goNamed(object.spec), `spec of '${name}' must equal the fixed value`)]
}

/** With the names of the server's own types. */
function goNamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(goNamed)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [oddNames[key] ?? key.charAt(0).toUpperCase() + key.slice(1), goNamed(item)]))
}
