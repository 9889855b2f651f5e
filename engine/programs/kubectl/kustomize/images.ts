/** Images and replica counts. */
import { CliError } from '../session/errors'
import { appliesTo, changeField, type FieldSpec, isMap, pathParts } from './fieldpath'
import type { Image } from './kustomization'
import { type Data, gvkText, type Resource, type ResourceMap } from './resource'

const maxDepth = 100

/** Containers first, wherever they stand, then the fields by name: what is in both is changed twice, which shows in suffixes. */
export function setImage(resources: readonly Resource[], image: Image, specs: readonly FieldSpec[]): void {
  for (const { object, kind, gvk } of resources) {
    if (kind !== 'CustomResourceDefinition') visit(object, image, 0)
    for (const spec of specs) if (appliesTo(spec, gvk)) changeField(object, pathParts(spec.path), false, (value) => (typeof value === 'string' ? changed(value, image) : value))
  }
}

/** Containers, at whatever depth they stand. */
function visit(node: unknown, image: Image, depth: number): void {
  if (depth > maxDepth) return
  if (Array.isArray(node)) for (const item of node) visit(item, image, depth + 1)
  else if (isMap(node)) {
    for (const [key, value] of Object.entries(node)) {
      if ((key === 'containers' || key === 'initContainers') && Array.isArray(value)) for (const container of value) change(container as Data, image)
      visit(value, image, depth + 1)
    }
  }
}

function change(container: Data, image: Image): void {
  if (!isMap(container)) return
  const { image: text } = container
  if (typeof text === 'string') container['image'] = changed(text, image)
}

function changed(text: string, { name = '', newName, newTag, tagSuffix, digest }: Image): string {
  const pattern = new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`)
  if (!pattern.test(text)) return text
  const parts = splitImage(text)
  const base = newName ?? parts.name
  if (newTag && digest) return `${base}:${newTag}@${digest}`
  if (newTag) return `${base}:${newTag}`
  if (digest) return `${base}@${digest}`
  if (tagSuffix) return `${base}:${parts.tag}${tagSuffix}`
  return `${base}${parts.tag === '' ? '' : `:${parts.tag}`}${parts.digest === '' ? '' : `@${parts.digest}`}`
}

function splitImage(text: string): { name: string; tag: string; digest: string } {
  const at = text.indexOf('@')
  const digest = at < 0 ? '' : text.slice(at + 1)
  const rest = at < 0 ? text : text.slice(0, at)
  const colon = rest.lastIndexOf(':')
  if (colon < 0 || rest.indexOf('/', colon) >= 0) return { name: rest, tag: '', digest }
  return { name: rest.slice(0, colon), tag: rest.slice(colon + 1), digest }
}

export function setReplicas(map: ResourceMap, { name = '', count }: { readonly name?: string; readonly count?: number }, specs: readonly FieldSpec[]): void {
  let any = false
  for (const spec of specs) {
    const found = map.list.filter(({ allIds }) => allIds.some((id) => id.name === name && appliesTo(spec, id)))
    any ||= found.length > 0
    for (const { object } of found) changeField(object, pathParts(spec.path), spec.create ?? false, () => count ?? 0)
  }
  if (!any) throw new CliError(`resource with name ${name} does not match a config with the following GVK [${specs.map((spec) => gvkText({ group: spec.group ?? '', version: spec.version ?? '', kind: spec.kind ?? '' })).join(' ')}]`)
}
