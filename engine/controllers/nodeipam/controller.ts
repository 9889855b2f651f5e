/** node-ipam-controller: gives each node its share of the pods' address range. */
import { parse as parseIp, type IPv4, type IPv6 } from 'ipaddr.js'
import type { Node } from '#engine/api/kinds'
import { keyOf } from '#engine/api/object'
import { nodes } from '#engine/client/resources'
import { type Controller, informersOf, startQueue } from '#engine/controllers/controller'

export const nodeIpamController: Controller = {
  name: 'node-ipam-controller',
  aliases: ['nodeipam'],
  account: 'node-controller',
  start(context) {
    const { options } = context
    if (!options.allocateNodeCidrs || options.clusterCidrs.length === 0) return
    const ranges = options.clusterCidrs.map((cidr) => new CidrRange(cidr, cidr.includes(':') ? options.nodeCidrMaskSizeIpv6 : options.nodeCidrMaskSizeIpv4))
    for (const cidr of options.serviceCidrs) for (const range of ranges) range.exclude(cidr)
    const events = context.events('cidrAllocator')
    const informer = context.informers.of(nodes)
    const occupy = (node: Node): void => (node.spec?.podCIDRs ?? []).forEach((cidr, index) => ranges[index]?.occupy(cidr))
    const queue = startQueue(context, 'node-ipam-controller', informersOf(informer), async (key) => {
      const node = informer.store.byKey(key)
      if (!node || (node.spec?.podCIDRs?.length ?? 0) > 0) return
      const cidrs = ranges.map((range) => range.allocate())
      if (cidrs.some((cidr) => cidr === undefined)) {
        for (const [index, cidr] of cidrs.entries()) if (cidr !== undefined) ranges[index]?.release(cidr)
        events.event(node, 'Normal', 'CIDRNotAvailable', `Node ${key} status is now: CIDRNotAvailable`)
        throw new Error('CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range')
      }
      await context.client.of(nodes).patch('', key, 'strategic', { spec: { podCIDR: cidrs[0], podCIDRs: cidrs } })
    }, { workers: 1 })
    informer.addHandlers({
      added: (node) => {
        occupy(node)
        queue.add(keyOf(node))
      },
      updated: (node) => (node.spec?.podCIDRs?.length ?? 0) === 0 && queue.add(keyOf(node)),
      deleted: (node) => (node.spec?.podCIDRs ?? []).forEach((cidr, index) => ranges[index]?.release(cidr)),
    })
  },
}

/** Networks of one size out of a larger one, in turn: a released one is not given out again at once. */
class CidrRange {
  private readonly base: bigint
  private readonly bits: number
  private readonly count: number
  private readonly used = new Set<number>()
  private next = 0

  constructor(
    cidr: string,
    private readonly maskSize: number,
  ) {
    const [address = '', prefix = '0'] = cidr.split('/')
    const parsed = parseIp(address)
    this.bits = parsed.kind() === 'ipv6' ? 128 : 32
    this.base = (toNumber(parsed) >> BigInt(this.bits - Number(prefix))) << BigInt(this.bits - Number(prefix))
    this.count = 2 ** Math.max(0, Math.min(30, maskSize - Number(prefix)))
  }

  allocate(): string | undefined {
    for (let tried = 0; tried < this.count; tried++) {
      const index = (this.next + tried) % this.count
      if (this.used.has(index)) continue
      this.used.add(index)
      this.next = (index + 1) % this.count
      return `${this.text(index)}/${this.maskSize}`
    }
    return undefined
  }

  occupy(cidr: string): void {
    const index = this.indexOf(cidr)
    if (index !== undefined) this.used.add(index)
  }

  release(cidr: string): void {
    const index = this.indexOf(cidr)
    if (index !== undefined) this.used.delete(index)
  }

  /** Never gives out what lies in another range (that of services). */
  exclude(cidr: string): void {
    const [address = '', prefix = '0'] = cidr.split('/')
    const parsed = parseIp(address)
    if ((parsed.kind() === 'ipv6' ? 128 : 32) !== this.bits) return
    const start = toNumber(parsed)
    const end = start + (1n << BigInt(this.bits - Number(prefix))) - 1n
    const size = 1n << BigInt(this.bits - this.maskSize)
    const limit = this.base + size * BigInt(this.count)
    for (let at = start < this.base ? this.base : start; at <= end && at < limit; at += size) this.used.add(Number((at - this.base) / size))
  }

  private indexOf(cidr: string): number | undefined {
    const offset = toNumber(parseIp(cidr.split('/')[0] ?? '')) - this.base
    const index = Number(offset >> BigInt(this.bits - this.maskSize))
    return offset >= 0n && index < this.count ? index : undefined
  }

  private text(index: number): string {
    const value = this.base + (BigInt(index) << BigInt(this.bits - this.maskSize))
    if (this.bits === 32) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')
    const groups = Array.from({ length: 8 }, (_, group) => ((value >> BigInt(112 - group * 16)) & 0xffffn).toString(16))
    return parseIp(groups.join(':')).toString()
  }
}

function toNumber(address: IPv4 | IPv6): bigint {
  return address.toByteArray().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
}
