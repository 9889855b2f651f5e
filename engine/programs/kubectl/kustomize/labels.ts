/** Labels and annotations, wherever the kinds have them. */
import { type TransformerConfig, mergedSpecs } from './config'
import { appliesTo, changeField, type FieldSpec, pathParts } from './fieldpath'
import type { LabelEntry } from './kustomization'
import type { Resource } from './resource'

type Pairs = Readonly<Record<string, string>>

/** The fields that one entry of `labels` sets. */
export function labelSpecs(entry: LabelEntry, config: TransformerConfig): FieldSpec[] {
  const own = (entry.fields ?? []) as readonly FieldSpec[]
  if (entry.includeSelectors) return mergedSpecs(own, config.commonLabels)
  return mergedSpecs(entry.includeTemplates ? mergedSpecs(own, config.templateLabels) : own, config.labels)
}

export function setPairs(resources: readonly Resource[], pairs: Pairs, specs: readonly FieldSpec[]): void {
  if (Object.keys(pairs).length === 0) return
  for (const { object, gvk } of resources) {
    for (const spec of specs) {
      if (!appliesTo(spec, gvk)) continue
      changeField(object, pathParts(spec.path), spec.create ?? false, (value) => ({ ...(value as object | undefined), ...pairs }))
    }
  }
}
