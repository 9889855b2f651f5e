/** Builtin transformers and generators that a file configures (`transformers`, `generators`, `validators`). */
import { emitYaml } from '#engine/base/yaml/emit'
import { CliError } from '../session/errors'
import type { Transformer } from './accumulator'
import { changeField, type FieldSpec } from './fieldpath'
import { generate } from './generators'
import { setImage, setReplicas } from './images'
import type { GeneratorArgs, Image, Patch, Selector } from './kustomization'
import { setPairs } from './labels'
import type { Loader } from './loader'
import { addPrefix, addSuffix, checkSubjectMode, setNamespace, type SubjectMode } from './names'
import { type Change, patchChange, strategicTexts } from './patches'
import { prefixed } from './prefixed'
import { replacementChange } from './replacements'
import { type Data, idText, gvkText, type Origin, Resource } from './resource'
import { selected } from './select'

type Make = (config: Data, loader: Loader) => Change

const nothing: Change = () => undefined

function specsOf(config: Data): readonly FieldSpec[] {
  return (config['fieldSpecs'] ?? []) as readonly FieldSpec[]
}

function withSpecs(make: (config: Data, specs: readonly FieldSpec[]) => Change): Make {
  return (config) => {
    if (config['fieldSpecs'] === undefined || config['fieldSpecs'] === null) throw new CliError('fieldSpecs is not expected to be nil')
    return make(config, specsOf(config))
  }
}

const prefix = withSpecs((config, specs) => (map) => addPrefix(map.list, String(config['prefix'] ?? ''), specs))
const suffix = withSpecs((config, specs) => (map) => addSuffix(map.list, String(config['suffix'] ?? ''), specs))

const transformers: Readonly<Record<string, Make>> = {
  PrefixTransformer: prefix,
  SuffixTransformer: suffix,
  PrefixSuffixTransformer: (config, loader) => {
    const both = [prefix(config, loader), suffix(config, loader)]
    return (map) => both.forEach((run) => run(map))
  },
  NamespaceTransformer: (config) => {
    checkSubjectMode(config['setRoleBindingSubjects'])
    const { namespace } = (config['metadata'] ?? {}) as { namespace?: string }
    const options = { unsetOnly: config['unsetOnly'] === true, ...(config['setRoleBindingSubjects'] ? { subjects: config['setRoleBindingSubjects'] as SubjectMode } : {}) }
    return namespace ? (map) => setNamespace(map.list, namespace, specsOf(config), options) : nothing
  },
  LabelTransformer: (config) => (map) => setPairs(map.list, (config['labels'] ?? {}) as Record<string, string>, specsOf(config)),
  AnnotationsTransformer: (config) => (map) => setPairs(map.list, (config['annotations'] ?? {}) as Record<string, string>, specsOf(config)),
  ImageTagTransformer: (config) => (map) => setImage(map.list, (config['imageTag'] ?? {}) as Image, specsOf(config)),
  ReplicaCountTransformer: (config) => (map) => setReplicas(map, (config['replica'] ?? {}) as { name?: string; count?: number }, specsOf(config)),
  PatchTransformer: (config, loader) => patchChange(loader, config as Patch, () => emitYaml(config)),
  PatchJson6902Transformer: (config, loader) => patchChange(loader, { ...(config as Patch), ...(typeof config['jsonOp'] === 'string' ? { patch: config['jsonOp'] } : {}) }, () => emitYaml(config)),
  PatchStrategicMergeTransformer: (config, loader) => strategicTexts(loader, [...((config['paths'] ?? []) as string[]), ...(typeof config['patches'] === 'string' ? [`${config['patches']}\n`] : [])]),
  ReplacementTransformer: (config, loader) => replacementChange(loader, (config['replacements'] ?? []) as Data[]),
  ValueAddTransformer: valueAdd,
  HashTransformer: () => (map) => map.list.forEach((resource) => { resource.needsHash = true }),
}

function valueAdd(config: Data): Change {
  const targets = (config['targets'] ?? []) as readonly { selector?: Selector; fieldPath?: string }[]
  if (targets.length === 0) throw new CliError('must specify at least one target')
  if (!config['value']) throw new CliError('value must be specified')
  return (map) => {
    for (const { selector = {}, fieldPath = '' } of targets) for (const { object } of selected(map.list, selector)) changeField(object, fieldPath.split('/').filter((part) => part !== ''), true, () => config['value'])
  }
}

const generators: Readonly<Record<string, (config: Data, loader: Loader) => Resource>> = {
  ConfigMapGenerator: (config, loader) => generate(loader, 'ConfigMap', namedArgs(config), undefined),
  SecretGenerator: (config, loader) => generate(loader, 'Secret', namedArgs(config), undefined),
  IAMPolicyGenerator: (config) => {
    const { kubernetesService = {}, serviceAccount = {} } = config as { kubernetesService?: { name?: string; namespace?: string }; serviceAccount?: { name?: string; projectId?: string } }
    const annotations = { 'iam.gke.io/gcp-service-account': `${serviceAccount.name ?? ''}@${serviceAccount.projectId ?? ''}.iam.gserviceaccount.com` }
    return new Resource({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { annotations, name: kubernetesService.name ?? '', ...(kubernetesService.namespace ? { namespace: kubernetesService.namespace } : {}) } })
  },
}

function namedArgs(config: Data): GeneratorArgs {
  const { name, namespace } = (config['metadata'] ?? {}) as { name?: string; namespace?: string }
  return { ...(config as GeneratorArgs), ...(name === undefined ? {} : { name }), ...(namespace === undefined ? {} : { namespace }) }
}

export function loadTransformers(loader: Loader, configs: readonly Resource[]): Transformer[] {
  return configs.map((config) => {
    const make = known(config, loader)
    if (!(config.kind in transformers)) throw new CliError(`plugin ${idText(config.id)} not a transformer`)
    return { run: make as Change, origin: originOf(config) }
  })
}

export function loadGenerators(loader: Loader, configs: readonly Resource[]): Resource[] {
  return configs.map((config) => {
    const made = prefixed('failed to load generator', () => known(config, loader))
    if (!(made instanceof Resource)) throw new CliError(`failed to load generator: plugin ${idText(config.id)} not a generator`)
    made.origin = originOf(config)
    return made
  })
}

/** Every plugin is configured before it is asked what it can do. */
function known(config: Resource, loader: Loader): Change | Resource {
  const { kind } = config
  if (config.object['apiVersion'] !== 'builtin') return external(config, loader)
  const make = transformers[kind] ?? generators[kind]
  if (kind === 'HelmChartInflationGenerator') throw new CliError(`plugin ${idText(config.id)} fails configuration: must specify --enable-helm`)
  if (!make) throw new CliError(`unable to load builtin ${gvkText(config.gvk)}`)
  return prefixed(`plugin ${idText(config.id)} fails configuration`, () => make(config.object, loader))
}

function external({ kind }: Resource, loader: Loader): never {
  if (!loader.build.options.plugins) throw new CliError(`external plugins disabled; unable to load external plugin '${kind}'`)
  throw new CliError(`external plugins are not run here: ${kind}`)
}

function originOf(config: Resource): Origin {
  const { metadata, origin } = config
  return {
    configuredIn: origin?.path ?? 'kustomization.yaml',
    configuredBy: { apiVersion: String(config.object['apiVersion']), kind: config.kind, ...(config.name === '' ? {} : { name: config.name }), ...(typeof metadata['namespace'] === 'string' ? { namespace: metadata['namespace'] } : {}) },
  }
}
