/**
 * The Container Runtime Interface by its own names: runtime.v1.RuntimeService and runtime.v1.ImageService. Messages have the
 * fields of the published .proto in the JSON form of protobuf (lowerCamelCase), as crictl prints them; times are
 * nanoseconds since the epoch as a number of milliseconds times a million (exact to the microsecond).
 */
export interface VersionResponse {
  version: string
  runtimeName: string
  runtimeVersion: string
  runtimeApiVersion: string
}

export interface PodSandboxMetadata { name: string; uid: string; namespace: string; attempt: number }
export interface ContainerMetadata { name: string; attempt: number }
export type NamespaceMode = 'POD' | 'CONTAINER' | 'NODE' | 'TARGET'
export interface NamespaceOption { network: NamespaceMode; pid: NamespaceMode; ipc: NamespaceMode; targetId?: string }
export interface PortMapping { protocol: 'TCP' | 'UDP' | 'SCTP'; containerPort: number; hostPort: number; hostIp: string }
export interface DnsConfig { servers: string[]; searches: string[]; options: string[] }
export interface SecurityProfile { profileType: 'RuntimeDefault' | 'Unconfined' | 'Localhost'; localhostRef?: string }

export interface LinuxResources {
  cpuPeriod?: number
  cpuQuota?: number
  cpuShares?: number
  memoryLimitInBytes?: number
  oomScoreAdj?: number
  cpusetCpus?: string
  cpusetMems?: string
  unified?: Record<string, string>
  memorySwapLimitInBytes?: number
}

export interface LinuxSandboxSecurityContext {
  namespaceOptions: NamespaceOption
  runAsUser?: number
  runAsGroup?: number
  readonlyRootfs?: boolean
  supplementalGroups?: number[]
  privileged?: boolean
  seccomp?: SecurityProfile
}

export interface PodSandboxConfig {
  metadata: PodSandboxMetadata
  hostname: string
  logDirectory: string
  dnsConfig?: DnsConfig
  portMappings: PortMapping[]
  labels: Record<string, string>
  annotations: Record<string, string>
  linux: { cgroupParent: string; securityContext: LinuxSandboxSecurityContext; sysctls: Record<string, string>; resources?: LinuxResources }
}

export type PodSandboxState = 'SANDBOX_READY' | 'SANDBOX_NOTREADY'
export type ContainerState = 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN'

export interface PodSandbox {
  id: string
  metadata: PodSandboxMetadata
  state: PodSandboxState
  createdAt: number
  labels: Record<string, string>
  annotations: Record<string, string>
  runtimeHandler: string
}

export interface PodSandboxStatus extends PodSandbox {
  network: { ip: string; additionalIps: { ip: string }[] }
  linux: { namespaces: { options: NamespaceOption } }
}

export interface ImageSpec { image: string; annotations?: Record<string, string>; userSpecifiedImage?: string; runtimeHandler?: string }
export interface KeyValue { key: string; value: string }

export interface Mount {
  containerPath: string
  hostPath: string
  readonly?: boolean
  selinuxRelabel?: boolean
  propagation?: 'PROPAGATION_PRIVATE' | 'PROPAGATION_HOST_TO_CONTAINER' | 'PROPAGATION_BIDIRECTIONAL'
  recursiveReadOnly?: boolean
  /** An image volume: its root, instead of hostPath. */
  image?: ImageSpec
  imageSubPath?: string
}

export interface LinuxContainerSecurityContext {
  capabilities?: { addCapabilities: string[]; dropCapabilities: string[] }
  privileged?: boolean
  namespaceOptions?: NamespaceOption
  runAsUser?: number
  runAsGroup?: number
  runAsUsername?: string
  readonlyRootfs?: boolean
  supplementalGroups?: number[]
  supplementalGroupsPolicy?: 'Merge' | 'Strict'
  noNewPrivs?: boolean
  maskedPaths?: string[]
  readonlyPaths?: string[]
  seccomp?: SecurityProfile
  apparmor?: SecurityProfile
}

export interface ContainerConfig {
  metadata: ContainerMetadata
  image: ImageSpec
  command: string[]
  args: string[]
  workingDir: string
  envs: KeyValue[]
  mounts: Mount[]
  devices?: { containerPath: string; hostPath: string; permissions: string }[]
  labels: Record<string, string>
  annotations: Record<string, string>
  logPath: string
  stdin?: boolean
  stdinOnce?: boolean
  tty?: boolean
  stopSignal?: string
  linux: { resources: LinuxResources; securityContext: LinuxContainerSecurityContext }
}

export interface Container {
  id: string
  podSandboxId: string
  metadata: ContainerMetadata
  image: ImageSpec
  imageRef: string
  imageId: string
  state: ContainerState
  createdAt: number
  labels: Record<string, string>
  annotations: Record<string, string>
}

export interface ContainerStatus extends Omit<Container, 'podSandboxId'> {
  startedAt: number
  finishedAt: number
  exitCode: number
  reason: string
  message: string
  mounts: Mount[]
  logPath: string
  resources: { linux: LinuxResources }
  user: { linux: { uid: number; gid: number; supplementalGroups: number[] } }
  stopSignal: string
}

export interface PodSandboxFilter { id?: string; state?: { state: PodSandboxState }; labelSelector?: Record<string, string> }
export interface ContainerFilter { id?: string; state?: { state: ContainerState }; podSandboxId?: string; labelSelector?: Record<string, string> }

export interface ExecRequest { containerId: string; cmd: string[]; tty: boolean; stdin: boolean; stdout: boolean; stderr: boolean }
export interface ExecSyncResponse { stdout: Uint8Array; stderr: Uint8Array; exitCode: number }

export type ContainerEventType = 'CONTAINER_CREATED_EVENT' | 'CONTAINER_STARTED_EVENT' | 'CONTAINER_STOPPED_EVENT' | 'CONTAINER_DELETED_EVENT'

export interface ContainerEvent {
  containerId: string
  containerEventType: ContainerEventType
  createdAt: number
  podSandboxStatus?: PodSandboxStatus
  containersStatuses: ContainerStatus[]
}

export interface RuntimeCondition { type: 'RuntimeReady' | 'NetworkReady' | string; status: boolean; reason: string; message: string }
export interface RuntimeHandler { name: string; features: { recursiveReadOnlyMounts: boolean; userNamespaces: boolean } }

export interface RuntimeStatus {
  status: { conditions: RuntimeCondition[] }
  info: Record<string, string>
  runtimeHandlers: RuntimeHandler[]
  features: { supplementalGroupsPolicy: boolean }
}

export interface ContainerStats {
  attributes: { id: string; metadata: ContainerMetadata; labels: Record<string, string>; annotations: Record<string, string> }
  cpu: { timestamp: number; usageCoreNanoSeconds: number; usageNanoCores: number }
  memory: { timestamp: number; workingSetBytes: number; usageBytes: number; rssBytes: number }
  writableLayer: { timestamp: number; usedBytes: number; inodesUsed: number }
}

export interface PodSandboxStats {
  attributes: { id: string; metadata: PodSandboxMetadata; labels: Record<string, string>; annotations: Record<string, string> }
  linux: { cpu: ContainerStats['cpu']; memory: ContainerStats['memory']; process: { processCount: number }; containers: ContainerStats[] }
}

export interface Image {
  id: string
  repoTags: string[]
  repoDigests: string[]
  size: number
  uid?: number
  username: string
  spec?: ImageSpec
  pinned: boolean
}

export interface AuthConfig { username?: string; password?: string; auth?: string; serverAddress?: string; identityToken?: string; registryToken?: string }
export interface FilesystemUsage { timestamp: number; fsId: { mountpoint: string }; usedBytes: number; inodesUsed: number }

export interface RuntimeService {
  Version(request: { version: string }): Promise<VersionResponse>
  RunPodSandbox(request: { config: PodSandboxConfig; runtimeHandler: string }): Promise<{ podSandboxId: string }>
  StopPodSandbox(request: { podSandboxId: string }): Promise<object>
  RemovePodSandbox(request: { podSandboxId: string }): Promise<object>
  PodSandboxStatus(request: { podSandboxId: string; verbose?: boolean }): Promise<{ status: PodSandboxStatus; info: Record<string, string>; containersStatuses: ContainerStatus[]; timestamp: number }>
  ListPodSandbox(request: { filter?: PodSandboxFilter }): Promise<{ items: PodSandbox[] }>
  CreateContainer(request: { podSandboxId: string; config: ContainerConfig; sandboxConfig: PodSandboxConfig }): Promise<{ containerId: string }>
  StartContainer(request: { containerId: string }): Promise<object>
  StopContainer(request: { containerId: string; timeout: number }): Promise<object>
  RemoveContainer(request: { containerId: string }): Promise<object>
  ListContainers(request: { filter?: ContainerFilter }): Promise<{ containers: Container[] }>
  ContainerStatus(request: { containerId: string; verbose?: boolean }): Promise<{ status: ContainerStatus; info: Record<string, string> }>
  UpdateContainerResources(request: { containerId: string; linux: LinuxResources; annotations?: Record<string, string> }): Promise<object>
  ReopenContainerLog(request: { containerId: string }): Promise<object>
  ExecSync(request: { containerId: string; cmd: string[]; timeout: number }): Promise<ExecSyncResponse>
  Exec(request: ExecRequest): Promise<{ url: string }>
  Attach(request: Omit<ExecRequest, 'cmd'>): Promise<{ url: string }>
  PortForward(request: { podSandboxId: string; port: number[] }): Promise<{ url: string }>
  ContainerStats(request: { containerId: string }): Promise<{ stats: ContainerStats }>
  ListContainerStats(request: { filter?: ContainerFilter }): Promise<{ stats: ContainerStats[] }>
  PodSandboxStats(request: { podSandboxId: string }): Promise<{ stats: PodSandboxStats }>
  ListPodSandboxStats(request: { filter?: PodSandboxFilter }): Promise<{ stats: PodSandboxStats[] }>
  UpdateRuntimeConfig(request: { runtimeConfig: { networkConfig: { podCidr: string } } }): Promise<object>
  Status(request: { verbose?: boolean }): Promise<RuntimeStatus>
  RuntimeConfig(request: object): Promise<{ linux: { cgroupDriver: 'SYSTEMD' | 'CGROUPFS' } }>
}

export interface ImageService {
  ListImages(request: { filter?: { image: ImageSpec } }): Promise<{ images: Image[] }>
  ImageStatus(request: { image: ImageSpec; verbose?: boolean }): Promise<{ image?: Image; info: Record<string, string> }>
  PullImage(request: { image: ImageSpec; auth?: AuthConfig; sandboxConfig?: PodSandboxConfig }): Promise<{ imageRef: string }>
  RemoveImage(request: { image: ImageSpec }): Promise<object>
  ImageFsInfo(request: object): Promise<{ imageFilesystems: FilesystemUsage[]; containerFilesystems: FilesystemUsage[] }>
}

/** The one streaming method: events of containers, as they come. */
export interface EventService {
  GetContainerEvents(request: object): AsyncIterable<ContainerEvent>
}

export const runtimeServiceName = 'runtime.v1.RuntimeService'
export const imageServiceName = 'runtime.v1.ImageService'
export const defaultSocket = '/run/containerd/containerd.sock'

/** Milliseconds of the virtual clock as CRI's nanoseconds. */
export function nanos(ms: number): number {
  return Math.round(ms * 1000) * 1000
}

export function millis(ns: number): number {
  return ns / 1_000_000
}
