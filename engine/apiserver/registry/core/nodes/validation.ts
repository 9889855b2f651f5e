/** Nodes: taints, addresses of their pods, amounts of resources, and what is fixed once set. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, invalid } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { parseNetwork, validateLegacyNetwork } from '#engine/api/validation/addresses'
import { labelValue, qualifiedName } from '#engine/api/validation/names'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { validateAmount } from '#engine/apiserver/registry/core/pods/validation/resources'
import { validateEffect } from '#engine/apiserver/registry/core/pods/validation/scheduling'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'

const root = (name: string): FieldPath => FieldPath.root(name)

export function validateNode(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const spec = (object.spec ?? {}) as Free
  const seen = new Set<string>()
  for (const [index, taint] of listOf(spec.taints).entries()) {
    const at = root('spec').child('taints').index(index)
    checkName(errors, (taint.key ?? '') as string, qualifiedName, at.child('key'))
    const wrong = labelValue((taint.value ?? '') as string)
    if (wrong.length > 0) errors.push(invalid(at.child('value'), taint.value, wrong.join(';')))
    validateEffect(errors, taint.effect ?? '', at.child('effect'))
    const pair = `${taint.key as string}/${taint.effect as string}`
    if (seen.has(pair)) errors.push({ type: 'FieldValueDuplicate', field: at.toString(), body: `Duplicate value: ${JSON.stringify({ Key: taint.key ?? '', Value: taint.value ?? '', Effect: taint.effect ?? '', TimeAdded: taint.timeAdded ?? null })}: taints must be unique by key and effect pair` })
    seen.add(pair)
  }
  const list = listOf(spec.podCIDRs) as string[]
  for (const [index, text] of list.entries()) errors.push(...validateLegacyNetwork(text, root('spec').child('podCIDRs').index(index)))
  if (list.length > 2 || (list.length === 2 && parseNetwork(list[0] ?? '')?.family === parseNetwork(list[1] ?? '')?.family)) errors.push(invalid(root('spec').child('podCIDRs'), list, 'may specify no more than one CIDR for each IP family'))
  validateAmounts(errors, object)
  return errors
}

export function validateNodeUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const now = (next.spec ?? {}) as Free
  const before = (previous.spec ?? {}) as Free
  if (listOf(before.podCIDRs).length > 0 && !equalJson(now.podCIDRs, before.podCIDRs)) errors.push(forbidden(root('spec').child('podCIDRs'), 'node updates may not change podCIDR except from "" to valid'))
  if (before.providerID && now.providerID !== before.providerID) errors.push(forbidden(root('spec').child('providerID'), 'node updates may not change providerID except from "" to valid'))
  return errors
}

/** Also of a status that is reported. */
function validateAmounts(errors: FieldError[], object: KubeObject): void {
  for (const list of ['capacity', 'allocatable']) {
    for (const [name, amount] of Object.entries((object.status?.[list] ?? {}) as Record<string, string>)) validateAmount(errors, name, amount, root('status').child(list, name))
  }
}

export function validateNodeStatusUpdate(next: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  validateAmounts(errors, next)
  return errors
}

/** The first of the networks has a field of its own, which wins where the two differ. */
export function alignNetworks(object: KubeObject): void {
  const spec = object.spec as Free
  const list = listOf(spec?.podCIDRs) as string[]
  if (spec?.podCIDR && spec.podCIDR !== list[0]) spec.podCIDRs = [spec.podCIDR]
  else if (spec && !spec.podCIDR && list.length > 0) spec.podCIDR = list[0]
}
