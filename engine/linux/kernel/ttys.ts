/** The pseudo terminals of a machine. */
import { Errno } from '#engine/linux/abi/errno'
import { signalGroup } from '#engine/linux/kernel/signals'
import { Tty, TtyMaster, TtySlave } from '#engine/linux/tty/tty'

const maxTerminals = 4096

export class Ttys {
  readonly byIndex = new Map<number, Tty>()

  constructor(private readonly now: () => number) {}

  open(size: { columns: number; rows: number }): { master: TtyMaster; slave: TtySlave } {
    if (this.byIndex.size >= maxTerminals) throw new Errno('ENOSPC')
    let index = 0
    while (this.byIndex.has(index)) index++
    const tty = new Tty(index, `/dev/pts/${index}`, size, { signalGroup, gone: () => this.byIndex.delete(index) }, this.now)
    this.byIndex.set(index, tty)
    return { master: new TtyMaster(tty), slave: new TtySlave(tty) }
  }
}
