/** Containers of a pod: ordinary, init and ephemeral ones. */
import { duplicate, forbidden, invalid, notFound, notSupported, required, tooMany } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { dnsLabel, portName, portNumber } from '#engine/api/validation/names'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { validateEnvironment } from './environment'
import { checkName, needed } from './errors'
import type { Errors } from './errors'
import { validateDevices, validateMounts } from './mounts'
import { validateProbesAndHooks } from './probes'
import { validateContainerResources } from './resources'
import { validateContainerSecurity } from './security'

export interface PodFacts {
  readonly volumes: ReadonlyMap<string, Free>
  readonly claims: ReadonlySet<string>
  readonly gracePeriod: number
  readonly hostUsers: boolean
  readonly restartPolicy: string
}

const restartPolicies = ['Always', 'Never', 'OnFailure']

export function validateContainers(errors: Errors, spec: Free, facts: PodFacts, path: FieldPath): void {
  const containers = listOf(spec.containers)
  const all = path.child('containers')
  if (containers.length === 0) errors.push(required(all, ''))
  const names = new Set<string>()
  for (const [index, container] of containers.entries()) {
    const at = all.index(index)
    validateCommon(errors, container, facts, at)
    unique(errors, names, container.name as string, at)
    validateProbesAndHooks(errors, container, facts.gracePeriod, at)
    validateRestart(errors, container, at)
  }
  validateHostPortConflicts(errors, containers, all)
  validateInit(errors, spec, names, facts, path.child('initContainers'))
  validateEphemeral(errors, spec, names, facts, path.child('ephemeralContainers'))
}

function unique(errors: Errors, names: Set<string>, name: string | undefined, path: FieldPath): void {
  if (!name) return
  if (names.has(name)) errors.push(duplicate(path.child('name'), name))
  names.add(name)
}

const disallowedInit = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']

function validateInit(errors: Errors, spec: Free, names: Set<string>, facts: PodFacts, path: FieldPath): void {
  for (const [index, container] of listOf(spec.initContainers).entries()) {
    const at = path.index(index)
    validateCommon(errors, container, facts, at)
    validateRestart(errors, container, at)
    unique(errors, names, container.name as string, at)
    validateHostPortConflicts(errors, [container], path)
    if (container.restartPolicy === 'Always') validateProbesAndHooks(errors, container, facts.gracePeriod, at)
    else for (const field of disallowedInit) if (container[field]) errors.push(forbidden(at.child(field), 'may not be set for init containers without restartPolicy=Always'))
  }
}

const disallowedEphemeral = ['ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle']

function validateEphemeral(errors: Errors, spec: Free, names: Set<string>, facts: PodFacts, path: FieldPath): void {
  const others = new Set(names)
  for (const [index, container] of listOf(spec.ephemeralContainers).entries()) {
    const at = path.index(index)
    const reason = 'cannot be set for an Ephemeral Container'
    validateCommon(errors, container, facts, at)
    unique(errors, names, container.name as string, at)
    const target = container.targetContainerName as string | undefined
    if (target && !others.has(target)) errors.push(notFound(at.child('targetContainerName'), target))
    for (const field of disallowedEphemeral) if (isSet(container[field])) errors.push(forbidden(at.child(field), reason))
    for (const [position, mount] of listOf(container.volumeMounts).entries()) for (const field of ['subPath', 'subPathExpr']) if (mount[field]) errors.push(forbidden(at.child('volumeMounts').index(position).child(field), reason))
  }
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null) return false
  if (Array.isArray(value)) return value.length > 0
  return typeof value !== 'object' || Object.keys(value).length > 0
}

function validateCommon(errors: Errors, container: Free, facts: PodFacts, path: FieldPath): void {
  if (needed(errors, container.name, path.child('name'))) checkName(errors, container.name as string, dnsLabel, path.child('name'))
  needed(errors, container.image, path.child('image'))
  const policy = (container.terminationMessagePolicy ?? '') as string
  if (policy === '') errors.push(required(path.child('terminationMessagePolicy'), ''))
  else if (policy !== 'File' && policy !== 'FallbackToLogsOnError') errors.push(notSupported(path.child('terminationMessagePolicy'), policy, ['File', 'FallbackToLogsOnError']))
  validatePorts(errors, container, path.child('ports'))
  validateEnvironment(errors, container, path)
  validateMounts(errors, container, facts.volumes, path)
  validateDevices(errors, container, facts.volumes, path)
  const pull = container.imagePullPolicy as string | undefined
  if (!pull) errors.push(required(path.child('imagePullPolicy'), ''))
  else if (!['Always', 'IfNotPresent', 'Never'].includes(pull)) errors.push(notSupported(path.child('imagePullPolicy'), pull, ['Always', 'IfNotPresent', 'Never']))
  validateContainerResources(errors, container.resources, facts.claims, path.child('resources'))
  validateResizePolicy(errors, container, facts.restartPolicy, path.child('resizePolicy'))
  validateContainerSecurity(errors, container.securityContext, facts.hostUsers, path.child('securityContext'))
}

function validatePorts(errors: Errors, container: Free, path: FieldPath): void {
  const names = new Set<string>()
  for (const [index, port] of listOf(container.ports).entries()) {
    const at = path.index(index)
    if (port.name) {
      const wrong = portName(port.name as string)
      for (const text of wrong) errors.push(invalid(at.child('name'), port.name, text))
      if (wrong.length === 0 && names.has(port.name as string)) errors.push(duplicate(at.child('name'), port.name))
      names.add(port.name as string)
    }
    if (!port.containerPort) errors.push(required(at.child('containerPort'), ''))
    else for (const text of portNumber(port.containerPort as number)) errors.push(invalid(at.child('containerPort'), port.containerPort, text))
    if (port.hostPort) for (const text of portNumber(port.hostPort as number)) errors.push(invalid(at.child('hostPort'), port.hostPort, text))
    if (!port.protocol) errors.push(required(at.child('protocol'), ''))
    else if (!['SCTP', 'TCP', 'UDP'].includes(port.protocol as string)) errors.push(notSupported(at.child('protocol'), port.protocol, ['SCTP', 'TCP', 'UDP']))
  }
}

function validateHostPortConflicts(errors: Errors, containers: readonly Free[], path: FieldPath): void {
  const seen = new Set<string>()
  for (const [index, container] of containers.entries()) {
    for (const [position, port] of listOf(container.ports).entries()) {
      if (!port.hostPort) continue
      const key = `${port.protocol as string}/${(port.hostIP ?? '') as string}/${port.hostPort as number}`
      if (seen.has(key)) errors.push(duplicate(path.index(index).child('ports').index(position).child('hostPort'), key))
      seen.add(key)
    }
  }
}

function validateResizePolicy(errors: Errors, container: Free, restartPolicy: string, path: FieldPath): void {
  const seen = new Set<string>()
  for (const item of listOf(container.resizePolicy)) {
    const name = (item.resourceName ?? '') as string
    if (seen.has(name)) errors.push(duplicate(path, name))
    seen.add(name)
    if (name === '') errors.push(required(path, ''))
    else if (name !== 'cpu' && name !== 'memory') errors.push(notSupported(path, name, ['cpu', 'memory']))
    const policy = (item.restartPolicy ?? '') as string
    if (policy === '') errors.push(required(path, ''))
    else if (policy !== 'NotRequired' && policy !== 'RestartContainer') errors.push(notSupported(path, policy, ['NotRequired', 'RestartContainer']))
    if (restartPolicy === 'Never' && policy === 'RestartContainer') errors.push(invalid(path, policy, "must be 'NotRequired' when `restartPolicy` is 'Never'"))
  }
}

/** A container's own restart policy, with rules for exit codes. */
function validateRestart(errors: Errors, container: Free, path: FieldPath): void {
  const policy = container.restartPolicy as string | undefined
  const rules = listOf(container.restartPolicyRules)
  if (policy !== undefined && policy !== null && !restartPolicies.includes(policy)) errors.push(notSupported(path.child('restartPolicy'), policy, restartPolicies))
  if (rules.length > 0 && (policy === undefined || policy === null)) errors.push(required(path.child('restartPolicy'), 'must specify restartPolicy when restart rules are used'))
  if (rules.length > 20) errors.push(tooMany(path.child('restartPolicyRules'), rules.length, 20))
  for (const [index, rule] of rules.entries()) validateRestartRule(errors, rule, path.child('restartPolicyRules').index(index))
}

function validateRestartRule(errors: Errors, rule: Free, at: FieldPath): void {
  if (rule.action !== 'Restart') errors.push(notSupported(at.child('action'), rule.action ?? '', ['Restart']))
  if (!rule.exitCodes) {
    errors.push(required(at.child('exitCodes'), 'must be specified'))
    return
  }
  const codes = at.child('exitCodes')
  if (rule.exitCodes.operator !== 'In' && rule.exitCodes.operator !== 'NotIn') errors.push(notSupported(codes.child('operator'), rule.exitCodes.operator ?? '', ['In', 'NotIn']))
  if (listOf(rule.exitCodes.values).length > 255) errors.push(tooMany(codes.child('values'), listOf(rule.exitCodes.values).length, 255))
}
