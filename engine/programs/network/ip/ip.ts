/** `ip`: addr, link, route, neigh, netns, rule of iproute2 6.1. */
import type { Process } from '#engine/linux/abi/process'
import type { Program } from '#engine/linux/abi/program'
import type { Interface, InterfaceKind } from '#engine/linux/net/interface'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { parsePrefix, parseV4, type Prefix, printV4 } from '#engine/linux/net/address'
import { namespaceOf } from '../namespace'
import { after, answers, type Call, cannotFind, deviceOf, IpError, named, need, noSuch, verbOf } from './call'
import { printAddresses, printLink, type PrintOptions } from './print'
import { route } from './route'

const objects = ['address', 'addrlabel', 'link', 'maddress', 'monitor', 'neighbor', 'neighbour', 'netns', 'route', 'rule', 'token', 'tunnel', 'xfrm', 'vrf', 'help']

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

/** What the options before the object say. */
interface Globals {
  readonly options: { brief: boolean; oneline: boolean; details: boolean; statistics: boolean; family: PrintOptions['family'] }
  json: boolean
  namespace: NetNamespace
}

const switches: readonly (readonly [RegExp, (globals: Globals) => void])[] = [
  [/^-br(ief)?$/, ({ options }) => { options.brief = true }],
  [/^-o(neline)?$/, ({ options }) => { options.oneline = true }],
  [/^-d(etails)?$/, ({ options }) => { options.details = true }],
  [/^-s(tat(istic)?s?)?$/, ({ options }) => { options.statistics = true }],
  [/^-4$/, ({ options }) => { options.family = '4' }],
  [/^-6$/, ({ options }) => { options.family = '6' }],
  [/^-j(son)?$/, (globals) => { globals.json = true }],
  [/^-(p|pretty|c|color.*|h|r|N|a|t)$/, () => undefined],
]

/** Takes the options off the front of the words; text where they ask for nothing else. */
function takeGlobals(process: Process, args: string[], globals: Globals): string | undefined {
  while ((args[0] ?? '').startsWith('-')) {
    const flag = (args.shift() ?? '').replace(/^--/, '-')
    const found = switches.find(([pattern]) => pattern.test(flag))
    if (found) found[1](globals)
    else if (flag === '-f' || flag === '-family') globals.options.family = args.shift() === 'inet6' ? '6' : '4'
    else if (flag === '-n' || flag === '-netns') globals.namespace = named(process, args.shift() ?? '')
    else if (flag === '-V') return 'ip utility, iproute2-6.1.0, libbpf 1.1.0\n'
    else throw new IpError(`Option "${flag}" is unknown, try "ip -help".`, 255)
  }
  return undefined
}

async function main(process: Process, given: readonly string[]): Promise<string> {
  const args = [...given]
  const globals: Globals = { options: { brief: false, oneline: false, details: false, statistics: false, family: 'any' }, json: false, namespace: namespaceOf(process) }
  const said = takeGlobals(process, args, globals)
  if (said !== undefined) return said
  const [object, ...rest] = args
  if (object === undefined) throw new IpError('Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n       ip [ -force ] -batch filename', 255)
  const full = objects.find((each) => each.startsWith(object))
  const call: Call = { process, ...globals, args: rest }
  switch (full) {
    case 'address': return address(call)
    case 'link': return link(call)
    case 'route': return route(call)
    case 'neighbor': case 'neighbour': return neighbours(call)
    case 'netns': return netns(call)
    case 'rule': return rules(rest)
    case 'help': throw new IpError('Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n       ip [ -force ] -batch filename', 255)
    case undefined: throw new IpError(`Object "${object}" is unknown, try "ip help".`)
    default: throw new IpError(`ip ${full}: not supported in this simulation`)
  }
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
  const { device, prefix } = addressAndDevice(call, rest)
  if (verb === 'delete') {
    if (!call.namespace.removeAddress(device, rest[0]?.includes('/') ? prefix : (device.addresses.find((each) => each.address === prefix.address) ?? prefix))) throw new IpError('Error: ipv4: Address not found.', 2)
    return ''
  }
  const added = addAddress(call, device, prefix, rest)
  if (!added && verb === 'add') throw new IpError('Error: ipv4: Address already assigned.', 2)
  return ''
}

function addressAndDevice(call: Call, rest: readonly string[]): { readonly device: Interface; readonly prefix: Prefix } {
  const text = rest[0] === 'dev' ? undefined : rest[0]
  const prefix = text === undefined ? undefined : parsePrefix(text)
  if (!prefix) throw new IpError(text === undefined ? 'Not enough information: "dev" argument is required.' : `Error: any valid prefix is expected rather than "${text}".`)
  const name = after(rest, 'dev')
  if (name === undefined) throw new IpError('Not enough information: "dev" argument is required.')
  return { device: deviceOf(call, name, cannotFind), prefix }
}

function addAddress(call: Call, device: Interface, prefix: Prefix, rest: readonly string[]): boolean {
  const broadcast = after(rest, 'broadcast') ?? after(rest, 'brd')
  const scope = after(rest, 'scope') as 'global' | 'host' | 'link' | undefined
  return call.namespace.addAddress(device, prefix, { ...(broadcast === undefined ? {} : { broadcast: broadcast === '+' ? (prefix.address | (2 ** (32 - prefix.length) - 1)) >>> 0 : (parseV4(broadcast) ?? 0) }), ...(scope ? { scope } : {}), ...(after(rest, 'label') === undefined ? {} : { label: after(rest, 'label') as string }) })
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

function showLinks(call: Call, rest: readonly string[]): string {
  const words = rest.filter((word) => word !== 'dev' && word !== 'up')
  const type = after(words, 'type')
  const master = after(words, 'master')
  const name = type === undefined && master === undefined ? words[0] : undefined
  const devices = name === undefined ? [...call.namespace.interfaces.values()] : [deviceOf(call, name, noSuch)]
  const shown = devices.filter((device) => (type === undefined || device.kind === type) && (master === undefined || device.master?.name === master))
  if (call.json) return `${JSON.stringify(shown.map(jsonDevice))}\n`
  return shown.map((device) => printLink(device, call.options, true)).join('')
}

function link(call: Call): string {
  const { verb, rest } = verbOf(call, ['show', 'add', 'set', 'delete', 'help'], 'link')
  if (verb === 'show') return showLinks(call, rest)
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

function mtuOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new IpError(`Error: argument "${text}" is wrong: Invalid "mtu" value\n`, 255)
  return Number(text)
}

function applyLink(call: Call, device: Interface, word: string, value: string): void {
  if (word === 'mtu') device.mtu = mtuOf(value)
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

function rules([verb = 'list', word]: readonly string[]): string {
  if ('list'.startsWith(verb) || 'show'.startsWith(verb) || verb === 'ls') return '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n'
  if (verb !== 'add' && verb !== 'del') throw new IpError(`Command "${verb}" is unknown, try "ip rule help".`, 255)
  const known = /^(not|from|to|fwmark|iif|oif|table|lookup|priority|pref|order|preference|tos|dsfield|prohibit|blackhole|unreachable|type|uidrange|ipproto|sport|dport)$/
  if (word !== undefined && !known.test(word)) throw new IpError(`Error: argument "${word}" is wrong: Failed to parse rule type\n`, 255)
  throw new IpError('ip rule: policy rules are not supported in this simulation')
}

function neighbours(call: Call): string {
  const out: string[] = []
  const name = after(call.args, 'dev')
  const only = name === undefined ? undefined : deviceOf(call, name, cannotFind)
  for (const device of call.namespace.interfaces.values()) {
    if (only && device !== only) continue
    const others = device.kind === 'bridge' ? [...device.ports].map((port) => port.peer) : device.peer ? [device.peer] : [...(device.segment?.cards ?? [])].filter((card) => card !== device)
    for (const other of others) for (const each of other?.addresses ?? []) if (device.up && other?.up) out.push(`${printV4(each.address)}${only ? '' : ` dev ${device.name}`} lladdr ${other.mac} REACHABLE \n`)
  }
  return out.join('')
}

async function netns(call: Call): Promise<string> {
  const { process } = call
  const [verb = 'list', name, ...rest] = call.args
  switch (verb) {
    case 'list': case 'ls': case 'show':
      return process.files.exists('/run/netns') ? process.files.readDirectory('/run/netns').map((entry) => `${entry.name}\n`).join('') : ''
    case 'add':
      return addNamespace(call, name)
    case 'delete': case 'del':
      return deleteNamespace(call, name)
    case 'exec':
      return execIn(process, name, rest)
    default:
      throw new IpError(`Command "${verb}" is unknown, try "ip netns help".`, 255)
  }
}

async function addNamespace(call: Call, name: string | undefined): Promise<string> {
  const { process } = call
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

function deleteNamespace(call: Call, name: string | undefined): string {
  const { process } = call
  need(call)
  if (name === undefined || !process.files.exists(`/run/netns/${name}`)) throw new IpError(`Cannot remove namespace file "/run/netns/${name ?? ''}": No such file or directory`)
  process.files.unmount(`/run/netns/${name}`, { lazy: true })
  process.files.unlink(`/run/netns/${name}`)
  return ''
}

/** Its exit code becomes that of `ip`, which says nothing itself. */
async function execIn(process: Process, name: string | undefined, command: readonly string[]): Promise<never> {
  if (name === undefined || command.length === 0) throw new IpError('No netns name specified', 255)
  const namespace = named(process, name)
  const path = (command[0] ?? '').includes('/') ? (command[0] ?? '') : (process.env.get('PATH') ?? '/usr/sbin:/usr/bin:/sbin:/bin').split(':').map((directory) => `${directory}/${command[0] ?? ''}`).find((candidate) => process.files.exists(candidate))
  if (path === undefined) throw new IpError(`exec of "${command[0] ?? ''}" failed: No such file or directory`, 1)
  const status = await process.spawn(path, command, { namespaces: { network: namespace } }).wait()
  throw new IpError('', status.kind === 'exited' ? status.code : 1)
}
