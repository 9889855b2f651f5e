/** A pseudo terminal: the slave that programs hold, and the master of who draws. */
import type { OpenFile, Stat, Terminal, TerminalMode } from '#engine/linux/abi/files'
import { Errno } from '#engine/linux/abi/errno'
import type { Signal } from '#engine/linux/abi/signals'
import { readWhenReady, writeAll } from '#engine/linux/kernel/blocking'
import type { Pid, PidNamespace } from '#engine/linux/kernel/pid'
import { WaitList } from '#engine/linux/kernel/pipe'
import { LineDiscipline } from '#engine/linux/tty/discipline'

export interface TtyHooks {
  /** Sends a signal to a process group, or to the leader of a session. */
  signalGroup(group: Pid, signal: Signal): void
  /** Nobody holds the terminal any more. */
  gone(tty: Tty): void
}

export class Tty {
  session: Pid | undefined
  foreground: Pid | undefined
  columns: number
  rows: number
  hungUp = false
  slaves = 0
  private hadSlave = false
  readonly readable = new WaitList()
  readonly writable = new WaitList()
  readonly masterReadable = new WaitList()
  readonly masterWritable = new WaitList()
  readonly discipline: LineDiscipline

  constructor(
    readonly index: number,
    /** `/dev/pts/0`. */
    readonly name: string,
    size: { columns: number; rows: number },
    private readonly hooks: TtyHooks,
    private readonly now: () => number,
  ) {
    this.columns = size.columns
    this.rows = size.rows
    this.discipline = new LineDiscipline(
      (signal) => this.foreground && this.hooks.signalGroup(this.foreground, signal),
      () => this.readable.wakeAll(),
      () => this.masterReadable.wakeAll(),
    )
  }

  slaveOpened(): void {
    this.slaves++
    this.hadSlave = true
  }

  slaveClosed(): void {
    if (--this.slaves === 0) this.masterReadable.wakeAll()
    this.dropIfGone()
  }

  /** True once every slave that was open is closed: the master reads the end. */
  get drained(): boolean {
    return this.hadSlave && this.slaves === 0
  }

  hangUp(): void {
    if (this.hungUp) return
    this.hungUp = true
    if (this.session) this.hooks.signalGroup(this.session, 'SIGHUP')
    if (this.foreground && this.foreground !== this.session) this.hooks.signalGroup(this.foreground, 'SIGHUP')
    if (this.foreground) this.hooks.signalGroup(this.foreground, 'SIGCONT')
    for (const list of [this.readable, this.writable, this.masterReadable, this.masterWritable]) list.wakeAll()
    this.dropIfGone()
  }

  resize(columns: number, rows: number): void {
    if (columns === this.columns && rows === this.rows) return
    this.columns = Math.max(1, Math.min(columns, 10_000))
    this.rows = Math.max(1, Math.min(rows, 10_000))
    if (this.foreground) this.hooks.signalGroup(this.foreground, 'SIGWINCH')
  }

  stat(): Stat {
    const now = this.now()
    return { type: 'character', mode: 0o620, uid: 0, gid: 5, size: 0, ino: this.index + 3, dev: 25, nlink: 1, atimeMs: now, mtimeMs: now, ctimeMs: now, rdev: { major: 136, minor: this.index } }
  }

  private dropIfGone(): void {
    if (this.hungUp && this.slaves <= 0) this.hooks.gone(this)
  }
}

/** What both sides of a terminal have in common. */
abstract class TtySide implements OpenFile {
  readonly kind = 'tty'
  private open = true

  constructor(readonly device: Tty) {}

  abstract readonly description: string
  abstract readNow(max?: number): Uint8Array | null | undefined
  abstract writeNow(bytes: Uint8Array): number
  abstract onReadable(wake: () => void): () => void
  abstract onWritable(wake: () => void): () => void
  protected abstract closed(): void

  get tty(): Terminal {
    return new TerminalView(this.device, undefined)
  }

  read(max?: number): Promise<Uint8Array | null> {
    return readWhenReady(this, max)
  }

  write(bytes: Uint8Array): Promise<void> {
    return writeAll(this, bytes)
  }

  stat(): Stat {
    return this.device.stat()
  }

  release(): void {
    if (!this.open) return
    this.open = false
    this.closed()
  }
}

/** The side of programs. */
export class TtySlave extends TtySide {
  constructor(device: Tty) {
    super(device)
    device.slaveOpened()
  }

  get description(): string {
    return this.device.name
  }

  readNow(max = 4096): Uint8Array | null | undefined {
    if (this.device.hungUp) return null
    const bytes = this.device.discipline.read(max)
    if (bytes !== undefined) this.device.masterWritable.wakeAll()
    return bytes
  }

  writeNow(bytes: Uint8Array): number {
    if (this.device.hungUp) throw new Errno('EIO')
    return this.device.discipline.write(bytes)
  }

  onReadable(wake: () => void): () => void {
    return this.device.readable.add(wake)
  }

  onWritable(wake: () => void): () => void {
    return this.device.writable.add(wake)
  }

  protected closed(): void {
    this.device.slaveClosed()
  }
}

/** The side of who emulates the terminal: reads what is shown, writes what is typed. */
export class TtyMaster extends TtySide {
  readonly description = '/dev/ptmx'

  readNow(max = 65536): Uint8Array | null | undefined {
    const bytes = this.device.discipline.takeOutput(max)
    if (bytes) {
      this.device.writable.wakeAll()
      return bytes
    }
    return this.device.drained || this.device.hungUp ? null : undefined
  }

  writeNow(bytes: Uint8Array): number {
    if (this.device.hungUp) throw new Errno('EIO')
    return this.device.discipline.input(bytes)
  }

  onReadable(wake: () => void): () => void {
    return this.device.masterReadable.add(wake)
  }

  onWritable(wake: () => void): () => void {
    return this.device.masterWritable.add(wake)
  }

  protected closed(): void {
    this.device.hangUp()
  }
}

/** A terminal as the processes of one pid namespace see it. */
export class TerminalView implements Terminal {
  constructor(
    readonly device: Tty,
    private readonly namespace: PidNamespace | undefined,
  ) {}

  get name(): string {
    return this.device.name
  }

  get columns(): number {
    return this.device.columns
  }

  get rows(): number {
    return this.device.rows
  }

  mode(): Readonly<TerminalMode> {
    return { ...this.device.discipline.mode }
  }

  setMode(mode: Partial<TerminalMode>): void {
    this.device.discipline.setMode(mode)
  }

  foreground(): number {
    const group = this.device.foreground
    return group ? (this.namespace ? group.in(this.namespace) : group.global) : 0
  }

  setForeground(processGroup: number): void {
    const namespace = this.namespace ?? this.device.session?.namespace
    const group = namespace?.pids.get(processGroup)
    if (!group) throw new Errno('ESRCH')
    this.device.foreground = group
  }

  resize(columns: number, rows: number): void {
    this.device.resize(columns, rows)
  }
}
