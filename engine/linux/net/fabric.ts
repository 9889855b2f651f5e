/** What is between machines: switches, and the cards plugged into them. */
import type { Clock } from '#engine/base/clock'
import type { Random } from '#engine/base/random'
import type { Interface } from '#engine/linux/net/interface'

/** A switch: finds the card that has an address. */
export class Segment {
  readonly cards = new Set<Interface>()

  constructor(readonly name: string) {}

  /** Who answers for an address on this wire. */
  find(address: number): Interface | undefined {
    for (const card of this.cards) {
      if (!card.up) continue
      if (card.hasAddress(address) || card.namespace.answersFor(card, address)) return card
    }
    return undefined
  }
}

const shapeLimit = 64

/** All machines' common ground. */
export class Fabric {
  private readonly segments = new Map<string, Segment>()
  private inodes = 4026531840
  private nextMac = 1
  private sockets = 20000
  private readonly settings = new Map<string, readonly string[]>()

  constructor(
    readonly clock: Clock,
    readonly random: Random,
  ) {}

  segment(name: string): Segment {
    let segment = this.segments.get(name)
    if (!segment) this.segments.set(name, (segment = new Segment(name)))
    return segment
  }

  /** Inode numbers of sockets. */
  nextSocket(): number {
    return this.sockets++
  }

  /** Names of settings, made once for all namespaces of one shape. */
  settingNames(shape: string, make: () => readonly string[]): readonly string[] {
    const known = this.settings.get(shape)
    if (known) return known
    if (this.settings.size >= shapeLimit) this.settings.clear()
    const names = make()
    this.settings.set(shape, names)
    return names
  }

  nextInode(): number {
    return this.inodes++
  }

  /** Numbers that a restored machine brings with it are not given again. */
  reserveInode(inode: number): void {
    this.inodes = Math.max(this.inodes, inode + 1)
  }

  reserveMac(mac: string): void {
    const match = /^52:54:00:(..):(..):(..)$/.exec(mac)
    if (match) this.nextMac = Math.max(this.nextMac, Number.parseInt(`${match[1]}${match[2]}${match[3]}`, 16) + 1)
  }

  /** A locally administered address, never given twice. */
  mac(): string {
    const serial = this.nextMac++
    const bytes = [0x52, 0x54, 0x00, (serial >> 16) & 255, (serial >> 8) & 255, serial & 255]
    return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
  }
}
