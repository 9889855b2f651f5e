/** Labels and annotations, wherever the kinds have them. */
import { appliesTo, changeField, type FieldSpec, pathParts } from './fieldpath'
import { annotationFields, labelFields, selectorFields, templateLabelFields } from './fieldspecs.table'
import type { LabelEntry } from './kustomization'
import type { Resource } from './resource'

type Pairs = Readonly<Record<string, string>>

export function addCommonLabels(resources: readonly Resource[], labels: Pairs): void {
  setPairs(resources, labels, [...labelFields, ...templateLabelFields, ...selectorFields])
}

export function addLabels(resources: readonly Resource[], entries: readonly LabelEntry[]): void {
  for (const entry of entries) {
    const own = (entry.fields ?? []) as readonly FieldSpec[]
    const more = entry.includeSelectors ? [...templateLabelFields, ...selectorFields] : entry.includeTemplates ? templateLabelFields : []
    setPairs(resources, entry.pairs ?? {}, [...own, ...labelFields, ...more])
  }
}

export function addAnnotations(resources: readonly Resource[], annotations: Pairs): void {
  setPairs(resources, annotations, annotationFields)
}

function setPairs(resources: readonly Resource[], pairs: Pairs, specs: readonly FieldSpec[]): void {
  for (const { object, gvk } of resources) {
    for (const spec of specs) {
      if (!appliesTo(spec, gvk)) continue
      changeField(object, pathParts(spec.path), spec.create ?? false, (value) => ({ ...(value as object | undefined), ...pairs }))
    }
  }
}
