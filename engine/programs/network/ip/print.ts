/** Interfaces, addresses and routes in iproute2's layouts. */
import { printPrefix, printV4 } from '#engine/linux/net/address'
import type { Interface } from '#engine/linux/net/interface'
import type { Route } from '#engine/linux/net/route'

export interface PrintOptions {
  readonly brief: boolean
  readonly oneline: boolean
  readonly details: boolean
  readonly statistics: boolean
  readonly family: 'any' | '4' | '6'
}

function flags(device: Interface): string {
  const out = device.kind === 'loopback' ? ['LOOPBACK'] : ['BROADCAST', 'MULTICAST']
  if (device.promiscuous) out.push('PROMISC')
  if (device.up) out.push('UP')
  if (device.carrier) out.push('LOWER_UP')
  else if (device.up) out.unshift('NO-CARRIER')
  return out.join(',')
}

function state(device: Interface): string {
  if (device.kind === 'loopback' || device.kind === 'dummy') return device.up ? 'UNKNOWN' : 'DOWN'
  if (!device.up) return 'DOWN'
  return device.carrier ? 'UP' : device.kind === 'veth' ? 'LOWERLAYERDOWN' : 'DOWN'
}

/** `veth0@if5`, `veth0@veth1` where the peer is here. */
function fullName(device: Interface): string {
  if (!device.peer) return device.name
  return `${device.name}@${device.peer.namespace === device.namespace ? device.peer.name : `if${device.peer.index}`}`
}

function queue(device: Interface): string {
  return device.kind === 'ethernet' ? 'fq_codel' : device.up || device.kind === 'loopback' ? 'noqueue' : 'noop'
}

function statisticsText({ counters }: Interface): string {
  return `\n    RX:  bytes packets errors dropped  missed   mcast           \n    ${String(counters.rxBytes).padStart(10)} ${String(counters.rxPackets).padStart(7)}      0       0       0       0 \n    TX:  bytes packets errors dropped carrier collsns           \n    ${String(counters.txBytes).padStart(10)} ${String(counters.txPackets).padStart(7)}      0       0       0       0 `
}

export function printLink(device: Interface, options: PrintOptions, withMode: boolean): string {
  if (options.brief) return `${fullName(device).padEnd(16)} ${state(device).padEnd(14)} ${device.mac} <${flags(device)}> \n`
  const master = device.master ? ` master ${device.master.name}` : ''
  const netns = device.peer && device.peer.namespace !== device.namespace ? ' link-netnsid 0' : ''
  const first = `${device.index}: ${fullName(device)}: <${flags(device)}> mtu ${device.mtu} qdisc ${queue(device)}${master} state ${state(device)} ${withMode ? 'mode DEFAULT ' : ''}group default qlen 1000`
  const kind = device.kind === 'loopback' ? 'loopback' : 'ether'
  const broadcast = device.kind === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'
  const details = options.details && device.kind !== 'ethernet' && device.kind !== 'loopback' ? `\n    ${device.kind} ` : ''
  const statistics = options.statistics ? statisticsText(device) : ''
  return join(`${first}\n    link/${kind} ${device.mac} brd ${broadcast}${netns}${details}${statistics}\n`, options)
}

function join(text: string, options: PrintOptions): string {
  return options.oneline ? `${text.trimEnd().replace(/\n/g, '\\')}\n` : text
}

export function printAddresses(device: Interface, options: PrintOptions): string {
  const four = options.family !== '6' ? device.addresses : []
  const six = options.family !== '4' && device.kind === 'loopback' && device.up && device.namespace.sysctl('ipv6.conf.all.disable_ipv6') !== '1'
  if (options.brief) return `${fullName(device).padEnd(16)} ${state(device).padEnd(14)} ${[...four.map(printPrefix), ...(six ? ['::1/128'] : [])].map((each) => `${each} `).join('')}\n`
  const lines = [
    ...four.map((each) => `    inet ${printPrefix(each)}${each.broadcast === undefined ? '' : ` brd ${printV4(each.broadcast)}`} scope ${each.scope} ${each.label}\n       valid_lft forever preferred_lft forever\n`),
    ...(six ? ['    inet6 ::1/128 scope host \n       valid_lft forever preferred_lft forever\n'] : []),
  ]
  if (options.oneline) return lines.map((line) => `${device.index}: ${device.name}${line.trimEnd().replace(/\n/g, '\\')}\n`).join('')
  if (options.family !== 'any' && lines.length === 0) return ''
  const head = printLink(device, options, false)
  return (options.family === 'any' ? head : `${head.split('\n')[0] ?? ''}\n`) + lines.join('')
}

function destinationText(destination: Route['destination']): string {
  if (destination.length === 0) return 'default'
  return destination.length === 32 ? printV4(destination.address) : printPrefix(destination)
}

export function printRoute(route: Route): string {
  const { device, gateway, source } = route
  const to = destinationText(route.destination)
  const parts = [route.type === 'unicast' ? to : `${route.type} ${to}`]
  if (gateway !== undefined) parts.push(`via ${printV4(gateway)}`)
  if (device) parts.push(`dev ${device.name}`)
  if (route.protocol !== 'boot') parts.push(`proto ${route.protocol}`)
  if (route.scope !== 'global') parts.push(`scope ${route.scope}`)
  if (source !== undefined) parts.push(`src ${printV4(source)}`)
  if (route.metric > 0) parts.push(`metric ${route.metric}`)
  if (route.onlink) parts.push('onlink')
  if (device && !device.carrier && device.up) parts.push('linkdown')
  return `${parts.join(' ')} \n`
}
