/** Messages over a connection: a length, a kind, a body. */
import { concatBytes, decodeUtf8, encodeUtf8 } from '#engine/base/bytes'
import type { OpenFile } from '#engine/linux/abi/files'

export const banner = 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7'
const maxFrame = 16 * 1024 * 1024

export interface SshMessages {
  /** The server's key, and its proof over the client's nonce. */
  hostKey: { line: string; signature: string }
  hello: { nonce: string }
  userAuth: { user: string; method: 'none' | 'publickey' | 'password'; key?: string; signature?: string; password?: string }
  authResult: { ok: boolean; methods: string }
  open: { command?: string; subsystem?: string; terminal?: { columns: number; rows: number; term: string }; env: readonly (readonly [string, string])[] }
  resize: { columns: number; rows: number }
  signal: { signal: string }
  exit: { code?: number; signal?: string }
  refuse: { message: string }
}

export type SshMessage = { [K in keyof SshMessages]: { readonly kind: K; readonly value: SshMessages[K] } }[keyof SshMessages]
export type Frame = { readonly type: 'message'; readonly message: SshMessage } | { readonly type: 'data' | 'errors'; readonly bytes: Uint8Array } | { readonly type: 'end' }

const codes = { message: 1, data: 2, errors: 3, end: 4 } as const

export class Wire {
  private buffered: Uint8Array = new Uint8Array(0)

  constructor(readonly file: OpenFile) {}

  /** The peer's first line; undefined where the connection ends before it. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const newline = this.buffered.indexOf(10)
      if (newline >= 0) {
        const text = decodeUtf8(this.buffered.subarray(0, newline)).replace(/\r$/, '')
        this.buffered = this.buffered.subarray(newline + 1)
        return text
      }
      if (this.buffered.length > 255 || !(await this.more())) return undefined
    }
  }

  async sendLine(text: string): Promise<void> {
    await this.file.write(encodeUtf8(`${text}\r\n`))
  }

  send<K extends keyof SshMessages>(kind: K, value: SshMessages[K]): Promise<void> {
    return this.frame(codes.message, encodeUtf8(JSON.stringify({ kind, value })))
  }

  data(bytes: Uint8Array, type: 'data' | 'errors' = 'data'): Promise<void> {
    return this.frame(codes[type], bytes)
  }

  end(): Promise<void> {
    return this.frame(codes.end, new Uint8Array(0))
  }

  /** Null at the end of the connection. */
  async receive(): Promise<Frame | null> {
    while (this.buffered.length < 5) if (!(await this.more())) return null
    const length = new DataView(this.buffered.buffer, this.buffered.byteOffset).getUint32(0)
    if (length > maxFrame) return null
    while (this.buffered.length < 5 + length) if (!(await this.more())) return null
    const code = this.buffered[4]
    const body = this.buffered.slice(5, 5 + length)
    this.buffered = this.buffered.subarray(5 + length)
    if (code === codes.message) return { type: 'message', message: JSON.parse(decodeUtf8(body)) as SshMessage }
    return code === codes.end ? { type: 'end' } : { type: code === codes.errors ? 'errors' : 'data', bytes: body }
  }

  /** The next message, where nothing else may come. */
  async expect<K extends keyof SshMessages>(kind: K): Promise<SshMessages[K] | undefined> {
    const frame = await this.receive()
    return frame?.type === 'message' && frame.message.kind === kind ? (frame.message.value as SshMessages[K]) : undefined
  }

  private async frame(code: number, body: Uint8Array): Promise<void> {
    const head = new Uint8Array(5)
    new DataView(head.buffer).setUint32(0, body.length)
    head[4] = code
    await this.file.write(concatBytes([head, body]))
  }

  private async more(): Promise<boolean> {
    const bytes = await this.file.read(65536)
    if (!bytes) return false
    this.buffered = this.buffered.length === 0 ? bytes : concatBytes([this.buffered, bytes])
    return true
  }
}
