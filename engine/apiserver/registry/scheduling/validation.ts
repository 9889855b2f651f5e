/** Priority classes, runtime classes and leases: small kinds of small groups. */
import { equalJson } from '#engine/api/object'
import type { KubeObject } from '#engine/api/object'
import { FieldPath, forbidden, invalid, notSupported } from '#engine/api/field'
import type { FieldError } from '#engine/api/field'
import { dnsLabel } from '#engine/api/validation/names'
import { validateLabels } from '#engine/api/validation/meta'
import { checkName } from '#engine/apiserver/registry/core/pods/validation/errors'
import { validateOverhead } from '#engine/apiserver/registry/core/pods/validation/resources'
import { validateTolerations } from '#engine/apiserver/registry/core/pods/validation/scheduling'
import type { Free } from '#engine/apiserver/registry/free'

const root = (name: string): FieldPath => FieldPath.root(name)
const system: Readonly<Record<string, number>> = { __proto__: null as never, 'system-node-critical': 2000001000, 'system-cluster-critical': 2000000000 }

export function validatePriorityClass(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const name = object.metadata.name ?? ''
  if (name.startsWith('system-')) {
    if (system[name] === undefined || system[name] !== object.value) errors.push(forbidden(root('metadata').child('name'), "priority class names with 'system-' prefix are reserved for system use only. error: " + (system[name] === undefined ? `${name} is not a known system priority class` : `value of ${name} PriorityClass must be ${system[name]}`)))
  } else if ((object.value ?? 0) > 1000000000) errors.push(forbidden(root('value'), 'maximum allowed value of a user defined priority is 1000000000'))
  const policy = object.preemptionPolicy as string | undefined
  if (policy !== undefined && policy !== 'Never' && policy !== 'PreemptLowerPriority') errors.push(notSupported(root('preemptionPolicy'), policy, ['Never', 'PreemptLowerPriority']))
  return errors
}

export function validatePriorityClassUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  if ((next.value ?? 0) !== (previous.value ?? 0)) errors.push(forbidden(root('value'), 'may not be changed in an update.'))
  if (next.preemptionPolicy !== previous.preemptionPolicy) errors.push(invalid(root('preemptionPolicy'), next.preemptionPolicy ?? null, 'field is immutable'))
  return errors
}

export function validateRuntimeClass(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  checkName(errors, (object.handler ?? '') as string, dnsLabel, root('handler'))
  if (object.overhead) validateOverhead(errors, object.overhead.podFixed, root('overhead').child('podFixed'))
  const scheduling = object.scheduling as Free
  if (scheduling) {
    errors.push(...validateLabels(scheduling.nodeSelector as Record<string, string> | undefined, root('scheduling').child('nodeSelector')))
    validateTolerations(errors, scheduling.tolerations, root('scheduling').child('tolerations'))
  }
  return errors
}

export function validateRuntimeClassUpdate(next: KubeObject, previous: KubeObject): FieldError[] {
  return equalJson(next.handler, previous.handler) ? [] : [invalid(root('handler'), next.handler, 'field is immutable')]
}

export function validateLease(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const { holderIdentity, leaseDurationSeconds, leaseTransitions } = (object.spec ?? {}) as Free
  const at = root('spec')
  if (holderIdentity === '') errors.push(invalid(at.child('holderIdentity'), '', 'must not be empty'))
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) errors.push(invalid(at.child('leaseDurationSeconds'), leaseDurationSeconds, 'must be greater than 0'))
  if (leaseTransitions !== undefined && leaseTransitions < 0) errors.push(invalid(at.child('leaseTransitions'), leaseTransitions, 'must be greater than or equal to 0'))
  return errors
}
