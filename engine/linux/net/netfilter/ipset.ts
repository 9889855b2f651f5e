/** Sets of addresses, networks and ports, as ipset keeps them and `-m set` asks them. */
import { contains, parsePrefix, parseV4 } from '#engine/linux/net/address'
import { type Packet, protocolNumbers } from '#engine/linux/net/packet'

export interface IpSet {
  readonly name: string
  /** `hash:ip`, `hash:net`, `hash:ip,port`, `bitmap:port` ... */
  readonly type: string
  readonly options: string
  readonly entries: Set<string>
}

export class IpSets {
  readonly sets = new Map<string, IpSet>()

  contains(name: string, directions: readonly ('src' | 'dst')[], packet: Packet): boolean {
    const found = this.sets.get(name)
    if (!found) return false
    const parts = found.type.split(':')[1]?.split(',') ?? []
    for (const entry of found.entries) if (entryMatches(entry, parts, directions, packet)) return true
    return false
  }
}

function entryMatches(entry: string, parts: readonly string[], directions: readonly ('src' | 'dst')[], packet: Packet): boolean {
  const values = entry.split(',')
  return parts.every((part, index) => {
    const value = values[index] ?? ''
    const direction = directions[index] ?? directions.at(-1) ?? 'src'
    if (part === 'port') return portMatches(value, direction === 'src' ? packet.sourcePort : packet.destinationPort, packet)
    const address = direction === 'src' ? packet.source : packet.destination
    if (part === 'net') {
      const prefix = parsePrefix(value)
      return prefix !== undefined && contains(prefix, address)
    }
    return parseV4(value) === address
  })
}

function portMatches(value: string, port: number, packet: Packet): boolean {
  const [protocol, number] = value.includes(':') ? value.split(':') : ['tcp', value]
  return Number(number) === port && (protocol === packet.protocol || protocol === String(protocolNumbers[packet.protocol]))
}
