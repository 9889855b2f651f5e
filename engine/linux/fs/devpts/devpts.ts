/** /dev/pts: a node per pseudo terminal. */
import type { DirectoryEntry } from '#engine/linux/abi/files'
import type { Ttys } from '#engine/linux/kernel/ttys'
import type { Attributes } from '#engine/linux/vfs/filesystem'
import { VirtualFileSystem } from '#engine/linux/vfs/virtual'

const multiplexer = 2
const first = 3

export class DevptsFileSystem extends VirtualFileSystem {
  readonly type = 'devpts'
  readonly root = 1

  constructor(
    private readonly ttys: Ttys,
    madeAtMs: number,
  ) {
    super(madeAtMs)
  }

  attributes(ino: number): Attributes | undefined {
    if (ino === this.root) return this.node('directory', 0o755)
    if (ino === multiplexer) return this.node('character', 0o666, undefined, { rdev: { major: 5, minor: 2 } })
    if (!this.ttys.byIndex.has(ino - first)) return undefined
    return this.node('character', 0o620, { uid: 0, gid: 5 }, { rdev: { major: 136, minor: ino - first } })
  }

  lookup(_directory: number, name: string): number {
    if (name === 'ptmx') return multiplexer
    const index = Number(name)
    return Number.isInteger(index) && this.ttys.byIndex.has(index) ? first + index : 0
  }

  list(): DirectoryEntry[] {
    const terminals = [...this.ttys.byIndex.keys()].sort((a, b) => a - b)
    return [...terminals.map((index) => ({ name: String(index), type: 'character' as const, ino: first + index })), { name: 'ptmx', type: 'character', ino: multiplexer }]
  }

  override change(): void {
    // Owners and modes of terminals are not kept.
  }

  protected text(): string {
    return ''
  }
}
