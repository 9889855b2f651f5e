/** Mounts and where a path leads: a place is an inode of a mount, reached through its parent. */
import type { FileSystem } from '#engine/linux/vfs/filesystem'
import { Prefixes } from '#engine/linux/vfs/prefixes'

let nextMountId = 20

/** One mount. Namespaces share these; which mounts a namespace has is its own. */
export class Mount {
  readonly id = nextMountId++

  constructor(
    readonly fs: FileSystem,
    readonly rootInode: number,
    readonly source: string,
    readonly type: string,
    /** As /proc/mounts shows them, without `ro` and `rw`. */
    readonly options: readonly string[],
    public readOnly: boolean,
    /** Where it is mounted; undefined for the root of everything. */
    readonly at: Place | undefined,
    /** The path within its file system that is its root: `/` but for bind mounts. */
    readonly subPath = '/',
    /** Where it was made: only there may it be remounted in place. */
    readonly madeIn?: MountNamespace,
  ) {}

  place(): Place {
    return { mount: this, ino: this.rootInode, parent: this.at?.parent, name: this.at?.name ?? '' }
  }
}

export interface Place {
  readonly mount: Mount
  readonly ino: number
  /** The directory it was reached through; undefined at the root. */
  readonly parent: Place | undefined
  readonly name: string
}

/** Mounts by what they lie on: the mount and the inode. `readers` are copies of a namespace that look into it still. */
class MountTable {
  size = 0
  readers = 0
  private readonly on = new Map<Mount, Map<number, Mount>>()

  get(mount: Mount, ino: number): Mount | undefined {
    return this.on.get(mount)?.get(ino)
  }

  add(mount: Mount): void {
    const { mount: below, ino } = mount.at as Place
    let points = this.on.get(below)
    if (!points) this.on.set(below, (points = new Map()))
    if (!points.has(ino)) this.size++
    points.set(ino, mount)
  }

  remove(mount: Mount): void {
    const { mount: below, ino } = mount.at as Place
    const points = this.on.get(below)
    if (!points?.delete(ino)) return
    this.size--
    if (points.size === 0) this.on.delete(below)
  }

  children(of: Mount): Iterable<Mount> {
    return this.on.get(of)?.values() ?? []
  }

  *[Symbol.iterator](): Generator<Mount> {
    for (const points of this.on.values()) yield* points.values()
  }

  copy(): MountTable {
    const copy = new MountTable()
    for (const [mount, points] of this.on) copy.on.set(mount, new Map(points))
    copy.size = this.size
    return copy
  }
}

/**
 * A namespace made as a copy reads the mounts of the one it was made from, and has its own on top, until it drops them, as
 * every container does with its old root: so that a container among thousands costs what one costs.
 */
export class MountNamespace {
  private own = new MountTable()
  /** The mounts that were there when this was made; never changed while somebody reads it. */
  private base: MountTable | undefined
  readonly prefixes = new Prefixes<Place>()

  constructor(
    readonly inode: number,
    public root: Mount,
  ) {}

  get size(): number {
    return 1 + this.own.size + (this.base?.size ?? 0)
  }

  /** What is mounted over a directory, if anything. */
  over(mount: Mount, ino: number): Mount | undefined {
    return this.own.get(mount, ino) ?? this.base?.get(mount, ino)
  }

  add(mount: Mount): void {
    const at = mount.at as Place
    if (this.base?.get(at.mount, at.ino)) this.leaveBase()
    this.writable().add(mount)
    this.prefixes.covered(at.mount, at.ino)
  }

  remove(mount: Mount): void {
    const at = mount.at as Place
    if (this.base?.get(at.mount, at.ino) === mount) this.leaveBase()
    this.writable().remove(mount)
    this.prefixes.clear()
  }

  children(of: Mount): Mount[] {
    return [...(this.base?.children(of) ?? []), ...this.own.children(of)]
  }

  /** All mounts in the order they were made, the root first. */
  all(): Mount[] {
    return [this.root, ...[...(this.base ?? []), ...this.own].sort((a, b) => a.id - b.id)]
  }

  /** A namespace of its own with the same mounts. */
  copy(inode: number): MountNamespace {
    if (this.base) this.leaveBase()
    const copy = new MountNamespace(inode, this.root)
    copy.base = this.own
    this.own.readers++
    return copy
  }

  /** Keeps only what lies at or below a mount: what is left after pivot_root and dropping the old root. */
  retainBelow(top: Mount): void {
    const kept = new MountTable()
    const todo = [top]
    for (let of = todo.pop(); of; of = todo.pop())
      for (const mount of this.children(of))
        if (mount !== top) {
          kept.add(mount)
          todo.push(mount)
        }
    this.dropBase()
    this.prefixes.clear()
    this.own = kept
    this.root = top
  }

  /** The table to change: a new one where copies read this. */
  private writable(): MountTable {
    if (this.own.readers > 0) this.own = this.own.copy()
    return this.own
  }

  private leaveBase(): void {
    const merged = this.base?.copy() ?? new MountTable()
    for (const mount of this.own) merged.add(mount)
    this.dropBase()
    this.own = merged
  }

  private dropBase(): void {
    if (this.base) this.base.readers--
    this.base = undefined
  }
}

/** The path of a place, seen from a root. */
export function pathOf(place: Place, root?: Place): string {
  const names: string[] = []
  for (let at: Place = place; at.parent && !(root && at.ino === root.ino && at.mount === root.mount); at = at.parent) names.push(at.name)
  return `/${names.reverse().join('/')}`
}
