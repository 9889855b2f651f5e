/** One kustomization at work: what it gathers, makes and changes, in kustomize's order. */
import { parseYamlStream } from '#engine/base/yaml/parser'
import { CliError } from '../session/errors'
import { isMap } from './fieldpath'
import { generate } from './generators'
import { setImages, setReplicas } from './images'
import { type Kustomization, loadKustomization } from './kustomization'
import { addAnnotations, addCommonLabels, addLabels } from './labels'
import type { Loader } from './loader'
import { addPrefix, addSuffix, setNamespace } from './names'
import { applyPatches, applyStrategicTexts } from './patches'
import { applyReplacements } from './replacements'
import { type Data, Resource, ResourceMap } from './resource'

/** Malformed text of a file is told as it is, without the word on directories. */
class MalformedYaml extends CliError {}

export interface Warnings {
  readonly add: (text: string) => void
}

/** The whole of what a kustomization makes; what cannot be read is told with `where` before it. */
export function accumulate(loader: Loader, warnings: Warnings, where = ''): { map: ResourceMap; kustomization: Kustomization } {
  const { kustomization } = load(loader, warnings, where)
  const map = new ResourceMap()
  build(loader, kustomization, map, warnings)
  return { map, kustomization }
}

function load(loader: Loader, warnings: Warnings, where: string): { kustomization: Kustomization } {
  const loaded = where === '' ? loadKustomization(loader) : prefixed(where, () => loadKustomization(loader))
  for (const warning of loaded.warnings) warnings.add(warning)
  return loaded
}

function build(loader: Loader, kustomization: Kustomization, map: ResourceMap, warnings: Warnings): void {
  prefixed('accumulating resources', () => {
    for (const path of kustomization.resources) addPath(loader, path, map, warnings)
  })
  for (const args of kustomization.configMapGenerator ?? []) absorb(map, generate(loader, 'ConfigMap', args, kustomization.generatorOptions))
  for (const args of kustomization.secretGenerator ?? []) absorb(map, generate(loader, 'Secret', args, kustomization.generatorOptions))
  prefixed('accumulating components', () => {
    for (const path of kustomization.components ?? []) addComponent(loader, path, map, warnings)
  })
  transform(loader, kustomization, map)
}

/** The real one names its generator by an address in memory. */
function absorb(map: ResourceMap, resource: Resource): void {
  prefixed('merging from generator &{0xc000718b40 <nil>}', () => map.absorb(resource))
}

function transform(loader: Loader, kustomization: Kustomization, map: ResourceMap): void {
  const { list } = map
  const { namespace, namePrefix, nameSuffix } = kustomization
  applyStrategicTexts(loader, map, kustomization.patchesStrategicMerge ?? [])
  applyPatches(loader, map, kustomization.patches ?? [])
  if (namespace) setNamespace(list, namespace)
  if (namePrefix) addPrefix(list, namePrefix)
  if (nameSuffix) addSuffix(list, nameSuffix)
  addLabels(list, kustomization.labels ?? [])
  if (kustomization.commonLabels) addCommonLabels(list, kustomization.commonLabels)
  if (kustomization.commonAnnotations) addAnnotations(list, kustomization.commonAnnotations)
  applyPatches(loader, map, kustomization.patchesJson6902 ?? [])
  setReplicas(list, kustomization.replicas ?? [])
  setImages(list, kustomization.images ?? [])
  applyReplacements(loader, map, kustomization.replacements ?? [])
}

function addPath(loader: Loader, path: string, map: ResourceMap, warnings: Warnings): void {
  let problem: Error
  try {
    return addFile(loader, path, map)
  } catch (error) {
    problem = error as Error
  }
  if (problem instanceof MalformedYaml) throw problem
  prefixed(`accumulation err='${problem.message}'`, () => addDirectory(loader.below(path), map, warnings))
}

function addDirectory(inner: Loader, map: ResourceMap, warnings: Warnings): void {
  const { kustomization } = load(inner, warnings, `couldn't make target for path '${inner.root}'`)
  if (kustomization.kind === 'Component') throw new CliError(`expected kind != 'Component' for path '${inner.root}'`)
  const found = new ResourceMap()
  prefixed(`recursed accumulation of path '${inner.root}'`, () => build(inner, kustomization, found, warnings))
  prefixed(`recursed merging from path '${inner.root}'`, () => {
    for (const resource of found.list) map.append(resource)
  })
}

function addFile(loader: Loader, path: string, map: ResourceMap): void {
  const where = `accumulating resources from '${path}'`
  const text = prefixed(where, () => loader.readText(path))
  let objects: Data[]
  try {
    objects = objectsOf(text)
  } catch (error) {
    throw new MalformedYaml(`${where}: MalformedYAMLError: ${(error as Error).message} in File: ${path}`)
  }
  const own = new ResourceMap()
  prefixed(where, () => {
    for (const object of objects) own.append(checked(object))
  })
  prefixed(`merging resources from '${path}'`, () => {
    for (const resource of own.list) map.append(resource)
  })
}

function objectsOf(text: string): Data[] {
  return parseYamlStream(text, { plainWords: true }).filter(isMap).flatMap((object) => {
    const { items } = object
    return Array.isArray(items) && String(object['kind']).endsWith('List') ? items.filter(isMap) : [object]
  })
}

function checked(object: Data): Resource {
  const resource = new Resource(object)
  if (object['metadata'] === undefined && resource.kind === '') throw new CliError('missing Resource metadata')
  if (resource.name === '' && resource.kind !== 'List') throw new CliError(`missing metadata.name in object {{${String(object['apiVersion'] ?? '')} ${resource.kind}} {{ ${resource.namespace}} map[] map[]}}`)
  return resource
}

function addComponent(loader: Loader, path: string, map: ResourceMap, warnings: Warnings): void {
  const inner = quoted('loader.New', () => loader.below(path))
  quoted('accumulateDirectory:', () => {
    const { kustomization } = load(inner, warnings, `couldn't make target for path '${inner.root}'`)
    if (kustomization.kind !== 'Component') throw new CliError(`expected kind 'Component' for path '${inner.root}' but got '${kustomization.kind}'`)
    prefixed(`recursed accumulation of path '${inner.root}'`, () => build(inner, kustomization, map, warnings))
  })
}

function quoted<T>(prefix: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof CliError) throw new CliError(`${prefix} ${JSON.stringify(error.message)}`)
    throw error
  }
}

function prefixed<T>(prefix: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof MalformedYaml) throw new MalformedYaml(`${prefix}: ${error.message}`)
    if (error instanceof CliError) throw new CliError(`${prefix}: ${error.message}`)
    throw error
  }
}
