/** New containers: what was asked for, the image's own and defaults become a record and a writable layer. */
import type { OciResources } from '../containerd/oci'
import type { StoredImage } from '../images/store'
import type { Library } from './library'
import { type ContainerRecord, type NamedMount, PodmanError, type PortMapping, type RestartPolicy } from './model'
import { adjectives, surnames } from './names.table'
import { defaultNetwork, networkNamed, ownNetworks } from './network'
import { snapshotKey } from './spec'

export interface CreateOptions {
  readonly image: StoredImage
  /** The image's name in full. */
  readonly imageName: string
  readonly args: readonly string[]
  readonly name?: string | undefined
  readonly pod?: string | undefined
  readonly isInfra?: boolean
  readonly entrypoint?: readonly string[] | undefined
  readonly env?: readonly string[]
  readonly cwd?: string | undefined
  readonly user?: string | undefined
  readonly hostname?: string | undefined
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly mounts?: readonly NamedMount[]
  readonly ports?: readonly PortMapping[]
  readonly networks?: readonly string[]
  readonly aliases?: readonly string[]
  readonly dns?: readonly string[]
  readonly hosts?: readonly string[]
  readonly terminal?: boolean
  readonly interactive?: boolean
  readonly privileged?: boolean
  readonly readonly?: boolean
  readonly capAdd?: readonly string[]
  readonly capDrop?: readonly string[]
  readonly resources?: OciResources
  readonly nanoCpus?: number
  readonly restart?: RestartPolicy
  readonly autoRemove?: boolean
  readonly stopTimeout?: number | undefined
  readonly stopSignal?: string | undefined
  readonly createCommand: readonly string[]
  readonly isKube?: boolean
}

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

export function createContainer(library: Library, options: CreateOptions): ContainerRecord {
  const id = library.newId()
  const name = options.name ?? freeName(library)
  checkName(library, name)
  const { config } = options.image.config
  const networks = options.networks?.length ? options.networks : [defaultNetwork]
  const entrypoint = options.entrypoint ?? config.Entrypoint ?? []
  const command = options.args.length > 0 || options.entrypoint ? options.args : (config.Cmd ?? [])
  if (entrypoint.length + command.length === 0) throw new PodmanError('no command or entrypoint provided, and no CMD or ENTRYPOINT from image')
  const record: ContainerRecord = {
    id, name, imageId: options.image.id, imageName: options.imageName, createdMs: library.now(), entrypoint, command,
    ...(options.pod === undefined ? {} : { pod: options.pod }), ...(options.isInfra ? { isInfra: true } : {}), ...(options.isKube ? { isKube: true } : {}),
    env: options.env ?? [], cwd: options.cwd ?? config.WorkingDir ?? '/', user: options.user ?? config.User ?? '', hostname: options.hostname ?? id.slice(0, 12),
    labels: { ...config.Labels, ...options.labels }, annotations: options.annotations ?? {}, mounts: withVolumes(library, options), ports: options.ports ?? [], networks, aliases: options.aliases ?? [], dns: options.dns ?? [], hosts: options.hosts ?? [],
    terminal: options.terminal ?? false, interactive: options.interactive ?? false, privileged: options.privileged ?? false, readonly: options.readonly ?? false, capAdd: options.capAdd ?? [], capDrop: options.capDrop ?? [],
    resources: options.resources ?? {}, nanoCpus: options.nanoCpus ?? 0, restart: options.restart ?? { name: '', retries: 0 }, autoRemove: options.autoRemove ?? false, stopTimeout: options.stopTimeout ?? 10,
    stopSignal: options.stopSignal ?? config.StopSignal ?? 'SIGTERM', createCommand: options.createCommand,
  }
  for (const network of ownNetworks(record)) if (!networkNamed(library, network)) throw new PodmanError(`unable to find network with name or ID ${network}: network not found`)
  library.store.snapshots.prepare(snapshotKey(id), library.store.rootKey(options.image))
  library.saveContainer(record)
  return record
}

export function checkName(library: Library, name: string): void {
  if (!namePattern.test(name)) throw new PodmanError('running container create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument')
  const other = library.containers().find((container) => container.name === name)
  if (other) throw new PodmanError(`creating container storage: the container name ${JSON.stringify(name)} is already in use by ${other.id}. You have to remove that container to be able to reuse that name: that name is already in use`)
  const pod = library.pods().find((each) => each.name === name)
  if (pod) throw new PodmanError(`adding container to DB: name "${name}" is in use: container already exists`)
}

export function freeName(library: Library): string {
  const bytes = library.process.random.bytes(2)
  const name = `${adjectives[(bytes[0] ?? 0) % adjectives.length] ?? ''}_${surnames[(bytes[1] ?? 0) % surnames.length] ?? ''}`
  const taken = library.containers().some((container) => container.name === name) || library.pods().some((pod) => pod.name === name)
  return taken ? `${name}${library.process.random.bytes(1)[0] ?? 0}` : name
}

/** Named volumes are made where they are not there; the image's own become anonymous ones. */
function withVolumes(library: Library, options: CreateOptions): NamedMount[] {
  const mounts = [...(options.mounts ?? [])]
  for (const destination of Object.keys(options.image.config.config.Volumes ?? {})) {
    if (mounts.some((mount) => mount.destination === destination)) continue
    mounts.push({ type: 'volume', source: '', destination, options: [] })
  }
  return mounts.map((mount) => {
    if (mount.type === 'bind') {
      if (!library.files.exists(mount.source)) throw new PodmanError(`statfs ${mount.source}: no such file or directory`)
      return mount
    }
    if (mount.type !== 'volume') return mount
    const source = mount.source === '' ? library.newId() : mount.source
    if (!library.volumes().some((volume) => volume.name === source)) {
      library.saveVolume({ name: source, createdMs: library.now(), labels: {}, options: {}, anonymous: mount.source === '' })
      fill(library, options.image, source, mount.destination)
    }
    return { ...mount, source }
  })
}

/** A new volume begins with what the image has at its place. */
function fill(library: Library, image: StoredImage, volume: string, destination: string): void {
  const { files } = library
  for (const lower of [...library.store.snapshots.lower(library.store.rootKey(image))].reverse()) {
    const from = `${lower}${destination}`
    if (files.exists(from)?.type === 'directory') copyTree(library, from, library.volumePath(volume))
  }
}

export function copyTree(library: Library, from: string, to: string): void {
  const { files } = library
  files.mkdirAll(to, 0o755)
  for (const { name, type } of files.readDirectory(from)) {
    const [source, target] = [`${from}/${name}`, `${to}/${name}`]
    const stat = files.lstat(source)
    if (type === 'directory') copyTree(library, source, target)
    else if (type === 'symlink') files.symlink(files.readlink(source), target)
    else if (type === 'file') files.writeFile(target, files.readFile(source), stat.mode)
    else continue
    if (type !== 'symlink') files.chmod(target, stat.mode)
    files.chown(target, stat.uid, stat.gid, { noFollow: true })
  }
}
