/** Writing the journal. One line of JSON per entry behind a magic word; the file is rotated when it has grown. */
import { encodeUtf8 } from '#engine/base/bytes'
import { isErrno } from '#engine/linux/abi/errno'
import type { Files, OpenFile } from '#engine/linux/abi/files'

export type JournalFields = Readonly<Record<string, string>>

export interface JournalEntry {
  /** Microseconds since the epoch. */
  readonly realtimeUs: number
  readonly monotonicUs: number
  readonly bootId: string
  readonly fields: JournalFields
}

export interface JournalIdentity {
  readonly machineId: string
  readonly bootId: string
  readonly bootedAtMs: number
  now(): number
  hostname(): string
}

export const journalMagic = 'LPKSHHRH\n'
const maxFileBytes = 8 * 1024 * 1024
const keptArchives = 2
const maxFieldLength = 48 * 1024

export class Journal {
  private file: OpenFile | undefined
  private sequence = 0
  private lastUs = 0
  /** False while journald does not run: what is written then is lost. */
  receiving = true

  constructor(
    private readonly files: Files,
    readonly identity: JournalIdentity,
  ) {}

  get directory(): string {
    const root = this.files.exists('/var/log/journal') ? '/var/log/journal' : '/run/log/journal'
    return `${root}/${this.identity.machineId}`
  }

  append(fields: Record<string, string>): void {
    if (!this.receiving) return
    const us = Math.max(this.lastUs + 1, Math.round(this.identity.now() * 1000))
    this.lastUs = us
    for (const name in fields) if ((fields[name] as string).length > maxFieldLength) fields[name] = (fields[name] as string).slice(0, maxFieldLength)
    const line = `${JSON.stringify([us, Math.round(us - this.identity.bootedAtMs * 1000), this.identity.bootId, this.identity.hostname(), fields])}\n`
    this.write(encodeUtf8(line))
  }

  private write(bytes: Uint8Array): void {
    try {
      const file = this.open()
      file.writeNow?.(bytes)
    } catch (error) {
      // A full or read-only disk loses log lines, as on any machine.
      if (!isErrno(error)) throw error
      this.file = undefined
    }
  }

  private open(): OpenFile {
    const current = this.file
    const { nlink = 0, size = 0 } = current?.stat() ?? {}
    if (current && nlink > 0 && size < maxFileBytes) return current
    const path = `${this.directory}/system.journal`
    if (nlink > 0) this.rotate(path)
    this.files.mkdirAll(this.directory, 0o2755)
    const file = this.files.open(path, { write: true, append: true, create: true }, 0o640)
    if (file.stat().size === 0) file.writeNow?.(encodeUtf8(journalMagic))
    return (this.file = file)
  }

  rotate(path = `${this.directory}/system.journal`): void {
    if (!this.files.exists(path)) return
    this.files.rename(path, `${this.directory}/system@${String(Math.round(this.identity.now())).padStart(16, '0')}-${String(++this.sequence).padStart(4, '0')}.journal`)
    const archives = this.files.readDirectory(this.directory).map((entry) => entry.name).filter((name) => name.startsWith('system@')).sort()
    for (const name of archives.slice(0, -keptArchives)) this.files.unlink(`${this.directory}/${name}`)
    this.file = undefined
  }
}
