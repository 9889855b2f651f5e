/** Runs another program and keeps what it writes. */
import { decodeUtf8 } from '#engine/base/bytes'
import type { Process } from '#engine/linux/abi/process'
import { exitCodeOf } from '#engine/linux/abi/signals'

export async function capture(process: Process, path: string, argv: readonly string[], env?: ReadonlyMap<string, string>): Promise<{ readonly text: string; readonly code: number }> {
  const out = process.pipe()
  const child = process.spawn(path, argv, { descriptors: new Map([[1, out.writer]]), ...(env ? { env } : {}) })
  const pieces: Uint8Array[] = []
  for (let piece = await out.reader.read(); piece; piece = await out.reader.read()) pieces.push(piece)
  out.reader.release()
  const code = exitCodeOf(await child.wait())
  return { text: pieces.map((piece) => decodeUtf8(piece)).join(''), code }
}
