/** A persistent table from inode number to inode: a radix tree of 32-way nodes that copies only what another epoch owns. */
import type { Inode } from '#engine/linux/fs/cow/inode'

export interface TableNode {
  readonly owner: object
  readonly slots: (TableNode | Inode | undefined)[]
}

const bits = 5
const width = 32

export class InodeTable {
  /** Numbers from here on do not fit. */
  private limit: number
  /** The leaf that was read last, and the numbers it holds: a path's steps ask for each directory twice. */
  private leaf: TableNode['slots'] = []
  private leafNumber = -1

  constructor(
    private top: TableNode,
    private levels: number,
    private epoch: object,
  ) {
    this.limit = width ** levels
  }

  static empty(epoch: object): InodeTable {
    return new InodeTable({ owner: epoch, slots: [] }, 1, epoch)
  }

  get(ino: number): Inode | undefined {
    if (ino >>> bits === this.leafNumber) return this.leaf[ino & 31] as Inode | undefined
    if (ino >= this.limit) return undefined
    let node: TableNode | undefined = this.top
    for (let shift = (this.levels - 1) * bits; shift > 0; shift -= bits) {
      node = node.slots[(ino >>> shift) & 31] as TableNode | undefined
      if (!node) return undefined
    }
    this.leaf = node.slots
    this.leafNumber = ino >>> bits
    return node.slots[ino & 31] as Inode | undefined
  }

  set(ino: number, inode: Inode | undefined): void {
    while (ino >= this.limit) {
      this.top = { owner: this.epoch, slots: [this.top] }
      this.levels++
      this.limit *= width
    }
    let node = (this.top = this.own(this.top))
    for (let shift = (this.levels - 1) * bits; shift > 0; shift -= bits) {
      const index = (ino >>> shift) & 31
      const below = node.slots[index] as TableNode | undefined
      node = node.slots[index] = below ? this.own(below) : { owner: this.epoch, slots: [] }
    }
    node.slots[ino & 31] = inode
    this.leafNumber = -1
  }

  /** A second table with the same entries, in constant time. Both copy from now on. */
  split(mine: object, others: object): InodeTable {
    this.epoch = mine
    return new InodeTable(this.top, this.levels, others)
  }

  *[Symbol.iterator](): Generator<Inode> {
    yield* walk(this.top, this.levels)
  }

  private own(node: TableNode): TableNode {
    return node.owner === this.epoch ? node : { owner: this.epoch, slots: node.slots.slice() }
  }
}

function* walk(node: TableNode, level: number): Generator<Inode> {
  for (const slot of node.slots) {
    if (!slot) continue
    if (level === 1) yield slot as Inode
    else yield* walk(slot as TableNode, level - 1)
  }
}
