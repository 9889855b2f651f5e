/** Shapes of the Engine API that are also what the daemon keeps on disk. Field names are the API's. */
export interface HealthConfig { readonly Test?: readonly string[]; readonly Interval?: number; readonly Timeout?: number; readonly Retries?: number; readonly StartPeriod?: number }

export interface ContainerConfig {
  Hostname: string
  Domainname: string
  User: string
  AttachStdin: boolean
  AttachStdout: boolean
  AttachStderr: boolean
  ExposedPorts?: Record<string, object>
  Tty: boolean
  OpenStdin: boolean
  StdinOnce: boolean
  Env: string[]
  Cmd: string[] | null
  Healthcheck?: HealthConfig
  Image: string
  Volumes: Record<string, object> | null
  WorkingDir: string
  Entrypoint: string[] | null
  OnBuild: string[] | null
  Labels: Record<string, string>
  StopSignal?: string
  StopTimeout?: number
}

export interface PortBinding { HostIp: string; HostPort: string }
export type PortMap = Record<string, PortBinding[] | null>

export interface MountRequestBody { Type: 'bind' | 'volume' | 'tmpfs'; Source?: string; Target: string; ReadOnly?: boolean; TmpfsOptions?: { SizeBytes?: number; Mode?: number } }

export interface HostConfig {
  Binds: string[] | null
  ContainerIDFile: string
  LogConfig: { Type: string; Config: Record<string, string> }
  NetworkMode: string
  PortBindings: PortMap
  RestartPolicy: { Name: string; MaximumRetryCount: number }
  AutoRemove: boolean
  VolumeDriver: string
  VolumesFrom: string[] | null
  CapAdd: string[] | null
  CapDrop: string[] | null
  CgroupnsMode: string
  Dns: string[]
  DnsOptions: string[]
  DnsSearch: string[]
  ExtraHosts: string[] | null
  GroupAdd: string[] | null
  IpcMode: string
  Links: string[] | null
  OomScoreAdj: number
  PidMode: string
  Privileged: boolean
  PublishAllPorts: boolean
  ReadonlyRootfs: boolean
  SecurityOpt: string[] | null
  Tmpfs?: Record<string, string>
  UTSMode: string
  ShmSize: number
  Sysctls?: Record<string, string>
  Runtime: string
  CpuShares: number
  Memory: number
  NanoCpus: number
  CgroupParent: string
  CpuPeriod: number
  CpuQuota: number
  CpusetCpus: string
  CpusetMems: string
  MemoryReservation: number
  MemorySwap: number
  OomKillDisable: boolean
  PidsLimit: number | null
  Init?: boolean
  Mounts?: MountRequestBody[]
}

export interface EndpointSettings {
  IPAMConfig: { IPv4Address?: string } | null
  Links: string[] | null
  Aliases: string[] | null
  NetworkID: string
  EndpointID: string
  Gateway: string
  IPAddress: string
  IPPrefixLen: number
  IPv6Gateway: string
  GlobalIPv6Address: string
  GlobalIPv6PrefixLen: number
  MacAddress: string
  DriverOpts: Record<string, string> | null
}

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

export interface HealthState { Status: 'starting' | 'healthy' | 'unhealthy'; FailingStreak: number; Log: { Start: string; End: string; ExitCode: number; Output: string }[] }

export interface ContainerState {
  status: ContainerStatus
  pid: number
  exitCode: number
  error: string
  oomKilled: boolean
  startedAtMs: number
  finishedAtMs: number
  health?: HealthState
}

export interface MountPoint {
  Type: 'bind' | 'volume' | 'tmpfs'
  Name?: string
  Source: string
  Destination: string
  Driver?: string
  Mode: string
  RW: boolean
  Propagation: string
  /** Not told: options of a tmpfs. */
  options?: string
}

/** What stands in a container's config.v2.json. */
export interface ContainerRecord {
  readonly id: string
  name: string
  readonly createdMs: number
  readonly imageId: string
  readonly config: ContainerConfig
  readonly hostConfig: HostConfig
  readonly networks: Record<string, EndpointSettings>
  readonly mounts: MountPoint[]
  readonly state: ContainerState
  restartCount: number
  /** Stopped by hand: `unless-stopped` counts it. */
  stoppedByHand: boolean
  hasStarted: boolean
  /** Pinned network namespace; '' without one of its own. */
  netns: string
}

/** An error of the API: what `{"message": ...}` says, and its HTTP status. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(readonly status: number, message: string) {
    super(message)
  }
}

export const notFound = (message: string): ApiError => new ApiError(404, message)
export const badParameter = (message: string): ApiError => new ApiError(400, message)
export const conflict = (message: string): ApiError => new ApiError(409, message)
export const serverError = (message: string): ApiError => new ApiError(500, message)
