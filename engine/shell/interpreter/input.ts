/** Reading a line without taking more from the descriptor than the line: what follows belongs to other commands. */
import { decodeLossless } from '#engine/base/lossless'
import type { OpenFile } from '#engine/linux/abi/files'

export interface Line {
  readonly text: string
  /** The delimiter was seen. */
  readonly complete: boolean
}

/** Undefined at the end of input. */
export async function readLine(file: OpenFile, delimiter = 10, maxBytes = Infinity): Promise<Line | undefined> {
  return file.kind === 'file' && file.seek ? readSeekable(file, delimiter, maxBytes) : readBytes(file, delimiter, maxBytes)
}

async function readSeekable(file: OpenFile, delimiter: number, maxBytes: number): Promise<Line | undefined> {
  const parts: Uint8Array[] = []
  let size = 0
  for (;;) {
    const piece = await file.read(Math.min(4096, maxBytes - size))
    if (piece === null || piece.length === 0) return size === 0 ? undefined : { text: decode(parts), complete: false }
    const at = piece.indexOf(delimiter)
    if (at >= 0) {
      if (at + 1 < piece.length) file.seek?.(at + 1 - piece.length, 'current')
      parts.push(piece.subarray(0, at))
      return { text: decode(parts), complete: true }
    }
    parts.push(piece)
    size += piece.length
    if (size >= maxBytes) return { text: decode(parts), complete: false }
  }
}

async function readBytes(file: OpenFile, delimiter: number, maxBytes: number): Promise<Line | undefined> {
  const parts: Uint8Array[] = []
  let size = 0
  while (size < maxBytes) {
    const piece = file.lineNow?.(delimiter, Math.min(maxBytes - size, 65536)) ?? (await file.read(1))
    if (piece === null || piece.length === 0) return size === 0 ? undefined : { text: decode(parts), complete: false }
    const complete = piece[piece.length - 1] === delimiter
    parts.push(complete ? piece.subarray(0, -1) : piece)
    if (complete) return { text: decode(parts), complete: true }
    size += piece.length
  }
  return { text: decode(parts), complete: false }
}

function decode(parts: readonly Uint8Array[]): string {
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  const all = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return decodeLossless(all)
}
