/** Reads and writes that wait, over an end that answers at once or not at all. */
export interface Pollable {
  /** Undefined where there is nothing yet, null at the end. */
  readNow(max?: number): Uint8Array | null | undefined
  /** How many bytes were taken; 0 where there is no room. */
  writeNow(bytes: Uint8Array): number
  onReadable(wake: () => void): () => void
  onWritable(wake: () => void): () => void
}

export async function readWhenReady(end: Pollable, max?: number): Promise<Uint8Array | null> {
  for (let bytes = end.readNow(max); ; bytes = end.readNow(max)) {
    if (bytes !== undefined) return bytes
    await new Promise<void>((resolve) => end.onReadable(resolve))
  }
}

export async function writeAll(end: Pollable, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const count = end.writeNow(bytes.subarray(done))
    done += count
    if (count === 0) await new Promise<void>((resolve) => end.onWritable(resolve))
  }
}
