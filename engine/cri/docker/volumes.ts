/** Local volumes: directories below volumes/NAME/_data, and who made them with which labels. */
import { toHex } from '#engine/base/bytes'
import { badParameter, conflict, notFound } from './model'
import type { DockerHost } from './host'
import { timeText } from './host'
import { hasLabel } from './events'

export interface VolumeRecord {
  readonly Name: string
  readonly Driver: string
  readonly Labels: Record<string, string> | null
  readonly Options: Record<string, string> | null
  readonly createdMs: number
  /** Named by the daemon. */
  readonly anonymous: boolean
}

export class Volumes {
  private readonly byName = new Map<string, VolumeRecord>()
  private readonly path: string

  constructor(private readonly host: DockerHost) {
    this.path = `${host.config.root}/volumes`
    const { files } = host.process
    const index = `${this.path}/metadata.db`
    if (files.exists(index)) for (const record of JSON.parse(files.readText(index)) as VolumeRecord[]) this.byName.set(record.Name, record)
  }

  all(): VolumeRecord[] {
    return [...this.byName.values()].sort((a, b) => (a.Name < b.Name ? -1 : 1))
  }

  get(name: string): VolumeRecord {
    const found = this.byName.get(name)
    if (!found) throw notFound(`get ${name}: no such volume`)
    return found
  }

  has(name: string): boolean {
    return this.byName.has(name)
  }

  /** A volume of the name, made where it is missing; without a name it gets one of its own. */
  create(given: { Name?: string; Driver?: string; Labels?: Record<string, string>; DriverOpts?: Record<string, string> }): VolumeRecord {
    const anonymous = !given.Name
    const name = given.Name || toHex(this.host.process.random.bytes(32))
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) throw badParameter(`create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`)
    if (given.Driver && given.Driver !== 'local') throw notFound(`create ${name}: error looking up volume plugin ${given.Driver}: plugin "${given.Driver}" not found`)
    const known = this.byName.get(name)
    if (known) return known
    const record: VolumeRecord = { Name: name, Driver: 'local', Labels: given.Labels ?? (anonymous ? null : {}), Options: given.DriverOpts ?? (anonymous ? null : {}), createdMs: this.host.process.clock.now(), anonymous }
    this.host.process.files.mkdirAll(this.mountpoint(name), 0o755)
    this.byName.set(name, record)
    this.save()
    this.host.events.publish('volume', 'create', name, { driver: 'local' })
    return record
  }

  remove(name: string, force: boolean): void {
    if (!this.byName.has(name)) {
      if (force) return
      throw notFound(`get ${name}: no such volume`)
    }
    const users = this.users(name)
    if (users.length > 0) throw conflict(`remove ${name}: volume is in use - [${users.join(', ')}]`)
    this.byName.delete(name)
    this.host.process.files.removeAll(`${this.path}/${name}`)
    this.save()
    this.host.events.publish('volume', 'destroy', name, { driver: 'local' })
  }

  /** Removes what no container uses; of names given by people only those asked for by `all=1` of later daemons. */
  prune(labels: readonly string[]): { VolumesDeleted: string[]; SpaceReclaimed: number } {
    const gone = this.all().filter((volume) => this.users(volume.Name).length === 0 && labels.every((label) => hasLabel(volume.Labels ?? {}, label)))
    const reclaimed = gone.reduce((sum, volume) => sum + this.size(volume.Name), 0)
    for (const volume of gone) this.remove(volume.Name, true)
    return { VolumesDeleted: gone.map((volume) => volume.Name), SpaceReclaimed: reclaimed }
  }

  users(name: string): string[] {
    return this.host.records.all().filter((record) => record.mounts.some((mount) => mount.Name === name)).map((record) => record.id)
  }

  mountpoint(name: string): string {
    return `${this.path}/${name}/_data`
  }

  size(name: string): number {
    return treeSize(this.host, this.mountpoint(name))
  }

  toApi(volume: VolumeRecord): object {
    return { CreatedAt: timeText(Math.floor(volume.createdMs / 1000) * 1000).replace(/\.\d+Z$/, 'Z'), Driver: volume.Driver, Labels: volume.Labels, Mountpoint: this.mountpoint(volume.Name), Name: volume.Name, Options: volume.Options, Scope: 'local' }
  }

  list(filters: Readonly<Record<string, readonly string[]>>): VolumeRecord[] {
    return this.all().filter((volume) => Object.entries(filters).every(([name, values]) => {
      if (name === 'name') return values.some((value) => volume.Name.includes(value))
      if (name === 'label') return values.every((value) => hasLabel(volume.Labels ?? {}, value))
      if (name === 'driver') return values.includes(volume.Driver)
      if (name === 'dangling') return values.some((value) => (value === 'true' || value === '1') === (this.users(volume.Name).length === 0))
      throw badParameter(`Invalid filter '${name}'`)
    }))
  }

  private save(): void {
    this.host.process.files.mkdirAll(this.path, 0o701)
    this.host.process.files.writeFile(`${this.path}/metadata.db`, JSON.stringify(this.all()), 0o600)
  }
}

/** Bytes of the files of a tree. */
export function treeSize(host: Pick<DockerHost, 'process'>, path: string): number {
  const { files } = host.process
  if (!files.exists(path)) return 0
  return files.readDirectory(path).reduce((sum, { name, type }) => {
    const inner = `${path}/${name}`
    return sum + (type === 'directory' ? treeSize(host, inner) : type === 'file' ? files.lstat(inner).size : 0)
  }, 0)
}
