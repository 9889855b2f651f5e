/**
 * The bytes of one file: chunks that may be missing (holes read as zeros) and are shared between snapshots until one
 * side writes. Chunks that were handed out by `readAll` are copied before they change; appending does not change them.
 */
import { decodeUtf8 } from '#engine/base/bytes'

export const chunkSize = 256 * 1024
/** Texts up to this size are kept: configurations and certificates are read again and again. */
const keptText = 16 * 1024
const zeros = new Uint8Array(chunkSize)

interface Chunk {
  bytes: Uint8Array
  owner: object | undefined
  lent: boolean
  /** What its first bytes are as text, since it was lent. */
  text?: { readonly size: number; readonly value: string }
}

export class Content {
  private constructor(
    public size: number,
    private readonly chunks: (Chunk | undefined)[],
    readonly owner: object,
  ) {}

  static empty(owner: object): Content {
    return new Content(0, [], owner)
  }

  /** Takes the bytes over without copying; with a larger `size` zeros follow. */
  static of(bytes: Uint8Array, owner: object, size = bytes.length): Content {
    const content = new Content(size, [], owner)
    for (let offset = 0; offset < bytes.length; offset += chunkSize) {
      const part = bytes.length <= chunkSize ? bytes : bytes.subarray(offset, offset + chunkSize)
      content.chunks.push(isZero(part) ? undefined : { bytes: part, owner, lent: true })
    }
    return content
  }

  /** The same bytes for another owner; chunks stay shared until written. */
  copyFor(owner: object): Content {
    return new Content(this.size, this.chunks.slice(), owner)
  }

  read(offset: number, max: number): Uint8Array {
    const end = Math.min(this.size, offset + max)
    if (end <= offset) return new Uint8Array(0)
    const index = Math.floor(offset / chunkSize)
    const base = index * chunkSize
    const chunk = this.chunks[index]
    if (chunk && end - base <= chunk.bytes.length) {
      chunk.lent = true
      return chunk.bytes.subarray(offset - base, end - base)
    }
    return this.inOnePiece(offset, end) ?? this.assemble(offset, end)
  }

  readAll(): Uint8Array {
    return this.read(0, this.size)
  }

  /** The same string for the same bytes. */
  readText(): string {
    const [chunk] = this.chunks
    if (!chunk || this.size > keptText || chunk.bytes.length < this.size) return decodeUtf8(this.readAll())
    if (chunk.text?.size !== this.size) chunk.text = { size: this.size, value: decodeUtf8(this.readAll()) }
    return chunk.text.value
  }

  write(offset: number, bytes: Uint8Array): void {
    let done = 0
    while (done < bytes.length) {
      const at = offset + done
      const index = Math.floor(at / chunkSize)
      const inChunk = at - index * chunkSize
      const count = Math.min(bytes.length - done, chunkSize - inChunk)
      this.writeChunk(index, inChunk, bytes.subarray(done, done + count))
      done += count
    }
    if (offset + bytes.length > this.size) this.size = offset + bytes.length
  }

  truncate(size: number): void {
    if (size < this.size) {
      this.chunks.length = Math.min(this.chunks.length, Math.ceil(size / chunkSize))
      const last = this.chunks.length - 1
      const chunk = this.chunks[last]
      const keep = size - last * chunkSize
      if (chunk && chunk.bytes.length > keep) this.chunks[last] = { bytes: chunk.bytes.slice(0, keep), owner: this.owner, lent: false }
    }
    this.size = size
  }

  /** The parts that are no holes, in order, for writing an image. */
  *parts(): Generator<{ readonly offset: number; readonly bytes: Uint8Array }> {
    for (let index = 0; index < this.chunks.length; index++) {
      const chunk = this.chunks[index]
      const limit = Math.min(chunkSize, this.size - index * chunkSize)
      if (chunk && limit > 0) yield { offset: index * chunkSize, bytes: chunk.bytes.length > limit ? chunk.bytes.subarray(0, limit) : chunk.bytes }
    }
  }

  /** Chunks that still lie side by side in memory, as `of` took them over: who reads them again gets the very same bytes. */
  private inOnePiece(offset: number, end: number): Uint8Array | undefined {
    const first = Math.floor(offset / chunkSize)
    const last = Math.floor((end - 1) / chunkSize)
    const start = this.chunks[first]?.bytes
    if (!start) return undefined
    for (let index = first; index <= last; index++) {
      const bytes = this.chunks[index]?.bytes
      const needed = Math.min(chunkSize, end - index * chunkSize)
      if (!bytes || bytes.buffer !== start.buffer || bytes.byteOffset !== start.byteOffset + (index - first) * chunkSize || bytes.length < needed) return undefined
    }
    for (let index = first; index <= last; index++) (this.chunks[index] as Chunk).lent = true
    return new Uint8Array(start.buffer, start.byteOffset + offset - first * chunkSize, end - offset)
  }

  private assemble(offset: number, end: number): Uint8Array {
    const out = new Uint8Array(end - offset)
    for (let index = Math.floor(offset / chunkSize); index * chunkSize < end; index++) {
      const chunk = this.chunks[index]
      if (!chunk) continue
      const base = index * chunkSize
      const from = Math.max(offset, base)
      const to = Math.min(end, base + chunk.bytes.length)
      if (to > from) out.set(chunk.bytes.subarray(from - base, to - base), from - offset)
    }
    return out
  }

  private writeChunk(index: number, inChunk: number, bytes: Uint8Array): void {
    while (this.chunks.length < index) this.chunks.push(undefined)
    const chunk = this.chunks[index]
    if (bytes.length === chunkSize) {
      this.chunks[index] = isZero(bytes) ? undefined : { bytes: bytes.slice(), owner: this.owner, lent: false }
      return
    }
    if (!chunk && isZero(bytes)) {
      if (this.chunks.length === index) this.chunks.push(undefined)
      return
    }
    this.chunkFor(index, chunk, inChunk, inChunk + bytes.length).bytes.set(bytes, inChunk)
  }

  /** The chunk itself where it is ours, long enough and not handed out; otherwise a copy with room. */
  private chunkFor(index: number, chunk: Chunk | undefined, from: number, end: number): Chunk {
    const used = Math.min(chunk?.bytes.length ?? 0, Math.max(0, this.size - index * chunkSize))
    if (chunk && chunk.owner === this.owner && chunk.bytes.length >= end && (from >= used || !chunk.lent)) return chunk
    return this.growChunk(index, chunk, used, end)
  }

  private growChunk(index: number, chunk: Chunk | undefined, used: number, end: number): Chunk {
    const capacity = used === 0 ? end : Math.min(chunkSize, Math.max(end, used * 2, 64))
    const grown: Chunk = { bytes: new Uint8Array(capacity), owner: this.owner, lent: false }
    if (chunk) grown.bytes.set(chunk.bytes.subarray(0, used))
    this.chunks[index] = grown
    return grown
  }
}

function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false
  return true
}

/** A run of zeros, never to be written. */
export function zeroBytes(length: number): Uint8Array {
  return length <= chunkSize ? zeros.subarray(0, length) : new Uint8Array(length)
}
