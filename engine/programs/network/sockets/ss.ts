/** `ss` and `netstat`: sockets of the namespace. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import { parsePrefix, contains, parseV4, plainAddress, printV4 } from '#engine/linux/net/address'
import { type SocketRow as Row, socketRows as rows } from '#engine/programs/common/socketrows'
import { namespaceOf } from '../namespace'

const known = /^(-[hVnralomepiszTEbZtuMSwdx046KHO]+|--(help|version|numeric|resolve|all|listening|options|memory|extended|processes|threads|info|tcp|udp|unix|summary|no-header|oneline|ipv4|ipv6|raw|packet|dccp|sctp|vsock|mptcp|tos|cgroup|context|contexts|kill|events|bpf))$/
const usage = 'Usage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n'
const families = ['inet', 'inet6', 'link', 'unix', 'netlink', 'vsock', 'tipc', 'xdp']
const tables = ['all', 'inet', 'tcp', 'mptcp', 'udp', 'raw', 'unix', 'unix_dgram', 'unix_stream', 'unix_seqpacket', 'packet', 'packet_raw', 'packet_dgram', 'netlink', 'dccp', 'sctp', 'vsock_stream', 'vsock_dgram', 'tipc', 'xdp']
const states: Readonly<Record<string, string>> = { listening: 'LISTEN', established: 'ESTAB', 'syn-sent': 'SYN-SENT', 'syn-recv': 'SYN-RECV', 'fin-wait-1': 'FIN-WAIT-1', 'fin-wait-2': 'FIN-WAIT-2', 'time-wait': 'TIME-WAIT', closed: 'UNCONN', unconnected: 'UNCONN', 'close-wait': 'CLOSE-WAIT', 'last-ack': 'LAST-ACK', closing: 'CLOSING' }
const stateGroups = ['all', 'connected', 'synchronized', 'bucket', 'big', 'established']

/** Wrong usage, with its exit code. */
class SsError extends Error {
  constructor(
    message: string,
    readonly exit = 255,
  ) {
    super(message)
  }
}

export const ss: Program = {
  name: 'ss',
  unsupported: 'timers, memory, tcp internals; filters by state, address and port only',
  async run(process) {
    try {
      return await show(process, process.argv.slice(1))
    } catch (error) {
      if (!(error instanceof SsError)) throw error
      await process.stderr.write(error.message)
      return error.exit
    }
  },
}

/** `-f FAMILY` and `-A TABLES` taken out; the letters and the filter stay. */
function withoutValues(args: readonly string[]): { words: string[]; tables: readonly string[] } {
  const words: string[] = []
  const chosen: string[] = []
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [, name, inline] = /^(-f|-A|--family|--query|--socket)(?:=?(.+))?$/.exec(arg) ?? []
    if (name === undefined) words.push(arg)
    else if (name === '-f' || name === '--family') checkFamily(inline ?? rest.shift() ?? '')
    else chosen.push(...(inline ?? rest.shift() ?? '').split(','))
  }
  const bad = chosen.find((table) => !tables.includes(table))
  if (bad !== undefined) throw new SsError(`ss: "${bad}" is illegal socket table id\n${usage}`)
  return { words, tables: chosen }
}

function checkFamily(name: string): void {
  if (!families.includes(name)) throw new SsError(`ss: "${name}" is invalid family\n${usage}`)
}

function checkOption(arg: string): void {
  if (!arg.startsWith('-') || known.test(arg)) return
  const letter = [...arg.slice(1)].find((each) => !known.test(`-${each}`)) ?? ''
  throw new SsError(`ss: ${arg.startsWith('--') ? `unrecognized option '${arg}'` : `invalid option -- '${letter}'`}\n${usage}`)
}

const helpText = `${usage}   -h, --help          this message\n   -V, --version       output version information\n   -n, --numeric       don't resolve service names\n   -a, --all           display all sockets\n   -l, --listening     display listening sockets\n   -p, --processes     show process using socket\n   -s, --summary       show socket usage summary\n   -t, --tcp           display only TCP sockets\n   -u, --udp           display only UDP sockets\n   -x, --unix          display only Unix domain sockets\n   -H, --no-header     Suppress header line\n`

async function show(process: Process, args: readonly string[]): Promise<number> {
  const { words, tables: asked } = withoutValues(args)
  for (const word of words) checkOption(word)
  const has = (letter: string, long: string): boolean => words.some((arg) => arg === `--${long}` || (/^-[^-]/.test(arg) && arg.includes(letter)))
  if (has('V', 'version')) return process.stdout.write('ss utility, iproute2-6.1.0\n').then(() => 0)
  if (has('h', 'help')) return process.stdout.write(helpText).then(() => 0)
  if (has('s', 'summary')) return summary(process)
  const types = typesOf(has, asked)
  const filter = words.filter((arg) => !arg.startsWith('-')).join(' ')
  const stateFilter = /\bstate\s+(\S+)/.exec(filter)?.[1]
  if (stateFilter !== undefined && states[stateFilter] === undefined && !stateGroups.includes(stateFilter)) throw new SsError(`ss: wrong state name: ${stateFilter}\n`)
  const terms = filter.replace(/\bstate\s+\S+/, '').trim()
  checkFilter(terms)
  const wanted = rows(process).filter((row) => (types.size === 0 || types.has(row.netid)) && inState(row, stateFilter, has('l', 'listening'), has('a', 'all')) && matches(row, terms))
  await process.stdout.write(render(wanted, { netid: types.size !== 1 || types.has('u_str'), state: stateFilter === undefined, header: !has('H', 'no-header'), process: has('p', 'processes') }))
  return 0
}

function typesOf(has: (letter: string, long: string) => boolean, asked: readonly string[]): ReadonlySet<string> {
  const named: Readonly<Record<string, readonly string[]>> = { tcp: ['tcp'], udp: ['udp'], inet: ['tcp', 'udp'], unix: ['u_str'], unix_stream: ['u_str'] }
  return new Set([...(has('t', 'tcp') ? ['tcp'] : []), ...(has('u', 'udp') ? ['udp'] : []), ...(has('x', 'unix') ? ['u_str'] : []), ...asked.flatMap((table) => named[table] ?? [])])
}

/** What is no filter, or has no port where one belongs. */
function checkFilter(terms: string): void {
  const word = terms.split(/\s+/)[0] ?? ''
  if (word !== '' && !/^(sport|dport|src|dst|not|!|\(|and|or|dev|autobound)/.test(word)) throw new SsError(`Error: an inet prefix is expected rather than "${word}".\nCannot parse dst/src address.\n`, 1)
  for (const [, text = ''] of terms.matchAll(/[sd]port\s*(?:==?|!=|eq|neq|>=|<=|[gl][et]|>|<)?\s*(\S+)/g)) {
    const port = text.replace(/^.*:/, '')
    if (Number.isNaN(portNumber(port))) throw new SsError(`Error: "${port}" does not look like a port.\nCannot parse dst/src address.\n`, 1)
  }
}

function inState(row: Row, wanted: string | undefined, listening: boolean, all: boolean): boolean {
  const open = row.state !== 'LISTEN' && row.state !== 'UNCONN'
  if (wanted === 'connected' || wanted === 'synchronized') return open
  if (wanted !== undefined) return wanted === 'all' || states[wanted] === row.state
  return all || (listening ? !open : open)
}

/** `sport = :80`, `dport = :443`, `dst 10.0.0.0/8`, joined by `and`, `or`. */
function matches(row: Row, filter: string): boolean {
  if (filter === '') return true
  return filter.replace(/[()]/g, ' ').split(/\s+or\s+/).some((part) => part.split(/\s+and\s+|\s+(?=(?:sport|dport|src|dst)\b)/).every((term) => matchesTerm(row, term.trim())))
}

function matchesTerm(row: Row, term: string): boolean {
  const match = /^(not\s+|!\s*)?(sport|dport|src|dst)\s*(=|==|!=|eq|neq|>=|<=|ge|le|gt|lt|>|<)?\s*(\S+)$/.exec(term)
  if (!match) return term === ''
  const [, not, field = '', operator = '=', value = ''] = match
  const side = field === 'sport' || field === 'src' ? row.local : row.peer
  const ok = field.endsWith('port') ? comparePort(Number(side[1]), operator, portNumber(value.replace(/^.*:/, ''))) : hostMatches(side[0], value)
  return not === undefined ? ok : !ok
}

const names: Readonly<Record<string, number>> = { http: 80, https: 443, ssh: 22, domain: 53 }

function portNumber(text: string): number {
  return names[text] ?? Number(text)
}

function comparePort(port: number, operator: string, value: number): boolean {
  switch (operator) {
    case '!=': case 'neq': return port !== value
    case '>=': case 'ge': return port >= value
    case '<=': case 'le': return port <= value
    case '>': case 'gt': return port > value
    case '<': case 'lt': return port < value
    default: return port === value
  }
}

function hostMatches(address: string, value: string): boolean {
  const [host = ''] = value.split(':')
  const prefix = parsePrefix(host)
  const own = parseV4(plainAddress(address))
  return prefix !== undefined && own !== undefined && contains(prefix, own)
}

function users(row: Row): string {
  return row.owner === undefined ? '' : `users:(("${row.owner.command.slice(0, 15)}",pid=${row.owner.pid},fd=${3 + (row.inode % 7)}))`
}

function render(list: readonly Row[], columns: { readonly netid: boolean; readonly state: boolean; readonly header: boolean; readonly process: boolean }): string {
  const cells = list.map((row) => ({ netid: row.netid, state: row.state, receive: String(row.receive), send: String(row.send), local: `${row.local[0]}:`, localPort: row.local[1], peer: `${row.peer[0]}:`, peerPort: row.peer[1], process: columns.process ? users(row) : '' }))
  const header = { netid: 'Netid', state: 'State', receive: 'Recv-Q', send: 'Send-Q', local: 'Local Address:', localPort: 'Port', peer: 'Peer Address:', peerPort: 'Port', process: 'Process' }
  const all = [header, ...cells]
  const width = (key: keyof typeof header): number => Math.max(...all.map((each) => each[key].length))
  const widths = Object.fromEntries(Object.keys(header).map((key) => [key, width(key as keyof typeof header)])) as Record<keyof typeof header, number>
  const line = (each: typeof header): string => [
    ...(columns.netid ? [`${each.netid.padEnd(widths.netid)} `] : []), ...(columns.state ? [`${each.state.padEnd(widths.state)} `] : []), `${each.receive.padEnd(widths.receive)} `, `${each.send.padEnd(widths.send)} `,
    each.local.padStart(widths.local), `${each.localPort.padEnd(widths.localPort)} `, each.peer.padStart(widths.peer), each.peerPort.padEnd(widths.peerPort), each.process.padEnd(widths.process),
  ].join('')
  return (columns.header ? all : cells).map((each) => `${line(each)}\n`).join('')
}

async function summary(process: Process): Promise<number> {
  const list = rows(process)
  const tcp = list.filter((row) => row.netid === 'tcp')
  const udp = list.length - tcp.length
  const cell = (value: number): string => String(value).padEnd(10)
  await process.stdout.write(`Total: ${list.length}\nTCP:   ${tcp.length} (estab ${tcp.filter((row) => row.state === 'ESTAB').length}, closed 0, orphaned 0, timewait 0)\n\nTransport Total     IP        IPv6\nRAW\t  ${cell(0)}${cell(0)}${'0'.padEnd(9)}\nUDP\t  ${cell(udp)}${cell(udp)}${'0'.padEnd(9)}\nTCP\t  ${cell(tcp.length)}${cell(tcp.length)}${'0'.padEnd(9)}\nINET\t  ${cell(list.length)}${cell(list.length)}${'0'.padEnd(9)}\nFRAG\t  ${cell(0)}${cell(0)}${'0'.padEnd(9)}\n\n`)
  return 0
}

const netstatStates: Readonly<Record<string, string>> = { LISTEN: 'LISTEN', ESTAB: 'ESTABLISHED', 'CLOSE-WAIT': 'CLOSE_WAIT', 'FIN-WAIT-2': 'FIN_WAIT2', 'LAST-ACK': 'LAST_ACK', UNCONN: '' }

/** The column is twenty wide, and what does not fit is cut. */
function program({ owner }: Row): string {
  return owner === undefined ? '-' : `${owner.pid}/${owner.title}`.slice(0, 20)
}

export const netstat: Program = {
  name: 'netstat',
  async run(process) {
    const flags = process.argv.slice(1).join('')
    if (flags.includes('r')) return routes(process)
    if (flags.includes('i')) return interfaces(process)
    const tcp = flags.includes('t') || !flags.includes('u')
    const udp = flags.includes('u') || !flags.includes('t')
    const listening = flags.includes('l')
    const all = flags.includes('a')
    const owners = flags.includes('p')
    const list = rows(process).filter((row) => (row.netid === 'tcp' ? tcp : udp) && (all || (listening ? /LISTEN|UNCONN/.test(row.state) : !/LISTEN|UNCONN/.test(row.state))))
    const what = all ? '(servers and established)' : listening ? '(only servers)' : '(w/o servers)'
    const proto = (row: Row): string => (row.local[0] === '*' ? `${row.netid}6` : row.netid)
    const place = ([address, port]: readonly [string, string]): string => `${address === '*' ? '::' : address}:${port}`
    const line = (row: Row): string => `${proto(row).padEnd(5)} ${String(row.receive).padStart(6)} ${String(row.state === 'LISTEN' ? 0 : row.send).padStart(6)} ${place(row.local).padEnd(23)} ${place(row.peer).padEnd(23)} ${(netstatStates[row.state] ?? row.state).padEnd(11)} ${owners ? program(row).padEnd(20) : ''}\n`
    await process.stdout.write(`Active Internet connections ${what}\nProto Recv-Q Send-Q Local Address           Foreign Address         State      ${owners ? ' PID/Program name    ' : ' '}\n`.replace(/ +\n$/, owners ? ' \n' : '      \n') + list.map(line).join(''))
    return 0
  },
}

async function routes(process: Process): Promise<number> {
  await process.stdout.write(routeTable(process, 'Kernel IP routing table\nDestination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n', (flags, device) => `${flags.padEnd(5)}     0 0          0 ${device}`))
  return 0
}

function routeTable(process: Process, header: string, tail: (flags: string, device: string, metric: number) => string): string {
  const lines = namespaceOf(process).routes.list().map((route) => {
    const mask = route.destination.length === 0 ? 0 : (0xffffffff << (32 - route.destination.length)) >>> 0
    const flags = `U${route.gateway === undefined ? '' : 'G'}${route.destination.length === 32 ? 'H' : ''}`
    return `${printV4(route.destination.address).padEnd(15)} ${printV4(route.gateway ?? 0).padEnd(15)} ${printV4(mask).padEnd(15)} ${tail(flags, route.device?.name ?? '*', route.metric)}\n`
  })
  return header + [...lines].reverse().join('')
}

export const route: Program = {
  name: 'route',
  unsupported: 'only printing; use ip route',
  async run(process) {
    if (process.argv.slice(1).some((arg) => !arg.startsWith('-'))) {
      await process.stderr.write('route: changing routes is not supported in this simulation: use ip route\n')
      return 1
    }
    await process.stdout.write(routeTable(process, 'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n', (flags, device, metric) => `${flags.padEnd(5)} ${String(metric).padEnd(6)} 0        0 ${device}`))
    return 0
  },
}

async function interfaces(process: Process): Promise<number> {
  const lines = [...namespaceOf(process).interfaces.values()].map((device) => `${device.name.padEnd(8)} ${String(device.mtu).padStart(5)} ${String(device.counters.rxPackets).padStart(8)}      0      0 0      ${String(device.counters.txPackets).padStart(8)}      0      0      0 ${device.kind === 'loopback' ? 'LRU' : 'BMRU'}\n`)
  await process.stdout.write(`Kernel Interface table\nIface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n${lines.join('')}`)
  return 0
}

export const ifconfig: Program = {
  name: 'ifconfig',
  unsupported: 'only showing; use ip addr, ip link',
  async run(process) {
    const [name, ...rest] = process.argv.slice(1).filter((arg) => arg !== '-a')
    const namespace = namespaceOf(process)
    if (rest.length > 0) {
      await process.stderr.write('ifconfig: changes are not supported in this simulation: use ip\n')
      return 1
    }
    if (name !== undefined && !namespace.interfaces.has(name)) {
      await process.stderr.write(`${name}: error fetching interface information: Device not found\n`)
      return 1
    }
    for (const device of namespace.interfaces.values()) {
      if (name !== undefined ? device.name !== name : !device.up) continue
      const loopback = device.kind === 'loopback'
      const inet = device.addresses.map((each) => `        inet ${printV4(each.address)}  netmask ${printV4(each.length === 0 ? 0 : (0xffffffff << (32 - each.length)) >>> 0)}${each.broadcast === undefined ? '' : `  broadcast ${printV4(each.broadcast)}`}\n`).join('')
      const { counters } = device
      await process.stdout.write(`${device.name}: flags=${loopback ? '73<UP,LOOPBACK,RUNNING>' : '4163<UP,BROADCAST,RUNNING,MULTICAST>'}  mtu ${device.mtu}\n${inet}        ${loopback ? 'loop' : `ether ${device.mac}`}  txqueuelen 1000  (${loopback ? 'Local Loopback' : 'Ethernet'})\n        RX packets ${counters.rxPackets}  bytes ${counters.rxBytes} (${(counters.rxBytes / 1024).toFixed(1)} KiB)\n        RX errors 0  dropped 0  overruns 0  frame 0\n        TX packets ${counters.txPackets}  bytes ${counters.txBytes} (${(counters.txBytes / 1024).toFixed(1)} KiB)\n        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0\n\n`)
    }
    return 0
  },
}

export const arp: Program = {
  name: 'arp',
  async run(process) {
    const lines = [...namespaceOf(process).interfaces.values()].flatMap((device) => [...(device.segment?.cards ?? [])].filter((card) => card !== device && card.up).flatMap((card) => card.addresses.map((each) => `${printV4(each.address).padEnd(24)} ether   ${card.mac}   C                     ${device.name}\n`)))
    await process.stdout.write(`Address                  HWtype  HWaddress           Flags Mask            Iface\n${lines.join('')}`)
    return 0
  },
}
