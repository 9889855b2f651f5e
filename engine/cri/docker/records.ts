/** Containers as the daemon keeps them: below containers/ID, in memory by id and by name. */
import { encodeUtf8 } from '#engine/base/bytes'
import type { Files } from '#engine/linux/abi/files'
import { badParameter, type ContainerRecord, notFound } from './model'

export class Records {
  private readonly byId = new Map<string, ContainerRecord>()
  readonly directory: string

  constructor(private readonly files: Files, root: string) {
    this.directory = `${root}/containers`
    if (!files.exists(this.directory)) return
    for (const { name } of files.readDirectory(this.directory)) {
      const path = `${this.directory}/${name}/config.v2.json`
      if (files.exists(path)) this.byId.set(name, JSON.parse(files.readText(path)) as ContainerRecord)
    }
  }

  /** Newest first, as they are listed. */
  all(): ContainerRecord[] {
    return [...this.byId.values()].sort((a, b) => b.createdMs - a.createdMs)
  }

  get(id: string): ContainerRecord | undefined {
    return this.byId.get(id)
  }

  named(name: string): ContainerRecord | undefined {
    for (const record of this.byId.values()) if (record.name === name) return record
    return undefined
  }

  /** By id, name or the beginning of an id. */
  find(text: string): ContainerRecord {
    const exact = this.byId.get(text) ?? this.named(text.replace(/^\//, ''))
    if (exact) return exact
    const matches = /^[0-9a-f]+$/.test(text) ? [...this.byId.values()].filter((record) => record.id.startsWith(text)) : []
    if (matches.length > 1) throw badParameter(`Multiple IDs found with provided prefix: ${text}`)
    if (!matches[0]) throw notFound(`No such container: ${text}`)
    return matches[0]
  }

  path(id: string, file = ''): string {
    return `${this.directory}/${id}${file === '' ? '' : `/${file}`}`
  }

  logPath(id: string): string {
    return this.path(id, `${id}-json.log`)
  }

  save(record: ContainerRecord): void {
    if (!this.byId.has(record.id)) {
      this.files.mkdirAll(this.path(record.id), 0o710)
      this.byId.set(record.id, record)
    }
    this.files.writeLazy(this.path(record.id, 'config.v2.json'), { bytes: () => encodeUtf8(JSON.stringify(record)) }, 0o600)
    this.files.writeLazy(this.path(record.id, 'hostconfig.json'), { bytes: () => encodeUtf8(JSON.stringify(record.hostConfig)) }, 0o600)
  }

  remove(id: string): void {
    this.byId.delete(id)
    this.files.removeAll(this.path(id))
  }
}
