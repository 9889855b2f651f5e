import type { MountRequest, OpenFile, OpenFlags } from '#engine/linux/abi/files'
import type { Credentials } from '#engine/linux/abi/process'
import type { Attributes, FileSystem } from '#engine/linux/vfs/filesystem'
import type { MountNamespace, Place } from '#engine/linux/vfs/mount'

/** What path calls need of the process that makes them. */
export interface FilesContext {
  readonly namespace: MountNamespace
  readonly root: Place
  readonly cwdPlace: Place
  readonly credentials: Credentials
  readonly umaskBits: number
  /** Throws when the process is dying; counts the call otherwise. */
  enter(): void
  /** Waits, but not beyond the end of the process. `start` gets what to call with the result and returns how to give up. */
  block<T>(start: (done: (value: T) => void) => () => void): Promise<T>
  /** Opens what is no file or directory: devices, FIFOs, sockets. */
  openSpecial(place: Place, attributes: Attributes, flags: OpenFlags): OpenFile
  /** Ties an open file to the process. */
  bind(file: OpenFile): OpenFile
  /** A file system for a mount(2) of a type other than bind. */
  makeFileSystem(request: MountRequest, source: Place | undefined): FileSystem
}
