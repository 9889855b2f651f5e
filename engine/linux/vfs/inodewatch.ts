import type { FileEvent, FileWatch } from '#engine/linux/abi/files'
import { Errno } from '#engine/linux/abi/errno'
import type { FilesContext } from '#engine/linux/vfs/context'
import type { Place } from '#engine/linux/vfs/mount'

const maxQueue = 16384

/** Events of one file or directory, queued for the process that watches. Equal events in a row are one, as in inotify. */
export class InodeWatch implements FileWatch {
  private readonly queue: FileEvent[] = []
  private wake: (() => void) | undefined
  private readonly remove: () => void
  private closed = false

  constructor(
    private readonly context: FilesContext,
    place: Place,
  ) {
    this.remove = place.mount.fs.watches.add(place.ino, (event) => {
      const last = this.queue.at(-1)
      if (last && last.kind === event.kind && last.name === event.name) return
      if (this.queue.length < maxQueue) this.queue.push(event)
      this.wake?.()
    })
  }

  async next(): Promise<FileEvent> {
    for (;;) {
      const event = this.queue.shift()
      if (event) return event
      if (this.closed) throw new Errno('EBADF')
      await this.context.block<void>((done) => {
        this.wake = () => done()
        return () => (this.wake = undefined)
      })
      this.wake = undefined
    }
  }

  close(): void {
    this.closed = true
    this.remove()
    this.wake?.()
  }
}
