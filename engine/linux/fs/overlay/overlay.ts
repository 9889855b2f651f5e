/**
 * Overlay: one writable directory over any number of read-only ones. Files are copied up when they are first changed;
 * a removed one leaves a whiteout (a 0/0 character device), as the real overlayfs does, so the upper directory alone says
 * what changed. Nodes are made when somebody walks there: a thousand overlays over one image cost next to nothing.
 */
import { decodeUtf8 } from '#engine/base/bytes'
import { Errno } from '#engine/linux/abi/errno'
import type { DirectoryEntry, FileSystemUsage, LazyContent } from '#engine/linux/abi/files'
import type { AttributeChange, Attributes, FileBody, FileSystem, NewNode } from '#engine/linux/vfs/filesystem'
import { directoryGone } from '#engine/linux/vfs/prefixes'
import { WatchHub } from '#engine/linux/vfs/watch'

export interface Layer {
  readonly fs: FileSystem
  readonly ino: number
}

interface Node {
  readonly ino: number
  readonly parent: Node | undefined
  name: string
  upper: Layer | undefined
  /** Where the lower layers have it, the topmost first; a file has one at most. */
  lowers: readonly Layer[]
  children: Map<string, Node> | undefined
}

let nextDevice = 0x100000

export class OverlayFileSystem implements FileSystem {
  readonly id = nextDevice++
  readonly type = 'overlay'
  readonly root = 1
  readonly watches = new WatchHub()
  readonly stable = true
  private readonly nodes = new Map<number, Node>()
  private nextInode = 2

  constructor(upper: Layer | undefined, lowers: readonly Layer[]) {
    this.nodes.set(1, { ino: 1, parent: undefined, name: '', upper, lowers, children: undefined })
  }

  attributes(ino: number): Attributes | undefined {
    const node = this.nodes.get(ino)
    const layer = node && top(node)
    return layer?.fs.attributes(layer.ino)
  }

  lookup(directory: number, name: string): number {
    const parent = this.nodes.get(directory)
    return parent ? (this.child(parent, name)?.ino ?? 0) : 0
  }

  list(directory: number): DirectoryEntry[] {
    const node = this.node(directory)
    const seen = new Map<string, DirectoryEntry | undefined>()
    for (const layer of layersOf(node))
      for (const entry of layer.fs.list(layer.ino)) {
        if (seen.has(entry.name)) continue
        const isGone = entry.type === 'character' && isWhiteout(layer.fs.attributes(entry.ino))
        seen.set(entry.name, isGone ? undefined : entry)
      }
    return [...seen.values()].filter((entry) => entry !== undefined)
  }

  readlink(ino: number): string {
    const layer = top(this.node(ino)) as Layer
    return layer.fs.readlink(layer.ino)
  }

  open(ino: number): FileBody {
    return new OverlayFile(this, this.node(ino))
  }

  create(directory: number, name: string, made: NewNode): number {
    const parent = this.node(directory)
    const upper = this.copyUp(parent)
    const covered = this.removeWhiteout(upper, name)
    const ino = upper.fs.create(upper.ino, name, made)
    if (made.type === 'directory' && (covered || parent.lowers.some((layer) => layer.fs.lookup(layer.ino, name) !== 0))) upper.fs.change(ino, { opaque: true })
    return this.adopt(parent, name, { fs: upper.fs, ino }, []).ino
  }

  link(directory: number, name: string, ino: number): void {
    const parent = this.node(directory)
    const source = this.copyUp(this.node(ino))
    const upper = this.copyUp(parent)
    if (source.fs !== upper.fs) throw new Errno('EXDEV')
    this.removeWhiteout(upper, name)
    upper.fs.link(upper.ino, name, source.ino)
    this.adopt(parent, name, source, [])
  }

  unlink(directory: number, name: string): void {
    const parent = this.node(directory)
    const child = this.child(parent, name)
    if (!child) throw new Errno('ENOENT')
    const upper = this.copyUp(parent)
    if (child.upper) upper.fs.unlink(upper.ino, name)
    this.cover(parent, upper, name)
    this.drop(parent, child)
  }

  rmdir(directory: number, name: string): void {
    const parent = this.node(directory)
    const child = this.child(parent, name)
    if (!child) throw new Errno('ENOENT')
    if (this.list(child.ino).length > 0) throw new Errno('ENOTEMPTY')
    const upper = this.copyUp(parent)
    if (child.upper) {
      for (const whiteout of child.upper.fs.list(child.upper.ino)) child.upper.fs.unlink(child.upper.ino, whiteout.name)
      upper.fs.rmdir(upper.ino, name)
    }
    this.cover(parent, upper, name)
    this.drop(parent, child)
    directoryGone()
  }

  rename(from: number, name: string, to: number, newName: string): void {
    const source = this.node(from)
    const child = this.child(source, name)
    if (!child) throw new Errno('ENOENT')
    // As the real one without redirect_dir: a directory of a lower layer cannot be moved, mv copies it.
    if (child.lowers.length > 0 && top(child)?.fs.attributes((top(child) as Layer).ino)?.type === 'directory') throw new Errno('EXDEV')
    const target = this.node(to)
    const existing = this.child(target, newName)
    this.checkReplacement(child, existing)
    const moved = this.copyUp(child)
    const upperFrom = this.copyUp(source)
    const upperTo = this.copyUp(target)
    if (existing) this.drop(target, existing)
    else this.removeWhiteout(upperTo, newName)
    upperFrom.fs.rename(upperFrom.ino, name, upperTo.ino, newName)
    this.cover(source, upperFrom, name)
    source.children?.delete(name)
    const isDirectory = moved.fs.attributes(moved.ino)?.type === 'directory'
    const renamed: Node = { ...child, parent: target, name: newName, upper: moved, lowers: [] }
    if (isDirectory && target.lowers.some((layer) => layer.fs.lookup(layer.ino, newName) !== 0)) moved.fs.change(moved.ino, { opaque: true })
    this.nodes.set(child.ino, renamed)
    this.childrenOf(target).set(newName, renamed)
  }

  change(ino: number, change: AttributeChange): void {
    const upper = this.copyUp(this.node(ino))
    upper.fs.change(upper.ino, change)
  }

  setLazy(ino: number, content: LazyContent): void {
    const upper = this.copyUp(this.node(ino))
    if (upper.fs.setLazy) upper.fs.setLazy(upper.ino, content)
    else upper.fs.open(upper.ino).write(0, content.bytes())
  }

  usage(): FileSystemUsage {
    const root = this.node(this.root)
    return { ...(top(root) as Layer).fs.usage(), type: 'overlay', source: 'overlay' }
  }

  /** The file as the upper layer has it; copied there first if need be. */
  copyUp(node: Node): Layer {
    if (node.upper) return node.upper
    if (!node.parent) throw new Errno('EROFS')
    const directory = this.copyUp(node.parent)
    const lower = node.lowers[0] as Layer
    const attributes = lower.fs.attributes(lower.ino) as Attributes
    const made: NewNode = {
      type: attributes.type,
      mode: attributes.mode,
      uid: attributes.uid,
      gid: attributes.gid,
      ...(attributes.type === 'symlink' ? { target: lower.fs.readlink(lower.ino) } : {}),
      ...(attributes.rdev ? { rdev: attributes.rdev } : {}),
    }
    const upper = { fs: directory.fs, ino: directory.fs.create(directory.ino, node.name, made) }
    if (attributes.type === 'file' && attributes.size > 0) upper.fs.open(upper.ino).write(0, lower.fs.open(lower.ino).readAll())
    upper.fs.change(upper.ino, { atimeMs: attributes.atimeMs, mtimeMs: attributes.mtimeMs })
    node.upper = upper
    if (attributes.type !== 'directory') node.lowers = []
    return upper
  }

  private checkReplacement(child: Node, existing: Node | undefined): void {
    if (!existing) return
    const isDirectory = this.attributes(existing.ino)?.type === 'directory'
    const movesDirectory = this.attributes(child.ino)?.type === 'directory'
    if (isDirectory && !movesDirectory) throw new Errno('EISDIR')
    if (!isDirectory && movesDirectory) throw new Errno('ENOTDIR')
    if (isDirectory && this.list(existing.ino).length > 0) throw new Errno('ENOTEMPTY')
  }

  private node(ino: number): Node {
    const node = this.nodes.get(ino)
    if (!node) throw new Errno('ENOENT')
    return node
  }

  private child(parent: Node, name: string): Node | undefined {
    const known = parent.children?.get(name)
    if (known && (!known.upper || known.upper.fs.attributes(known.upper.ino))) return known
    const { upper, lowers } = search(parent, name)
    return upper || lowers.length > 0 ? this.adopt(parent, name, upper, lowers) : undefined
  }

  private adopt(parent: Node, name: string, upper: Layer | undefined, lowers: readonly Layer[]): Node {
    const node: Node = { ino: this.nextInode++, parent, name, upper, lowers, children: undefined }
    this.nodes.set(node.ino, node)
    this.childrenOf(parent).set(name, node)
    return node
  }

  private drop(parent: Node, child: Node): void {
    parent.children?.delete(child.name)
    this.nodes.delete(child.ino)
  }

  private childrenOf(node: Node): Map<string, Node> {
    return (node.children ??= new Map())
  }

  /** Hides what a lower layer still has. */
  private cover(parent: Node, upper: Layer, name: string): void {
    if (upper.fs.attributes(upper.ino)?.opaque) return
    for (const layer of parent.lowers) {
      const ino = layer.fs.lookup(layer.ino, name)
      if (ino === 0) continue
      if (isWhiteout(layer.fs.attributes(ino))) return
      upper.fs.create(upper.ino, name, { type: 'character', mode: 0, uid: 0, gid: 0, rdev: { major: 0, minor: 0 } })
      return
    }
  }

  private removeWhiteout(upper: Layer, name: string): boolean {
    const ino = upper.fs.lookup(upper.ino, name)
    if (ino === 0 || !isWhiteout(upper.fs.attributes(ino))) return false
    upper.fs.unlink(upper.ino, name)
    return true
  }
}

/** Where the layers of a directory have a name: all directories down to the first that is none, opaque or removed. */
function search(parent: Node, name: string): { upper: Layer | undefined; lowers: Layer[] } {
  let upper: Layer | undefined
  const lowers: Layer[] = []
  for (const layer of layersOf(parent)) {
    const ino = layer.fs.lookup(layer.ino, name)
    const attributes = ino === 0 ? undefined : layer.fs.attributes(ino)
    if (ino === 0) continue
    if (!attributes || isWhiteout(attributes)) break
    const isDirectory = attributes.type === 'directory'
    if ((upper || lowers.length > 0) && !isDirectory) break
    if (layer === parent.upper) upper = { fs: layer.fs, ino }
    else lowers.push({ fs: layer.fs, ino })
    if (!isDirectory || attributes.opaque) break
  }
  return { upper, lowers }
}

function isWhiteout(attributes: Attributes | undefined): boolean {
  return attributes?.type === 'character' && attributes.rdev?.major === 0 && attributes.rdev.minor === 0
}

function top(node: Node): Layer | undefined {
  return node.upper ?? node.lowers[0]
}

function layersOf(node: Node): readonly Layer[] {
  return node.upper ? [node.upper, ...node.lowers] : node.lowers
}

class OverlayFile implements FileBody {
  private body: FileBody
  private isUpper: boolean

  constructor(
    private readonly overlay: OverlayFileSystem,
    private readonly node: Node,
  ) {
    const layer = top(node) as Layer
    this.body = layer.fs.open(layer.ino)
    this.isUpper = node.upper !== undefined
  }

  size(): number {
    return this.current().size()
  }

  read(offset: number, max: number): Uint8Array {
    return this.current().read(offset, max)
  }

  readAll(): Uint8Array {
    return this.current().readAll()
  }

  readText(): string {
    const body = this.current()
    return body.readText?.() ?? decodeUtf8(body.readAll())
  }

  write(offset: number, bytes: Uint8Array): void {
    this.forWriting().write(offset, bytes)
  }

  truncate(size: number): void {
    this.forWriting().truncate(size)
  }

  attributes(): Attributes {
    return this.current().attributes()
  }

  private current(): FileBody {
    if (!this.isUpper && this.node.upper) this.forWriting()
    return this.body
  }

  private forWriting(): FileBody {
    if (this.isUpper) return this.body
    const upper = this.overlay.copyUp(this.node)
    this.isUpper = true
    return (this.body = upper.fs.open(upper.ino))
  }
}
