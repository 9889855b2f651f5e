/** What programs read: a named file or standard input, as chunks, bytes, text or lines. */
import { concatBytes } from '#engine/base/bytes'
import { decodeLossless } from '#engine/base/lossless'
import { Errno } from '#engine/linux/abi/errno'
import type { OpenFile } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { HeldMemory } from '#engine/programs/common/held-memory'

/** An input by name; `-` is standard input. */
export function openInput(process: Process, name: string): { file: OpenFile; close(): void } {
  if (name === '-') return { file: process.descriptor(0), close: () => undefined }
  const file = process.files.open(name, { read: true })
  if (file.kind === 'directory') {
    file.release()
    throw new Errno('EISDIR', name)
  }
  return { file, close: () => file.release() }
}

export async function* inputChunks(process: Process, name: string): AsyncGenerator<Uint8Array> {
  const { file, close } = openInput(process, name)
  try {
    for (;;) {
      const piece = await file.read(65536)
      if (piece === null) return
      if (piece.length > 0) yield piece
    }
  } finally {
    close()
  }
}

export async function readInput(process: Process, name: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  const held = new HeldMemory(process)
  for await (const piece of inputChunks(process, name)) {
    parts.push(piece)
    held.grow(piece.length)
  }
  held.release()
  return concatBytes(parts)
}

export async function readInputText(process: Process, name: string): Promise<string> {
  return decodeLossless(await readInput(process, name))
}

/** Lines with their terminator, as they come. */
export async function* inputLines(process: Process, name: string, terminator = 10): AsyncGenerator<string> {
  let rest: Uint8Array[] = []
  const held = new HeldMemory(process)
  for await (const piece of inputChunks(process, name)) {
    let from = 0
    for (let at = piece.indexOf(terminator); at >= 0; at = piece.indexOf(terminator, from)) {
      const line = piece.subarray(from, at + 1)
      yield decodeLossless(rest.length > 0 ? concatBytes([...rest, line]) : line)
      if (rest.length > 0) held.release()
      rest = []
      from = at + 1
    }
    if (from < piece.length) {
      rest.push(piece.slice(from))
      held.grow(piece.length - from)
    }
  }
  if (rest.length > 0) yield decodeLossless(concatBytes(rest))
}

/** Lines of a whole text without terminators; a missing last newline makes no difference. */
export function splitLines(text: string, terminator = '\n'): string[] {
  if (text === '') return []
  const lines = text.split(terminator)
  if (lines[lines.length - 1] === '') lines.pop()
  return lines
}
