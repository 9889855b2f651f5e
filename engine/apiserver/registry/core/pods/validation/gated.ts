/** Pods that wait at a gate may be told more closely where to run, and nothing that was said is taken back. */
import { invalid } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { equalJson } from '#engine/api/object'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import type { Errors } from './errors'

const hard = 'requiredDuringSchedulingIgnoredDuringExecution'

export function validateNarrowing(errors: Errors, now: Free, before: Free, path: FieldPath): void {
  const selector = (now.nodeSelector ?? {}) as Record<string, string>
  const kept = Object.entries((before.nodeSelector ?? {}) as Record<string, string>).every(([key, value]) => selector[key] === value)
  if (!kept) errors.push(invalid(path.child('nodeSelector'), now.nodeSelector ?? null, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'))
  validateTerms(errors, now.affinity?.nodeAffinity?.[hard], before.affinity?.nodeAffinity?.[hard], path.child('affinity', 'nodeAffinity', hard, 'nodeSelectorTerms'))
}

function validateTerms(errors: Errors, now: Free, before: Free, at: FieldPath): void {
  const old = listOf(before?.nodeSelectorTerms)
  const terms = listOf(now?.nodeSelectorTerms)
  if (old.length === 0) return
  if (old.length !== terms.length) {
    errors.push(invalid(at, terms, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'))
    return
  }
  for (const [index, term] of old.entries()) if (!extendsTerm(terms[index], term)) errors.push(invalid(at.index(index), terms[index], 'only additions are allowed (no mutations or deletions)'))
}

function extendsTerm(now: Free, before: Free): boolean {
  return ['matchExpressions', 'matchFields'].every((field) => listOf(before[field]).every((item, index) => equalJson(listOf(now?.[field])[index], item)))
}
