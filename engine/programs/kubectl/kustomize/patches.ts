/** Patches of a kustomization: strategic merge or JSON 6902, inline or in files. */
import { copyObject } from '#engine/api/object'
import { parseYamlStream } from '#engine/base/yaml/parser'
import { builtinPatchMeta } from '../patch/builtin'
import { applyJsonPatch } from '../patch/jsonpatch'
import { PatchMeta } from '#engine/programs/common/patch/schema'
import { CliError } from '../session/errors'
import { isMap } from './fieldpath'
import type { Patch } from './kustomization'
import type { Loader } from './loader'
import { type Data, idText, Resource, type ResourceId, type ResourceMap, sameId } from './resource'
import { selected } from './select'
import { mergeMaps } from './strategic'

export type Change = (map: ResourceMap) => void

/** `patchesStrategicMerge`: paths, or patches in the text itself. */
export function strategicTexts(loader: Loader, texts: readonly string[]): Change {
  const documents = texts.flatMap((text) => parseYamlStream(/^\s*\{/.test(text) || text.includes('\n') ? text : loader.readText(text), { plainWords: true }).filter(isMap))
  if (documents.length === 0) throw new CliError('empty file path and empty patch content')
  return (map) => {
    for (const document of documents) mergeResource(map, uniqueTarget(map, new Resource(document).id), document, {})
  }
}

/** `emit` tells the patch's own configuration, which its errors quote. */
export function patchChange(loader: Loader, patch: Patch, emit: () => string): Change {
  const parsed = configured(loader, patch, emit)
  const { strategic, operations } = parsed
  if (!strategic) return (map) => selected(map.list, patch.target ?? {}).forEach((target) => applyOperations(target, operations ?? []))
  return (map) => applyStrategic(map, patch, strategic)
}

function applyStrategic(map: ResourceMap, patch: Patch, documents: readonly Data[]): void {
  if (patch.target && documents.length > 1) throw new CliError(`Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${patch.path ? `[path: ${JSON.stringify(patch.path)}]` : `[patch: ${JSON.stringify(patch.patch)}]`}`)
  if (patch.target) for (const target of selected(map.list, patch.target)) for (const document of documents) mergeResource(map, target, document, patch)
  else for (const document of documents) mergeResource(map, named(map, new Resource(document).id), document, patch)
}

function configured(loader: Loader, patch: Patch, emit: () => string): Parsed {
  const { text, where } = textOf(loader, patch, emit)
  const parsed = parse(text)
  if (!parsed.strategic && !parsed.operations) throw new CliError(`unable to parse SM or JSON patch from ${where}`)
  if (parsed.operations && !patch.target) throw new CliError(`must specify a target for JSON patch ${where}`)
  return parsed
}

function textOf(loader: Loader, patch: Patch, emit: () => string): { text: string; where: string } {
  if (patch.path && patch.patch) throw new CliError(`patch and path can't be set at the same time\n${emit().trimEnd()}`)
  if (!patch.path && !patch.patch) throw new CliError(`must specify one of patch and path in\n${emit().trimEnd()}`)
  if (!patch.path) return { text: patch.patch as string, where: `[patch: ${JSON.stringify(patch.patch)}]` }
  try {
    return { text: loader.readText(patch.path), where: `[path: ${JSON.stringify(patch.path)}]` }
  } catch (error) {
    throw new CliError(`failed to get the patch file from path(${patch.path}): ${(error as Error).message}`)
  }
}

interface Parsed {
  readonly strategic?: readonly Data[]
  readonly operations?: readonly unknown[]
}

function parse(text: string): Parsed {
  let documents: unknown[]
  try {
    documents = parseYamlStream(text, { plainWords: true }).filter((document) => document !== null && document !== undefined)
  } catch {
    return {}
  }
  if (documents.length > 0 && documents.every((document) => isMap(document) && typeof document['kind'] === 'string')) return { strategic: documents as Data[] }
  const value: unknown = text.startsWith('[') ? jsonOrNothing(text) : documents.length === 1 ? documents[0] : undefined
  if (Array.isArray(value) && value.every((item) => isMap(item) && typeof item['op'] === 'string')) return { operations: value }
  return {}
}

/** What begins like JSON is not read as YAML. */
function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function applyOperations(target: Resource, operations: readonly unknown[]): void {
  const { id } = target
  try {
    target.object = applyJsonPatch(target.object, operations) as Data
  } catch (error) {
    throw new CliError((error as Error).message)
  }
  if (target.name !== id.name) target.previous.push(id)
}

/** The one object that has or had this name. */
function uniqueTarget(map: ResourceMap, id: ResourceId): Resource {
  const found = map.list.filter((resource) => resource.allIds.some((known) => sameId(known, id)))
  const text = idText(id)
  if (found.length !== 1) throw new CliError(`${found.length === 0 ? 'no' : 'multiple'} matches for Id ${text}; failed to find unique target for patch ${text}`)
  return found[0] as Resource
}

function named(map: ResourceMap, id: ResourceId): Resource {
  try {
    return uniqueTarget(map, id)
  } catch (error) {
    throw new CliError(`no resource matches strategic merge patch ${JSON.stringify(idText(id))}: ${(error as Error).message}`)
  }
}

function mergeResource(map: ResourceMap, target: Resource, document: Data, patch: Patch): void {
  const { id } = target
  const merged = mergeMaps(target.object, copyObject(document), map.schema?.(target.gvk) ?? metaOf(target))
  if (merged === undefined) return map.remove(target)
  target.object = merged
  if (!patch.options?.allowNameChange) target.name = id.name
  else target.allowNameChange = true
  if (patch.options?.allowKindChange) target.allowKindChange = true
  else {
    target.object['kind'] = id.kind
    target.object['apiVersion'] = id.group === '' ? id.version : `${id.group}/${id.version}`
  }
  if (id.namespace === '') delete target.metadata['namespace']
  else target.metadata['namespace'] = id.namespace
  if (target.name !== id.name || target.kind !== id.kind) target.previous.push(id)
}

const builtinGroups = ['', 'apps', 'batch', 'policy', 'autoscaling', ...['rbac.authorization', 'networking', 'storage', 'scheduling', 'admissionregistration', 'apiextensions', 'apiregistration', 'certificates', 'coordination', 'discovery', 'node'].map((name) => `${name}.k8s.io`)]

function metaOf({ gvk }: Resource): PatchMeta {
  return builtinGroups.includes(gvk.group) ? builtinPatchMeta(gvk.kind) : new PatchMeta({}, undefined)
}

