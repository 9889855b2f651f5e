/** Security contexts of pods and containers. */
import { duplicate, forbidden, invalid, notSupported, required } from '#engine/api/field'
import type { FieldPath } from '#engine/api/field'
import { listOf } from '#engine/apiserver/registry/free'
import type { Free } from '#engine/apiserver/registry/free'
import { inRange, largestInt32 } from './errors'
import type { Errors } from './errors'
import { goStruct } from './go-text'
import { validateHostProcess, validateWindowsOptions } from './windows'

const contextFields = [
  ['Capabilities', 'capabilities'], ['Privileged', 'privileged'], ['SELinuxOptions', 'seLinuxOptions'], ['WindowsOptions', 'windowsOptions'], ['RunAsUser', 'runAsUser'], ['RunAsGroup', 'runAsGroup'],
  ['RunAsNonRoot', 'runAsNonRoot'], ['ReadOnlyRootFilesystem', 'readOnlyRootFilesystem'], ['AllowPrivilegeEscalation', 'allowPrivilegeEscalation'], ['ProcMount', 'procMount'], ['SeccompProfile', 'seccompProfile'], ['AppArmorProfile', 'appArmorProfile'],
] as const

function contextText(context: Free): unknown {
  const capabilities = context.capabilities ? goStruct([['Add', 'add'], ['Drop', 'drop']], context.capabilities as Record<string, unknown>) : null
  const profile = (value: Free): unknown => (value ? goStruct([['Type', 'type'], ['LocalhostProfile', 'localhostProfile']], value as Record<string, unknown>, { type: '' }) : null)
  const seLinuxOptions = context.seLinuxOptions ? goStruct([['User', 'user'], ['Role', 'role'], ['Type', 'type'], ['Level', 'level']], context.seLinuxOptions as Record<string, unknown>, { user: '', role: '', type: '', level: '' }) : null
  return goStruct(contextFields, { ...context, capabilities, seLinuxOptions, seccompProfile: profile(context.seccompProfile), appArmorProfile: profile(context.appArmorProfile) })
}

export function validateContainerSecurity(errors: Errors, context: Free, hostUsers: boolean, path: FieldPath): void {
  if (!context) return
  inRange(errors, context.runAsUser as number | undefined, 0, largestInt32, path.child('runAsUser'))
  inRange(errors, context.runAsGroup as number | undefined, 0, largestInt32, path.child('runAsGroup'))
  validateProcMount(errors, context, hostUsers, path)
  validateProfile(errors, context.seccompProfile, 'seccomp', path.child('seccompProfile'))
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged === true) errors.push(invalid(path, contextText(context), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'))
    if (listOf(context.capabilities?.add).includes('CAP_SYS_ADMIN')) errors.push(invalid(path, contextText(context), 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'))
  }
  validateWindowsOptions(errors, context.windowsOptions, path.child('windowsOptions'))
  validateProfile(errors, context.appArmorProfile, 'AppArmor', path.child('appArmorProfile'))
}

function validateProcMount(errors: Errors, context: Free, hostUsers: boolean, path: FieldPath): void {
  const value = context.procMount as string | undefined
  if (value === undefined || value === null) return
  if (value !== 'Default' && value !== 'Unmasked') errors.push(notSupported(path.child('procMount'), value, ['Default', 'Unmasked']))
  if (value === 'Unmasked' && hostUsers) errors.push(invalid(path.child('procMount'), value, '`hostUsers` must be false to use `Unmasked`'))
}

function validateProfile(errors: Errors, profile: Free, kind: 'seccomp' | 'AppArmor', path: FieldPath): void {
  if (!profile) return
  const type = (profile.type ?? '') as string
  validateLocalProfile(errors, type, profile.localhostProfile as string | undefined, kind, path)
  if (type === '') errors.push(required(path.child('type'), kind === 'seccomp' ? 'type is required when seccompProfile is set' : 'type is required when appArmorProfile is set'))
  else if (!['Localhost', 'RuntimeDefault', 'Unconfined'].includes(type)) errors.push(notSupported(path.child('type'), type, ['Localhost', 'RuntimeDefault', 'Unconfined']))
}

function validateLocalProfile(errors: Errors, type: string, local: string | undefined, kind: 'seccomp' | 'AppArmor', path: FieldPath): void {
  if (type === 'Localhost') {
    if (local === undefined || local === '') errors.push(required(path.child('localhostProfile'), `must be set when ${kind} type is Localhost`))
    else if (kind === 'seccomp' && (local.startsWith('/') || local.split('/').includes('..'))) errors.push(invalid(path.child('localhostProfile'), local, local.startsWith('/') ? 'must be a relative path' : "must not contain '..'"))
  } else if (local !== undefined && local !== null) errors.push(invalid(path.child('localhostProfile'), local, `can only be set when ${kind} type is Localhost`))
}

export function validatePodSecurity(errors: Errors, spec: Free, specPath: FieldPath): void {
  const context = spec.securityContext ?? {}
  const path = specPath.child('securityContext')
  if (spec.hostNetwork === true) validateHostPorts(errors, spec, specPath)
  for (const field of ['fsGroup', 'runAsUser', 'runAsGroup']) inRange(errors, context[field] as number | undefined, 0, largestInt32, path.child(field))
  for (const [index, group] of listOf(context.supplementalGroups).entries()) inRange(errors, group as number, 0, largestInt32, path.child('supplementalGroups').index(index))
  if (spec.shareProcessNamespace === true && spec.hostPID === true) errors.push(invalid(path.child('shareProcessNamespace'), true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  validateSysctls(errors, spec, context, path)
  for (const [field, values] of [['fsGroupChangePolicy', ['Always', 'OnRootMismatch']], ['supplementalGroupsPolicy', ['Merge', 'Strict']], ['seLinuxChangePolicy', ['MountOption', 'Recursive']]] as const) {
    const value = context[field] as string | undefined
    if (value !== undefined && value !== null && !(values as readonly string[]).includes(value)) errors.push(notSupported(path.child(field), value, values))
  }
  validateProfile(errors, context.seccompProfile, 'seccomp', path.child('seccompProfile'))
  validateWindowsOptions(errors, context.windowsOptions, path.child('windowsOptions'))
  validateHostProcess(errors, spec, specPath)
  validateProfile(errors, context.appArmorProfile, 'AppArmor', path.child('appArmorProfile'))
}

function validateHostPorts(errors: Errors, spec: Free, path: FieldPath): void {
  for (const [index, container] of listOf(spec.containers).entries()) {
    for (const [position, port] of listOf(container.ports).entries()) {
      if ((port.hostPort ?? 0) === port.containerPort) continue
      errors.push(invalid(path.child('containers').index(index).child('ports').index(position).child('containerPort'), port.containerPort ?? 0, 'must match `hostPort` when `hostNetwork` is true'))
    }
  }
}

const sysctlFormat = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const sysctlPattern = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/

function validateSysctls(errors: Errors, spec: Free, context: Free, path: FieldPath): void {
  const seen = new Set<string>()
  for (const [index, item] of listOf(context.sysctls).entries()) {
    const at = path.child('sysctls').index(index).child('name')
    const name = (item.name ?? '') as string
    if (name === '') errors.push(required(at, ''))
    else if (name.length > 253 || !sysctlPattern.test(name)) errors.push(invalid(at, name, `must have at most 253 characters and match regex ^${sysctlFormat}$`))
    else if (seen.has(name)) errors.push(duplicate(at, name))
    seen.add(name)
    if (spec.hostNetwork === true && name.startsWith('net.')) errors.push(invalid(at, name, "may not be specified when 'hostNetwork' is true"))
    if (spec.hostIPC === true && /^(kernel\.(shm|msg|sem)|fs\.mqueue\.)/.test(name)) errors.push(invalid(at, name, "may not be specified when 'hostIPC' is true"))
  }
}

/** Pods with a user namespace of their own share nothing else with the host. */
export function validateHostUsers(errors: Errors, spec: Free, path: FieldPath): void {
  if (spec.hostUsers !== false) return
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) if (spec[field] === true) errors.push(forbidden(path.child(field), 'when `hostUsers` is false'))
  for (const [kind, list] of [['containers', spec.containers], ['initContainers', spec.initContainers]] as const) {
    for (const [index, container] of listOf(list).entries()) if (listOf(container.volumeDevices).length > 0) errors.push(forbidden(path.child(kind).index(index).child('volumeDevices'), 'when `hostUsers` is false'))
  }
}

const linuxOnly = ['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'capabilities', 'readOnlyRootFilesystem', 'privileged', 'allowPrivilegeEscalation', 'procMount', 'runAsUser', 'runAsGroup']
const linuxOnlyOfPod = ['appArmorProfile', 'seLinuxOptions', 'seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls', 'runAsUser', 'runAsGroup', 'supplementalGroups', 'supplementalGroupsPolicy']

/** What a pod's operating system rules out. */
export function validateOperatingSystem(errors: Errors, spec: Free, path: FieldPath): void {
  if (!spec.os) return
  const name = (spec.os.name ?? '') as string
  if (name === '') errors.push(required(path.child('os', 'name'), 'cannot be empty'))
  else if (name !== 'linux' && name !== 'windows') errors.push(notSupported(path.child('os', 'name'), name, ['linux', 'windows']))
  const contexts: (readonly [Free, FieldPath])[] = [[spec.securityContext, path.child('securityContext')]]
  for (const kind of ['initContainers', 'containers', 'ephemeralContainers']) for (const [index, container] of listOf(spec[kind]).entries()) contexts.push([container.securityContext, path.child(kind).index(index).child('securityContext')])
  if (name === 'linux') forbidWindowsOptions(errors, contexts)
  if (name === 'windows') forbidLinuxOptions(errors, spec, contexts, path)
}

function forbidWindowsOptions(errors: Errors, contexts: readonly (readonly [Free, FieldPath])[]): void {
  for (const [context, at] of contexts) if (context?.windowsOptions) errors.push(forbidden(at.child('windowsOptions'), 'windows options cannot be set for a linux pod'))
}

function forbidLinuxOptions(errors: Errors, spec: Free, contexts: readonly (readonly [Free, FieldPath])[], path: FieldPath): void {
  for (const field of ['hostPID', 'hostIPC', 'hostUsers', 'shareProcessNamespace']) if (spec[field] !== undefined && spec[field] !== (field === 'hostUsers' ? undefined : false)) errors.push(forbidden(path.child(field), 'cannot be set for a windows pod'))
  for (const [index, [context, at]] of contexts.entries()) {
    for (const field of index === 0 ? linuxOnlyOfPod : linuxOnly) if (context?.[field] !== undefined && context[field] !== null) errors.push(forbidden(at.child(field), 'cannot be set for a windows pod'))
  }
}
