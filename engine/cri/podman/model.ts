/** What podman keeps of its containers, pods and volumes. */
import type { OciMount, OciResources } from '../containerd/oci'

export interface PortMapping { readonly hostIp: string; readonly hostPort: number; readonly containerPort: number; readonly protocol: string }

export interface NamedMount {
  readonly type: 'bind' | 'volume' | 'tmpfs'
  /** A path, or a volume's name. */
  readonly source: string
  readonly destination: string
  readonly options: readonly string[]
}

export interface RestartPolicy { readonly name: string; readonly retries: number }

export interface ContainerRecord {
  readonly id: string
  name: string
  readonly imageId: string
  /** As it was asked for, resolved: `docker.io/library/busybox:latest`. */
  readonly imageName: string
  readonly createdMs: number
  /** Id of its pod. */
  readonly pod?: string
  readonly isInfra?: boolean
  readonly entrypoint: readonly string[]
  /** What was given after the image, or the image's own. */
  readonly command: readonly string[]
  readonly env: readonly string[]
  readonly cwd: string
  readonly user: string
  readonly hostname: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly mounts: readonly NamedMount[]
  readonly ports: readonly PortMapping[]
  /** `bridge`, `host`, `none`, `container:ID`, or `podman` and other names. */
  readonly networks: readonly string[]
  readonly aliases: readonly string[]
  readonly dns: readonly string[]
  readonly hosts: readonly string[]
  readonly terminal: boolean
  readonly interactive: boolean
  readonly privileged: boolean
  readonly readonly: boolean
  readonly capAdd: readonly string[]
  readonly capDrop: readonly string[]
  readonly resources: OciResources
  readonly nanoCpus: number
  readonly restart: RestartPolicy
  readonly autoRemove: boolean
  readonly stopTimeout: number
  readonly stopSignal: string
  readonly createCommand: readonly string[]
  readonly isKube?: boolean
}

export type Status = 'created' | 'running' | 'exited' | 'stopping' | 'paused'

export interface ContainerState {
  readonly status: Status
  readonly pid: number
  readonly exitCode: number
  readonly startedMs: number
  readonly finishedMs: number
  readonly oomKilled: boolean
  readonly restarts: number
  /** Told to stop by hand: the restart policy keeps still. */
  readonly stoppedByUser?: boolean
  readonly error?: string
  readonly network?: ContainerNetwork
}

export interface ContainerNetwork {
  readonly netns: string
  readonly attached: readonly AttachedNetwork[]
}

export interface AttachedNetwork { readonly name: string; readonly interface: string; readonly address: string; readonly prefix: number; readonly gateway: string; readonly mac: string; readonly result: unknown }

export interface PodRecord {
  readonly id: string
  readonly name: string
  readonly createdMs: number
  readonly labels: Readonly<Record<string, string>>
  readonly hostname: string
  infra: string
  readonly restart?: RestartPolicy
  readonly createCommand: readonly string[]
}

export interface VolumeRecord {
  readonly name: string
  readonly createdMs: number
  readonly labels: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
  readonly anonymous: boolean
}

export type Mounts = readonly OciMount[]

/** Something does not go; `code` is the exit code. */
export class PodmanError extends Error {
  override readonly name = 'PodmanError'

  constructor(
    message: string,
    readonly code = 125,
  ) {
    super(message)
  }
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
