/** What a debugging profile grants the debug container, and takes from a pod's copy. */
import type { Flags } from '#engine/programs/common/cobra/flags'
import { CliError } from '#engine/programs/kubectl/session/errors'
import { type DebugPod, findDebugContainer, type SecurityContext } from './podspec'

/** How a debug container comes into the cluster. */
export type DebugStyle = 'ephemeral' | 'copy' | 'node'

type Change = (pod: DebugPod, container: string) => void
type Profile = Readonly<Record<DebugStyle, readonly Change[]>>

function secure(change: (context: SecurityContext) => void): Change {
  return (pod, name) => {
    const container = findDebugContainer(pod, name)
    if (!container) return
    container.securityContext = { ...container.securityContext }
    change(container.securityContext)
  }
}

function addCapabilities(...names: readonly string[]): Change {
  return secure((context) => {
    const added = context.capabilities?.add ?? []
    context.capabilities = { ...context.capabilities, add: [...added, ...names.filter((name) => !added.includes(name))] }
  })
}

const clearSecurity: Change = (pod, name) => {
  const container = findDebugContainer(pod, name)
  if (container) delete container.securityContext
}

const mountRoot: Change = (pod, name) => {
  pod.spec.volumes = [...(pod.spec.volumes ?? []), { name: 'host-root', hostPath: { path: '/' } }]
  const container = findDebugContainer(pod, name)
  if (container) container.volumeMounts = [...(container.volumeMounts ?? []), { mountPath: '/host', name: 'host-root' }]
}

const hostNamespaces: Change = (pod) => void Object.assign(pod.spec, { hostNetwork: true, hostPID: true, hostIPC: true })
const shareProcesses: Change = (pod) => void (pod.spec.shareProcessNamespace ??= true)

const restrict: readonly Change[] = [
  clearSecurity,
  secure((context) => void (context.runAsNonRoot = true)),
  secure((context) => void (context.capabilities = { drop: ['ALL'] })),
  secure((context) => void (context.seccompProfile = { type: 'RuntimeDefault' })),
  secure((context) => void (context.allowPrivilegeEscalation = false)),
]
const trace = addCapabilities('SYS_PTRACE')
const administerNetwork = addCapabilities('NET_ADMIN', 'NET_RAW')
const privilege = secure((context) => void (context.privileged = true))

const profiles: Readonly<Record<string, Profile>> = {
  legacy: { ephemeral: [], copy: [], node: [mountRoot, hostNamespaces] },
  general: { ephemeral: [trace], copy: [shareProcesses, trace], node: [clearSecurity, mountRoot, hostNamespaces] },
  baseline: { ephemeral: [clearSecurity], copy: [shareProcesses, clearSecurity], node: [clearSecurity] },
  restricted: { ephemeral: restrict, copy: [shareProcesses, ...restrict], node: restrict },
  netadmin: { ephemeral: [administerNetwork], copy: [shareProcesses, administerNetwork], node: [hostNamespaces, administerNetwork] },
  sysadmin: { ephemeral: [privilege], copy: [shareProcesses, privilege], node: [privilege, hostNamespaces, mountRoot] },
}

export const profileNames = Object.keys(profiles)

export function profileNamed(name: string): Profile {
  const found = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (!found) throw new CliError(`unknown profile: ${name}`)
  return found
}

export function applyProfile(flags: Flags, pod: DebugPod, container: string, style: DebugStyle): void {
  const profile = flags.string('profile')
  if (style === 'copy') strip(flags, pod, profile === 'legacy')
  for (const change of profileNamed(profile)[style]) change(pod, container)
}

/** A copy leaves behind what the --keep flags do not name; the legacy one its labels, whatever they say. */
function strip(flags: Flags, pod: DebugPod, legacy: boolean): void {
  if (legacy) {
    delete pod.metadata.labels
    return
  }
  if (!flags.bool('keep-labels')) delete pod.metadata.labels
  if (!flags.bool('keep-annotations')) delete pod.metadata.annotations
  for (const container of pod.spec.containers) {
    if (!flags.bool('keep-liveness')) delete container.livenessProbe
    if (!flags.bool('keep-readiness')) delete container.readinessProbe
    if (!flags.bool('keep-startup')) delete container.startupProbe
  }
  if (!flags.bool('keep-init-containers')) delete pod.spec.initContainers
}
