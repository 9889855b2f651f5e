/** The storage: images, and what is recorded of containers, pods and volumes. Read anew at every call of a program. */
import { toHex } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import type { ImageScope } from '../archive/scope'
import { ImageStore, type StoredImage } from '../images/store'
import { type ContainerRecord, type ContainerState, type PodRecord, PodmanError, type VolumeRecord } from './model'

export const storageRoot = '/var/lib/containers/storage'
const recordRoot = `${storageRoot}/libpod`
const runRoot = '/run/libpod'
export const imageNamespace = 'storage'

export class Library implements ImageScope {
  readonly files: Process['files']
  readonly namespace = imageNamespace
  private opened: ImageStore | undefined

  constructor(readonly process: Process) {
    this.files = process.files
  }

  get store(): ImageStore {
    return (this.opened ??= new ImageStore(this.files, storageRoot, () => this.now()))
  }

  now(): number {
    return this.process.clock.now()
  }

  newId(): string {
    return toHex(this.process.random.bytes(32))
  }

  containers(): ContainerRecord[] {
    return this.all<ContainerRecord>('containers').sort((a, b) => a.createdMs - b.createdMs)
  }

  pods(): PodRecord[] {
    return this.all<PodRecord>('pods').sort((a, b) => a.createdMs - b.createdMs)
  }

  volumes(): VolumeRecord[] {
    return this.all<VolumeRecord>('volumes').sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  container(text: string): ContainerRecord | undefined {
    const all = this.containers()
    const exact = all.find((record) => record.name === text || record.id === text)
    if (exact) return exact
    const begun = /^[0-9a-f]+$/.test(text) ? all.filter((record) => record.id.startsWith(text)) : []
    if (begun.length > 1) throw new PodmanError(`more than one result for container name or ID ${text}: container ID is ambiguous`)
    return begun[0]
  }

  presentContainer(text: string): ContainerRecord {
    const found = this.container(text)
    if (!found) throw new PodmanError(`no container with name or ID ${JSON.stringify(text)} found: no such container`)
    return found
  }

  pod(text: string): PodRecord | undefined {
    const all = this.pods()
    return all.find((record) => record.name === text || record.id === text) ?? (/^[0-9a-f]+$/.test(text) ? all.find((record) => record.id.startsWith(text)) : undefined)
  }

  presentPod(text: string, code?: number): PodRecord {
    const found = this.pod(text)
    if (!found) throw new PodmanError(`no pod with name or ID ${text} found: no such pod`, code)
    return found
  }

  members(pod: PodRecord): ContainerRecord[] {
    return this.containers().filter((record) => record.pod === pod.id)
  }

  image(text: string): StoredImage | undefined {
    return this.store.find(this.namespace, text)
  }

  imageById(id: string): StoredImage | undefined {
    return this.store.list(this.namespace).find((image) => image.id === id)
  }

  saveContainer(record: ContainerRecord): void {
    this.save('containers', record.id, record)
  }

  savePod(record: PodRecord): void {
    this.save('pods', record.id, record)
  }

  saveVolume(record: VolumeRecord): void {
    this.files.mkdirAll(this.volumePath(record.name), 0o755)
    this.save('volumes', record.name, record)
  }

  forgetContainer(id: string): void {
    this.forget('containers', id)
    for (const path of [this.bundle(id), this.runDirectory(id)]) this.files.removeAll(path)
  }

  forgetPod(id: string): void {
    this.forget('pods', id)
  }

  removeVolume(name: string): void {
    this.forget('volumes', name)
    this.files.removeAll(`${storageRoot}/volumes/${name}`)
  }

  volumePath(name: string): string {
    return `${storageRoot}/volumes/${name}/_data`
  }

  bundle(id: string): string {
    return `${storageRoot}/overlay-containers/${id}/userdata`
  }

  logPath(id: string): string {
    return `${this.bundle(id)}/ctr.log`
  }

  runDirectory(id: string): string {
    return `${runRoot}/${id}`
  }

  state(id: string): ContainerState {
    const path = `${this.runDirectory(id)}/state.json`
    if (!this.files.exists(path)) return { status: this.files.exists(this.logPath(id)) ? 'exited' : 'created', pid: 0, exitCode: 0, startedMs: 0, finishedMs: 0, oomKilled: false, restarts: 0 }
    return JSON.parse(this.files.readText(path)) as ContainerState
  }

  saveState(id: string, change: Partial<ContainerState>): ContainerState {
    const state = { ...this.state(id), ...change }
    this.files.mkdirAll(this.runDirectory(id), 0o755)
    this.files.replaceFile(`${this.runDirectory(id)}/state.json`, JSON.stringify(state))
    return state
  }

  private all<T>(kind: string): T[] {
    const directory = `${recordRoot}/${kind}`
    if (!this.files.exists(directory)) return []
    return this.files.readDirectory(directory).map((entry) => JSON.parse(this.files.readText(`${directory}/${entry.name}`)) as T)
  }

  private save(kind: string, id: string, value: object): void {
    this.files.mkdirAll(`${recordRoot}/${kind}`, 0o700)
    this.files.replaceFile(`${recordRoot}/${kind}/${id}.json`, JSON.stringify(value))
  }

  private forget(kind: string, id: string): void {
    const path = `${recordRoot}/${kind}/${id}.json`
    if (this.files.exists(path)) this.files.unlink(path)
  }
}
