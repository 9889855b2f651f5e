/**
 * Directories that long paths led to, by those paths: a kubelet or containerd names the same deep directory dozens of times
 * in a row. Kept are ways without links and `..` through file systems whose directories only go by calls; what takes a
 * directory away (`directoryGone`), or mounts over one that lies on a kept way, forgets them.
 */
/** What is needed of a place: the mount it is in, and how it was reached. */
interface Way {
  readonly mount: { readonly fs: { readonly stable?: boolean } }
  readonly ino: number
  readonly parent: Way | undefined
}

const shortestPath = 24
const mostKept = 2048

let removals = 0

/** To be called by file systems with `stable` directories when one was removed, moved or replaced. */
export function directoryGone(): void {
  removals++
}

export class Prefixes<Place extends Way> {
  private readonly kept = new Map<string, Place>()
  /** All directories on the kept ways. */
  private readonly passed = new Map<Way['mount'], Set<number>>()
  private root: Place | undefined
  private seen = 0

  /** The part of a path to ask for, or nothing where asking is not worth it. */
  static of(path: string): string | undefined {
    const cut = path.lastIndexOf('/')
    if (cut < shortestPath || cut === path.length - 1) return undefined
    return path.charCodeAt(cut + 1) === 46 ? undefined : path.slice(0, cut)
  }

  get(prefix: string, root: Place): Place | undefined {
    if (this.kept.size === 0) return undefined
    if (this.seen !== removals || this.root?.ino !== root.ino || this.root.mount !== root.mount) {
      this.clear()
      return undefined
    }
    return this.kept.get(prefix)
  }

  keep(prefix: string, place: Place, root: Place): void {
    if (this.kept.size >= mostKept) this.clear()
    if (this.kept.size === 0) {
      this.root = root
      this.seen = removals
    }
    if (this.pass(place)) this.kept.set(prefix, place)
  }

  /** Something was mounted over a directory. */
  covered(mount: Way['mount'], ino: number): void {
    if (this.passed.get(mount)?.has(ino)) this.clear()
  }

  clear(): void {
    this.kept.clear()
    this.passed.clear()
  }

  /** False where the way leads through what changes by itself. */
  private pass(place: Place): boolean {
    const found: Way[] = []
    for (let at: Way | undefined = place; at && !this.passed.get(at.mount)?.has(at.ino); at = at.parent) {
      if (!at.mount.fs.stable) return false
      found.push(at)
    }
    for (const { mount, ino } of found) {
      const inodes = this.passed.get(mount)
      if (inodes) inodes.add(ino)
      else this.passed.set(mount, new Set([ino]))
    }
    return true
  }
}
