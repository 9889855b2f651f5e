/** One kustomization at work: what it gathers, makes and changes, in kustomize's order. */
import { CliError } from '../session/errors'
import { Accumulator, runTransformers } from './accumulator'
import { builtinTransformers } from './builtin'
import { loadConfigurations, mergedConfig } from './config'
import { loadCrds } from './crds'
import { generate } from './generators'
import { refuseHelm } from './helm'
import { type GeneratorArgs, type Kustomization, loadKustomization } from './kustomization'
import type { Loader } from './loader'
import { loadGenerators, loadTransformers } from './plugins'
import { MalformedYaml, prefixed, quoted } from './prefixed'
import { type Resource, ResourceMap } from './resource'
import { resourcesOf } from './resources'
import { validate } from './validators'
import { mergeVars } from './vars'

export function load(loader: Loader, where = ''): Kustomization {
  const loaded = where === '' ? loadKustomization(loader) : prefixed(where, () => loadKustomization(loader))
  for (const warning of loaded.warnings) loader.build.warn(warning)
  return loaded.kustomization
}

export function accumulate(loader: Loader, kustomization: Kustomization, into: Accumulator): void {
  prefixed('accumulating resources', () => addPaths(loader, kustomization.resources, into))
  into.config = mergedConfig(into.config, loadConfigurations(loader, kustomization.configurations))
  into.config = mergedConfig(into.config, loadCrds(loader, kustomization.crds))
  runGenerators(loader, kustomization, into)
  prefixed('accumulating components', () => {
    for (const path of kustomization.components ?? []) addComponent(loader, path, into)
  })
  const plugins = (texts: readonly string[] = []): Resource[] => pluginConfigs(loader, texts)
  runTransformers(into.map, [...builtinTransformers(loader, kustomization, into.config), ...loadTransformers(loader, plugins(kustomization.transformers))])
  validate(into.map, loadTransformers(loader, plugins(kustomization.validators)))
  into.vars = mergeVars(into.vars, kustomization.vars ?? [], into.map)
}

function runGenerators(loader: Loader, kustomization: Kustomization, into: Accumulator): void {
  const { configMapGenerator = [], secretGenerator = [], generatorOptions } = kustomization
  const make = (kind: 'ConfigMap' | 'Secret', args: GeneratorArgs): Resource => {
    const made = generate(loader, kind, args, generatorOptions)
    made.origin = { configuredIn: loader.originOf(kustomization.file), configuredBy: { apiVersion: 'builtin', kind: `${kind}Generator` } }
    return made
  }
  const made = [...configMapGenerator.map((args) => make('ConfigMap', args)), ...secretGenerator.map((args) => make('Secret', args))]
  refuseHelm(loader, kustomization)
  const others = prefixed('loading generator plugins', () => loadGenerators(loader, pluginConfigs(loader, kustomization.generators ?? [])))
  for (const resource of [...made, ...others]) absorb(into, resource)
}

/** The real one names its generator by an address in memory. */
function absorb(into: Accumulator, resource: Resource): void {
  prefixed('merging from generator &{0xc000718b40 <nil>}', () => into.map.absorb(resource))
}

/** Configurations of plugins: written out, or in files. */
function pluginConfigs(loader: Loader, texts: readonly string[]): Resource[] {
  const found = new Accumulator(new ResourceMap())
  const paths = texts.filter((text) => {
    const inline = inlineOf(text)
    for (const resource of inline ?? []) found.map.append(resource)
    return inline === undefined
  })
  addPaths(loader, paths, found)
  return found.map.list
}

function inlineOf(text: string): Resource[] | undefined {
  try {
    return resourcesOf(text)
  } catch (error) {
    if (error instanceof CliError) return undefined
    throw error
  }
}

function addPaths(loader: Loader, paths: readonly string[], into: Accumulator): void {
  for (const path of paths) addPath(loader, path, into)
}

function addPath(loader: Loader, path: string, into: Accumulator): void {
  let problem: Error
  try {
    return addFile(loader, path, into)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    problem = error
  }
  if (problem instanceof MalformedYaml) throw problem
  prefixed(`accumulation err='${problem.message}'`, () => addDirectory(loader.below(path), into))
}

function addDirectory(inner: Loader, into: Accumulator): void {
  const kustomization = load(inner, `couldn't make target for path '${inner.root}'`)
  if (kustomization.kind === 'Component') throw new CliError(`expected kind != 'Component' for path '${inner.root}'`)
  const found = into.fresh()
  prefixed(`recursed accumulation of path '${inner.root}'`, () => accumulate(inner, kustomization, found))
  prefixed(`recursed merging from path '${inner.root}'`, () => into.merge(found))
}

function addFile(loader: Loader, path: string, into: Accumulator): void {
  const found = prefixed(`accumulating resources from '${path}'`, () => resourcesOf(loader.readText(path), path))
  prefixed(`merging resources from '${path}'`, () => {
    for (const resource of found) {
      resource.origin = { path: loader.originOf(path) }
      into.map.append(resource)
    }
  })
}

function addComponent(loader: Loader, path: string, into: Accumulator): void {
  const inner = quoted('loader.New', () => loader.below(path))
  quoted('accumulateDirectory:', () => {
    const kustomization = load(inner, `couldn't make target for path '${inner.root}'`)
    if (kustomization.kind !== 'Component') throw new CliError(`expected kind 'Component' for path '${inner.root}' but got '${kustomization.kind}'`)
    prefixed(`recursed accumulation of path '${inner.root}'`, () => accumulate(inner, kustomization, into))
  })
}
