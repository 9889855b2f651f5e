/** Network interfaces: the loopback, a machine's card on a switch, ends of a virtual cable, bridges and dummies. */
import type { Prefix } from '#engine/linux/net/address'
import type { Segment } from '#engine/linux/net/fabric'
import type { NetNamespace } from '#engine/linux/net/namespace'

export type InterfaceKind = 'loopback' | 'ethernet' | 'veth' | 'bridge' | 'dummy' | 'vxlan'

export interface InterfaceAddress extends Prefix {
  readonly scope: 'global' | 'host' | 'link'
  readonly broadcast?: number
  readonly label: string
}

export interface InterfaceCounters {
  rxBytes: number
  rxPackets: number
  txBytes: number
  txPackets: number
}

export class Interface {
  up = false
  mtu: number
  addresses: InterfaceAddress[] = []
  /** The bridge this is a port of. */
  master: Interface | undefined
  /** The other end of a veth. */
  peer: Interface | undefined
  /** The switch a card is plugged into. */
  segment: Segment | undefined
  /** Ports, for a bridge. */
  readonly ports = new Set<Interface>()
  readonly counters: InterfaceCounters = { rxBytes: 0, rxPackets: 0, txBytes: 0, txPackets: 0 }
  hairpin = false
  promiscuous = false

  constructor(
    public namespace: NetNamespace,
    public name: string,
    readonly kind: InterfaceKind,
    public index: number,
    public mac: string,
  ) {
    this.mtu = kind === 'loopback' ? 65536 : 1500
  }

  /** Whether packets can pass: up, and for a cable, its other end up too. */
  get carrier(): boolean {
    if (!this.up) return false
    if (this.kind === 'veth') return this.peer?.up ?? false
    if (this.kind === 'bridge') return [...this.ports].some((port) => port.up)
    return this.kind !== 'ethernet' || this.segment !== undefined
  }

  hasAddress(address: number): boolean {
    return this.addresses.some((each) => each.address === address)
  }
}
