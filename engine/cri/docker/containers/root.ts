/** A container's root as the machine sees it, whether it runs or not; and what differs from its image. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import type { DockerHost } from '../host'
import { mobyNamespace } from '../host'
import type { ContainerRecord } from '../model'

/** Work on the root: a running one is mounted, another is mounted for as long as the work takes. */
export function withRoot<T>(host: DockerHost, record: ContainerRecord, work: (root: string) => T): T {
  const { files } = host.process
  const bundle = `${host.tasks.bundle(mobyNamespace, record.id)}/rootfs`
  if ((record.state.status === 'running' || record.state.status === 'paused') && files.exists(bundle)) return work(bundle)
  const target = `${host.config.execRoot}/mnt/${record.id}`
  const { lower, upper, work: scratch } = host.images.snapshots.mounts(record.id)
  files.mkdirAll(target, 0o755)
  files.mount({ source: 'overlay', target, type: 'overlay', options: ['rw', 'relatime', `lowerdir=${lower.length > 0 ? lower.join(':') : target}`, `upperdir=${upper}`, `workdir=${scratch}`] })
  try {
    return work(target)
  } finally {
    files.unmount(target, { lazy: true })
    files.rmdir(target)
  }
}

/** Where a path inside a container lies on the machine: volumes and binds are theirs. Links are followed within the root. */
export function placeOf(host: DockerHost, record: ContainerRecord, root: string, path: string): string {
  const { files } = host.process
  const mounts = [...record.mounts].filter((mount) => mount.Type !== 'tmpfs').sort((a, b) => b.Destination.length - a.Destination.length)
  const outside = (inner: string): string => {
    const mount = mounts.find((each) => inner === each.Destination || inner.startsWith(`${each.Destination}/`))
    return mount ? `${mount.Source}${inner.slice(mount.Destination.length)}` : `${root}${inner}`
  }
  let at = ''
  let links = 0
  const todo = path.split('/').filter((part) => part !== '' && part !== '.')
  while (todo.length > 0) {
    const part = todo.shift() as string
    if (part === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
      continue
    }
    const target = todo.length > 0 ? linkTarget(files, outside(`${at}/${part}`)) : undefined
    if (target === undefined || ++links > 40) at = `${at}/${part}`
    else {
      if (target.startsWith('/')) at = ''
      todo.unshift(...target.split('/').filter((piece) => piece !== '' && piece !== '.'))
    }
  }
  return outside(at === '' ? '/' : at)
}

function linkTarget(files: Files, path: string): string | undefined {
  try {
    return files.lstat(path).type === 'symlink' ? files.readlink(path) : undefined
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

export interface Change { readonly Path: string; readonly Kind: 0 | 1 | 2 }

/** 0 changed, 1 added, 2 deleted; directories before what is in them. */
export function changesOf(host: DockerHost, record: ContainerRecord): Change[] {
  const { files } = host.process
  const { upper, lower } = host.images.snapshots.mounts(record.id)
  const below = (path: string): boolean => {
    for (const layer of lower) {
      const stat = lstat(files, `${layer}${path}`)
      if (stat) return stat.type !== 'character'
    }
    return false
  }
  const mounted = new Set([...record.mounts.map((mount) => mount.Destination), '/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/dev', '/proc', '/sys'])
  const out: Change[] = []
  const walk = (path: string): void => {
    for (const { name, type } of [...files.readDirectory(`${upper}${path}`)].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = `${path}/${name}`
      if (mounted.has(inner)) continue
      const whiteout = type === 'character'
      const known = below(inner)
      if (whiteout && !known) continue
      const mark = out.length
      out.push({ Path: inner, Kind: whiteout ? 2 : known ? 0 : 1 })
      if (type !== 'directory') continue
      walk(inner)
      const untouched = known && out.length === mark + 1 && files.readDirectory(`${upper}${inner}`).length > 0
      if (untouched) out.length = mark
    }
  }
  walk('')
  return out
}

function lstat(files: Files, path: string): ReturnType<Files['lstat']> | undefined {
  try {
    return files.lstat(path)
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}
