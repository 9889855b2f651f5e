/** What containerd's CRI part remembers of sandboxes and containers, on disk below its root. */
import type { Files } from '#engine/linux/abi/files'
import type { ContainerConfig, ContainerState, PodSandboxConfig, PodSandboxState } from '../api'
import type { CniResult } from './cni'

export interface SandboxRecord {
  readonly id: string
  readonly config: PodSandboxConfig
  readonly runtimeHandler: string
  readonly createdAtMs: number
  state: PodSandboxState
  pid: number
  netns: string
  ips: string[]
  cniResult?: CniResult
  networkRemoved?: boolean
}

export interface ContainerRecord {
  readonly id: string
  readonly sandboxId: string
  readonly config: ContainerConfig
  readonly imageId: string
  readonly imageRef: string
  readonly createdAtMs: number
  readonly user: { uid: number; gid: number; supplementalGroups: number[] }
  state: ContainerState
  pid: number
  startedAtMs: number
  finishedAtMs: number
  exitCode: number
  reason: string
  message: string
  removing?: boolean
}

/** Records of one kind by id, each in a file of its own. */
export class RecordStore<T extends { readonly id: string }> {
  private readonly records = new Map<string, T>()

  constructor(
    private readonly files: Files,
    readonly directory: string,
  ) {
    if (!files.exists(directory)) return
    for (const entry of files.readDirectory(directory)) {
      const path = `${directory}/${entry.name}/status`
      if (files.exists(path)) this.records.set(entry.name, JSON.parse(files.readText(path)) as T)
    }
  }

  get(id: string): T | undefined {
    return this.records.get(id)
  }

  all(): T[] {
    return [...this.records.values()]
  }

  /** By id or a unique prefix of it. */
  find(prefix: string): T | undefined {
    const exact = this.records.get(prefix)
    if (exact || prefix === '') return exact
    const matches = this.all().filter((record) => record.id.startsWith(prefix))
    return matches.length === 1 ? matches[0] : undefined
  }

  save(record: T): void {
    const directory = `${this.directory}/${record.id}`
    if (!this.records.has(record.id)) this.files.mkdirAll(directory, 0o755)
    this.records.set(record.id, record)
    this.files.writeLazy(`${directory}/status`, { bytes: () => new TextEncoder().encode(JSON.stringify(record)) }, 0o600)
  }

  remove(id: string): void {
    this.records.delete(id)
    this.files.removeAll(`${this.directory}/${id}`)
  }
}
