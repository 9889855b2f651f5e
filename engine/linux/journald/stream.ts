/** What a service's standard output is connected to: each line becomes an entry, signed with who wrote it. */
import { Utf8Stream } from '#engine/base/bytes'
import type { OpenFile, Stat } from '#engine/linux/abi/files'
import type { Task } from '#engine/linux/kernel/task'
import type { Journal } from '#engine/linux/journald/journal'

export interface StreamSource {
  readonly identifier: string
  readonly unit: string
  readonly invocationId: string
  readonly slice: string
  readonly cgroup: string
}

export class JournalStream implements OpenFile {
  readonly kind = 'socket'
  readonly description: string
  private readonly decoder = new Utf8Stream()
  private rest = ''

  constructor(
    private readonly journal: Journal,
    private readonly source: StreamSource,
    private readonly writer: () => Task | undefined,
    inode: number,
  ) {
    this.description = `socket:[${inode}]`
  }

  readNow(): null {
    return null
  }

  read(): Promise<null> {
    return Promise.resolve(null)
  }

  writeNow(bytes: Uint8Array): number {
    const text = this.rest + this.decoder.push(bytes)
    const lines = text.split('\n')
    this.rest = lines.pop() ?? ''
    // Writing the journal is itself a system call of pid 1: ask first who wrote.
    const writer = this.writer()
    for (const line of lines) this.line(line, writer)
    if (this.rest.length > 48 * 1024) this.release()
    return bytes.length
  }

  write(bytes: Uint8Array): Promise<void> {
    this.writeNow(bytes)
    return Promise.resolve()
  }

  stat(): Stat {
    return { type: 'socket', mode: 0o777, uid: 0, gid: 0, size: 0, ino: 0, dev: 8, nlink: 1, atimeMs: 0, mtimeMs: 0, ctimeMs: 0 }
  }

  release(): void {
    if (this.rest === '') return
    this.line(this.rest, this.writer())
    this.rest = ''
  }

  private line(raw: string, writer: Task | undefined): void {
    const prefix = /^<([0-7])>/.exec(raw)
    const text = prefix ? raw.slice(3) : raw
    if (text === '') return
    const { source } = this
    this.journal.append({
      PRIORITY: prefix?.[1] ?? '6',
      SYSLOG_FACILITY: '3',
      SYSLOG_IDENTIFIER: source.identifier,
      _TRANSPORT: 'stdout',
      ...processFields(writer),
      _SYSTEMD_UNIT: source.unit,
      _SYSTEMD_SLICE: source.slice,
      _SYSTEMD_CGROUP: source.cgroup,
      _SYSTEMD_INVOCATION_ID: source.invocationId,
      MESSAGE: text,
    })
  }
}

/** The trusted fields about a process. */
export function processFields(task: Task | undefined): Record<string, string> {
  if (!task) return {}
  return {
    _PID: String(task.pids.global),
    _UID: String(task.credentials.uid),
    _GID: String(task.credentials.gid),
    _COMM: task.command,
    _EXE: task.executable.path,
    _CMDLINE: task.argv.join(' '),
  }
}
