/** Mounts and where a path leads: a place is an inode of a mount, reached through its parent. */
import type { FileSystem } from '#engine/linux/vfs/filesystem'

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

export class MountNamespace {
  private shared = false
  /** Inode numbers that something may be mounted over: what most steps of most paths are not. */
  private points: Set<number> | undefined

  constructor(
    readonly inode: number,
    public root: Mount,
    private byPoint: Map<number, Mount> = new Map(),
  ) {}

  /** What is mounted over a directory, if anything. */
  over(mount: Mount, ino: number): Mount | undefined {
    this.points ??= new Set([...this.byPoint.values()].map((each) => each.at?.ino ?? 0))
    return this.points.has(ino) ? this.byPoint.get(key(mount, ino)) : undefined
  }

  add(mount: Mount): void {
    const at = mount.at as Place
    this.own().set(key(at.mount, at.ino), mount)
    this.points?.add(at.ino)
  }

  remove(mount: Mount): void {
    const at = mount.at as Place
    this.own().delete(key(at.mount, at.ino))
  }

  children(of: Mount): Mount[] {
    return [...this.byPoint.values()].filter((mount) => mount.at?.mount === of)
  }

  /** All mounts in the order they were made, the root first. */
  all(): Mount[] {
    return [this.root, ...[...this.byPoint.values()].sort((a, b) => a.id - b.id)]
  }

  /** A namespace of its own with the same mounts; the table is copied when either side changes it. */
  copy(inode: number): MountNamespace {
    this.shared = true
    const copy = new MountNamespace(inode, this.root, this.byPoint)
    copy.shared = true
    return copy
  }

  /** Keeps only what lies at or below a mount: what is left after pivot_root and dropping the old root. */
  retainBelow(top: Mount): void {
    const kept = new Map<number, Mount>()
    const wanted = new Set<Mount>([top])
    for (const [point, mount] of [...this.byPoint].sort((a, b) => a[1].id - b[1].id))
      if (mount !== top && mount.at && wanted.has(mount.at.mount)) {
        wanted.add(mount)
        kept.set(point, mount)
      }
    this.byPoint = kept
    this.points = undefined
    this.root = top
    this.shared = false
  }

  private own(): Map<number, Mount> {
    if (this.shared) {
      this.byPoint = new Map(this.byPoint)
      this.shared = false
    }
    return this.byPoint
  }
}

function key(mount: Mount, ino: number): number {
  return mount.id * 0x100000000 + ino
}

/** The path of a place, seen from a root. */
export function pathOf(place: Place, root?: Place): string {
  const names: string[] = []
  for (let at: Place = place; at.parent && !(root && at.ino === root.ino && at.mount === root.mount); at = at.parent) names.push(at.name)
  return `/${names.reverse().join('/')}`
}
