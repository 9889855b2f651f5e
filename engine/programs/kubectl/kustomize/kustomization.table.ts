/** The fields of a kustomization and their types. */
import { anything, flag, integer, listOf, pairs, type Shape, struct, text } from './shape'

const gvk = { group: text, version: text, kind: text }
const inGvk = { group: 'ResId.Gvk', version: 'ResId.Gvk', kind: 'ResId.Gvk', name: 'ResId', namespace: 'ResId' }
const selector = struct('Selector', { ...gvk, name: text, namespace: text, annotationSelector: text, labelSelector: text }, inGvk)
const patch = struct('Patch', { path: text, patch: text, target: selector, options: struct('PatchArgs', { allowNameChange: flag, allowKindChange: flag }) })
const fieldSpec = struct('FieldSpec', { ...gvk, path: text, create: flag })
const options = { labels: pairs, annotations: pairs, disableNameSuffixHash: flag, immutable: flag }
const generator = { name: text, namespace: text, behavior: text, literals: listOf(text), files: listOf(text), envs: listOf(text), env: text, options: struct('GeneratorOptions', options) }
const sources = 'GeneratorArgs.KvPairSources'
const inGenerator = { name: 'GeneratorArgs', namespace: 'GeneratorArgs', behavior: 'GeneratorArgs', options: 'GeneratorArgs', literals: sources, files: sources, envs: sources, env: sources }
const fieldOptions = struct('FieldOptions', { delimiter: text, index: integer, encoding: text, create: flag })
const replacement = struct('ReplacementField', {
  path: text,
  source: struct('SourceSelector', { ...gvk, name: text, namespace: text, fieldPath: text, options: fieldOptions }, inGvk),
  sourceValue: text,
  targets: listOf(struct('TargetSelector', { select: selector, reject: listOf(selector), fieldPaths: listOf(text), options: fieldOptions })),
}, { source: 'Replacement', targets: 'Replacement', sourceValue: 'Replacement' })

const helmChart = struct('HelmChart', {
  name: text, version: text, repo: text, releaseName: text, namespace: text, additionalValuesFiles: listOf(text), valuesFile: text, valuesInline: anything, valuesMerge: text, includeCRDs: flag, skipHooks: flag, apiVersions: listOf(text),
  kubeVersion: text, nameTemplate: text, skipTests: flag, debug: flag, devel: flag,
})
const helmChartArgs = struct('HelmChartArgs', { chartName: text, chartVersion: text, chartRepoUrl: text, chartHome: text, chartRepoName: text, helmBin: text, helmHome: text, values: text, valuesLocal: anything, valuesMerge: text, releaseName: text, releaseNamespace: text, extraArgs: listOf(text) })

export const kustomizationShape: Shape = struct('Kustomization', {
  apiVersion: text, kind: text, metadata: anything, openapi: pairs, namePrefix: text, nameSuffix: text, namespace: text, commonLabels: pairs, commonAnnotations: pairs,
  labels: listOf(struct('Label', { pairs, includeSelectors: flag, includeTemplates: flag, fields: listOf(fieldSpec) })),
  patchesStrategicMerge: listOf(text), patchesJson6902: listOf(patch), patches: listOf(patch),
  images: listOf(struct('Image', { name: text, newName: text, tagSuffix: text, newTag: text, digest: text })),
  imageTags: listOf(struct('Image', { name: text, newName: text, newTag: text, digest: text })),
  replacements: listOf(replacement), replicas: listOf(struct('Replica', { name: text, count: integer })), vars: listOf(struct('Var', { name: text, objref: struct('Target', { apiVersion: text, ...gvk, name: text, namespace: text }, { group: 'Gvk', version: 'Gvk', kind: 'Gvk' }), fieldref: struct('FieldSelector', { fieldPath: text }) })),
  sortOptions: struct('SortOptions', { order: text, legacySortOptions: struct('LegacySortOptions', { orderFirst: listOf(text), orderLast: listOf(text) }) }),
  resources: listOf(text), components: listOf(text), crds: listOf(text), bases: listOf(text),
  configMapGenerator: listOf(struct('ConfigMapArgs', generator, inGenerator)), secretGenerator: listOf(struct('SecretArgs', { ...generator, type: text }, inGenerator)),
  helmGlobals: struct('HelmGlobals', { chartHome: text, configHome: text }), helmCharts: listOf(helmChart), helmChartInflationGenerator: listOf(helmChartArgs), generatorOptions: struct('GeneratorOptions', options),
  configurations: listOf(text), generators: listOf(text), transformers: listOf(text), validators: listOf(text), buildMetadata: listOf(text),
})
