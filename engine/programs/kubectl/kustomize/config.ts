/** Which fields each transformer changes: the defaults, and what a kustomization's `configurations` and `crds` add to them. */
import { parseYaml, YamlError } from '#engine/base/yaml/parser'
import { CliError } from '../session/errors'
import type { FieldSpec } from './fieldpath'
import { annotationFields, imageFields, labelFields, nameFields, namespaceFields, replicaFields, selectorFields, templateLabelFields } from './fieldspecs.table'
import type { Loader } from './loader'
import { type ReferenceRule, referenceRules } from './references.table'
import { decode, flag, listOf, type Shape, struct, text } from './shape'
import { varFields } from './vars.table'

const specLists = ['namePrefix', 'nameSuffix', 'namespace', 'commonLabels', 'labels', 'templateLabels', 'commonAnnotations', 'varReference', 'images', 'replicas'] as const

type SpecLists = Readonly<Record<(typeof specLists)[number], readonly FieldSpec[]>>

export interface TransformerConfig extends SpecLists {
  readonly nameReference: readonly ReferenceRule[]
}

export const emptyConfig: TransformerConfig = { ...(Object.fromEntries(specLists.map((name) => [name, []])) as unknown as SpecLists), nameReference: [] }

export const defaultConfig: TransformerConfig = {
  namePrefix: nameFields, nameSuffix: nameFields, namespace: namespaceFields, commonLabels: [...labelFields, ...templateLabelFields, ...selectorFields], labels: labelFields, templateLabels: templateLabelFields,
  commonAnnotations: annotationFields, varReference: varFields, images: imageFields, replicas: replicaFields, nameReference: referenceRules,
}

export function mergedConfig(a: TransformerConfig, b: TransformerConfig): TransformerConfig {
  const lists = specLists.map((name) => [name, withTitle(name, () => mergedSpecs(a[name], b[name]))])
  return { ...(Object.fromEntries(lists) as unknown as SpecLists), nameReference: mergedRules(a.nameReference, b.nameReference) }
}

/** Equal ones count once; those that differ in `create` alone contradict each other. */
export function mergedSpecs(known: readonly FieldSpec[], more: readonly FieldSpec[]): FieldSpec[] {
  const out = [...known]
  for (const spec of more) {
    const same = out.find((other) => other.path === spec.path && covers(spec.group, other.group) && covers(spec.version, other.version) && covers(spec.kind, other.kind))
    if (!same) out.push(spec)
    else if ((same.create ?? false) !== (spec.create ?? false)) throw new CliError('conflicting fieldspecs')
  }
  return out
}

function mergedRules(known: readonly ReferenceRule[], more: readonly ReferenceRule[]): ReferenceRule[] {
  const out = [...known]
  for (const rule of more) {
    const index = out.findIndex((other) => other.kind === rule.kind && (other.group ?? '') === (rule.group ?? '') && (other.version ?? '') === (rule.version ?? ''))
    const same = out[index]
    if (same) out[index] = { ...same, fields: mergedSpecs(same.fields, rule.fields) }
    else out.push(rule)
  }
  return out
}

function covers(wanted = '', known = ''): boolean {
  return wanted === '' || wanted === known
}

function withTitle<T>(name: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof CliError) throw new CliError(`failed to merge ${name.charAt(0).toUpperCase()}${name.slice(1)} fieldSpec: ${error.message}`)
    throw error
  }
}

const gvk = { group: text, version: text, kind: text }
const spec = struct('FieldSpec', { ...gvk, path: text, create: flag })
const specs: Shape = { ...listOf(spec), named: 'types.FsSlice' }
const configShape = struct('TransformerConfig', {
  ...Object.fromEntries(specLists.map((name) => [name, specs])),
  nameReference: { ...listOf(struct('NameBackReferences', { ...gvk, fieldSpecs: specs })), named: 'builtinconfig.nbrSlice' },
})

/** The files of `configurations` over the defaults; each file takes the place of nothing. */
export function loadConfigurations(loader: Loader, paths: readonly string[] = []): TransformerConfig {
  return paths.map((path) => parsed(loader.readText(path))).reduce(mergedConfig, defaultConfig)
}

function parsed(content: string): TransformerConfig {
  try {
    const value = decode(parseYaml(content), configShape, { struct: 'TransformerConfig', path: '' }) as Partial<SpecLists> & { nameReference?: readonly { group?: string; version?: string; kind?: string; fieldSpecs?: readonly FieldSpec[] }[] } | undefined
    const rules = (value?.nameReference ?? []).map(({ kind = '', fieldSpecs = [], ...rest }) => ({ ...rest, kind, fields: fieldSpecs }))
    return { ...emptyConfig, ...value, nameReference: rules }
  } catch (error) {
    if (error instanceof YamlError) throw new CliError(`error converting YAML to JSON: ${error.message}`)
    if (error instanceof CliError) throw new CliError(`error unmarshaling JSON: while decoding JSON: ${error.message}`)
    throw error
  }
}
