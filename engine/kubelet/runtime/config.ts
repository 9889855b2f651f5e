/** From a pod's spec to the CRI's configuration of its sandbox and containers. */
import { md5 } from '@noble/hashes/legacy.js'
import { encodeUtf8, toHex } from '#engine/base/bytes'
import type { Container, Pod } from '#engine/api/kinds'
import type { ContainerConfig, Image, KeyValue, LinuxContainerSecurityContext, Mount, NamespaceOption, PodSandboxConfig, SecurityProfile } from '#engine/cri/api'
import { format, gracePeriod, uidOf } from '../pods/names'
import { ConfigError, expand } from './env'
import { containerNameLabel, hashAnnotation, messagePathAnnotation, messagePolicyAnnotation, podGraceAnnotation, podNameLabel, podNamespaceLabel, podUidLabel, restartCountAnnotation } from './podstatus'
import { containerResources, podCgroup } from './resources'

export interface SandboxInputs {
  readonly attempt: number
  readonly hostname: string
  readonly dns: PodSandboxConfig['dnsConfig']
  readonly podLogsDir: string
  readonly cgroupDriver: string
  readonly seccompDefault: boolean
}

export function logDirectory(podLogsDir: string, pod: Pod): string {
  return `${podLogsDir}/${pod.metadata.namespace ?? ''}_${pod.metadata.name ?? ''}_${uidOf(pod)}`
}

export function sandboxConfig(pod: Pod, inputs: SandboxInputs): PodSandboxConfig {
  const { metadata, spec } = pod
  const uid = uidOf(pod)
  const security = spec?.securityContext
  const namespaces = namespaceOptions(pod)
  const labels = { ...metadata.labels, [podNameLabel]: metadata.name ?? '', [podNamespaceLabel]: metadata.namespace ?? '', [podUidLabel]: uid }
  return {
    metadata: { name: metadata.name ?? '', uid, namespace: metadata.namespace ?? '', attempt: inputs.attempt },
    hostname: spec?.hostNetwork ? '' : inputs.hostname,
    logDirectory: logDirectory(inputs.podLogsDir, pod),
    ...(inputs.dns ? { dnsConfig: inputs.dns } : {}),
    portMappings: (spec?.containers ?? []).flatMap((container) => (container.ports ?? []).map((port) => ({ protocol: (port.protocol ?? 'TCP') as 'TCP', containerPort: port.containerPort, hostPort: spec?.hostNetwork ? 0 : (port.hostPort ?? 0), hostIp: port.hostIP ?? '' }))),
    labels,
    annotations: { ...metadata.annotations },
    linux: {
      cgroupParent: podCgroup(pod, inputs.cgroupDriver),
      sysctls: Object.fromEntries((security?.sysctls ?? []).map(({ name, value }) => [name.replace(/\//g, '.'), value])),
      securityContext: {
        namespaceOptions: namespaces,
        privileged: (spec?.containers ?? []).some((container) => container.securityContext?.privileged),
        seccomp: seccomp(security?.seccompProfile, true),
        ...(security?.runAsUser === undefined ? {} : { runAsUser: security.runAsUser }),
        ...(security?.runAsGroup === undefined ? {} : { runAsGroup: security.runAsGroup }),
      },
    },
  }
}

export function namespaceOptions(pod: Pod): NamespaceOption {
  const { spec } = pod
  return { network: spec?.hostNetwork ? 'NODE' : 'POD', ipc: spec?.hostIPC ? 'NODE' : 'POD', pid: spec?.hostPID ? 'NODE' : spec?.shareProcessNamespace ? 'POD' : 'CONTAINER' }
}

interface Profile { type: string; localhostProfile?: string }

function seccomp(profile: Profile | undefined, fallback: boolean): SecurityProfile {
  if (!profile) return { profileType: fallback ? 'RuntimeDefault' : 'Unconfined' }
  return profile.type === 'Localhost' ? { profileType: 'Localhost', localhostRef: profile.localhostProfile ?? '' } : { profileType: profile.type as 'RuntimeDefault' }
}

export interface ContainerInputs {
  readonly image: Image
  readonly env: readonly KeyValue[]
  readonly mounts: readonly Mount[]
  readonly restartCount: number
  readonly nodeMemoryBytes: number
  readonly seccompDefault: boolean
  readonly targetId?: string
  readonly supplementalGroups: readonly number[]
}

export function containerConfig(pod: Pod, container: Container, inputs: ContainerInputs): ContainerConfig {
  verifyNonRoot(pod, container, inputs.image)
  const env = new Map(inputs.env.map(({ key, value }) => [key, value]))
  const stopSignal = (container.lifecycle as { stopSignal?: string } | undefined)?.stopSignal
  return {
    metadata: { name: container.name, attempt: inputs.restartCount },
    image: { image: inputs.image.id, userSpecifiedImage: container.image ?? '' },
    command: (container.command ?? []).map((part) => expand(part, env)),
    args: (container.args ?? []).map((part) => expand(part, env)),
    workingDir: container.workingDir ?? '',
    envs: [...inputs.env],
    mounts: [...inputs.mounts],
    labels: { [podNameLabel]: pod.metadata.name ?? '', [podNamespaceLabel]: pod.metadata.namespace ?? '', [podUidLabel]: uidOf(pod), [containerNameLabel]: container.name },
    annotations: {
      [hashAnnotation]: containerHash(container),
      [restartCountAnnotation]: String(inputs.restartCount),
      [messagePathAnnotation]: container.terminationMessagePath ?? '/dev/termination-log',
      [messagePolicyAnnotation]: container.terminationMessagePolicy ?? 'File',
      [podGraceAnnotation]: String(gracePeriod(pod)),
    },
    logPath: `${container.name}/${inputs.restartCount}.log`,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    ...(stopSignal === undefined ? {} : { stopSignal }),
    linux: { resources: containerResources(pod, container, inputs.nodeMemoryBytes), securityContext: securityContext(pod, container, inputs) },
  }
}

function securityContext(pod: Pod, container: Container, inputs: ContainerInputs): LinuxContainerSecurityContext {
  const own = container.securityContext
  const whole = pod.spec?.securityContext
  const runAsUser = own?.runAsUser ?? whole?.runAsUser ?? inputs.image.uid
  const runAsGroup = own?.runAsGroup ?? whole?.runAsGroup
  const profile = own?.seccompProfile ?? whole?.seccompProfile
  return {
    capabilities: { addCapabilities: own?.capabilities?.add ?? [], dropCapabilities: own?.capabilities?.drop ?? [] },
    privileged: own?.privileged ?? false,
    namespaceOptions: { ...namespaceOptions(pod), ...(inputs.targetId === undefined ? {} : { pid: 'TARGET', targetId: inputs.targetId }) },
    ...(own?.runAsUser !== undefined || whole?.runAsUser !== undefined ? { runAsUser: runAsUser as number } : inputs.image.username !== '' ? { runAsUsername: inputs.image.username } : {}),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    readonlyRootfs: own?.readOnlyRootFilesystem ?? false,
    supplementalGroups: [...new Set([...(whole?.fsGroup === undefined ? [] : [whole.fsGroup]), ...(whole?.supplementalGroups ?? []), ...inputs.supplementalGroups])],
    supplementalGroupsPolicy: (whole as { supplementalGroupsPolicy?: 'Merge' | 'Strict' } | undefined)?.supplementalGroupsPolicy ?? 'Merge',
    noNewPrivs: own?.allowPrivilegeEscalation === false,
    seccomp: own?.privileged ? { profileType: 'Unconfined' } : seccomp(profile, inputs.seccompDefault),
    ...(own?.procMount === 'Unmasked' ? { maskedPaths: [], readonlyPaths: [] } : {}),
  }
}

/** runAsNonRoot is checked against the user that would really run. */
function verifyNonRoot(pod: Pod, container: Container, image: Image): void {
  const own = container.securityContext
  const whole = pod.spec?.securityContext
  if (!(own?.runAsNonRoot ?? whole?.runAsNonRoot ?? false)) return
  const where = `(pod: "${format(pod)}", container: ${container.name})`
  const user = own?.runAsUser ?? whole?.runAsUser
  if (user !== undefined) {
    if (user === 0) throw new ConfigError(`container's runAsUser breaks non-root policy ${where}`)
    return
  }
  if (image.username !== '') throw new ConfigError(`container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`)
  if ((image.uid ?? 0) === 0) throw new ConfigError(`container has runAsNonRoot and image will run as root ${where}`)
}

/** Changes when the container must run anew: its name or image, as the kubelet counts since resize in place. */
export function containerHash(container: Container): string {
  return toHex(md5(encodeUtf8(JSON.stringify({ name: container.name, image: container.image })))).slice(0, 8)
}
