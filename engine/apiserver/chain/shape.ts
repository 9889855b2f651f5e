/** Objects and lists in the form the client asked for: as they are, as a Table, as metadata alone. */
import { ageOf } from '#engine/api/duration'
import type { HttpResponse } from '#engine/base/http'
import type { KubeObject } from '#engine/api/object'
import { failure } from '#engine/api/status'
import type { ServedResource } from '#engine/apiserver/catalog'
import { describeColumn } from '#engine/apiserver/openapi/descriptions'
import { negotiate, type Accepted } from '#engine/apiserver/representation/negotiate'
import { partialMetadata, tableOf, type IncludeObject, type TableOptions } from '#engine/apiserver/representation/table'
import type { ResourceDefinition } from '#engine/apiserver/registry/resource'
import type { Call } from './call'
import { encoded, warningHeaders } from './respond'

export function objectResponse(call: Call, served: ServedResource, status: number, object: unknown): HttpResponse {
  const accepted = negotiate(call.http.headers['accept'], !served.custom)
  const headers = { 'cache-control': 'no-cache, private', ...warningHeaders(call.warnings) }
  const value = accepted.as === '' ? object : shaped(call, served, accepted, object as KubeObject)
  return encoded(status, value, accepted.media, headers)
}

const scaleDefinition: ResourceDefinition = {
  group: 'autoscaling', version: 'v1', kind: 'Scale', plural: 'scales', scope: 'namespaced',
  columns: [
    { name: 'Name', type: 'string', format: 'name', docOf: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#name', cell: (object) => object.metadata.name ?? '' },
    { name: 'Desired', type: 'integer', docOf: 'io.k8s.api.autoscaling.v1.ScaleSpec#replicas', cell: (object) => (object['spec'] as { replicas?: number }).replicas ?? 0 },
    { name: 'Available', type: 'integer', docOf: 'io.k8s.api.autoscaling.v1.ScaleStatus#replicas', cell: (object) => (object['status'] as { replicas?: number }).replicas ?? 0 },
    { name: 'Age', type: 'string', docOf: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta#creationTimestamp', cell: (object, nowMs) => ageOf(object.metadata.creationTimestamp, nowMs) },
  ],
}

/** A Table or metadata alone; other answers (Status, Scale) stay as they are. */
function shaped(call: Call, served: ServedResource, accepted: Accepted, object: KubeObject): unknown {
  const definition = object.kind === 'Scale' && object.apiVersion === 'autoscaling/v1' ? scaleDefinition : served.definition
  const items = itemsOf(definition, object)
  if (!items && object.kind !== definition.kind) return object
  switch (accepted.as) {
    case 'Table': return tableOf(definition, items ?? [object], items ? object.metadata : { resourceVersion: object.metadata.resourceVersion }, tableOptions(call, accepted), describeColumn)
    case 'PartialObjectMetadataList': if (items) return { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${accepted.version}`, metadata: object.metadata, items: items.map((item) => partialMetadata(item, accepted.version)) }; break
    case 'PartialObjectMetadata': if (!items) return partialMetadata(object, accepted.version)
  }
  throw failure(406, 'NotAcceptable', 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf', {})
}

function itemsOf(definition: ResourceDefinition, object: KubeObject): KubeObject[] | undefined {
  return object.kind === `${definition.kind}List` && Array.isArray(object['items']) ? (object['items'] as KubeObject[]) : undefined
}

export function tableOptions(call: Call, accepted: Accepted): TableOptions {
  const include = (call.info.query.get('includeObject') || 'Metadata') as IncludeObject
  if (!['Metadata', 'None', 'Object'].includes(include)) throw failure(400, 'BadRequest', `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`)
  return { nowMs: call.nowMs, include, version: accepted.version, noHeaders: false }
}
