/** Who watches which inode, as inotify: cheap when nobody does. */
import type { FileEvent } from '#engine/linux/abi/files'

export type WatchListener = (event: FileEvent) => void

export class WatchHub {
  private readonly listeners = new Map<number, Set<WatchListener>>()

  add(ino: number, listener: WatchListener): () => void {
    let set = this.listeners.get(ino)
    if (!set) this.listeners.set(ino, (set = new Set()))
    set.add(listener)
    return () => {
      set.delete(listener)
      if (set.size === 0) this.listeners.delete(ino)
    }
  }

  emit(ino: number, kind: FileEvent['kind'], name: string): void {
    if (this.listeners.size === 0) return
    const set = this.listeners.get(ino)
    if (!set) return
    const event: FileEvent = { kind, name }
    for (const listener of [...set]) listener(event)
  }
}
