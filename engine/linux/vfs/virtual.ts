/** The part that file systems made by the kernel share: nothing can be created, content is text made on reading. */
import { encodeUtf8 } from '#engine/base/bytes'
import { Errno } from '#engine/linux/abi/errno'
import type { DirectoryEntry, FileSystemUsage, FileType } from '#engine/linux/abi/files'
import type { AttributeChange, Attributes, FileBody, FileSystem } from '#engine/linux/vfs/filesystem'
import { WatchHub } from '#engine/linux/vfs/watch'

let nextDevice = 0x20

export abstract class VirtualFileSystem implements FileSystem {
  readonly id = nextDevice++
  readonly watches = new WatchHub()
  abstract readonly type: string
  abstract readonly root: number

  protected constructor(private readonly madeAtMs: number) {}

  abstract attributes(ino: number): Attributes | undefined
  abstract lookup(directory: number, name: string): number
  abstract list(directory: number): DirectoryEntry[]

  /** The text of a file as it is now. */
  protected abstract text(ino: number): string

  protected accept(_ino: number, _text: string): void {
    throw new Errno('EACCES')
  }

  readlink(_ino: number): string {
    throw new Errno('EINVAL')
  }

  open(ino: number): FileBody {
    return new TextBody(
      () => this.text(ino),
      (text) => this.accept(ino, text),
      () => this.attributes(ino) ?? this.node('file', 0o444),
    )
  }

  create(): number {
    throw new Errno('EPERM')
  }

  link(): void {
    throw new Errno('EPERM')
  }

  unlink(_directory: number, _name: string): void {
    throw new Errno('EPERM')
  }

  rmdir(_directory: number, _name: string): void {
    throw new Errno('EPERM')
  }

  rename(): void {
    throw new Errno('EPERM')
  }

  /** Directories take it and forget it; files refuse. */
  change(ino: number, _change: AttributeChange): void {
    if (this.attributes(ino)?.type !== 'directory') throw new Errno('EPERM')
  }

  usage(): FileSystemUsage {
    return { type: this.type, source: this.type, totalBytes: 0, usedBytes: 0, totalInodes: 0, usedInodes: 0 }
  }

  protected node(type: FileType, mode: number, owner: { uid: number; gid: number } = { uid: 0, gid: 0 }, rest: Partial<Attributes> = {}): Attributes {
    const at = this.madeAtMs
    return { type, mode, uid: owner.uid, gid: owner.gid, nlink: type === 'directory' ? 2 : 1, size: 0, atimeMs: at, mtimeMs: at, ctimeMs: at, ...rest }
  }
}

/** The text is made when the file is first read, so that one reader sees one state. */
class TextBody implements FileBody {
  private made: Uint8Array | undefined

  constructor(
    private readonly text: () => string,
    private readonly accept: (text: string) => void,
    readonly attributes: () => Attributes,
  ) {}

  size(): number {
    return 0
  }

  read(offset: number, max: number): Uint8Array {
    if (offset === 0) this.made = undefined
    return this.readAll().subarray(offset, offset + max)
  }

  readAll(): Uint8Array {
    return (this.made ??= encodeUtf8(this.text()))
  }

  write(_offset: number, bytes: Uint8Array): void {
    this.accept(new TextDecoder().decode(bytes))
    this.made = undefined
  }

  truncate(): void {
    // These files have no length; the shell's `>` truncates before it writes.
  }
}
