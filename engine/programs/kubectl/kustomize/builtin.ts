/** The transformers that a kustomization's own fields ask for, in their order; each is made, and its mistakes told, before the first runs. */
import { emitYaml } from '#engine/base/yaml/emit'
import type { Transformer } from './accumulator'
import type { TransformerConfig } from './config'
import { setImage, setReplicas } from './images'
import type { Kustomization } from './kustomization'
import { labelSpecs, setPairs } from './labels'
import type { Loader } from './loader'
import { addPrefix, addSuffix, setNamespace } from './names'
import { patchChange, strategicTexts } from './patches'
import { prefixed } from './prefixed'
import { replacementChange } from './replacements'
import type { ResourceMap } from './resource'

type Made = readonly (readonly [string, (map: ResourceMap) => void])[]

export function builtinTransformers(loader: Loader, kustomization: Kustomization, config: TransformerConfig): Transformer[] {
  const made = [...patches(loader, kustomization), ...names(kustomization, config), ...metadata(kustomization, config), ...jsonPatches(loader, kustomization), ...contents(loader, kustomization, config)]
  return made.map(([kind, run]) => ({ run, origin: { configuredIn: loader.originOf(kustomization.file), configuredBy: { apiVersion: 'builtin', kind } } }))
}

/** The words of a transformer whose configuration is wrong quote it. */
function configuring<T>(kind: string, config: unknown, work: () => T): T {
  return prefixed(`trouble configuring builtin ${kind} with config: \`\n${emitYaml(config)}\``, work)
}

function patches(loader: Loader, { patchesStrategicMerge = [], patches: entries = [] }: Kustomization): Made {
  const strategic = patchesStrategicMerge.length === 0 ? [] : [['PatchStrategicMergeTransformer', configuring('PatchStrategicMergeTransformer', { paths: patchesStrategicMerge }, () => strategicTexts(loader, patchesStrategicMerge))] as const]
  return [...strategic, ...entries.map((patch) => ['PatchTransformer', configuring('PatchTransformer', patch, () => patchChange(loader, patch, () => emitYaml(patch)))] as const)]
}

function jsonPatches(loader: Loader, { patchesJson6902 = [] }: Kustomization): Made {
  return patchesJson6902.map((patch) => ['PatchJson6902Transformer', configuring('PatchJson6902Transformer', patch, () => patchChange(loader, patch, () => emitYaml(patch)))] as const)
}

function names({ namespace, namePrefix, nameSuffix }: Kustomization, config: TransformerConfig): Made {
  return [
    ...(namespace ? [['NamespaceTransformer', (map: ResourceMap) => setNamespace(map.list, namespace, config.namespace)] as const] : []),
    ...(namePrefix ? [['PrefixTransformer', (map: ResourceMap) => addPrefix(map.list, namePrefix, config.namePrefix)] as const] : []),
    ...(nameSuffix ? [['SuffixTransformer', (map: ResourceMap) => addSuffix(map.list, nameSuffix, config.nameSuffix)] as const] : []),
  ]
}

function metadata({ labels = [], commonLabels, commonAnnotations }: Kustomization, config: TransformerConfig): Made {
  const entries = labels.map((entry) => ({ pairs: entry.pairs ?? {}, specs: labelSpecs(entry, config) }))
  if (commonLabels) entries.push({ pairs: commonLabels, specs: [...config.commonLabels] })
  return [
    ...entries.map(({ pairs, specs }) => ['LabelTransformer', (map: ResourceMap) => setPairs(map.list, pairs, specs)] as const),
    ...(commonAnnotations ? [['AnnotationsTransformer', (map: ResourceMap) => setPairs(map.list, commonAnnotations, config.commonAnnotations)] as const] : []),
  ]
}

function contents(loader: Loader, { replicas = [], images = [], replacements = [] }: Kustomization, config: TransformerConfig): Made {
  return [
    ...replicas.map((entry) => ['ReplicaCountTransformer', (map: ResourceMap) => setReplicas(map, entry, config.replicas)] as const),
    ...images.map((image) => ['ImageTagTransformer', (map: ResourceMap) => setImage(map.list, image, config.images)] as const),
    ...(replacements.length === 0 ? [] : [['ReplacementTransformer', replacementChange(loader, replacements)] as const]),
  ]
}
