/**
 * The framing between a terminal client (`seatrial exec`, `seatrial shell`) and the host: one byte of kind, four of length
 * (big-endian), then the payload. The first frame of a client is a `request`.
 */
export const frameKinds = { request: 1, stdin: 2, stdinEnd: 3, stdout: 4, stderr: 5, exit: 6, resize: 7, signal: 8, error: 9 } as const

export type FrameKind = keyof typeof frameKinds

export interface Frame {
  readonly kind: FrameKind
  readonly payload: Uint8Array
}

/** What a client asks for. Sizes are in characters. */
export type SessionRequest =
  | { readonly kind: 'exec'; readonly host: string; readonly argv: readonly string[] }
  | { readonly kind: 'shell'; readonly host: string; readonly columns: number; readonly rows: number }
  | { readonly kind: 'call'; readonly method: string; readonly params: unknown }

const largestFrame = 16 * 1024 * 1024
const names = Object.fromEntries(Object.entries(frameKinds).map(([name, code]) => [code, name])) as Record<number, FrameKind>

export function encodeFrame(kind: FrameKind, payload: Uint8Array | string = ''): Uint8Array {
  const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload
  const out = new Uint8Array(5 + bytes.length)
  out[0] = frameKinds[kind]
  new DataView(out.buffer).setUint32(1, bytes.length)
  out.set(bytes, 5)
  return out
}

/** Cuts a byte stream into frames. Throws on a frame that is too large or of no known kind. */
export class FrameReader {
  private pending: Uint8Array = new Uint8Array(0)

  push(chunk: Uint8Array): Frame[] {
    const bytes = this.pending.length === 0 ? chunk : join(this.pending, chunk)
    const frames: Frame[] = []
    let at = 0
    while (bytes.length - at >= 5) {
      const length = new DataView(bytes.buffer, bytes.byteOffset + at + 1, 4).getUint32(0)
      if (length > largestFrame) throw new Error(`a frame of ${length} bytes is over the limit of ${largestFrame}`)
      if (bytes.length - at < 5 + length) break
      const kind = names[bytes[at] ?? 0]
      if (!kind) throw new Error(`unknown kind of frame: ${bytes[at] ?? 0}`)
      frames.push({ kind, payload: bytes.slice(at + 5, at + 5 + length) })
      at += 5 + length
    }
    this.pending = bytes.slice(at)
    return frames
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length)
  out.set(a)
  out.set(b, a.length)
  return out
}
