/** Configuration of the pod network comes and goes with its files, and with their directory. */
import { Errno } from '#engine/linux/abi/errno'
import type { FileEvent, FileWatch } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'

export interface CniEvents {
  /** A change of what lies at `path`, in fsnotify's words. */
  changed(operation: string, path: string): void
}

const operations: Readonly<Record<string, string>> = { create: 'CREATE', modify: 'WRITE', delete: 'REMOVE', 'moved-from': 'RENAME', 'moved-to': 'CREATE', attributes: 'CHMOD' }

export class CniWatch {
  private inside: FileWatch | undefined

  constructor(
    private readonly process: Process,
    private readonly directory: string,
    private readonly events: CniEvents,
  ) {}

  start(): void {
    const { process, directory } = this
    process.files.mkdirAll(directory, 0o700)
    this.watchInside()
    const cut = directory.lastIndexOf('/')
    const name = directory.slice(cut + 1)
    process.background(async () => {
      const above = process.files.watch(directory.slice(0, cut) || '/')
      for (;;) {
        const event = await above.next()
        if (event.name !== name || event.kind === 'attributes' || event.kind === 'modify') continue
        this.inside?.close()
        this.inside = undefined
        if (process.files.exists(directory)) this.watchInside()
        this.tell(event, directory)
      }
    })
  }

  private watchInside(): void {
    const { process, directory } = this
    const watch = process.files.watch(directory)
    this.inside = watch
    process.background(async () => {
      try {
        for (;;) {
          const event = await watch.next()
          this.tell(event, `${directory}/${event.name}`)
        }
      } catch (error) {
        if (!(error instanceof Errno) || this.inside === watch) throw error
      }
    })
  }

  private tell(event: FileEvent, path: string): void {
    this.events.changed(operations[event.kind] ?? 'WRITE', path)
  }
}
