/** A pod's spec, wherever it stands. */
import { goStruct } from '#engine/apiserver/registry/core/pods/validation/go-text'
import { forbidden, invalid, required, tooLong } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { validateLegacyAddress } from '#engine/api/validation/addresses'
import { validateLabels } from '#engine/api/validation/meta'
import { byteLength, dnsLabel, dnsSubdomain, dnsSubdomainWithUnderscore, qualifiedName } from '#engine/api/validation/names'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { validateContainers } from './containers'
import type { PodFacts } from './containers'
import { checkName, inRange, largestInt32, oneOf } from './errors'
import type { Errors } from './errors'
import { validateOverhead, validatePodResources } from './resources'
import { validateAffinity, validateGates, validateSpread, validateTolerations } from './scheduling'
import { validateHostUsers, validateOperatingSystem, validatePodSecurity } from './security'
import { validateVolumes } from './volumes'

const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

/** `extraVolumes`: names that come from elsewhere (claim templates of a StatefulSet). */
export function validatePodSpec(spec: Free, path: FieldPath, extraVolumes: readonly Free[] = []): Errors {
  const errors: Errors = []
  if (spec.terminationGracePeriodSeconds === undefined || spec.terminationGracePeriodSeconds === null) errors.push(required(path.child('terminationGracePeriodSeconds'), ''))
  const volumes = new Map(validateVolumes(errors, listOf(spec.volumes), path.child('volumes')))
  for (const volume of extraVolumes) volumes.set(volume.name as string, volume)
  validateClaims(errors, spec, path.child('resourceClaims'))
  const facts: PodFacts = {
    volumes, claims: new Set(listOf(spec.resourceClaims).map((claim) => claim.name as string)), gracePeriod: (spec.terminationGracePeriodSeconds ?? 0) as number,
    hostUsers: spec.hostUsers !== false, restartPolicy: (spec.restartPolicy ?? '') as string,
  }
  validateContainers(errors, spec, facts, path)
  validatePodResources(errors, spec, path.child('resources'))
  oneOf(errors, spec.restartPolicy ?? '', ['Always', 'OnFailure', 'Never'], path.child('restartPolicy'))
  oneOf(errors, spec.dnsPolicy ?? '', dnsPolicies, path.child('dnsPolicy'))
  errors.push(...validateLabels(spec.nodeSelector as Record<string, string> | undefined, path.child('nodeSelector')))
  validatePodSecurity(errors, spec, path)
  validateAffinity(errors, spec.affinity, path.child('affinity'))
  validateDns(errors, spec, path.child('dnsConfig'))
  for (const [index, gate] of listOf(spec.readinessGates).entries()) checkName(errors, (gate.conditionType ?? '') as string, qualifiedName, path.child('readinessGates').index(index).child('conditionType'))
  validateGates(errors, spec.schedulingGates, path.child('schedulingGates'))
  validateSpread(errors, spec.topologySpreadConstraints, path.child('topologySpreadConstraints'))
  validateHostUsers(errors, spec, path)
  validateScalars(errors, spec, path)
  return errors
}

function validateScalars(errors: Errors, spec: Free, path: FieldPath): void {
  const named = (field: string, check: typeof dnsLabel): void => {
    if (spec[field]) checkName(errors, spec[field] as string, check, path.child(field))
  }
  named('serviceAccountName', dnsSubdomain)
  named('nodeName', dnsSubdomain)
  inRange(errors, spec.activeDeadlineSeconds as number | undefined, 1, largestInt32, path.child('activeDeadlineSeconds'))
  named('hostname', dnsLabel)
  named('subdomain', dnsLabel)
  validateHostnameOverride(errors, spec, path)
  validateTolerations(errors, spec.tolerations, path.child('tolerations'))
  for (const [index, alias] of listOf(spec.hostAliases).entries()) {
    const at = path.child('hostAliases').index(index)
    errors.push(...validateLegacyAddress((alias.ip ?? '') as string, at.child('ip')))
    for (const [position, name] of listOf(alias.hostnames).entries()) checkName(errors, name as string, dnsSubdomain, at.child('hostnames').index(position))
  }
  named('priorityClassName', dnsSubdomain)
  if (spec.runtimeClassName !== undefined && spec.runtimeClassName !== null) checkName(errors, spec.runtimeClassName as string, dnsSubdomain, path.child('runtimeClassName'))
  if (spec.preemptionPolicy) oneOf(errors, spec.preemptionPolicy, ['Never', 'PreemptLowerPriority'], path.child('preemptionPolicy'))
  validateOverhead(errors, spec.overhead, path.child('overhead'))
  validateOperatingSystem(errors, spec, path)
}

const claimFields = [['Name', 'name'], ['ResourceClaimName', 'resourceClaimName'], ['ResourceClaimTemplateName', 'resourceClaimTemplateName']] as const

function validateClaims(errors: Errors, spec: Free, path: FieldPath): void {
  const seen = new Set<string>()
  for (const [index, claim] of listOf(spec.resourceClaims).entries()) {
    const at = path.index(index)
    const name = (claim.name ?? '') as string
    if (name === '') errors.push(required(at.child('name'), ''))
    else if (seen.has(name)) errors.push({ type: 'FieldValueDuplicate', field: at.child('name').toString(), body: `Duplicate value: ${JSON.stringify(name)}` })
    else {
      checkName(errors, name, dnsLabel, at.child('name'))
      seen.add(name)
    }
    if (claim.resourceClaimName !== undefined && claim.resourceClaimTemplateName !== undefined) errors.push(invalid(at, goStruct(claimFields, claim as Record<string, unknown>, { name: '' }), 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'))
    if (claim.resourceClaimName === undefined && claim.resourceClaimTemplateName === undefined) errors.push(invalid(at, goStruct(claimFields, claim as Record<string, unknown>, { name: '' }), 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName']) if (claim[field] !== undefined) checkName(errors, claim[field] as string, dnsSubdomain, at.child(field))
  }
}

function validateDns(errors: Errors, spec: Free, path: FieldPath): void {
  const config = spec.dnsConfig
  if (spec.dnsPolicy === 'None') {
    if (!config) {
      errors.push(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'))
      return
    }
    if (listOf(config.nameservers).length === 0) {
      errors.push(required(path.child('nameservers'), 'must provide at least one DNS nameserver when `dnsPolicy` is None'))
      return
    }
  }
  if (config) validateDnsConfig(errors, config, path)
}

function validateDnsConfig(errors: Errors, config: Free, path: FieldPath): void {
  const nameservers = listOf(config.nameservers) as string[]
  if (nameservers.length > 3) errors.push(invalid(path.child('nameservers'), nameservers, 'must not have more than 3 nameservers'))
  for (const [index, address] of nameservers.entries()) errors.push(...validateLegacyAddress(address, path.child('nameservers').index(index)))
  const searches = listOf(config.searches) as string[]
  if (searches.length > 32) errors.push(invalid(path.child('searches'), searches, 'must not have more than 32 search paths'))
  if (searches.join(' ').length > 2048) errors.push(invalid(path.child('searches'), searches, 'must not have more than 2048 characters (including spaces) in the search list'))
  for (const [index, search] of searches.entries()) if (search !== '.') checkName(errors, search.replace(/\.$/, ''), dnsSubdomainWithUnderscore, path.child('searches').index(index))
  for (const [index, option] of listOf(config.options).entries()) if (!option.name) errors.push(required(path.child('options').index(index), 'must not be empty'))
}

function validateHostnameOverride(errors: Errors, spec: Free, path: FieldPath): void {
  const name = spec.hostnameOverride as string | undefined | null
  if (name === undefined || name === null) return
  const at = path.child('hostnameOverride')
  if (spec.setHostnameAsFQDN === true) errors.push(forbidden(at, 'may not be specified when setHostnameAsFQDN is true'))
  if (spec.hostNetwork === true) errors.push(forbidden(at, 'may not be specified when hostNetwork is true'))
  if (byteLength(name) > 64) errors.push(tooLong(at, 64))
  checkName(errors, name, dnsSubdomain, at)
}
