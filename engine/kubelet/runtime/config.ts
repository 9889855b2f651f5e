/** From a pod's spec to the CRI's configuration of its sandbox and containers. */
import { md5 } from '@noble/hashes/legacy.js'
import { encodeUtf8, toHex } from '#engine/base/bytes'
import type { Container, Pod } from '#engine/api/kinds'
import type { ContainerConfig, Image, KeyValue, LinuxContainerSecurityContext, Mount, NamespaceOption, PodSandboxConfig, PortMapping, SecurityProfile } from '#engine/cri/api'
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
  const { name = '', namespace = '' } = metadata
  const uid = uidOf(pod)
  return {
    metadata: { name, uid, namespace, attempt: inputs.attempt },
    hostname: spec?.hostNetwork ? '' : inputs.hostname,
    logDirectory: logDirectory(inputs.podLogsDir, pod),
    ...(inputs.dns ? { dnsConfig: inputs.dns } : {}),
    portMappings: portMappings(pod),
    labels: { ...metadata.labels, [podNameLabel]: name, [podNamespaceLabel]: namespace, [podUidLabel]: uid },
    annotations: { ...metadata.annotations },
    linux: sandboxLinux(pod, inputs),
  }
}

function portMappings(pod: Pod): PortMapping[] {
  const onHost = pod.spec?.hostNetwork ?? false
  return (pod.spec?.containers ?? []).flatMap((container) => (container.ports ?? []).map(({ protocol = 'TCP', containerPort, hostPort = 0, hostIP = '' }) => ({ protocol: protocol as 'TCP', containerPort, hostPort: onHost ? 0 : hostPort, hostIp: hostIP })))
}

function sandboxLinux(pod: Pod, inputs: SandboxInputs): PodSandboxConfig['linux'] {
  const { sysctls = [], seccompProfile, runAsUser, runAsGroup } = pod.spec?.securityContext ?? {}
  return {
    cgroupParent: podCgroup(pod, inputs.cgroupDriver),
    sysctls: Object.fromEntries(sysctls.map(({ name, value }) => [name.replace(/\//g, '.'), value])),
    securityContext: {
      namespaceOptions: namespaceOptions(pod),
      privileged: (pod.spec?.containers ?? []).some((container) => container.securityContext?.privileged),
      seccomp: seccomp(seccompProfile, true),
      ...(runAsUser === undefined ? {} : { runAsUser }),
      ...(runAsGroup === undefined ? {} : { runAsGroup }),
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
  const { command = [], args = [], image = '', workingDir = '', stdin = false, stdinOnce = false, tty = false } = container
  const stopSignal = (container.lifecycle as { stopSignal?: string } | undefined)?.stopSignal
  return {
    metadata: { name: container.name, attempt: inputs.restartCount },
    image: { image: inputs.image.id, userSpecifiedImage: image },
    command: command.map((part) => expand(part, env)),
    args: args.map((part) => expand(part, env)),
    workingDir,
    envs: [...inputs.env],
    mounts: [...inputs.mounts],
    labels: { [podNameLabel]: pod.metadata.name ?? '', [podNamespaceLabel]: pod.metadata.namespace ?? '', [podUidLabel]: uidOf(pod), [containerNameLabel]: container.name },
    annotations: containerAnnotations(pod, container, inputs.restartCount),
    logPath: `${container.name}/${inputs.restartCount}.log`,
    stdin,
    stdinOnce,
    tty,
    ...(stopSignal === undefined ? {} : { stopSignal }),
    linux: { resources: containerResources(pod, container, inputs.nodeMemoryBytes), securityContext: securityContext(pod, container, inputs) },
  }
}

function containerAnnotations(pod: Pod, container: Container, count: number): Record<string, string> {
  return {
    [hashAnnotation]: containerHash(container),
    [restartCountAnnotation]: String(count),
    [messagePathAnnotation]: container.terminationMessagePath ?? '/dev/termination-log',
    [messagePolicyAnnotation]: container.terminationMessagePolicy ?? 'File',
    [podGraceAnnotation]: String(gracePeriod(pod)),
  }
}

type Whole = NonNullable<NonNullable<Pod['spec']>['securityContext']> & { supplementalGroupsPolicy?: 'Merge' | 'Strict' }

function securityContext(pod: Pod, container: Container, inputs: ContainerInputs): LinuxContainerSecurityContext {
  const own = container.securityContext ?? {}
  const whole: Whole = pod.spec?.securityContext ?? {}
  const { privileged = false, readOnlyRootFilesystem = false, capabilities: { add = [], drop = [] } = {} } = own
  const { targetId } = inputs
  const { supplementalGroupsPolicy = 'Merge' } = whole
  return {
    capabilities: { addCapabilities: add, dropCapabilities: drop },
    privileged,
    namespaceOptions: { ...namespaceOptions(pod), ...(targetId === undefined ? {} : { pid: 'TARGET', targetId }) },
    ...identity(own, whole, inputs.image),
    readonlyRootfs: readOnlyRootFilesystem,
    supplementalGroups: groups(whole, inputs.supplementalGroups),
    supplementalGroupsPolicy,
    noNewPrivs: own.allowPrivilegeEscalation === false,
    seccomp: profileOf(privileged, own.seccompProfile ?? whole.seccompProfile, inputs.seccompDefault),
    ...paths(own.procMount),
  }
}

function profileOf(privileged: boolean, profile: Profile | undefined, fallback: boolean): SecurityProfile {
  return privileged ? { profileType: 'Unconfined' } : seccomp(profile, fallback)
}

function paths(procMount: string | undefined): Pick<LinuxContainerSecurityContext, 'maskedPaths' | 'readonlyPaths'> {
  return procMount === 'Unmasked' ? { maskedPaths: [], readonlyPaths: [] } : {}
}

/** The container's own user and group win over the pod's; the image's named user is told by name. */
function identity(own: NonNullable<Container['securityContext']>, whole: Whole, image: Image): Pick<LinuxContainerSecurityContext, 'runAsUser' | 'runAsGroup' | 'runAsUsername'> {
  const runAsUser = own.runAsUser ?? whole.runAsUser
  const runAsGroup = own.runAsGroup ?? whole.runAsGroup
  const user = runAsUser !== undefined ? { runAsUser } : image.username === '' ? {} : { runAsUsername: image.username }
  return { ...user, ...(runAsGroup === undefined ? {} : { runAsGroup }) }
}

function groups(whole: Whole, more: readonly number[]): number[] {
  return [...new Set([...(whole.fsGroup === undefined ? [] : [whole.fsGroup]), ...(whole.supplementalGroups ?? []), ...more])]
}

/** runAsNonRoot is checked against the user that would really run. */
function verifyNonRoot(pod: Pod, container: Container, image: Image): void {
  const own = container.securityContext ?? {}
  const whole = pod.spec?.securityContext ?? {}
  if (!(own.runAsNonRoot ?? whole.runAsNonRoot)) return
  const where = `(pod: "${format(pod)}", container: ${container.name})`
  const user = own.runAsUser ?? whole.runAsUser
  if (user === 0) throw new ConfigError(`container's runAsUser breaks non-root policy ${where}`)
  if (user !== undefined) return
  if (image.username !== '') throw new ConfigError(`container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`)
  if ((image.uid ?? 0) === 0) throw new ConfigError(`container has runAsNonRoot and image will run as root ${where}`)
}

/** Changes when the container must run anew: its name or image, as the kubelet counts since resize in place. */
export function containerHash(container: Container): string {
  return toHex(md5(encodeUtf8(JSON.stringify({ name: container.name, image: container.image })))).slice(0, 8)
}
