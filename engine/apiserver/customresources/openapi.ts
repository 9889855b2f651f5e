/** OpenAPI of custom resources, made like that of a built-in kind of the same shape. */
import type { KubeObject } from '#engine/api/object'
import { builtinDocument } from '#engine/apiserver/openapi/documents'
import type { Document, Fields } from '#engine/apiserver/openapi/shapes'
import { crdSpec, type CrdSpec, type CrdVersion } from './crd'
import type { JsonSchema } from './schema'

export interface CustomDocuments {
  readonly documents: ReadonlyMap<string, unknown>
  readonly definitions: Readonly<Record<string, unknown>>
  readonly paths: Readonly<Record<string, unknown>>
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

export function customDocuments(crds: readonly KubeObject[]): CustomDocuments {
  const documents = new Map<string, Document>()
  const definitions: Fields = {}
  const paths: Fields = {}
  for (const crd of crds) {
    const spec = crdSpec(crd)
    for (const version of spec.versions) {
      if (!version.served) continue
      const path = `apis/${spec.group}/${version.name}`
      const made = documentOf(spec, version)
      const standing = documents.get(path)
      documents.set(path, standing ? { ...standing, paths: { ...standing.paths, ...made.paths }, components: { ...standing.components, schemas: { ...standing.components.schemas, ...made.components.schemas } } } : made)
      definitions[schemaName(spec, version)] = swagger(rootSchema(spec, version))
    }
  }
  return { documents, definitions, paths }
}

function schemaName({ group, names }: CrdSpec, version: CrdVersion): string {
  return `${group.split('.').reverse().join('.')}.${version.name}.${names.kind}`
}

function rootSchema(spec: CrdSpec, version: CrdVersion): Fields {
  const schema: JsonSchema = version.schema?.openAPIV3Schema ?? { type: 'object' }
  const { description, properties, ...rest } = schema
  const gvk = [{ group: spec.group, kind: spec.names.kind, version: version.name }]
  if (!properties && schema['x-kubernetes-preserve-unknown-fields']) return { ...(description ? { description } : {}), type: 'object', 'x-kubernetes-group-version-kind': gvk }
  return {
    ...(description ? { description } : {}), ...rest, type: 'object',
    properties: {
      apiVersion: { description: 'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources', type: 'string' },
      kind: { description: 'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds', type: 'string' },
      metadata: { description: 'Standard object\'s metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata', allOf: [{ $ref: `#/components/schemas/${objectMeta}` }] },
      ...Object.fromEntries(Object.entries(properties ?? {}).filter(([name]) => !['apiVersion', 'kind', 'metadata'].includes(name))),
    },
    'x-kubernetes-group-version-kind': gvk,
  }
}

/** Version 2 knows references of another place and no nullable. */
function swagger(schema: Fields): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/definitions/').replace(/"allOf":\[(\{"\$ref":"[^"]+"\})\]/g, (_, reference: string) => reference.slice(1, -1))) as unknown
}

/** Paths of Deployments (or of flow schemas, which have no namespace) with other names in them. */
function documentOf(spec: CrdSpec, version: CrdVersion): Document {
  const namespaced = spec.scope === 'Namespaced'
  const model = namespaced ? { path: 'apis/apps/v1', group: 'apps', plural: 'deployments', kind: 'Deployment', schema: 'io.k8s.api.apps.v1.Deployment', id: 'AppsV1' }
    : { path: 'apis/flowcontrol.apiserver.k8s.io/v1', group: 'flowcontrol.apiserver.k8s.io', plural: 'flowschemas', kind: 'FlowSchema', schema: 'io.k8s.api.flowcontrol.v1.FlowSchema', id: 'FlowcontrolApiserverV1' }
  const document = builtinDocument(model.path) as Document
  const name = schemaName(spec, version)
  const wanted = Object.entries(document.paths).filter(([path]) => belongs(path, model.plural, version))
  const text = JSON.stringify(Object.fromEntries(wanted))
    .replaceAll(`/apis/${model.group}/v1/`, `/apis/${spec.group}/${version.name}/`).replaceAll(`/${model.plural}`, `/${spec.names.plural}`)
    .replaceAll(`${model.schema}List"`, `${name}List"`).replaceAll(`${model.schema}"`, `${name}"`)
    .replaceAll(`"group":"${model.group}","version":"v1","kind":"${model.kind}"`, `"group":"${spec.group}","version":"${version.name}","kind":"${spec.names.kind}"`)
    .replaceAll(model.id, `${camel(spec.group)}${camel(version.name)}`).replaceAll(model.kind, spec.names.kind)
  const list = { type: 'object', required: ['items'], properties: { apiVersion: { type: 'string' }, items: { type: 'array', items: { $ref: `#/components/schemas/${name}` } }, kind: { type: 'string' }, metadata: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta' }] } }, 'x-kubernetes-group-version-kind': [{ group: spec.group, kind: spec.names.listKind ?? `${spec.names.kind}List`, version: version.name }] }
  const shared = Object.fromEntries(Object.entries(document.components.schemas).filter(([key]) => key.startsWith('io.k8s.apimachinery.') || key.startsWith('io.k8s.api.autoscaling.v1.Scale')))
  return { openapi: document.openapi, info: document.info, paths: JSON.parse(text, spoken) as Fields, components: { schemas: { [name]: rootSchema(spec, version), [`${name}List`]: list, ...shared } } }
}

/** Custom objects have no strategic merge and no protobuf: a client looks here before it patches. */
function spoken(key: string, value: unknown): unknown {
  return key === 'application/strategic-merge-patch+json' || key.startsWith('application/vnd.kubernetes.protobuf') ? undefined : value
}

function belongs(path: string, plural: string, version: CrdVersion): boolean {
  if (path.includes('/watch/') || !new RegExp(`/${plural}(?:/|$)`).test(path)) return false
  if (path.endsWith('/status')) return version.subresources?.status !== undefined
  return path.endsWith('/scale') ? version.subresources?.scale !== undefined : true
}

function camel(text: string): string {
  return text.split(/[.-]/).map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')
}
