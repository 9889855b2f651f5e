/** OpenAPI documents of kinds behind a gate: the paths of a kind of the same shape with other names, and the schemas of `schema/gated`. */
import { openApiSchemas } from '#engine/apiserver/schema/builtin'
import { type GatedKind, stableName } from '#engine/apiserver/schema/gated'
import { builtinDocument, builtinV2, describe, descriptionsOf, type Described } from './documents'
import { ownDescriptions } from './gated-descriptions'
import type { Document, Fields } from './shapes'

export interface GatedDocuments {
  /** By path: `apis/admissionregistration.k8s.io/v1beta1`. */
  readonly documents: ReadonlyMap<string, object>
  readonly definitions: Fields
  readonly paths: Fields
}

export function gatedDocuments(kinds: readonly GatedKind[]): GatedDocuments {
  const documents = new Map<string, Document>()
  const v2 = { definitions: {} as Fields, paths: {} as Fields }
  for (const kind of kinds) {
    const model = builtinDocument(`apis/${kind.group}/${kind.like.version}`) as Document
    const path = `apis/${kind.group}/${kind.version}`
    const before = documents.get(path)
    const schemas = { ...shared(model), ...before?.components.schemas, ...schemasOf(kind) }
    documents.set(path, { ...model, paths: { ...before?.paths, ...pathsOf(kind, model.paths) }, components: { ...model.components, schemas } })
    Object.assign(v2.paths, pathsOf(kind, builtinV2()['paths'] as Fields))
    Object.assign(v2.definitions, swagger(schemasOf(kind)))
  }
  return { documents, ...v2 }
}

/** Types that all documents have: metadata, options, statuses. */
function shared(model: Document): Fields {
  return Object.fromEntries(Object.entries(model.components.schemas).filter(([name]) => name.startsWith('io.k8s.apimachinery.')))
}

function pathsOf(kind: GatedKind, paths: Fields): Fields {
  const { like } = kind
  const root = `/apis/${kind.group}/${like.version}/`
  const wanted = Object.entries(paths).filter(([path]) => path === root || (path.startsWith(root) && path.split('/').includes(like.resource) && !path.endsWith('/status')))
  const camel = (version: string): string => `${kind.group.split('.')[0]?.replace(/^./, (letter) => letter.toUpperCase()) ?? ''}${version.replace(/^./, (letter) => letter.toUpperCase())}`
  const short = kind.group.split('.')[0] ?? ''
  const text = JSON.stringify(Object.fromEntries(wanted))
    .replaceAll(root, `/apis/${kind.group}/${kind.version}/`).replaceAll(`/${like.resource}`, `/${kind.resource}`)
    .replaceAll(`io.k8s.api.${short}.${like.version}.`, `io.k8s.api.${short}.${kind.version}.`).replaceAll(camel(like.version), camel(kind.version))
    .replaceAll(`"${short}_${like.version}"`, `"${short}_${kind.version}"`)
    .replaceAll(like.kind, kind.kind)
    .replaceAll(`"group":"${kind.group}","kind":"${kind.kind}","version":"${like.version}"`, `"group":"${kind.group}","kind":"${kind.kind}","version":"${kind.version}"`)
    .replaceAll(`"group":"${kind.group}","version":"${like.version}","kind":"${kind.kind}"`, `"group":"${kind.group}","version":"${kind.version}","kind":"${kind.kind}"`)
  return JSON.parse(text) as Fields
}

/** A kind's schemas with all that they refer to within its group and version. */
function schemasOf(kind: GatedKind): Fields {
  const all = openApiSchemas()
  const prefix = `io.k8s.api.${kind.group.split('.')[0] ?? ''}.${kind.version}.`
  const out: Fields = {}
  const take = (name: string): void => {
    if (name in out || !all[name] || !name.startsWith(prefix)) return
    const text = JSON.stringify(all[name])
    out[name] = JSON.parse(text.replaceAll('"$ref":"#', '"$ref":"#/components/schemas/'))
    for (const [, reference = ''] of text.matchAll(/"\$ref":"#([^"]+)"/g)) take(reference)
  }
  take(`${prefix}${kind.kind}List`)
  describe(out as Record<string, Fields>, textsOf)
  return out
}

function textsOf(name: string): Described | undefined {
  return ownDescriptions[name.slice(name.lastIndexOf('.') + 1)] ?? descriptionsOf(stableName(name) ?? name)
}

/** Version 2 refers without a wrapping and gives no defaults to objects. */
function swagger(schemas: Fields): Fields {
  const plain = JSON.stringify(schemas).replaceAll('#/components/schemas/', '#/definitions/').replace(/"allOf":\[(\{"\$ref":"[^"]+"\})\]/g, (_, reference: string) => reference.slice(1, -1))
  return JSON.parse(plain, (key: string, value: unknown) => (key === 'default' ? undefined : value)) as Fields
}
