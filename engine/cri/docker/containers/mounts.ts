/** What is mounted into a container: binds, volumes, memory; and a fresh volume that takes what the image has there. */
import type { Files } from '#engine/linux/abi/files'
import { isErrno } from '#engine/linux/abi/errno'
import type { DockerHost } from '../host'
import { badParameter, type ContainerRecord, type MountPoint, type MountRequestBody } from '../model'
import type { Volumes } from '../volumes'

export function mountPoints(host: DockerHost, volumes: Volumes, record: ContainerRecord): MountPoint[] {
  const { Binds: binds, Mounts: mounts, Tmpfs: tmpfs, VolumesFrom: from } = record.hostConfig
  const points = new Map<string, MountPoint>()
  const add = (point: MountPoint): void => {
    if (points.has(point.Destination)) throw badParameter(`Duplicate mount point: ${point.Destination}`)
    points.set(point.Destination, point)
  }
  for (const spec of from ?? []) for (const point of mountsFrom(host, spec)) points.set(point.Destination, point)
  for (const bind of binds ?? []) add(fromBind(host, volumes, bind))
  for (const mount of mounts ?? []) add(fromMount(host, volumes, mount))
  for (const [destination, options] of Object.entries(tmpfs ?? {})) add({ Type: 'tmpfs', Source: '', Destination: clean(destination), Mode: options, RW: !options.split(',').includes('ro'), Propagation: '', options })
  for (const destination of Object.keys(record.config.Volumes ?? {})) {
    if (!points.has(clean(destination))) points.set(clean(destination), ofVolume(volumes, '', clean(destination), ''))
  }
  return [...points.values()]
}

function mountsFrom(host: DockerHost, spec: string): MountPoint[] {
  const [name = '', mode = ''] = spec.split(':')
  return host.records.find(name).mounts.filter((mount) => mount.Type !== 'tmpfs').map((mount) => ({ ...mount, RW: mode === 'ro' ? false : mount.RW }))
}

/** `/host:/in:ro`, `name:/in`. */
function fromBind(host: DockerHost, volumes: Volumes, bind: string): MountPoint {
  const parts = bind.split(':')
  const [source = '', target = '', mode = ''] = parts
  if (parts.length < 2 || parts.length > 3 || source === '' || target === '') throw badParameter(`invalid volume specification: '${bind}'`)
  if (!target.startsWith('/')) throw badParameter(`invalid volume specification: '${bind}': invalid mount config for type "${source.startsWith('/') ? 'bind' : 'volume'}": invalid mount path: '${target}' mount path must be absolute`)
  const bad = mode.split(',').find((option) => option !== '' && !['ro', 'rw', 'z', 'Z', 'nocopy', 'rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave', 'cached', 'delegated', 'consistent'].includes(option))
  if (bad !== undefined) throw badParameter(`invalid mode: ${mode}`)
  if (clean(target) === '/') throw badParameter(`invalid volume specification: '${bind}': invalid mount config for type "bind": invalid specification: destination can't be '/'`)
  if (!source.startsWith('/')) return ofVolume(volumes, source, clean(target), mode === '' ? 'z' : mode)
  if (!host.process.files.exists(source)) host.process.files.mkdirAll(source, 0o755)
  return ofBind(source, clean(target), mode)
}

function fromMount(host: DockerHost, volumes: Volumes, mount: MountRequestBody): MountPoint {
  const wrong = (why: string): Error => badParameter(`invalid mount config for type "${mount.Type}": ${why}`)
  if (!mount.Target) throw wrong('field Target must not be empty')
  if (!mount.Target.startsWith('/')) throw wrong(`invalid mount path: '${mount.Target}' mount path must be absolute`)
  const target = clean(mount.Target)
  if (mount.Type === 'tmpfs') return { Type: 'tmpfs', Source: '', Destination: target, Mode: '', RW: !mount.ReadOnly, Propagation: '', options: mount.TmpfsOptions?.SizeBytes ? `size=${mount.TmpfsOptions.SizeBytes}` : '' }
  if (mount.Type === 'volume') return { ...ofVolume(volumes, mount.Source ?? '', target, 'z'), RW: !mount.ReadOnly }
  if (!mount.Source) throw wrong('field Source must not be empty')
  if (!mount.Source.startsWith('/')) throw wrong(`invalid mount path: '${mount.Source}' mount path must be absolute`)
  if (!host.process.files.exists(mount.Source)) throw wrong(`bind source path does not exist: ${mount.Source}`)
  return { ...ofBind(mount.Source, target, ''), RW: !mount.ReadOnly }
}

function ofBind(source: string, target: string, mode: string): MountPoint {
  return { Type: 'bind', Source: clean(source), Destination: target, Mode: mode, RW: !mode.split(',').includes('ro'), Propagation: mode.split(',').find((option) => /^r?(private|shared|slave)$/.test(option)) ?? 'rprivate' }
}

function ofVolume(volumes: Volumes, name: string, target: string, mode: string): MountPoint {
  const volume = volumes.create({ Name: name })
  return { Type: 'volume', Name: volume.Name, Source: volumes.mountpoint(volume.Name), Destination: target, Driver: 'local', Mode: mode, RW: !mode.split(',').includes('ro'), Propagation: '' }
}

/** An empty volume gets what the image has at its place. */
export function fillVolumes(host: DockerHost, record: ContainerRecord): void {
  const { files } = host.process
  const image = host.images.snapshots.mounts(record.id)
  for (const mount of record.mounts) {
    if (mount.Type !== 'volume' || mount.Mode.includes('nocopy') || !files.exists(mount.Source) || files.readDirectory(mount.Source).length > 0) continue
    for (const layer of [...image.lower].reverse()) copyTree(files, `${layer}${mount.Destination}`, mount.Source)
  }
}

export function copyTree(files: Files, from: string, to: string): void {
  const stat = attempt(() => files.lstat(from))
  if (stat?.type !== 'directory') return
  files.mkdirAll(to)
  files.chmod(to, stat.mode)
  files.chown(to, stat.uid, stat.gid)
  for (const { name, type } of files.readDirectory(from)) {
    const [source, target] = [`${from}/${name}`, `${to}/${name}`]
    if (type === 'directory') copyTree(files, source, target)
    else if (type === 'symlink') attempt(() => files.symlink(files.readlink(source), target))
    else if (type === 'file') {
      const inner = files.stat(source)
      files.writeFile(target, files.readFile(source), inner.mode)
      files.chmod(target, inner.mode)
      files.chown(target, inner.uid, inner.gid)
    } else if (type === 'character') attempt(() => files.unlink(target))
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

export function clean(path: string): string {
  const out: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') out.pop()
    else if (part !== '' && part !== '.') out.push(part)
  }
  return `/${out.join('/')}`
}
