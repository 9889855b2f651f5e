/** `ip route`: the table of routes, shown and changed. */
import type { Interface } from '#engine/linux/net/interface'
import type { NetNamespace } from '#engine/linux/net/namespace'
import { networkOf, parsePrefix, parseV4, type Prefix, printPrefix, printV4 } from '#engine/linux/net/address'
import type { Route } from '#engine/linux/net/route'
import { after, answers, type Call, cannotFind, deviceOf, IpError, need, verbOf } from './call'
import { printRoute } from './print'

export function route(call: Call): string {
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
  if (verb === 'delete') return deleteRoute(call, wanted, rest)
  checkReachable(wanted)
  if (verb === 'replace' || verb === 'change') call.namespace.routes.replace(wanted)
  else if (!call.namespace.routes.add(wanted)) throw answers('File exists')
  return ''
}

function checkReachable(wanted: Route): void {
  if (wanted.type === 'unicast' && !wanted.device) throw new IpError(wanted.gateway === undefined ? 'RTNETLINK answers: No such device' : 'Error: Nexthop has invalid gateway.', 2)
  if (wanted.device && !wanted.device.up) throw answers('Network is down')
}

function deleteRoute(call: Call, wanted: Route, rest: readonly string[]): string {
  const removed = call.namespace.routes.remove((each) => each.destination.address === wanted.destination.address && each.destination.length === wanted.destination.length && (wanted.gateway === undefined || each.gateway === wanted.gateway) && (wanted.device === undefined || !rest.includes('dev') || each.device === wanted.device))
  if (!removed) throw answers('No such process')
  return ''
}

/** The destination that the words of `show` choose by. */
function chosenDestination(rest: readonly string[]): string | undefined {
  const [first, second] = rest
  if (first !== undefined && !/^(dev|via|table|proto|scope|src|type|root|match|exact|to)$/.test(first)) return first
  return first === 'to' || first === 'match' || first === 'exact' || first === 'root' ? second : undefined
}

function showRoutes(call: Call, rest: readonly string[]): string {
  if (call.options.family === '6') return ''
  const device = after(rest, 'dev')
  const via = after(rest, 'via')
  const table = after(rest, 'table')
  const match = chosenDestination(rest)
  const prefix = match === undefined ? undefined : match === 'default' ? { address: 0, length: 0 } : parsePrefix(match)
  if (match !== undefined && !prefix) throw new IpError(`Error: inet prefix is expected rather than "${match}".`)
  if (table !== undefined && !/^(main|254|all)$/.test(table)) return otherTable(call.namespace, table, device)
  const shown = [...call.namespace.routes.list()].sort((a, b) => a.destination.length === 0 ? -1 : b.destination.length === 0 ? 1 : a.destination.address - b.destination.address || a.destination.length - b.destination.length)
    .filter((each) => (device === undefined || each.device?.name === device) && (via === undefined || (each.gateway !== undefined && printV4(each.gateway) === via)) && (!prefix || (each.destination.address === prefix.address && each.destination.length === prefix.length)))
  if (call.json) return `${JSON.stringify(shown.map((each) => ({ dst: each.destination.length === 0 ? 'default' : printPrefix(each.destination), ...(each.gateway === undefined ? {} : { gateway: printV4(each.gateway) }), dev: each.device?.name, protocol: each.protocol, flags: [] })))}\n`
  return shown.map((each) => (device === undefined ? printRoute(each) : printRoute(each).replace(` dev ${device}`, ''))).join('')
}

const tableNames: Readonly<Record<string, string>> = { local: '255', main: '254', default: '253', unspec: '0' }

function otherTable(namespace: NetNamespace, table: string, device: string | undefined): string {
  const number = tableNames[table] ?? table
  if (!/^\d+$/.test(number)) throw new IpError(`Error: argument "${table}" is wrong: table id value is invalid\n`, 255)
  if (number !== '255') throw new IpError('Error: ipv4: FIB table does not exist.\nDump terminated', 2)
  return localTable(namespace, device)
}

/** Own addresses, and the last of each network, which goes to all. */
function localTable(namespace: NetNamespace, only: string | undefined): string {
  const lines: { readonly at: number; readonly text: string }[] = []
  for (const device of namespace.interfaces.values()) {
    if (only !== undefined && device.name !== only) continue
    const dev = only === undefined ? ` dev ${device.name}` : ''
    for (const each of device.addresses) {
      const source = `src ${printV4(each.address)} \n`
      const own = `local ${printV4(each.address)}${dev} proto kernel scope host ${source}`
      if (device.kind === 'loopback') lines.push({ at: networkOf(each).address, text: `local ${printPrefix(networkOf(each))}${dev} proto kernel scope host ${source}` })
      lines.push({ at: each.address, text: own })
      const last = (networkOf(each).address + 2 ** (32 - each.length) - 1) >>> 0
      if (each.length < 31) lines.push({ at: last, text: `broadcast ${printV4(last)}${dev} proto kernel scope link ${source}` })
    }
  }
  return lines.sort((a, b) => (a.at >>> 0) - (b.at >>> 0)).map((line) => line.text).join('')
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

const specialTypes = ['blackhole', 'unreachable', 'prohibit'] as const

function parseRoute(call: Call, words: readonly string[]): Route {
  const type = specialTypes.find((each) => words[0] === each) ?? 'unicast'
  const rest = type === 'unicast' ? words : words.slice(1)
  const destination = routeDestination(rest)
  const { gateway, device, onlink } = nextHop(call, rest)
  const source = parseV4(after(rest, 'src') ?? '')
  return {
    destination, type, metric: Number(after(rest, 'metric') ?? 0), protocol: (after(rest, 'proto') as Route['protocol'] | undefined) ?? 'boot', scope: (after(rest, 'scope') as Route['scope'] | undefined) ?? (gateway === undefined && type === 'unicast' ? 'link' : 'global'),
    ...(device ? { device } : {}), ...(gateway === undefined ? {} : { gateway }), ...(source === undefined ? {} : { source }), ...(onlink ? { onlink } : {}),
  }
}

function routeDestination(rest: readonly string[]): Prefix {
  const text = rest[0] === 'to' ? rest[1] : rest[0]
  const destination: Prefix | undefined = text === 'default' ? { address: 0, length: 0 } : text === undefined ? undefined : parsePrefix(text)
  if (!destination) throw new IpError(text === undefined ? 'Command line is not complete. Try option "help"' : `Error: any valid prefix is expected rather than "${text}".`, text === undefined ? 255 : 1)
  if (networkOf(destination).address !== destination.address) throw new IpError('Error: Invalid prefix for given prefix length.', 2)
  return destination
}

/** `via` and `dev`: a gateway has to be reached directly through the device, unless told `onlink`. */
function nextHop(call: Call, rest: readonly string[]): { readonly gateway: number | undefined; readonly device: Interface | undefined; readonly onlink: boolean } {
  const via = after(rest, 'via')
  const gateway = via === undefined ? undefined : parseV4(via)
  if (via !== undefined && gateway === undefined) throw new IpError(`Error: ${rest[0] === 'default' ? 'any valid' : 'inet'} address is expected rather than "${via}".`)
  const name = after(rest, 'dev')
  const given = name === undefined ? undefined : deviceOf(call, name, cannotFind)
  const through = gateway === undefined ? undefined : call.namespace.routes.lookup(gateway)
  const direct = through?.gateway === undefined ? through?.device : undefined
  const onlink = rest.includes('onlink')
  if (gateway !== undefined && given && !onlink && direct !== given) throw new IpError('Error: Nexthop has invalid gateway.', 2)
  return { gateway, device: given ?? direct, onlink }
}
