/** The calls of swapping, and the mark at the end of an area's first page, which mkswap writes and they look for. */
import { decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import { Errno } from '#engine/linux/abi/errno'
import type { Files } from '#engine/linux/abi/files'
import type { Task } from '#engine/linux/kernel/task'

export const swapPage = 4096
const mark = 'SWAPSPACE2'

export function swapOn(task: Task, path: string, priority: number | undefined): void {
  if (!task.credentials.capabilities.has('SYS_ADMIN')) throw new Errno('EPERM', path)
  const { type, size } = task.files.stat(path)
  if (type !== 'file' || !hasSwapHeader(task.files, path)) throw new Errno('EINVAL', path)
  task.kernel.swaps.add(task.files.realpath(path), 'file', (Math.floor(size / swapPage) - 1) * (swapPage / 1024), priority)
}

export function swapOff(task: Task, path: string): void {
  if (!task.credentials.capabilities.has('SYS_ADMIN')) throw new Errno('EPERM', path)
  task.kernel.swaps.remove(task.files.realpath(path))
}

function hasSwapHeader(files: Files, path: string): boolean {
  const file = files.open(path, { read: true })
  file.adopt?.()
  try {
    file.seek?.(swapPage - mark.length, 'start')
    return decodeUtf8(file.readNow?.(mark.length) ?? new Uint8Array()) === mark
  } finally {
    file.release()
  }
}

export function writeSwapHeader(files: Files, path: string): void {
  const file = files.open(path, { write: true })
  file.adopt?.()
  try {
    file.seek?.(swapPage - mark.length, 'start')
    file.writeNow?.(encodeUtf8(mark))
  } finally {
    file.release()
  }
}
