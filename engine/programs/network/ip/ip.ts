/** `ip`: addr, link, route, neigh, netns, rule of iproute2 6.1. */
import { isErrno } from '#engine/linux/abi/errno'
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { Interface, InterfaceKind } from '#engine/linux/net/interface'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { networkOf, parsePrefix, parseV4, type Prefix, printPrefix, printV4 } from '#engine/linux/net/address'
import type { Route } from '#engine/linux/net/route'
import { mayAdminister, namespaceOf } from '../namespace'
import { printAddresses, printLink, printRoute, type PrintOptions } from './print'

/** What goes to standard error, and the exit code. */
class IpError extends Error {
  constructor(message: string, readonly exit = 1) {
    super(message)
  }
}

const answers = (text: string): IpError => new IpError(`RTNETLINK answers: ${text}`, 2)
const objects = ['address', 'addrlabel', 'link', 'maddress', 'monitor', 'neighbor', 'neighbour', 'netns', 'route', 'rule', 'token', 'tunnel', 'xfrm', 'vrf', 'help']

interface Call {
  readonly process: Process
  readonly namespace: NetNamespace
  readonly args: readonly string[]
  readonly options: PrintOptions
  readonly json: boolean
}

export const ip: Program = {
  name: 'ip',
  unsupported: 'policy rules, tunnels, IPv6 addresses, tc and most of -d',
  async run(process) {
    try {
      const text = await main(process, process.argv.slice(1))
      if (text !== '') await process.stdout.write(text)
      return 0
    } catch (error) {
      if (!(error instanceof IpError)) throw error
      if (error.message !== '') await process.stderr.write(`${error.message}\n`)
      return error.exit
    }
  },
}

async function main(process: Process, given: readonly string[]): Promise<string> {
  const args = [...given]
  const options = { brief: false, oneline: false, details: false, statistics: false, family: 'any' as PrintOptions['family'] }
  let json = false
  let namespace = namespaceOf(process)
  while ((args[0] ?? '').startsWith('-')) {
    const flag = (args.shift() ?? '').replace(/^--/, '-')
    if (/^-br(ief)?$/.test(flag)) options.brief = true
    else if (/^-o(neline)?$/.test(flag)) options.oneline = true
    else if (/^-d(etails)?$/.test(flag)) options.details = true
    else if (/^-s(tat(istic)?s?)?$/.test(flag)) options.statistics = true
    else if (flag === '-4') options.family = '4'
    else if (flag === '-6') options.family = '6'
    else if (flag === '-f' || flag === '-family') options.family = args.shift() === 'inet6' ? '6' : '4'
    else if (/^-j(son)?$/.test(flag)) json = true
    else if (/^-(p|pretty|c|color.*|h|r|N|a|t)$/.test(flag)) continue
    else if (flag === '-n' || flag === '-netns') namespace = named(process, args.shift() ?? '')
    else if (flag === '-V') return 'ip utility, iproute2-6.1.0, libbpf 1.1.0\n'
    else throw new IpError(`Option "${flag}" is unknown, try "ip -help".`, 255)
  }
  const [object, ...rest] = args
  if (object === undefined) throw new IpError('Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n       ip [ -force ] -batch filename', 255)
  const full = objects.find((each) => each.startsWith(object))
  const call: Call = { process, namespace, args: rest, options, json }
  switch (full) {
    case 'address': return address(call)
    case 'link': return link(call)
    case 'route': return route(call)
    case 'neighbor': case 'neighbour': return neighbours(call)
    case 'netns': return netns(call)
    case 'rule': return '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n'
    case 'help': throw new IpError('Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n       ip [ -force ] -batch filename', 255)
    case undefined: throw new IpError(`Object "${object}" is unknown, try "ip help".`)
    default: throw new IpError(`ip ${full}: not supported in this simulation`)
  }
}

function verbOf(call: Call, verbs: readonly string[], what: string): { verb: string; rest: readonly string[] } {
  const [first, ...rest] = call.args
  if (first === undefined) return { verb: 'show', rest: [] }
  if (/^(list|lst|ls|sh)$/.test(first)) return { verb: 'show', rest }
  const verb = verbs.find((each) => each.startsWith(first))
  if (verb === undefined) throw new IpError(`Command "${first}" is unknown, try "ip ${what} help".`, 255)
  return { verb, rest }
}

function need(call: Call): void {
  if (!mayAdminister(call.process)) throw answers('Operation not permitted')
}

function deviceOf(call: Call, name: string | undefined, words: (name: string) => IpError): Interface {
  if (name === undefined) throw new IpError('Command line is not complete. Try option "help"', 255)
  const device = call.namespace.interfaces.get(name)
  if (!device) throw words(name)
  return device
}

const noSuch = (name: string): IpError => new IpError(`Device "${name}" does not exist.`)
const cannotFind = (name: string): IpError => new IpError(`Cannot find device "${name}"`)

/** The word after `key`. */
function after(words: readonly string[], key: string): string | undefined {
  const at = words.indexOf(key)
  return at < 0 ? undefined : words[at + 1]
}

function address(call: Call): string {
  const { verb, rest } = verbOf(call, ['show', 'add', 'change', 'replace', 'delete', 'flush', 'help'], 'address')
  if (verb === 'show') return showAddresses(call, rest)
  if (verb === 'help') throw new IpError('Usage: ip address {add|change|replace} IFADDR dev IFNAME [ LIFETIME ]\n       ip address del IFADDR dev IFNAME\n       ip address {show|flush} [ dev IFNAME ]', 255)
  need(call)
  if (verb === 'flush') {
    const device = deviceOf(call, after(rest, 'dev') ?? rest[0], noSuch)
    for (const each of [...device.addresses]) call.namespace.removeAddress(device, each)
    return ''
  }
  const text = rest[0] === 'dev' ? undefined : rest[0]
  const prefix = text === undefined ? undefined : parsePrefix(text)
  if (!prefix) throw new IpError(text === undefined ? 'Not enough information: "dev" argument is required.' : `Error: any valid prefix is expected rather than "${text}".`)
  const name = after(rest, 'dev')
  if (name === undefined) throw new IpError('Not enough information: "dev" argument is required.')
  const device = deviceOf(call, name, cannotFind)
  if (verb === 'delete') {
    if (!call.namespace.removeAddress(device, text?.includes('/') ? prefix : (device.addresses.find((each) => each.address === prefix.address) ?? prefix))) throw new IpError('Error: ipv4: Address not found.', 2)
    return ''
  }
  const broadcast = after(rest, 'broadcast') ?? after(rest, 'brd')
  const scope = after(rest, 'scope') as 'global' | 'host' | 'link' | undefined
  const added = call.namespace.addAddress(device, prefix, { ...(broadcast === undefined ? {} : { broadcast: broadcast === '+' ? (prefix.address | (2 ** (32 - prefix.length) - 1)) >>> 0 : (parseV4(broadcast) ?? 0) }), ...(scope ? { scope } : {}), ...(after(rest, 'label') === undefined ? {} : { label: after(rest, 'label') as string }) })
  if (!added && verb === 'add') throw new IpError('Error: ipv4: Address already assigned.', 2)
  return ''
}

function showAddresses(call: Call, rest: readonly string[]): string {
  const name = rest[0] === 'dev' || rest[0] === 'up' ? rest[1] : rest[0]
  if (rest[0] === 'dev' && name === undefined) throw new IpError('Command line is not complete. Try option "help"', 255)
  const devices = name === undefined ? [...call.namespace.interfaces.values()] : [deviceOf(call, name, noSuch)]
  if (call.json) return `${JSON.stringify(devices.map(jsonDevice))}\n`
  return devices.map((device) => printAddresses(device, call.options)).join('')
}

function jsonDevice(device: Interface): object {
  return {
    ifindex: device.index, ifname: device.name, flags: [...(device.kind === 'loopback' ? ['LOOPBACK'] : ['BROADCAST', 'MULTICAST']), ...(device.up ? ['UP'] : []), ...(device.carrier ? ['LOWER_UP'] : [])], mtu: device.mtu, operstate: device.kind === 'loopback' ? 'UNKNOWN' : device.carrier ? 'UP' : 'DOWN', link_type: device.kind === 'loopback' ? 'loopback' : 'ether', address: device.mac,
    addr_info: device.addresses.map((each) => ({ family: 'inet', local: printV4(each.address), prefixlen: each.length, ...(each.broadcast === undefined ? {} : { broadcast: printV4(each.broadcast) }), scope: each.scope, label: each.label })),
  }
}

function link(call: Call): string {
  const { verb, rest } = verbOf(call, ['show', 'add', 'set', 'delete', 'help'], 'link')
  if (verb === 'show') {
    const words = rest.filter((word) => word !== 'dev' && word !== 'up')
    const type = after(words, 'type')
    const master = after(words, 'master')
    const name = type === undefined && master === undefined ? words[0] : undefined
    const devices = name === undefined ? [...call.namespace.interfaces.values()] : [deviceOf(call, name, noSuch)]
    const shown = devices.filter((device) => (type === undefined || device.kind === type) && (master === undefined || device.master?.name === master))
    if (call.json) return `${JSON.stringify(shown.map(jsonDevice))}\n`
    return shown.map((device) => printLink(device, call.options, true)).join('')
  }
  if (verb === 'help') throw new IpError('Usage: ip link add [link DEV] [ name ] NAME type TYPE [ ARGS ]\n       ip link delete { DEVICE | dev DEVICE }\n       ip link set { DEVICE | dev DEVICE } [ up | down ]\n       ip link show [ DEVICE ]', 255)
  need(call)
  if (verb === 'add') return addLink(call, rest)
  const name = rest[0] === 'dev' ? rest[1] : rest[0]
  const device = deviceOf(call, name, cannotFind)
  if (verb === 'delete') {
    if (device.kind === 'loopback' || device.kind === 'ethernet') throw answers('Operation not supported')
    call.namespace.removeInterface(device)
    return ''
  }
  return setLink(call, device, rest.slice(rest[0] === 'dev' ? 2 : 1))
}

const kinds: Readonly<Record<string, InterfaceKind>> = { bridge: 'bridge', dummy: 'dummy', veth: 'veth', vxlan: 'vxlan' }

function addLink(call: Call, rest: readonly string[]): string {
  const words = rest.filter((word, index) => !(index === 0 && (word === 'name' || word === 'dev')))
  const name = words[0] === 'type' ? 'dummy0' : (words[0] ?? '')
  const type = after(rest, 'type')
  if (type === undefined) throw new IpError('Not enough information: "type" argument is required')
  const kind = kinds[type]
  if (!kind) throw new IpError('Error: Unknown device type.', 2)
  if (name.length > 15) throw new IpError(`Error: argument "${name}" is wrong: "name" not a valid ifname`, 255)
  if (call.namespace.interfaces.has(name)) throw answers('File exists')
  if (kind !== 'veth') {
    call.namespace.addInterface(name, kind)
    return ''
  }
  const peer = after(rest, 'peer') === 'name' ? after(rest, 'name') : undefined
  const peerName = rest[rest.indexOf('peer') + 2] ?? peer ?? freeName(call.namespace, 'veth')
  if (call.namespace.interfaces.has(peerName)) throw answers('File exists')
  const netns = rest.includes('netns') ? named(call.process, after(rest, 'netns') ?? '') : call.namespace
  call.namespace.addVeth(name, netns, rest.includes('peer') ? peerName : freeName(call.namespace, 'veth'))
  return ''
}

function freeName(namespace: NetNamespace, stem: string): string {
  for (let index = 0; ; index++) if (!namespace.interfaces.has(`${stem}${index}`)) return `${stem}${index}`
}

function setLink(call: Call, device: Interface, words: readonly string[]): string {
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? ''
    const value = words[index + 1] ?? ''
    if (word === 'up' || word === 'down') call.namespace.setUp(device, word === 'up')
    else if (word === 'nomaster') setMaster(device, undefined)
    else if (/^(mtu|master|name|netns|address|alias|txqueuelen|promisc|type)$/.test(word)) {
      index++
      applyLink(call, device, word, value)
    } else throw new IpError(`Error: either "dev" is duplicate, or "${word}" is a garbage.`, 255)
  }
  return ''
}

function applyLink(call: Call, device: Interface, word: string, value: string): void {
  if (word === 'mtu') device.mtu = Number(value)
  else if (word === 'address') device.mac = value
  else if (word === 'promisc') device.promiscuous = value === 'on'
  else if (word === 'name') {
    if (device.up) throw answers('Device or resource busy')
    call.namespace.rename(device, value)
  } else if (word === 'master') {
    const bridge = deviceOf(call, value, (name) => new IpError(`Error: argument "${name}" is wrong: Device does not exist\n`, 255))
    if (bridge.kind !== 'bridge') throw answers('Operation not supported')
    setMaster(device, bridge)
  } else if (word === 'netns') call.namespace.moveInterface(device, /^\d+$/.test(value) ? namespaceOf(call.process, `/proc/${value}/ns/net`) : named(call.process, value))
}

function setMaster(device: Interface, bridge: Interface | undefined): void {
  device.master?.ports.delete(device)
  device.master = bridge
  bridge?.ports.add(device)
}

function route(call: Call): string {
  const { verb, rest } = verbOf(call, ['show', 'add', 'append', 'replace', 'change', 'delete', 'get', 'flush', 'help'], 'route')
  if (verb === 'show') return showRoutes(call, rest)
  if (verb === 'get') return getRoute(call, rest)
  if (verb === 'help') throw new IpError('Usage: ip route { list | flush } SELECTOR\n       ip route get ADDRESS\n       ip route { add | del | change | append | replace } ROUTE', 255)
  need(call)
  if (verb === 'flush') {
    while (call.namespace.routes.remove((each) => each.protocol !== 'kernel')) continue
    return ''
  }
  const wanted = parseRoute(call, rest)
  if (verb === 'delete') {
    const removed = call.namespace.routes.remove((each) => each.destination.address === wanted.destination.address && each.destination.length === wanted.destination.length && (wanted.gateway === undefined || each.gateway === wanted.gateway) && (wanted.device === undefined || !rest.includes('dev') || each.device === wanted.device))
    if (!removed) throw answers('No such process')
    return ''
  }
  if (wanted.type === 'unicast' && !wanted.device) throw new IpError(wanted.gateway === undefined ? 'RTNETLINK answers: No such device' : 'Error: Nexthop has invalid gateway.', 2)
  if (wanted.device && !wanted.device.up) throw answers('Network is down')
  if (verb === 'replace' || verb === 'change') call.namespace.routes.replace(wanted)
  else if (!call.namespace.routes.add(wanted)) throw answers('File exists')
  return ''
}

function showRoutes(call: Call, rest: readonly string[]): string {
  if (call.options.family === '6') return ''
  const device = after(rest, 'dev')
  const via = after(rest, 'via')
  const table = after(rest, 'table')
  const match = rest[0] !== undefined && !/^(dev|via|table|proto|scope|src|type|root|match|exact|to)$/.test(rest[0]) ? rest[0] : rest[0] === 'to' || rest[0] === 'match' || rest[0] === 'exact' || rest[0] === 'root' ? rest[1] : undefined
  const prefix = match === undefined ? undefined : match === 'default' ? { address: 0, length: 0 } : parsePrefix(match)
  if (match !== undefined && !prefix) throw new IpError(`Error: inet prefix is expected rather than "${match}".`)
  if (table === 'local') return localTable(call.namespace)
  const shown = [...call.namespace.routes.list()].sort((a, b) => a.destination.length === 0 ? -1 : b.destination.length === 0 ? 1 : a.destination.address - b.destination.address || a.destination.length - b.destination.length)
    .filter((each) => (device === undefined || each.device?.name === device) && (via === undefined || (each.gateway !== undefined && printV4(each.gateway) === via)) && (!prefix || (each.destination.address === prefix.address && each.destination.length === prefix.length)))
  if (call.json) return `${JSON.stringify(shown.map((each) => ({ dst: each.destination.length === 0 ? 'default' : printPrefix(each.destination), ...(each.gateway === undefined ? {} : { gateway: printV4(each.gateway) }), dev: each.device?.name, protocol: each.protocol, flags: [] })))}\n`
  return shown.map((each) => (device === undefined ? printRoute(each) : printRoute(each).replace(` dev ${device}`, ''))).join('')
}

function localTable(namespace: NetNamespace): string {
  return [...namespace.interfaces.values()].flatMap((device) => device.addresses.map((each) => `local ${device.kind === 'loopback' ? printPrefix(networkOf(each)) : printV4(each.address)} dev ${device.name} proto kernel scope host src ${printV4(each.address)} \n`)).join('')
}

function getRoute(call: Call, rest: readonly string[]): string {
  const destination = parseV4(rest[0] === 'to' ? (rest[1] ?? '') : (rest[0] ?? ''))
  if (destination === undefined) throw new IpError(rest[0] === undefined ? 'need at least a destination address' : `Error: any valid prefix is expected rather than "${rest[0]}".`)
  if (call.namespace.isLocal(destination)) return `local ${printV4(destination)} dev lo src ${printV4(destination)} uid ${call.process.credentials.euid} \n    cache <local> \n`
  const found = call.namespace.routes.lookup(destination)
  if (!found?.device || found.type !== 'unicast') throw answers(found?.type === 'unreachable' ? 'No route to host' : 'Network is unreachable')
  const source = call.namespace.sourceFor(found, destination)
  return `${printV4(destination)}${found.gateway === undefined ? '' : ` via ${printV4(found.gateway)}`} dev ${found.device.name}${source === undefined ? '' : ` src ${printV4(source)}`} uid ${call.process.credentials.euid} \n    cache \n`
}

function parseRoute(call: Call, words: readonly string[]): Route {
  const types = ['blackhole', 'unreachable', 'prohibit'] as const
  const type = types.find((each) => words[0] === each) ?? 'unicast'
  const rest = type === 'unicast' ? words : words.slice(1)
  const text = rest[0] === 'to' ? rest[1] : rest[0]
  const destination: Prefix | undefined = text === 'default' ? { address: 0, length: 0 } : text === undefined ? undefined : parsePrefix(text)
  if (!destination) throw new IpError(text === undefined ? 'Command line is not complete. Try option "help"' : `Error: any valid prefix is expected rather than "${text}".`, text === undefined ? 255 : 1)
  if (networkOf(destination).address !== destination.address) throw new IpError('Error: Invalid prefix for given prefix length.', 2)
  const via = after(rest, 'via')
  const gateway = via === undefined ? undefined : parseV4(via)
  if (via !== undefined && gateway === undefined) throw new IpError(`Error: inet address is expected rather than "${via}".`)
  const name = after(rest, 'dev')
  const given = name === undefined ? undefined : deviceOf(call, name, cannotFind)
  const through = gateway === undefined ? undefined : call.namespace.routes.lookup(gateway)
  const device = given ?? (through && through.gateway === undefined ? through.device : undefined)
  const source = parseV4(after(rest, 'src') ?? '')
  const onlink = rest.includes('onlink')
  if (gateway !== undefined && given && !onlink && (!through || through.device !== given || through.gateway !== undefined)) throw new IpError('Error: Nexthop has invalid gateway.', 2)
  return {
    destination, type, metric: Number(after(rest, 'metric') ?? 0), protocol: (after(rest, 'proto') as Route['protocol'] | undefined) ?? 'boot', scope: (after(rest, 'scope') as Route['scope'] | undefined) ?? (gateway === undefined && type === 'unicast' ? 'link' : 'global'),
    ...(device ? { device } : {}), ...(gateway === undefined ? {} : { gateway }), ...(source === undefined ? {} : { source }), ...(onlink ? { onlink } : {}),
  }
}

function neighbours(call: Call): string {
  const out: string[] = []
  for (const device of call.namespace.interfaces.values()) {
    const others = device.kind === 'bridge' ? [...device.ports].map((port) => port.peer) : device.peer ? [device.peer] : [...(device.segment?.cards ?? [])].filter((card) => card !== device)
    for (const other of others) for (const each of other?.addresses ?? []) if (device.up && other?.up) out.push(`${printV4(each.address)} dev ${device.name} lladdr ${other.mac} REACHABLE \n`)
  }
  return out.join('')
}

function named(process: Process, name: string): NetNamespace {
  try {
    return namespaceOf(process, `/run/netns/${name}`)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new IpError(`Cannot open network namespace "${name}": No such file or directory`, 255)
  }
}

async function netns(call: Call): Promise<string> {
  const { process } = call
  const [verb = 'list', name, ...rest] = call.args
  switch (verb) {
    case 'list': case 'ls': case 'show':
      return process.files.exists('/run/netns') ? process.files.readDirectory('/run/netns').map((entry) => `${entry.name}\n`).join('') : ''
    case 'add': {
      need(call)
      if (name === undefined) throw new IpError('No netns name specified')
      process.files.mkdirAll('/run/netns', 0o755)
      if (process.files.exists(`/run/netns/${name}`)) throw new IpError(`Cannot create namespace file "/run/netns/${name}": File exists`)
      process.files.writeFile(`/run/netns/${name}`, '', 0o444)
      const child = process.fork((own) => {
        own.files.mount({ source: '/proc/self/ns/net', target: `/run/netns/${name}`, type: 'bind', options: ['bind'] })
        return Promise.resolve(0)
      }, { namespaces: { network: 'new' } })
      await child.wait()
      return ''
    }
    case 'delete': case 'del':
      need(call)
      if (name === undefined || !process.files.exists(`/run/netns/${name}`)) throw new IpError(`Cannot remove namespace file "/run/netns/${name ?? ''}": No such file or directory`)
      process.files.unmount(`/run/netns/${name}`, { lazy: true })
      process.files.unlink(`/run/netns/${name}`)
      return ''
    case 'exec': {
      if (name === undefined || rest.length === 0) throw new IpError('No netns name specified', 255)
      const namespace = named(process, name)
      const path = (rest[0] ?? '').includes('/') ? (rest[0] ?? '') : (process.env.get('PATH') ?? '/usr/sbin:/usr/bin:/sbin:/bin').split(':').map((directory) => `${directory}/${rest[0] ?? ''}`).find((candidate) => process.files.exists(candidate))
      if (path === undefined) throw new IpError(`exec of "${rest[0] ?? ''}" failed: No such file or directory`, 1)
      const status = await process.spawn(path, rest, { namespaces: { network: namespace } }).wait()
      throw new IpError('', status.kind === 'exited' ? status.code : 1)
    }
    default:
      throw new IpError(`Command "${verb}" is unknown, try "ip netns help".`, 255)
  }
}
