/** The files of /proc/net. */
import { maskOf, parseV4, plainAddress } from '#engine/linux/net/address'
import type { NetNamespace } from '#engine/linux/net/namespace'
import type { UnixSockets } from '#engine/linux/net/unix'

type Render = (namespace: NetNamespace, unix: UnixSockets) => string

const files: Readonly<Record<string, Render>> = {
  dev: (namespace) => {
    const lines = [...namespace.interfaces.values()].map(({ name, counters }) => `${name.padStart(6)}: ${String(counters.rxBytes).padStart(7)} ${String(counters.rxPackets).padStart(7)}    0    0    0     0          0         0 ${String(counters.txBytes).padStart(8)} ${String(counters.txPackets).padStart(7)}    0    0    0     0       0          0\n`)
    return `Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n${lines.join('')}`
  },
  route: (namespace) => {
    const lines = namespace.routes.list().filter((route) => route.device).map((route) => {
      const flags = route.gateway === undefined ? '0001' : '0003'
      return `${route.device?.name}\t${hex(route.destination.address)}\t${hex(route.gateway ?? 0)}\t${flags}\t0\t0\t${route.metric}\t${hex(maskOf(route.destination.length))}\t0\t0\t0${' '.repeat(31)}\n`
    })
    return `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT${' '.repeat(55)}\n${lines.join('')}`
  },
  tcp: (namespace) => {
    const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n'
    const listening = namespace.sockets.listeners().filter((each) => !each.address.includes(':')).map((each) => ({ local: endpoint(each.address, each.port), remote: '00000000:0000', state: '0A', uid: each.owner.uid, inode: each.inode }))
    const open = [...namespace.sockets.connections].map((end) => ({ local: endpoint(end.local.address, end.local.port), remote: endpoint(end.remote.address, end.remote.port), state: '01', uid: end.owner.uid, inode: end.inode }))
    return header + [...listening, ...open].map((each, index) => `${String(index).padStart(4)}: ${each.local} ${each.remote} ${each.state} 00000000:00000000 00:00000000 00000000 ${String(each.uid).padStart(5)}        0 ${each.inode} 1 0000000000000000 100 0 0 10 0\n`).join('')
  },
  unix: (_, unix) => `Num       RefCount Protocol Flags    Type St Inode Path\n${unix.list().map((each) => `0000000000000000: 00000002 00000000 00010000 0001 01 ${each.inode} ${each.path}\n`).join('')}`,
  if_inet6: () => '',
  ip_tables_names: () => 'filter\nnat\nmangle\n',
}

export const procNetNames: readonly string[] = Object.keys(files)

export function procNet(namespace: NetNamespace, file: string, unix: UnixSockets): string | undefined {
  return files[file]?.(namespace, unix)
}

function hex(address: number): string {
  return [address & 255, (address >>> 8) & 255, (address >>> 16) & 255, address >>> 24].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('')
}

function endpoint(address: string, port: number): string {
  return `${hex(parseV4(plainAddress(address)) ?? 0)}:${port.toString(16).padStart(4, '0').toUpperCase()}`
}
