/** The text of a script: a file, or what a pipe gives until its end (`. <(...)`, `bash /dev/stdin`). */
import { concatBytes } from '#engine/base/bytes'
import { Errno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { Shell } from '#engine/shell/state/shell'

const maxScript = 64 * 1024 * 1024

export async function readScriptFile(shell: Shell, path: string): Promise<Uint8Array> {
  const own = /^\/dev\/(?:stdin|fd\/(\d+))$/.exec(path)
  if (own) return everything(shell.process.descriptor(Number(own[1] ?? 0)), path)
  const { type } = shell.files.stat(path)
  if (type === 'file' || type === 'directory') return shell.files.readFile(path)
  const file = shell.files.open(path, { read: true })
  try {
    return await everything(file, path)
  } finally {
    file.release()
  }
}

async function everything(file: OpenFile, path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for (let piece = await file.read(65536); piece !== null; piece = await file.read(65536)) {
    size += piece.length
    if (size > maxScript) throw new Errno('EFBIG', path)
    parts.push(piece)
  }
  return concatBytes(parts)
}
