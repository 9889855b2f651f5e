import { ageOf } from '#engine/api/duration'
import type { KubeObject } from '#engine/api/object'
import { defineResource } from '#engine/apiserver/registry/resource'
import { identity } from '#engine/apiserver/registry/identities'
import { column } from '#engine/apiserver/registry/cells'
import type { Column, ResourceDefinition } from '#engine/apiserver/registry/resource'
import { validateEvent } from '#engine/apiserver/registry/core/validation'

const schema = 'io.k8s.api.core.v1.Event'

const columns: readonly Column[] = [
  column('Last Seen', (event, nowMs) => lastSeen(event, nowMs), { docOf: `${schema}#lastTimestamp` }),
  column('Type', (event) => text(event.type), { docOf: `${schema}#type` }),
  column('Reason', (event) => text(event.reason), { docOf: `${schema}#reason` }),
  column('Object', target, { docOf: `${schema}#involvedObject` }),
  column('Subobject', (event) => text(event.involvedObject?.fieldPath), { wide: true, docOf: 'io.k8s.api.core.v1.ObjectReference#fieldPath' }),
  column('Source', source, { wide: true, docOf: `${schema}#source` }),
  column('Message', (event) => text(event.message).trim(), { docOf: `${schema}#message` }),
  column('First Seen', (event, nowMs) => ageOf(firstTime(event), nowMs), { wide: true, docOf: `${schema}#firstTimestamp` }),
  column('Count', (event) => (event.series?.count ?? (event.count || 1)) as number, { wide: true, docOf: `${schema}#count` }),
  column('Name', (event) => event.metadata.name ?? '', { format: 'name', wide: true, docOf: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#name' }),
]

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function firstTime(event: KubeObject): string {
  return text(event.firstTimestamp) || text(event.eventTime)
}

function lastSeen(event: KubeObject, nowMs: number): string {
  if (event.series) return ageOf(text(event.series.lastObservedTime), nowMs)
  return ageOf(text(event.lastTimestamp) || firstTime(event), nowMs)
}

function target(event: KubeObject): string {
  const kind = text(event.involvedObject?.kind).toLowerCase()
  const name = text(event.involvedObject?.name)
  return name === '' ? kind : `${kind}/${name}`
}

function source(event: KubeObject): string {
  const component = text(event.source?.component) || text(event.reportingComponent)
  const host = text(event.source?.host) || text(event.reportingInstance)
  return host === '' ? component : `${component}, ${host}`
}

const selectableFields: NonNullable<ResourceDefinition['selectableFields']> = {
  'involvedObject.kind': (event) => text(event.involvedObject?.kind),
  'involvedObject.namespace': (event) => text(event.involvedObject?.namespace),
  'involvedObject.name': (event) => text(event.involvedObject?.name),
  'involvedObject.uid': (event) => text(event.involvedObject?.uid),
  'involvedObject.apiVersion': (event) => text(event.involvedObject?.apiVersion),
  'involvedObject.resourceVersion': (event) => text(event.involvedObject?.resourceVersion),
  'involvedObject.fieldPath': (event) => text(event.involvedObject?.fieldPath),
  reason: (event) => text(event.reason),
  reportingComponent: (event) => text(event.reportingComponent) || text(event.source?.component),
  source: (event) => text(event.source?.component) || text(event.reportingComponent),
  type: (event) => text(event.type),
}

export const events = defineResource({ ...identity('/v1/events'), validate: validateEvent, hasGeneration: false, createOnUpdate: true, columns, selectableFields })
