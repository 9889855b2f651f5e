/** The kernel's ring buffer: what dmesg shows. */
import { decodeUtf8 } from '#engine/base/bytes'

export interface KernelMessage {
  readonly atMs: number
  readonly priority: number
  readonly text: string
}

const maxMessages = 4096

export class KernelLog {
  readonly messages: KernelMessage[] = []
  onMessage: ((message: KernelMessage) => void) | undefined

  constructor(
    private readonly now: () => number,
    private readonly bootedAtMs: () => number,
  ) {}

  add(text: string, priority = 6): void {
    const message = { atMs: this.now(), priority, text }
    this.messages.push(message)
    if (this.messages.length > maxMessages) this.messages.splice(0, maxMessages / 4)
    this.onMessage?.(message)
  }

  print(bytes: Uint8Array): void {
    for (const line of decodeUtf8(bytes).split('\n')) if (line !== '') this.add(line)
  }

  clear(): void {
    this.messages.length = 0
  }

  /** Lines as dmesg prints them: `[    1.234567] text`. */
  text(): string {
    return this.messages.map((message) => `[${((message.atMs - this.bootedAtMs()) / 1000).toFixed(6).padStart(12)}] ${message.text}\n`).join('')
  }
}
