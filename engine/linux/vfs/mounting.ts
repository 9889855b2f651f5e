/** mount(2) and umount(2). */
import type { MountRequest } from '#engine/linux/abi/files'
import { Errno } from '#engine/linux/abi/errno'
import type { FilesContext } from '#engine/linux/vfs/context'
import { Mount, pathOf, type Place } from '#engine/linux/vfs/mount'
import { attributesOf, walk } from '#engine/linux/vfs/walk'

const maxMounts = 100_000

export function mountAt(context: FilesContext, request: MountRequest): void {
  if (!context.credentials.capabilities.has('SYS_ADMIN')) throw new Errno('EPERM', request.target)
  const target = walk(context, request.target)
  const options = new Set(request.options)
  if (options.has('remount')) return remount(context, target, request)
  if (context.namespace.size > maxMounts) throw new Errno('ENOSPC', request.target)
  const isBind = request.type === 'bind' || options.has('bind') || options.has('rbind')
  if (isBind) return bindMount(context, target, request, options.has('rbind'))
  if (attributesOf(target).type !== 'directory') throw new Errno('ENOTDIR', request.target)
  const fs = context.makeFileSystem(request, undefined)
  context.namespace.add(new Mount(fs, fs.root, request.source, request.type, shown(request.options), options.has('ro'), target, '/', context.namespace))
}

/** Another name for what is there already: the same file system, from a place within it. */
function bindMount(context: FilesContext, target: Place, request: MountRequest, recursive: boolean): void {
  const source = walk(context, request.source)
  const isDirectory = attributesOf(source).type === 'directory'
  if (isDirectory !== (attributesOf(target).type === 'directory')) throw new Errno('ENOTDIR', request.target)
  const top = bind(context, source, target, request.options.includes('ro'))
  if (!recursive || !isDirectory) return
  for (const below of mountsBelow(context, source)) {
    if (below === top) continue
    const path = relativePath(below.at as Place, source)
    const at = walk({ namespace: context.namespace, root: context.root, cwdPlace: top.place(), credentials: context.credentials }, path)
    context.namespace.add(new Mount(below.fs, below.rootInode, below.source, below.type, below.options, below.readOnly, at, below.subPath))
  }
}

function bind(context: FilesContext, source: Place, target: Place, readOnly: boolean): Mount {
  const from = source.mount
  const subPath = within(source)
  const mount = new Mount(from.fs, source.ino, from.source, from.type, from.options, readOnly || from.readOnly, target, subPath, context.namespace)
  context.namespace.add(mount)
  return mount
}

function remount(context: FilesContext, target: Place, request: MountRequest): void {
  const { mount } = target
  if (target.ino !== mount.rootInode) throw new Errno('EINVAL', request.target)
  const readOnly = request.options.includes('ro')
  if (!mount.at || mount === context.namespace.root || mount.madeIn === context.namespace) {
    mount.readOnly = readOnly
    return
  }
  if (context.namespace.children(mount).length > 0) throw new Errno('EBUSY', request.target)
  context.namespace.remove(mount)
  context.namespace.add(new Mount(mount.fs, mount.rootInode, mount.source, mount.type, mount.options, readOnly, mount.at, mount.subPath, context.namespace))
}

export function unmountAt(context: FilesContext, path: string, lazy: boolean): void {
  if (!context.credentials.capabilities.has('SYS_ADMIN')) throw new Errno('EPERM', path)
  const { mount, ino } = walk(context, path)
  if (ino !== mount.rootInode || !mount.at) throw new Errno('EINVAL', path)
  const children = context.namespace.children(mount)
  if (children.length > 0 && !lazy) throw new Errno('EBUSY', path)
  removeTree(context, mount)
}

function removeTree(context: FilesContext, mount: Mount): void {
  for (const child of context.namespace.children(mount)) removeTree(context, child)
  context.namespace.remove(mount)
}

/** The path of a place inside its own file system. */
function within(place: Place): string {
  const names: string[] = []
  for (let at: Place | undefined = place; at && at.mount === place.mount && at.ino !== place.mount.rootInode; at = at.parent) names.unshift(at.name)
  const base = place.mount.subPath === '/' ? '' : place.mount.subPath
  return `${base}/${names.join('/')}`.replace(/(.)\/$/, '$1')
}

/** What is mounted below a directory, in the order in which it was. */
function mountsBelow({ namespace }: FilesContext, source: Place): Mount[] {
  if (source.mount.fs.list(source.ino).length === 0) return []
  const found = namespace.children(source.mount).filter((mount) => mount.at && isBelow(mount.at, source))
  for (const mount of found) found.push(...namespace.children(mount))
  return found.sort((a, b) => a.id - b.id)
}

function isBelow(place: Place, top: Place): boolean {
  for (let at: Place | undefined = place; at; at = at.parent) if (at.ino === top.ino && at.mount === top.mount) return true
  return false
}

function relativePath(place: Place, top: Place): string {
  return `.${pathOf(place, top)}`
}

function shown(options: readonly string[]): readonly string[] {
  return options.filter((option) => !['ro', 'rw', 'defaults'].includes(option))
}
