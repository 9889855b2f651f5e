/** `lsof -i`: sockets of the network, by protocol, address, port and state. */
import type { Process } from '#engine/linux/abi/process'
import { userName } from '#engine/linux/users/accounts'
import { type SocketRow, socketRows } from '#engine/programs/common/socketrows'

export interface InternetWishes {
  /** `[46][tcp|udp][@host][:ports]`; empty for all. */
  readonly filter: string
  /** `TCP:LISTEN`. */
  readonly state: string | undefined
  readonly numericPorts: boolean
  readonly numericHosts: boolean
  readonly terse: boolean
}

const states: Readonly<Record<string, string>> = { ESTAB: 'ESTABLISHED', 'CLOSE-WAIT': 'CLOSE_WAIT', 'TIME-WAIT': 'TIME_WAIT', 'FIN-WAIT-2': 'FIN_WAIT2', 'LAST-ACK': 'LAST_ACK' }

export async function listInternet(process: Process, wishes: InternetWishes): Promise<number> {
  const wanted = selector(process, wishes)
  const found = socketRows(process).filter((row) => row.owner !== undefined && wanted(row)).sort((a, b) => (a.owner?.pid ?? 0) - (b.owner?.pid ?? 0) || a.inode - b.inode)
  if (found.length === 0) return 1
  if (wishes.terse) {
    await process.stdout.write([...new Set(found.map((row) => row.owner?.pid))].map((pid) => `${pid}\n`).join(''))
    return 0
  }
  const uids = new Map(process.processes().map((entry) => [entry.pid, entry.uid]))
  const user = (pid: number): string => userName(process.files, uids.get(pid) ?? 0)
  const cells = found.map((row) => [row.owner?.command.slice(0, 9) ?? '', String(row.owner?.pid), user(row.owner?.pid ?? 0), `${3 + (row.inode % 7)}u`, row.local[0] === '*' ? 'IPv6' : 'IPv4', String(row.inode), '0t0', row.netid.toUpperCase(), nameOf(process, row, wishes)])
  await process.stdout.write(render(cells))
  return 0
}

function render(cells: readonly (readonly string[])[]): string {
  const heads = ['COMMAND', 'PID', 'USER', 'FD', 'TYPE', 'DEVICE', 'SIZE/OFF', 'NODE', 'NAME']
  const rows = [heads, ...cells]
  const widths = heads.map((_, index) => Math.max(...rows.map((row) => (row[index] ?? '').length)))
  const left = new Set([0])
  // A descriptor's letters stand in a column of their own.
  const padded = (row: readonly string[]): string[] => row.map((cell, index) => {
    const width = widths[index] ?? 0
    if (index === row.length - 1) return cell
    if (index === 3) return row === heads ? `${cell.padStart(4)}  ` : `${cell.padStart(5)} `
    return left.has(index) ? cell.padEnd(Math.max(width, 9)) : cell.padStart(width)
  })
  return rows.map((row) => `${padded(row).join(' ')}\n`).join('')
}

function selector(process: Process, { filter, state }: InternetWishes): (row: SocketRow) => boolean {
  const [, version = '', protocol = '', host, port] = /^([46]?)(tcp|udp)?(?:@([^:]*))?(?::(.*))?$/i.exec(filter) ?? []
  const ports = port === undefined || port === '' ? undefined : port.split(',').map((each) => range(process, each))
  const stateWanted = state?.split(':')[1]?.toUpperCase()
  const isOfFamily = (row: SocketRow): boolean => version === '' || (row.local[0] === '*') === (version === '6')
  const isOfProtocol = (row: SocketRow): boolean => protocol === '' || row.netid === protocol.toLowerCase()
  const isOfHost = (row: SocketRow): boolean => host === undefined || host === '' || row.local[0] === host || row.peer[0] === host
  const isOfPort = (row: SocketRow): boolean => ports === undefined || ports.some(([from, to]) => [row.local[1], row.peer[1]].some((each) => Number(each) >= from && Number(each) <= to))
  const isInState = (row: SocketRow): boolean => stateWanted === undefined || row.netid !== 'tcp' || (states[row.state] ?? row.state) === stateWanted
  return (row) => [isOfFamily, isOfProtocol, isOfHost, isOfPort, isInState].every((test) => test(row))
}

function range(process: Process, text: string): readonly [number, number] {
  const [from = '', to = from] = text.split('-')
  const number = (word: string): number => (/^\d+$/.test(word) ? Number(word) : (services(process).find(([name]) => name === word)?.[1] ?? -1))
  return [number(from), number(to)]
}

function nameOf(process: Process, row: SocketRow, wishes: InternetWishes): string {
  const port = (text: string): string => (wishes.numericPorts ? text : (services(process).find(([, number, protocol]) => String(number) === text && protocol === row.netid)?.[0] ?? text))
  const host = (text: string): string => (wishes.numericHosts ? text : hostName(process, text))
  const local = `${row.local[0] === '*' || row.local[0] === '0.0.0.0' ? '*' : host(row.local[0])}:${port(row.local[1])}`
  const peer = row.peer[1] === '*' ? '' : `->${host(row.peer[0])}:${port(row.peer[1])}`
  return `${local}${peer}${row.netid === 'tcp' ? ` (${states[row.state] ?? row.state})` : ''}`
}

function hostName(process: Process, address: string): string {
  const line = process.files.exists('/etc/hosts') ? process.files.readText('/etc/hosts').split('\n').find((each) => each.split(/\s+/)[0] === address) : undefined
  return line?.split(/\s+/)[1] ?? address
}

function services(process: Process): (readonly [string, number, string])[] {
  if (!process.files.exists('/etc/services')) return []
  return process.files.readText('/etc/services').split('\n').flatMap((line) => {
    const [, name, port, protocol] = /^([^#\s]+)\s+(\d+)\/(\w+)/.exec(line) ?? []
    return name === undefined ? [] : [[name, Number(port), protocol ?? ''] as const]
  })
}
