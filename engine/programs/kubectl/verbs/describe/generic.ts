/** What has no description of its own: its fields, indented. */
import { goText } from '#engine/api/jsonpath/evaluate'
import type { KubeObject } from '#engine/api/object'
import { annotations, events, labels } from './common'
import type { Describer } from './table'
import type { Writer } from './writer'

const skipped = new Set(['.metadata.managedFields', '.metadata.name', '.metadata.namespace', '.metadata.labels', '.metadata.annotations'])

export const generic: Describer = (w, object, context) => {
  w.line(0, `Name:\t${object.metadata.name ?? ''}`)
  w.line(0, `Namespace:\t${object.metadata.namespace ?? ''}`)
  labels(w, 'Labels', object.metadata.labels)
  annotations(w, 'Annotations', object.metadata.annotations)
  content(w, 0, object, '')
  events(w, context.events, context.nowMs)
}

function content(w: Writer, level: number, value: Record<string, unknown> | KubeObject, prefix: string): void {
  for (const field of Object.keys(value).sort()) {
    const path = `${prefix}.${field}`
    const item = (value as Record<string, unknown>)[field]
    if (skipped.has(path)) continue
    if (Array.isArray(item)) {
      w.line(level, `${smartLabel(field)}:`)
      for (const child of item as unknown[]) {
        if (child !== null && typeof child === 'object' && !Array.isArray(child)) content(w, level + 1, child as Record<string, unknown>, path)
        else w.line(level + 1, goText(child))
      }
    } else if (item !== null && typeof item === 'object') {
      w.line(level, `${smartLabel(field)}:`)
      content(w, level + 1, item as Record<string, unknown>, path)
    } else w.line(level, `${smartLabel(field)}:\t${goText(item)}`)
  }
}

const acronyms = ['API', 'URL', 'UID', 'OSB', 'GUID']

/** `apiVersion` is `API Version`; names with other than letters stay. */
function smartLabel(field: string): string {
  if (!/^[\p{L}-]*$/u.test(field)) return field
  const parts = field.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|-+|\p{Lu}/gu) ?? [field]
  return parts.map((part) => (acronyms.includes(part.toUpperCase()) ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())).join(' ')
}
