/** tail -f: waits for files to grow, to be replaced or to appear. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Stat } from '#engine/linux/abi/files'
import type { Process } from '#engine/linux/abi/process'
import { complain, print, quoteName } from '#engine/programs/common/gnu'
import { quoteIfNeeded } from '#engine/programs/common/quoting'
import { headline } from '#engine/programs/coreutils/head-count'

export interface FollowOptions {
  readonly headed: boolean
  readonly byName: boolean
  readonly retry: boolean
}

interface Known {
  readonly size: number
  readonly ino: number
}

export class Follower {
  private lastShown: string | undefined
  private readonly known = new Map<string, Known>()
  private read = 0

  constructor(
    private readonly process: Process,
    private readonly o: FollowOptions,
  ) {}

  get isEmpty(): boolean {
    return this.read === 0
  }

  /** Notes how far a file was read. */
  knows(name: string, size: number): void {
    this.read++
    if (name !== '-') this.known.set(name, { size, ino: this.process.files.stat(name).ino })
  }

  async headline(name: string): Promise<void> {
    if (!this.o.headed || this.lastShown === name) return
    await print(this.process, headline(name, this.lastShown === undefined))
    this.lastShown = name
  }

  /** Ends with the process named by --pid, or when no file is left. */
  async follow(names: readonly string[], pid: string | undefined, status: number): Promise<number> {
    const { process, o } = this
    const watched = names.filter((name) => this.known.has(name) || (o.retry && !this.isDirectory(name)))
    this.hold(watched)
    if (watched.length === 0) {
      if (names.length > 0) await complain(process, 'no files remaining')
      return 1
    }
    const alive = (): boolean => pid === undefined || process.processes().some((entry) => entry.pid === Number(pid))
    if (!alive()) return status
    const waits = watched.map((name) => this.followOne(name))
    if (pid === undefined) await Promise.all(waits)
    else while (alive()) await process.clock.sleep(1000)
    return status
  }

  /** Held open while it follows, as lsof and fuser see it. */
  private hold(names: readonly string[]): void {
    for (const name of names) if (name !== '-' && this.statOf(name)?.type === 'file') this.process.install(this.process.files.open(name, { read: true }))
  }

  private isDirectory(name: string): boolean {
    return this.statOf(name)?.type === 'directory'
  }

  private async followOne(name: string): Promise<void> {
    for (;;) {
      await this.change(name)
      await this.more(name)
      if (this.statOf(name) || this.o.retry || !this.o.byName) continue
      await complain(this.process, `${quoteName(name)} has become inaccessible: No such file or directory`)
      return
    }
  }

  /** Waits until the file may have changed. */
  private async change(name: string): Promise<void> {
    const watch = this.watch(name)
    if (!watch) return this.process.clock.sleep(1000)
    await this.more(name)
    await watch.next()
    watch.close()
  }

  private watch(name: string): ReturnType<Process['files']['watch']> | undefined {
    try {
      return this.process.files.watch(name)
    } catch (error) {
      if (isErrno(error)) return undefined
      throw error
    }
  }

  private statOf(name: string): Stat | undefined {
    try {
      return this.process.files.exists(name)
    } catch (error) {
      if (isErrno(error)) return undefined
      throw error
    }
  }

  /** Shows what was added since the last time. */
  private async more(name: string): Promise<void> {
    const stat = this.statOf(name)
    if (stat?.type !== 'file') return
    const from = await this.startOf(name, stat)
    const bytes = this.process.files.readFile(name)
    this.known.set(name, { size: bytes.length, ino: stat.ino })
    if (bytes.length <= from) return
    await this.headline(name)
    await this.process.stdout.write(bytes.subarray(from))
  }

  /** Where the unread part begins; what happened to the file is told. */
  private async startOf(name: string, stat: Stat): Promise<number> {
    const known = this.known.get(name)
    if (known?.ino === stat.ino && stat.size >= known.size) return known.size
    if (!known) await complain(this.process, `${quoteName(name)} has appeared;  following new file`)
    else if (known.ino === stat.ino) await complain(this.process, `${quoteIfNeeded(name)}: file truncated`)
    else await complain(this.process, `${quoteName(name)} has been replaced;  following new file`)
    return 0
  }
}
