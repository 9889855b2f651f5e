/** `host-local`: addresses out of ranges of the configuration, kept as files below /var/lib/cni/networks. */
import type { Files } from '#engine/linux/abi/files'
import { networkOf, parsePrefix, parseV4, type Prefix, printPrefix, printV4 } from '#engine/linux/net/address'
import { type CniCall, CniError, type CniIp, type CniPlugin } from '#engine/network/cni/protocol'

interface Range {
  readonly subnet: Prefix
  readonly start: number
  readonly end: number
  readonly gateway: number
}

interface IpamConfig {
  readonly subnet?: string
  readonly rangeStart?: string
  readonly rangeEnd?: string
  readonly gateway?: string
  readonly ranges?: readonly (readonly { readonly subnet: string; readonly rangeStart?: string; readonly rangeEnd?: string; readonly gateway?: string }[])[]
  readonly routes?: readonly { readonly dst: string; readonly gw?: string }[]
  readonly dataDir?: string
}

function rangesOf(ipam: IpamConfig): Range[] {
  const sets = ipam.ranges ?? (ipam.subnet === undefined ? [] : [[{ ...ipam, subnet: ipam.subnet }]])
  const all = sets.map((set) => set[0]).filter((each) => each !== undefined)
  if (all.length === 0) throw new CniError(7, 'no IP ranges specified')
  return all.filter((each) => !each.subnet.includes(':')).map(rangeOf)
}

function rangeOf(given: NonNullable<IpamConfig['ranges']>[number][number]): Range {
  const parsed = parsePrefix(given.subnet)
  if (!parsed || !given.subnet.includes('/')) throw new CniError(7, `invalid CIDR ${given.subnet}`)
  const subnet = networkOf(parsed)
  const last = subnet.address + 2 ** (32 - subnet.length) - 2
  const gateway = parseV4(given.gateway ?? '') ?? subnet.address + 1
  return { subnet, gateway, start: parseV4(given.rangeStart ?? '') ?? subnet.address + 1, end: parseV4(given.rangeEnd ?? '') ?? last }
}

class Store {
  private readonly directory: string

  constructor(private readonly files: Files, call: CniCall) {
    const ipam = (call.config.ipam ?? {}) as IpamConfig
    this.directory = `${ipam.dataDir ?? '/var/lib/cni/networks'}/${call.config.name}`
    files.mkdirAll(this.directory, 0o755)
    if (!files.exists(`${this.directory}/lock`)) files.writeFile(`${this.directory}/lock`, '', 0o600)
  }

  owned(owner: string): string[] {
    return this.files.readDirectory(this.directory).filter((entry) => parseV4(entry.name) !== undefined && this.files.readText(`${this.directory}/${entry.name}`).trim() === owner).map((entry) => entry.name)
  }

  /** The next free address after the one given last, around the range. */
  take(range: Range, index: number, owner: string): number {
    const marker = `${this.directory}/last_reserved_ip.${index}`
    const last = this.files.exists(marker) ? parseV4(this.files.readText(marker).trim()) : undefined
    const size = range.end - range.start + 1
    const from = last !== undefined && last >= range.start && last < range.end ? last + 1 - range.start : 0
    for (let step = 0; step < size; step++) {
      const candidate = range.start + ((from + step) % size)
      const path = `${this.directory}/${printV4(candidate)}`
      if (candidate === range.gateway || this.files.exists(path)) continue
      this.files.writeFile(path, owner, 0o644)
      this.files.writeFile(marker, printV4(candidate), 0o644)
      return candidate
    }
    throw new CniError(11, `failed to allocate for range ${index}: no IP addresses available in range set: ${printV4(range.start)}-${printV4(range.end)}`)
  }

  release(owner: string): void {
    for (const name of this.owned(owner)) this.files.unlink(`${this.directory}/${name}`)
  }
}

function ownerOf(call: CniCall): string {
  return `${call.containerId}\r\n${call.ifName}`
}

export const hostLocal: CniPlugin = {
  add(call) {
    const ipam = (call.config.ipam ?? {}) as IpamConfig
    const store = new Store(call.process.files, call)
    const owner = ownerOf(call)
    const ips: CniIp[] = rangesOf(ipam).map((range, index) => {
      const address = store.take(range, index, owner)
      return { address: printPrefix({ address, length: range.subnet.length }), gateway: printV4(range.gateway) }
    })
    return Promise.resolve({ cniVersion: call.config.cniVersion ?? '1.0.0', ips, ...(ipam.routes ? { routes: ipam.routes } : {}), dns: {} })
  },
  del(call) {
    new Store(call.process.files, call).release(ownerOf(call))
    return Promise.resolve()
  },
}
