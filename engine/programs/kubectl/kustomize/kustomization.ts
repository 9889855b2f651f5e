/** The kustomization file: its fields and their types, checked as the real one does. */
import { parseYaml } from '#engine/base/yaml/parser'
import { CliError } from '../session/errors'
import { fileNames, type Loader } from './loader'
import { kustomizationShape } from './kustomization.table'
import { checkSort, type SortOptions } from './order'
import type { Data } from './resource'
import { decode } from './shape'
import type { WrittenVar } from './vars'

export interface Selector {
  readonly group?: string
  readonly version?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly labelSelector?: string
  readonly annotationSelector?: string
}

export interface Patch {
  readonly path?: string
  readonly patch?: string
  readonly target?: Selector
  readonly options?: { readonly allowNameChange?: boolean; readonly allowKindChange?: boolean }
}

export interface GeneratorOptions {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly disableNameSuffixHash?: boolean
  readonly immutable?: boolean
}

export interface GeneratorArgs {
  readonly name?: string
  readonly namespace?: string
  readonly behavior?: string
  readonly literals?: readonly string[]
  readonly files?: readonly string[]
  readonly envs?: readonly string[]
  readonly env?: string
  readonly type?: string
  readonly options?: GeneratorOptions
}

export interface Image {
  readonly name?: string
  readonly newName?: string
  readonly newTag?: string
  readonly tagSuffix?: string
  readonly digest?: string
}

export interface LabelEntry {
  readonly pairs?: Readonly<Record<string, string>>
  readonly includeSelectors?: boolean
  readonly includeTemplates?: boolean
  readonly fields?: readonly { readonly path: string; readonly group?: string; readonly version?: string; readonly kind?: string; readonly create?: boolean }[]
}

export interface Kustomization {
  readonly kind: string
  readonly namePrefix?: string
  readonly nameSuffix?: string
  readonly namespace?: string
  readonly commonLabels?: Readonly<Record<string, string>>
  readonly labels?: readonly LabelEntry[]
  readonly commonAnnotations?: Readonly<Record<string, string>>
  readonly resources: readonly string[]
  readonly components?: readonly string[]
  readonly patches?: readonly Patch[]
  readonly patchesStrategicMerge?: readonly string[]
  readonly patchesJson6902?: readonly Patch[]
  readonly images?: readonly Image[]
  readonly replicas?: readonly { readonly name: string; readonly count: number }[]
  readonly replacements?: readonly Data[]
  readonly configMapGenerator?: readonly GeneratorArgs[]
  readonly secretGenerator?: readonly GeneratorArgs[]
  readonly generatorOptions?: GeneratorOptions
  readonly sortOptions?: SortOptions
  readonly buildMetadata?: readonly string[]
  readonly openapi?: Readonly<Record<string, string>>
  readonly crds?: readonly string[]
  readonly configurations?: readonly string[]
  readonly generators?: readonly string[]
  readonly transformers?: readonly string[]
  readonly validators?: readonly string[]
  readonly vars?: readonly WrittenVar[]
  readonly helmGlobals?: Data
  readonly helmCharts?: readonly Data[]
  readonly helmChartInflationGenerator?: readonly Data[]
  /** Its own name. */
  readonly file: string
}

const deprecated: readonly (readonly [string, string])[] = [['bases', 'resources'], ['imageTags', 'images'], ['commonLabels', 'labels'], ['patchesJson6902', 'patches'], ['patchesStrategicMerge', 'patches'], ['vars', 'replacements']]

export interface Loaded {
  readonly kustomization: Kustomization
  readonly warnings: readonly string[]
}

export function loadKustomization(loader: Loader): Loaded {
  const file = findFile(loader)
  const value = parsed(loader.readText(file))
  if (Object.keys(value).every((field) => ['apiVersion', 'kind', 'metadata'].includes(field))) throw new CliError('kustomization.yaml is empty')
  const warnings = deprecated.filter(([field]) => field in value).map(([field, instead]) => `# Warning: '${field}' is deprecated. Please use '${instead}' instead.${field === 'vars' ? ' [EXPERIMENTAL]' : ''} Run 'kustomize edit fix' to update your Kustomization automatically.`)
  const kind = typeof value['kind'] === 'string' && value['kind'] !== '' ? value['kind'] : 'Kustomization'
  checkKind(loader.root, kind, value['apiVersion'])
  const resources = [...((value['resources'] ?? []) as string[]), ...((value['bases'] ?? []) as string[])]
  const images = [...((value['images'] ?? []) as Image[]), ...((value['imageTags'] ?? []) as Image[])]
  checkSort(value['sortOptions'] as SortOptions | undefined)
  return { kustomization: { ...(value as unknown as Kustomization), kind, resources, images, file }, warnings }
}

function findFile(loader: Loader): string {
  const found = fileNames.filter((name) => loader.exists(name))
  const quoted = fileNames.map((name) => `'${name}'`)
  if (found.length > 1) throw new CliError(`Found multiple kustomization files under: ${loader.root}`)
  if (found[0] === undefined) throw new CliError(`unable to find one of ${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1) as string} in directory '${loader.root}'`)
  return found[0]
}

function parsed(text: string): Data {
  let value: unknown
  try {
    value = parseYaml(text)
  } catch (error) {
    throw new CliError(`invalid Kustomization: ${(error as Error).message}`)
  }
  if (value === null || value === undefined) throw new CliError('kustomization.yaml is empty')
  try {
    return decode(value, kustomizationShape, { struct: 'Kustomization', path: '' }) as Data
  } catch (error) {
    if (error instanceof CliError) throw new CliError(`invalid Kustomization: ${error.message.replace('Go struct field Kustomization. of', 'Go value of')}`)
    throw error
  }
}

function checkKind(root: string, kind: string, apiVersion: unknown): void {
  const problems: string[] = []
  if (kind !== 'Kustomization' && kind !== 'Component') problems.push('kind should be Kustomization or Component')
  const wanted = kind === 'Component' ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1'
  if (typeof apiVersion === 'string' && apiVersion !== '' && apiVersion !== wanted) problems.push(`apiVersion for ${kind} should be ${wanted}`)
  if (problems.length > 0) throw new CliError(`Failed to read kustomization file under ${root}:\n${problems.join('\n')}`)
}
