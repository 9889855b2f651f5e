import type { FileType, LazyContent } from '#engine/linux/abi/files'
import type { Attributes } from '#engine/linux/vfs/filesystem'
import { Content } from '#engine/linux/vfs/content'

/** One file of a tree. Changed in place only by the epoch that owns it. */
export class Inode implements Attributes {
  mode = 0
  uid = 0
  gid = 0
  nlink = 1
  atimeMs = 0
  mtimeMs = 0
  ctimeMs = 0
  entries: Map<string, number> | undefined
  /** What was charged to the file system for it. */
  accountedBytes = 0
  lazy: LazyContent | undefined
  private held: Content | undefined
  target: string | undefined
  rdev: { readonly major: number; readonly minor: number } | undefined
  opaque: boolean | undefined

  constructor(
    readonly ino: number,
    readonly type: FileType,
    readonly owner: object,
  ) {}

  get content(): Content | undefined {
    if (this.lazy) {
      this.held = Content.of(this.lazy.bytes(), this.owner)
      this.lazy = undefined
    }
    return this.held
  }

  set content(content: Content | undefined) {
    this.held = content
    this.lazy = undefined
  }

  get size(): number {
    if (this.type === 'file') return this.content?.size ?? 0
    if (this.entries) return 4096
    return this.target === undefined ? 0 : this.target.length
  }

  copyFor(owner: object): Inode {
    const copy = new Inode(this.ino, this.type, owner)
    copy.mode = this.mode
    copy.uid = this.uid
    copy.gid = this.gid
    copy.nlink = this.nlink
    copy.atimeMs = this.atimeMs
    copy.mtimeMs = this.mtimeMs
    copy.ctimeMs = this.ctimeMs
    copy.entries = this.entries && new Map(this.entries)
    copy.content = this.content?.copyFor(owner)
    copy.accountedBytes = this.accountedBytes
    copy.target = this.target
    copy.rdev = this.rdev
    copy.opaque = this.opaque
    return copy
  }
}
