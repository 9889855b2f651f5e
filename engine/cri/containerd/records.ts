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
  private readonly groups = new Map<string, Set<T>>()

  constructor(
    private readonly files: Files,
    readonly directory: string,
    /** What records are asked for by: their pod, their sandbox. */
    private readonly groupOf: (record: T) => string,
  ) {
    if (!files.exists(directory)) return
    for (const entry of files.readDirectory(directory)) {
      const path = `${directory}/${entry.name}/status`
      if (files.exists(path)) this.put(JSON.parse(files.readText(path)) as T)
    }
  }

  get(id: string): T | undefined {
    return this.records.get(id)
  }

  all(): T[] {
    return [...this.records.values()]
  }

  /** Those of one group, oldest first. */
  of(group: string): T[] {
    return [...(this.groups.get(group) ?? [])]
  }

  private put(record: T): void {
    this.records.set(record.id, record)
    const group = this.groupOf(record)
    const members = this.groups.get(group)
    if (members) members.add(record)
    else this.groups.set(group, new Set([record]))
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
    this.put(record)
    this.files.writeLazy(`${directory}/status`, { bytes: () => new TextEncoder().encode(JSON.stringify(record)) }, 0o600)
  }

  remove(id: string): void {
    const record = this.records.get(id)
    this.records.delete(id)
    if (record) this.leaveGroup(record)
    this.files.removeAll(`${this.directory}/${id}`)
  }

  private leaveGroup(record: T): void {
    const group = this.groupOf(record)
    const members = this.groups.get(group)
    members?.delete(record)
    if (members?.size === 0) this.groups.delete(group)
  }
}
